"""Code that is no handler: a script in this process, and a command as it is."""

from __future__ import annotations

import contextlib
import contextvars
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from .errors import MLRunRuntimeError

if TYPE_CHECKING:
    from .context import Context
    from .modules import Code

# bytes of one variable: systems take 128 KiB
LARGEST_VARIABLE = 100_000
# seconds for what a command leaves behind, and then for the rest of its output
LEFT_BEHIND, REST = 1.0, 10.0
MARK = "JUPYTER_MLRUN_COMMAND_"


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

    It is ended with its whole tree where the run is, and what it leaves behind when it has ended.
    """
    import subprocess
    import uuid

    from jupyter_mlrun_runtimes.tree import end_tree

    # what it begins has this too, also in a session of its own
    mark = f"{MARK}{uuid.uuid4().hex}"
    with _told_to_program(context) as found:
        try:
            child = subprocess.Popen(
                list(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, env={**os.environ, **found, mark: "1"},
                start_new_session=True,
                encoding="utf-8", errors="backslashreplace",
            )  # fmt: skip
        except OSError as error:
            raise MLRunRuntimeError(
                f"The command {command[0]!r} cannot be started: {error.strerror or error}"
            ) from None
        assert child.stdout is not None
        reader = _printing(child.stdout)
        try:
            code = child.wait()
            # what it began and left behind may hold its output for ever
            reader.join(LEFT_BEHIND)
            if reader.is_alive():
                end_tree(child.pid, LEFT_BEHIND, mark=mark)
        except BaseException:
            end_tree(child.pid, 1.0, mark=mark)
            child.wait()
            raise
        finally:
            reader.join(REST)
    context.take_back()
    if code:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise MLRunRuntimeError(f"{command[0]} {how}")


def _printing(output: IO[str]) -> threading.Thread:
    """A thread that prints what a command prints, as the code that calls this would."""

    def read() -> None:
        with output:
            for line in output:
                print(line, end="", flush=True)

    # a run is found by its context variables, which a new thread has not
    run = contextvars.copy_context().run
    thread = threading.Thread(target=run, args=(read,), name="mlrun-output", daemon=True)
    thread.start()
    return thread


@contextlib.contextmanager
def _told_to_program(context: Context) -> Iterator[dict[str, str]]:
    """The variables by which a program finds the run and the service."""
    address, token = context.client.address
    found = {
        "JUPYTER_MLRUN_RUN": context.uid,
        "MLRUN_DBPATH": address, "MLRUN_HTTPDB__TOKEN": token,
    }  # fmt: skip
    document = json.dumps(context.to_dict(), default=str)
    if len(document) <= LARGEST_VARIABLE:
        yield {**found, "MLRUN_EXEC_CONFIG": document}
        return
    import tempfile

    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        file.write(document)
        file.flush()
        # of the two, the variable of a run around this one would be read first
        yield {**found, "MLRUN_EXEC_CONFIG": "", "MLRUN_META_TMPFILE": file.name}
