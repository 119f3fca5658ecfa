"""A run in a container: code and task come by variables, and all it says goes to the service."""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

from . import states, uris
from .client import functions, runs
from .client.transport import Client, connect
from .clock import now
from .context import running
from .datastore.registry import UPLOADS
from .errors import MLRunBaseError, MLRunInvalidArgumentError, MLRunServiceUnreachableError
from .execution import Execution
from .interruption import listen
from .names import new_uid
from .posting import PostingReporter
from .process_run import make_context
from .ranks import Group, of_environment
from .report import Quiet, Reporter
from .scripts import filled

CONFIG, CODE = "MLRUN_EXEC_CONFIG", "MLRUN_EXEC_CODE"
# seconds for which a container waits for a service that does not answer at its start
PATIENCE = 600.0
# seconds in which it is told that a run cannot be executed
LAST_WORD = 10.0


def run_from_env(arguments: Sequence[str]) -> int:
    """Run what the variables say, in this container; the exit code."""
    given = _parser().parse_args(list(arguments))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
        if os.environ.get("MLRUN_RUNTIME_KIND") == "mpijob":
            # ranks share one log: they write whole lines
            stream.reconfigure(line_buffering=True, write_through=False)  # type: ignore[union-attr]
    listen()
    run: dict[str, Any] = {}
    try:
        run = _task(given)
        client = connect()
        function = _function(run, client, given)
        if not run["metadata"].get("uid"):
            _record(run, client)
        os.environ["JUPYTER_MLRUN_RUN"] = run["metadata"]["uid"]
        folder = tempfile.mkdtemp(prefix="mlrun-")
        _bring_source(given, run)
        sys.path.insert(0, "")
        if given.mode == "pass":
            return _pass(run, function, client, given, folder)
        return _work(run, function, client, folder)
    except (MLRunBaseError, OSError) as error:
        reason = f"the run cannot be executed: {error}"
        print(reason, file=sys.stderr)
        _tell(run, reason)
        return 1


def _tell(run: dict[str, Any], reason: str) -> None:
    """Make it the run's error too; the service may be what is missing, and the log has it."""
    if not (run.get("metadata") or {}).get("uid") or _rank():
        return
    with contextlib.suppress(MLRunBaseError, OSError):
        reporter = PostingReporter(connect())
        context = make_context(run, reporter)
        context.set_state(error=reason, commit=False)
        context.close()
        reporter.flush(LAST_WORD)


def _rank() -> int:
    """Which of the ranks of its run this process is."""
    return of_environment()[0] if os.environ.get("MLRUN_RUNTIME_KIND") == "mpijob" else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jupyter-mlrun run", add_help=False)
    parser.add_argument("--from-env", action="store_true")
    parser.add_argument("--task", default="")
    for name in ("--name", "--handler", "--mode", "--origin-file", "--source", "--workdir"):
        parser.add_argument(name, default="")
    parser.add_argument("command", nargs="?", default="")
    parser.add_argument("args", nargs=argparse.REMAINDER)
    return parser


def _task(given: argparse.Namespace) -> dict[str, Any]:
    text = os.environ.get(CONFIG, "")
    if given.task:
        with open(given.task, encoding="utf-8") as file:
            text = file.read()
    if not text:
        raise MLRunInvalidArgumentError(f"There is no task: neither {CONFIG} nor --task says one")
    run: dict[str, Any] = dict(json.loads(text))
    metadata, spec = run.setdefault("metadata", {}), run.setdefault("spec", {})
    run.setdefault("status", {})
    if given.name:
        metadata["name"] = given.name
    if given.handler:
        spec["handler"] = given.handler
    return run


def _function(run: Mapping[str, Any], client: Client, given: argparse.Namespace) -> dict[str, Any]:
    """The function as the service has it, with the code that came along."""
    uri = run["spec"].get("function")
    found: dict[str, Any] = {"kind": "job", "metadata": {"name": run["metadata"]["name"]}}
    if uri:
        found = _patiently(client, uris.parse_function(uri), str(run["metadata"].get("project")))
    spec = found.setdefault("spec", {})
    if code := os.environ.get(CODE):
        spec["build"] = {**(spec.get("build") or {}), "functionSourceCode": code}
    command, _, words = given.command.partition(" ")
    if command and command != "*" and os.path.isfile(command):
        with open(command, "rb") as file:
            code = base64.b64encode(file.read()).decode()
        spec["build"] = {**(spec.get("build") or {}), "functionSourceCode": code}
        spec["command"] = command
    rest = [each for each in given.args if each != "--"]
    if words or rest:
        spec["args"] = [*shlex.split(words), *rest]
    if spec.get("args"):
        spec["args"] = [_filled(str(each), run) for each in spec["args"]]
    return found


def _record(run: dict[str, Any], client: Client) -> None:
    """Record a run that nobody has sent, such as that of a Job which people keep as a file."""
    run["metadata"]["uid"] = new_uid()
    run["status"] = {"state": states.PENDING, "start_time": now()}
    runs.store(client, run)


def _patiently(client: Client, uri: uris.FunctionUri, project: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            home = uri.project or project
            return dict(functions.read(client, home, uri.name, uri.tag, uri.hash_key))
        except MLRunServiceUnreachableError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1.0)


def _filled(text: str, run: Mapping[str, Any]) -> str:
    """An argument with the parameters in it: ``{name}``."""
    return filled(text, run["spec"].get("parameters") or {})


def _bring_source(given: argparse.Namespace, run: Mapping[str, Any]) -> None:
    """Fetch the source and work in it; a working directory that is relative lies in the source."""
    workdir = given.workdir
    if given.source:
        from .sources import fetch

        root = workdir if os.path.isabs(workdir) else os.path.join(tempfile.mkdtemp(), "code")
        fetch(given.source, root)
        folder = os.path.join(root, workdir)
        if not os.path.isdir(folder):
            raise MLRunInvalidArgumentError(
                f"The source {given.source.partition('?')[0]:.200} has no folder {workdir:.200}, "
                "which function.spec.workdir names"
            )
        workdir = folder
    if workdir:
        os.makedirs(workdir, exist_ok=True)
        os.chdir(workdir)


def _work(run: dict[str, Any], function: Mapping[str, Any], client: Client, folder: str) -> int:
    rank = _rank()
    reporter: Reporter = PostingReporter(client) if rank == 0 else Quiet(client)
    if rank:
        os.environ.pop(UPLOADS, None)
        run["spec"]["output_path"] = os.path.join(folder, "artifacts")
    context = make_context(run, reporter)
    context.set_state(states.RUNNING, commit=False)
    pod = os.environ.get("MLRUN_POD_NAME") or os.uname().nodename
    context.set_status(start_time=now(), pod=pod)
    context.commit()
    execution = Execution(context, function, folder)
    execution.ranks = _Ranks(folder)
    with running(context):
        execution.work()
    execution.tell()
    if isinstance(reporter, PostingReporter) and not reporter.flush():
        print("the service did not answer: the end of the run was not reported", file=sys.stderr)
        return execution.exit_code or 1
    if execution.exit_code:
        _end_ranks(execution.exit_code)
    return execution.exit_code


class _Ranks(Group):
    """The ranks of a run on pods, which share no folder: they wait for each other by MPI."""

    def agree(self, error: BaseException | None) -> BaseException | None:
        """What this rank's code raised; a run is not complete before its last rank is."""
        mpi = _mpi()
        if mpi is not None and error is None:
            mpi.COMM_WORLD.Barrier()
        return error


def _end_ranks(code: int) -> None:
    """A rank that has failed ends all: the others may wait for it."""
    mpi = _mpi()
    if mpi is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        mpi.COMM_WORLD.Abort(code)


def _mpi() -> Any:
    mpi = sys.modules.get("mpi4py.MPI")
    return mpi if mpi is not None and mpi.Is_initialized() and not mpi.Is_finalized() else None


def _pass(
    run: dict[str, Any],
    function: Mapping[str, Any],
    client: Client,
    given: argparse.Namespace,
    folder: str,
) -> int:
    """Run the function's command as it is; what becomes of it is the run's end."""
    words = shlex.split(given.command)
    encoded = ((function.get("spec") or {}).get("build") or {}).get("functionSourceCode")
    if encoded:
        file = os.path.join(folder, os.path.basename(given.origin_file) or "codefile")
        with open(file, "wb") as sink:
            sink.write(base64.b64decode(encoded))
        words = [word.replace("{codefile}", file) for word in words] or ["bash", file]
    rest = [each for each in given.args if each != "--"]
    command = [*(_filled(word, run) for word in words), *(_filled(each, run) for each in rest)]
    reporter = PostingReporter(client)
    context = make_context(run, reporter)
    context.set_state(states.RUNNING, commit=False)
    context.set_status(start_time=now())
    context.commit()
    code = subprocess.call(command)
    if code:
        context.set_state(error=f"{command[0]} ended with exit code {code}", commit=False)
    else:
        context.set_state(states.COMPLETED, commit=False)
    context.close()
    reporter.flush()
    return code
