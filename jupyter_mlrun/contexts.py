"""The context of code that finds its run by itself: a script, a handler, a pod, an event."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from .client import projects
from .client.transport import Client, connect
from .context import Context, current, is_unclear
from .errors import MLRunInvalidArgumentError
from .owner import user_name
from .session import active_project

_own: Context | None = None
# those that end with the program, and how
_open: list[tuple[Context, Callable[[], None]]] = []


def get_or_create_ctx(
    name: str,
    event: Any = None,
    spec: Mapping[str, Any] | str | None = None,
    with_env: bool = True,
    rundb: Any = "",
    project: str = "",
    upload_artifacts: bool = False,
) -> Context:
    """The context of the run in which this code works; a new run where it works in none.

    So the same file runs by hand, as a run of its own, and as a function. It looks at the run in
    progress, then at the body of ``event``, at ``spec``, and at the environment of a run's
    process. A new run is found again until it has ended; it ends with the program.
    """
    global _own
    if spec is None and event is None and is_unclear():
        raise MLRunInvalidArgumentError(
            "Runs work side by side in this process, and this thread belongs to none of them: "
            "hand it the context, or start it with contextvars.copy_context().run"
        )
    running = current() or _active()
    if running is not None and spec is None and event is None:
        return running
    from .outbox import Outbox
    from .paths import run_folder
    from .report import Reporter

    service = _service(rundb)
    given = event.body if event is not None else spec
    found = _given(given) or (_from_environment() if with_env else None)
    is_part = found is not None and _is_of_parent(found)
    run = dict(found or {}) if is_part else _complete(found or {}, name, project, service)
    if upload_artifacts and not run["spec"].get("output_path"):
        run["spec"]["output_path"] = os.environ.get("MLRUN_ARTIFACT_PATH") or None
    folder = run_folder(run["metadata"]["project"], run["metadata"]["uid"])
    context = Context(run, Reporter(service, Outbox(folder)))
    context.is_part = is_part
    if not is_part:
        context.store_run()
    if event is None:
        # events of a server come side by side: each has its own
        _own = context
    _end_with_process(context)
    return context


def _active() -> Context | None:
    from . import states

    return _own if _own is not None and _own.state not in states.TERMINAL else None


def _service(rundb: Any) -> Client:
    if isinstance(rundb, Client):
        return rundb
    client = getattr(rundb, "client", None)
    return client if isinstance(client, Client) else connect(rundb or None)


def _given(spec: Any) -> dict[str, Any] | None:
    if hasattr(spec, "to_dict"):
        spec = spec.to_dict()
    if isinstance(spec, (str, bytes, bytearray)):
        try:
            spec = json.loads(spec) if spec.strip() else None
        except ValueError as error:
            raise MLRunInvalidArgumentError(
                f"A run's context is made of the JSON of a run, which this is not: {error}"
            ) from None
    if spec is not None and not isinstance(spec, Mapping):
        raise MLRunInvalidArgumentError(
            f"A run's context is made of the document of a run, not of {type(spec).__name__}"
        )
    return json.loads(json.dumps(spec, default=str)) if spec else None


def _from_environment() -> dict[str, Any] | None:
    if text := os.environ.get("MLRUN_EXEC_CONFIG"):
        return dict(json.loads(text))
    path = os.environ.get("MLRUN_META_TMPFILE", "")
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        value = json.load(file)
    return dict(value.get("run") or value)


def _complete(run: dict[str, Any], name: str, project: str, service: Client) -> dict[str, Any]:
    from . import states
    from .clock import now
    from .names import new_uid, validate_run
    from .tasks.defaults import fill_spec

    run.setdefault("kind", "run")
    metadata = run.setdefault("metadata", {})
    metadata["name"] = validate_run(metadata.get("name") or name)
    metadata.setdefault("uid", new_uid())
    if not metadata.get("project"):
        metadata["project"] = project or active_project()
        if metadata["project"] == "default":
            projects.get_or_create(service, "default")
    labels = metadata.setdefault("labels", {})
    # as MLRun names a program that is not called by a function
    labels.setdefault("kind", "local")
    labels.setdefault("owner", user_name())
    labels.setdefault("host", os.uname().nodename)
    status = run.setdefault("status", {})
    status |= {"state": states.RUNNING, "host": os.uname().nodename}
    status.setdefault("start_time", now())
    spec = run.setdefault("spec", {})
    fill_spec(spec, {})
    spec.setdefault("origin", {})["process"] = _process()
    return run


def _process() -> dict[str, Any]:
    from jupyter_mlrun_runtimes.process import identity

    return identity()


def _is_of_parent(run: Mapping[str, Any]) -> bool:
    """Whether a process above this one does the run, of which this program is a part."""
    uid = (run.get("metadata") or {}).get("uid")
    return bool(uid) and os.environ.get("JUPYTER_MLRUN_RUN") == uid


def _end_with_process(context: Context) -> None:
    """Say how the run ended when the program ends without having said so."""
    import atexit
    import sys

    from . import states
    from .settling import watch_exits

    # of a cell that failed before there was a context
    earlier = getattr(sys, "last_value", None)
    watch_exits()

    def end() -> None:
        from .settling import end_of_program, settle

        if context.state not in states.TERMINAL and not context.is_part:
            settle(context, end_of_program(earlier))
        context.close()

    # a server of events makes many: those that have ended are let go
    _open[:] = [each for each in _open if each[0].state not in states.TERMINAL or each[0]._changed]
    _open.append((context, end))
    atexit.unregister(_end_open)
    atexit.register(_end_open)


def _end_open() -> None:
    from contextlib import ExitStack

    # the last one first, and each of them also where another cannot be told
    with ExitStack() as stack:
        for _, end in _open:
            stack.callback(end)
