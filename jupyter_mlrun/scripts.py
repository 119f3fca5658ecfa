"""Code that is no handler: a script in this process, and a command as it is."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .errors import MLRunRuntimeError

if TYPE_CHECKING:
    from .context import Context
    from .modules import Code


def filled(text: str, parameters: Mapping[str, Any]) -> str:
    """A text with the parameters in it, where it has their names in braces: ``{name}``."""
    for name, value in parameters.items():
        text = text.replace("{" + str(name) + "}", str(value))
    return text


def run_script(script: Code, arguments: Sequence[str]) -> None:
    """Execute a script as Python does, with its arguments in ``sys.argv``."""
    before, sys.argv = sys.argv, [script.path, *arguments]
    try:
        code = script.get_code("__main__")
        exec(code, {"__name__": "__main__", "__file__": script.path, "__loader__": script})
    finally:
        sys.argv = before


def run_command(command: Sequence[str], context: Context) -> None:
    """Run a command to its end; what it prints is printed here, and a program finds the run.

    It is ended with its whole tree where the run is.
    """
    import subprocess

    from jupyter_mlrun_runtimes.tree import end_tree

    address, token = context.client.address
    found = {
        "MLRUN_EXEC_CONFIG": json.dumps(context.to_dict(), default=str),
        "JUPYTER_MLRUN_RUN": context.uid,
        "MLRUN_DBPATH": address, "MLRUN_HTTPDB__TOKEN": token,
    }  # fmt: skip
    try:
        child = subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env={**os.environ, **found}, start_new_session=True,
            encoding="utf-8", errors="backslashreplace",
        )  # fmt: skip
    except OSError as error:
        raise MLRunRuntimeError(
            f"The command {command[0]!r} cannot be started: {error.strerror or error}"
        ) from None
    assert child.stdout is not None
    try:
        for line in child.stdout:
            print(line, end="", flush=True)
        code = child.wait()
    except BaseException:
        end_tree(child.pid, 1.0)
        child.wait()
        raise
    finally:
        child.stdout.close()
    context.take_back()
    if code:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise MLRunRuntimeError(f"{command[0]} {how}")
