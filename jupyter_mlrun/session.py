"""What a program asks of the service without holding a client: the module-level functions."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .client import projects, runs
from .client.transport import Client, connect
from .context import Context, current
from .datastore.item import DataItem

if TYPE_CHECKING:
    from .client.db import RunDB

_client: Client | None = None
_known_projects: set[str] = set()


def client() -> Client:
    """This process's connection to the service, made once and kept."""
    global _client
    if _client is None:
        _client = connect()
        _known_projects.clear()
    return _client


def get_run_db(url: str = "", secrets: Any = None, force_reconnect: bool = False) -> RunDB:
    """The service under MLRun's method names, at the address given or the one in use."""
    global _client
    from .client.db import RunDB

    if force_reconnect:
        _client = None
    return RunDB(connect(url) if url else client())


def need_project(name: str) -> None:
    """Nothing, when the project is there; ``default`` is made, another one is not.

    Raises MLRunNotFoundError with the nearest name. A project once seen is not asked for again:
    the service refuses to write to one that is gone.
    """
    service = client()
    if name in _known_projects:
        return
    if name == "default":
        projects.get_or_create(service, name)
    else:
        projects.get(service, name)
    _known_projects.add(name)


def set_environment(
    api_path: str | None = None,
    artifact_path: str = "",
    access_key: str | None = None,
    username: str | None = None,
    env_file: str | None = None,
    mock_functions: str | None = None,
) -> tuple[str, str]:
    """Choose the service for this process; the project and the artifact path."""
    global _client
    if api_path:
        os.environ["MLRUN_DBPATH"] = api_path.rstrip("/")
    if access_key:
        os.environ["MLRUN_HTTPDB__TOKEN"] = access_key
    if artifact_path:
        os.environ["MLRUN_ARTIFACT_PATH"] = artifact_path
    _client = None
    return active_project(), artifact_path


def active_project() -> str:
    """The project of runs that name none."""
    return os.environ.get("MLRUN_ACTIVE_PROJECT") or "default"


def get_current_project(silent: bool = False) -> dict[str, Any]:
    """The document of the project in use; the one named ``default`` is made where it is not."""
    if active_project() == "default":
        return projects.get_or_create(client(), "default")
    return projects.get(client(), active_project())


def get_or_create_project(name: str, *_: Any, **__: Any) -> dict[str, Any]:
    """A project's document, made where it is not there; the one in use from now on."""
    project = projects.get_or_create(client(), name)
    os.environ["MLRUN_ACTIVE_PROJECT"] = name
    return project


def get_dataitem(url: str, secrets: Mapping[str, str] | None = None, db: Any = None) -> DataItem:
    """The data at an address: a path, a URL, ``data:`` or ``store://``."""
    from .datastore.resolve import get_dataitem as resolve

    running = current()
    if running is not None:
        return resolve(url, secrets, db or running.client, project=running.project)
    needs_service = isinstance(url, str) and url.startswith("store://")
    chosen = db or (client() if needs_service else None)
    return resolve(url, secrets, chosen, project=active_project())


def get_object(
    url: str,
    secrets: Mapping[str, str] | None = None,
    size: int | None = None,
    offset: int = 0,
    db: Any = None,
) -> bytes:
    """The bytes at an address."""
    data: bytes = get_dataitem(url, secrets, db).get(size, offset)
    return data


def get_run(uid: str, project: str = "", iter: int = 0) -> Any:
    """A recorded run as a RunObject; raises MLRunNotFoundError."""
    from .runs import RunObject

    return RunObject.from_dict(runs.read(client(), project or active_project(), uid, iter), client())


def list_runs(name: str = "", project: str = "", iter: bool = False, **filters: Any) -> list[Any]:
    """Recorded runs as RunObjects, newest first; filters are MLRun's. ``iter``: iterations too."""
    from .runs import RunObject

    found = runs.list(
        client(),
        project or active_project(),
        name=name or None,
        iter="yes" if iter else "no",
        **filters,
    )
    return [RunObject.from_dict(document, client()) for document in found]


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
    progress, then at ``spec``, then at the environment of a run's process.
    """
    running = current()
    if running is not None and spec is None:
        return running
    from .outbox import Outbox
    from .report import Reporter

    service = rundb if isinstance(rundb, Client) else connect(rundb or None)
    found = _given(spec) or (_from_environment() if with_env else None)
    if found is None:
        found = {"kind": "run", "metadata": {}, "spec": {}, "status": {}}
    run = _complete(found, name, project, service)
    from .paths import run_folder

    folder = run_folder(run["metadata"]["project"], run["metadata"]["uid"])
    context = Context(run, Reporter(service, Outbox(folder)))
    context.store_run()
    _end_with_process(context)
    return context


def _given(spec: Mapping[str, Any] | str | None) -> dict[str, Any] | None:
    if isinstance(spec, str):
        return dict(json.loads(spec))
    return dict(spec) if spec else None


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
    import getpass

    from . import states
    from .clock import now
    from .names import new_uid, validate_run

    metadata = run.setdefault("metadata", {})
    metadata["name"] = validate_run(metadata.get("name") or name)
    metadata.setdefault("uid", new_uid())
    if not metadata.get("project"):
        metadata["project"] = project or active_project()
        if metadata["project"] == "default":
            projects.get_or_create(service, "default")
    labels = metadata.setdefault("labels", {})
    labels.setdefault("kind", "handler")
    labels.setdefault("owner", getpass.getuser())
    labels.setdefault("host", os.uname().nodename)
    status = run.setdefault("status", {})
    status |= {"state": states.RUNNING, "host": os.uname().nodename}
    status.setdefault("start_time", now())
    spec = run.setdefault("spec", {})
    spec.setdefault("origin", {})["process"] = _process()
    return run


def _process() -> dict[str, Any]:
    from jupyter_mlrun_runtimes.process import identity

    return identity()


def _end_with_process(context: Context) -> None:
    """Say how the run ended when the program ends without having said so."""
    import atexit
    import sys

    from . import states

    def end() -> None:
        if context.state not in states.TERMINAL:
            error = getattr(sys, "last_value", None)
            if error is None:
                context.set_state(states.COMPLETED, commit=False)
            else:
                context.set_state(error=str(error) or type(error).__name__, commit=False)
        context.close()

    atexit.register(end)
