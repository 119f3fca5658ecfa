"""Where the service is: what the caller says, else the environment, else the data directory."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import MLRunServiceUnreachableError

_OURS = re.compile(r"mlr[a-z][0-9a-f]{40}")
_RUN = re.compile(r"mlrr[0-9a-f]{40}")


class Address(NamedTuple):
    """The service's URL without a slash at its end, and the token that it takes."""

    url: str
    token: str


def is_ours(token: str) -> bool:
    """Whether the token was made by jupyter-mlrun's service, which tells where it has moved to."""
    return _OURS.fullmatch(token) is not None


def resolve(
    url: str | None = None, token: str | None = None, env: Mapping[str, str] | None = None
) -> Address:
    """The address to use; raises MLRunServiceUnreachableError where nothing names one."""
    env = os.environ if env is None else env
    if url:
        return Address(url.rstrip("/"), token or env.get("MLRUN_HTTPDB__TOKEN", ""))
    if env.get("MLRUN_DBPATH"):
        return Address(env["MLRUN_DBPATH"].rstrip("/"), token or env.get("MLRUN_HTTPDB__TOKEN", ""))
    found = own_service()
    return Address(found.url, token or found.token)


def own_service() -> Address:
    """The service of this data directory, started where none runs and none is forbidden."""
    from . import starting

    if starting.is_allowed():
        told = starting.running() or starting.ensure()
        return Address(str(told["url"]).rstrip("/"), str(told["token"]))
    found = from_server_file()
    if found is None:
        from .. import paths

        raise MLRunServiceUnreachableError(
            f"No service is known: {paths.server_file()} is not there, and "
            f"{starting.SWITCH} forbids to start one. Start a Jupyter server with jupyter-mlrun, "
            "or set MLRUN_DBPATH"
        )
    return found


def moved(old: Address) -> Address | None:
    """Where the service is now, when it is one of ours and has a new address or token.

    A run keeps its own token; a kernel takes the one in the file.
    """
    if not is_ours(old.token):
        return None
    found = from_server_file()
    if found is None:
        return None
    new = Address(found.url, old.token if _RUN.fullmatch(old.token) else found.token)
    return new if new != old else None


def from_server_file() -> Address | None:
    """What the running service wrote into the data directory; None where nothing is written."""
    from .. import paths

    try:
        value: Any = json.loads(paths.server_file().read_bytes())
        return Address(str(value["url"]).rstrip("/"), str(value["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
