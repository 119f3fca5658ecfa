"""What a program asks of the service without holding a client: the module-level functions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .client import projects, runs
from .client.transport import Client, connect
from .context import current
from .datastore.item import DataItem

if TYPE_CHECKING:
    from .rundb import RunDB

_client: Client | None = None
_known_projects: set[str] = set()


def client() -> Client:
    """This process's connection to the service, made once and kept."""
    global _client
    if _client is None:
        _client = connect()
        _known_projects.clear()
    return _client


def connected() -> Client | None:
    """This process's connection to the service where it was made already."""
    return _client


def get_run_db(url: str = "", secrets: Any = None, force_reconnect: bool = False) -> RunDB:
    """The service under MLRun's method names, at the address given or the one in use."""
    global _client
    from .rundb import RunDB

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

    document = runs.read(client(), project or active_project(), uid, iter)
    return RunObject.from_dict(document, client())


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
