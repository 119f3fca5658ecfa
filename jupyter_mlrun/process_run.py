"""A run in this process, as the kind ``handler`` works, and in a process of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import states
from .client.transport import Client, connect
from .clock import now
from .context import Context, running
from .errors import MLRunBaseError
from .execution import Execution
from .interruption import listen
from .loading import has_source
from .outbox import Outbox
from .ranks import Group
from .report import Quiet, Reporter

if TYPE_CHECKING:
    from .iterations import Plan


def execute(
    run: dict[str, Any],
    function: Mapping[str, Any],
    client: Client,
    handler: Callable[..., Any] | None = None,
    folder: str | os.PathLike[str] | None = None,
    given: Mapping[str, Any] | None = None,
    workdir: str = "",
    plan: Plan | None = None,
) -> dict[str, Any]:
    """Run a run in this process, as the kind ``handler`` does; its document at the end.

    ``plan`` is that of a sweep, where it was made already.

    The run is stored when it starts and when it ends; what it prints goes to its log too. A failed
    run is described in the document and raises nothing, but an interrupt is raised again.
    """
    from .output import RunLog, teed
    from .paths import output_path, run_folder
    from .tasks.defaults import fill_spec

    metadata = run["metadata"]
    home = os.fspath(folder or run_folder(metadata["project"], metadata["uid"]))
    reporter = Reporter(client, Outbox(home))
    status = run.setdefault("status", {})
    status |= {"state": states.RUNNING, "start_time": now(), "host": os.uname().nodename}
    spec = run["spec"]
    fill_spec(spec)
    asked = str(spec.get("output_path") or "")
    spec["output_path"] = output_path(asked, metadata["project"], metadata["uid"])
    context = make_context(run, reporter)
    context.given.update(given or {})
    context.store_run()
    if spec["notifications"]:
        from .notices import hand_over

        hand_over(context, spec["notifications"])
    execution = Execution(
        context, function, home, handler, is_here=True, workdir=workdir, takes_source=True
    )
    execution.plan = plan
    try:
        with running(context), teed(RunLog(reporter, run, home)):
            execution.work()
    finally:
        # the log first: who sees the run's end may read all of it
        execution.tell()
    if isinstance(execution.failure, KeyboardInterrupt):
        raise execution.failure
    if spec["notifications"]:
        from .notices import show_notices

        show_notices(context.to_dict())
    ended = context.to_dict()
    # as the service has it
    ended["status"]["last_update"] = ended["status"].get("end_time")
    return ended


def make_context(run: dict[str, Any], reporter: Reporter) -> Context:
    """The context of a run, with the secrets that the run's own sources hold."""
    secrets: dict[str, str] = {}
    if run["spec"].get("secret_sources"):
        from .tasks.secrets import take_secrets

        secrets = take_secrets(run["spec"])
    context = Context(run, reporter)
    context.secrets = secrets
    if run["spec"].get("verbose"):
        context.log_level = "DEBUG"
    return context


def run_task(path: str) -> int:
    """Run what task.json says, in this process of its own; the exit code."""
    with open(path, "rb") as file:
        task = json.load(file)
    for stream in (sys.stdout, sys.stderr):
        # whatever is printed becomes a line of the log
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    # the user's modules beside the notebook come first, as in a kernel
    sys.path.insert(0, "")
    folder = os.path.dirname(os.path.abspath(path))
    listen()
    try:
        return _run(task["run"], task["function"], folder)
    except (MLRunBaseError, OSError) as error:
        print(f"the run cannot be reported: {error}", file=sys.stderr)
        return 1


def _run(run: dict[str, Any], function: Mapping[str, Any], folder: str) -> int:
    ranks = Group(folder)
    if ranks.is_first:
        reporter = Reporter(connect(), Outbox(folder))
    else:
        reporter = Quiet(connect())
        run["spec"]["output_path"] = ranks.artifacts
    context = make_context(run, reporter)
    context.set_state(states.RUNNING, commit=False)
    context.set_status(start_time=now(), host=os.uname().nodename)
    context.commit()
    # its supervisor began it in the folder that was asked for; one in a source is there only now
    inside = str(function["spec"].get("workdir") or "") if has_source(function) else ""
    execution = Execution(context, function, folder, workdir=inside, takes_source=True)
    with running(context):
        execution.work()
    execution.tell()
    ranks.end(execution.exit_code)
    return execution.exit_code
