"""``--secret`` of names that are none of the kernel's variables: secrets of the project."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from jupyter_mlrun import names
from jupyter_mlrun.client import secrets
from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.errors import MLRunInvalidArgumentError


def require_secrets(
    client: Client,
    project: str,
    wanted: Iterable[str],
    is_here: bool = False,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Nothing, where the project has them all; ``is_here`` is a run in the kernel, which has none.

    Their values never come here: the service gives them to the run's process.
    """
    for name in wanted:
        if is_here:
            raise MLRunInvalidArgumentError(
                f"--secret {name} is no variable of this kernel, and a secret of the project goes "
                "to a process of its own: leave --kind handler out, or set it here: "
                f"os.environ['{name}'] = getpass.getpass()"
            )
        known = secrets.names(client, project)
        if name in known:
            continue
        near = names.near(name, [*known, *environment])
        if name in os.environ:
            raise MLRunInvalidArgumentError(
                f"--secret {name}: project {project} has no secret {name}, and the kernel's "
                f"variable is gone when a schedule runs: store it in the project's settings.{near}"
            )
        raise MLRunInvalidArgumentError(
            f"--secret {name}: neither the kernel's environment nor project {project} has "
            f"it.{near} Set it: os.environ['{name}'] = getpass.getpass(), or store it in the "
            "project's settings"
        )
