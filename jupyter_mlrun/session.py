"""What a program asks of the service without holding a client: the module-level functions."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from . import states
from .client import projects, runs
from .client.transport import Client, connect
from .context import current
from .datastore.item import DataItem
from .errors import (
    MLRunInvalidArgumentError,
    MLRunServiceUnreachableError,
    MLRunTimeoutError,
    RunError,
)
from .secretstore import read_env_file

if TYPE_CHECKING:
    from .rundb import RunDB

# seconds that a service has to show itself when it is chosen
_PATIENCE = 5.0
SAMPLES = "https://s3.wasabisys.com/iguazio/"
_client: Client | None = None
# seconds for which nobody asks again where a project's artifacts go
_FRESH = 30.0


class Seen(NamedTuple):
    """Where the artifacts of a project's runs go, as its document said, and when it said so."""

    artifact_path: str
    at: float


# where artifacts of the projects that were seen go, as their documents say
_known_projects: dict[str, Seen] = {}
# the project in use as this program holds it, which may be changed and not yet saved
_in_use: Any = None


class Scope(NamedTuple):
    """What holds for one thread or task alone: a connection and a project in use."""

    client: Client
    project: str
    known: dict[str, Seen]
    owner: Any


_scope: ContextVar[Scope | None] = ContextVar("jupyter_mlrun_scope", default=None)


def scope() -> Scope | None:
    """What holds for this thread or task alone; None where the process's settings hold."""
    return _scope.get()


@contextmanager
def scoped(connection: Client, project: str = "", owner: Any = None) -> Iterator[None]:
    """Within it this thread or task has a connection and a project in use of its own."""
    token = _scope.set(Scope(connection, project, {}, owner))
    try:
        yield
    finally:
        _scope.reset(token)


def use_project(name: str, project: Any = None) -> None:
    """Have runs that name no project belong to this one: of the scope, else of the process."""
    global _in_use
    own = _scope.get()
    if own is None:
        os.environ["MLRUN_ACTIVE_PROJECT"] = name
        _in_use = project
    else:
        _scope.set(own._replace(project=name))


def client() -> Client:
    """The connection to the service: of the scope, else this process's, made once and kept."""
    global _client
    own = _scope.get()
    if own is not None:
        return own.client
    if _client is None:
        _take_default_file()
        _client = connect()
        _known_projects.clear()
    return _client


def _leave_service() -> None:
    """Have the next call connect anew; nothing holds on that the service before has said."""
    global _client, _in_use
    _client = _in_use = None
    _known_projects.clear()


def connected() -> Client | None:
    """This process's connection to the service where it was made already."""
    return _client


def get_run_db(url: str = "", secrets: Any = None, force_reconnect: bool = False) -> RunDB:
    """The service under MLRun's method names, at the address given or the one in use."""
    from .rundb import RunDB

    if force_reconnect:
        _leave_service()
    if url:
        _take_default_file()
    return RunDB(connect(url) if url else client())


def need_project(name: str) -> None:
    """Nothing, when the project is there; ``default`` is made, another one is not.

    Raises MLRunNotFoundError with the nearest name. A project that was seen just now is not asked
    for again: the service refuses to write to one that is gone.
    """
    service, seen = client(), _known().get(name)
    if seen is not None and time.monotonic() - seen.at < _FRESH:
        return
    try:
        found = (projects.get_or_create if name == "default" else projects.get)(service, name)
    except MLRunServiceUnreachableError:
        # a program goes on while no service answers
        if seen is None:
            raise
        _known()[name] = seen._replace(at=time.monotonic())
        return
    see_project(name, found)


def see_project(name: str, document: Mapping[str, Any]) -> None:
    """Remember of a project's document, as the service has it, where its artifacts go."""
    path = str((document.get("spec") or {}).get("artifact_path") or "")
    _known()[name] = Seen(path, time.monotonic())


def _known() -> dict[str, Seen]:
    own = _scope.get()
    return _known_projects if own is None else own.known


def artifact_path(project: str) -> str:
    """Where artifacts of a project's runs go, as it or the environment says; else empty.

    The project was asked for by ``need_project``.
    """
    own = _scope.get()
    if own is None and _in_use is not None and _in_use.name == project:
        said = _in_use.artifact_path
    else:
        seen = _known().get(project)
        said = seen.artifact_path if seen is not None else ""
    return str(said or os.environ.get("MLRUN_ARTIFACT_PATH") or "")


def set_environment(
    api_path: str | None = None,
    artifact_path: str = "",
    access_key: str | None = None,
    username: str | None = None,
    env_file: str | None = None,
    mock_functions: Any = None,
) -> tuple[str, str]:
    """Choose the service for this process; the project in use and the artifact path.

    Raises MLRunServiceUnreachableError where none answers at ``api_path``, and sets nothing then.
    ``env_file`` is a file of variables, which are set before it is asked. ``mock_functions`` has
    functions run in this process.
    """
    given = {
        "MLRUN_DBPATH": (api_path or "").rstrip("/"), "MLRUN_HTTPDB__TOKEN": access_key,
        "V3IO_USERNAME": username, "MLRUN_ARTIFACT_PATH": _absolute(artifact_path),
    }  # fmt: skip
    variables = read_env_file(env_file) if env_file else {}
    with _set_for_good(variables):
        if api_path:
            _require_service(api_path, access_key)
    os.environ.update({key: value for key, value in given.items() if value})
    if mock_functions is not None:
        os.environ["MLRUN_FORCE_RUN_LOCAL"] = "" if mock_functions in (False, "") else "1"
    _leave_service()
    return active_project(), os.environ.get("MLRUN_ARTIFACT_PATH", "")


@contextmanager
def _set_for_good(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables, which stay where nothing fails within it; else they are as they were."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    except BaseException:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        raise


def _require_service(url: str, token: str | None) -> None:
    """Nothing, where a service answers at the address that was chosen."""
    # another one, to which this client could move, is not what was chosen
    chosen = Client(connect(url, token).address, follows=False)
    try:
        chosen.request("GET", "healthz", tries=1, timeout=_PATIENCE)
    finally:
        chosen.close()


def _absolute(path: str) -> str:
    if path.startswith("./"):
        return os.path.abspath(path)
    if path and not path.startswith("/") and "://" not in path:
        raise MLRunInvalidArgumentError(
            f"artifact_path must refer to an absolute path or a valid url, not '{path}'"
        )
    return path


def set_env_from_file(env_file: str, return_dict: bool = False) -> dict[str, str] | None:
    """Set the variables of a file of lines ``KEY=VALUE``; ``return_dict`` gives them too."""
    found = read_env_file(env_file)
    os.environ.update(found)
    _leave_service()
    return found if return_dict else None


def default_env_file() -> Path:
    """The file whose variables every program takes: ``$MLRUN_ENV_FILE``, else ``~/.mlrun.env``."""
    return Path(os.environ.get("MLRUN_ENV_FILE") or "~/.mlrun.env").expanduser()


def _take_default_file() -> None:
    """Set what the default file says and the environment does not."""
    file = default_env_file()
    if not file.is_file():
        return
    for key, value in read_env_file(file).items():
        os.environ.setdefault(key, value)


def active_project() -> str:
    """The project of runs that name none."""
    own = _scope.get()
    if own is not None and own.project:
        return own.project
    return os.environ.get("MLRUN_ACTIVE_PROJECT") or "default"


def get_dataitem(url: str, secrets: Mapping[str, str] | None = None, db: Any = None) -> DataItem:
    """The data at an address: a path, a URL, ``data:`` or ``store://``."""
    from .datastore.resolve import get_dataitem as resolve

    running = current()
    if running is not None:
        return resolve(url, secrets, db or running.client, project=running.project, is_named=True)
    needs_service = isinstance(url, str) and url.startswith("store://")
    chosen = db or (client() if needs_service else None)
    return resolve(url, secrets, chosen, project=active_project(), is_named=True)


def unpack(
    data: Any, type_hint: Any = None, trust: bool = False, db: Any = None, project: str = ""
) -> Any:
    """The value of which an artifact was made: of a DataItem, an artifact or its address.

    ``type_hint`` asks for another type. To unpickle what another project, or anybody, has pickled
    runs the code of who made it: ``trust=True`` is the explicit yes.
    """
    from .packagers.values import unpack as unpacked

    running = current()
    if running is not None:
        return unpacked(data, type_hint, trust, running.client, running.project, running)
    known = getattr(data, "artifact_url", None) or getattr(data, "uri", None) or data
    is_artifact = isinstance(known, str) and known.startswith("store://")
    service = db or (client() if is_artifact else None)
    return unpacked(data, type_hint, trust, service, project or active_project())


def get_object(
    url: str,
    secrets: Mapping[str, str] | None = None,
    size: int | None = None,
    offset: int = 0,
    db: Any = None,
) -> bytes:
    """The bytes at an address; of an object at ``memory://`` those of its text, JSON or CSV."""
    return get_dataitem(url, secrets, db).read_bytes(size, offset)


def download_object(url: str, target: str, secrets: Mapping[str, str] | None = None) -> None:
    """Copy what is at an address to a path of this machine."""
    get_dataitem(url, secrets).download(target)


def get_sample_path(subpath: str = "") -> str:
    """The address of one of MLRun's sample data sets or models."""
    root = os.environ.get("SAMPLE_DATA_SOURCE_URL_PREFIX") or SAMPLES
    return os.path.join(root, subpath.lstrip("/")) if subpath else root


def wait_for_runs_completion(
    several: Iterable[Any], sleep: float = 3, timeout: float = 0, silent: bool = False
) -> list[Any]:
    """The runs when all have ended; a failed one raises RunError unless ``silent``.

    Without a ``timeout`` it waits for ever.
    """
    waiting, ended = list(several), []
    deadline = time.monotonic() + timeout if timeout else float("inf")
    while True:
        ended += [run for run in waiting if run.refresh().status.state in states.TERMINAL]
        waiting = [run for run in waiting if run.status.state not in states.TERMINAL]
        if not waiting:
            break
        if time.monotonic() > deadline:
            raise MLRunTimeoutError(
                f"{len(waiting)} of {len(waiting) + len(ended)} runs have not ended in "
                f"{timeout:g} s; they go on"
            )
        time.sleep(sleep)
    failed = [run for run in ended if run.status.state != states.COMPLETED]
    if failed and not silent:
        first = failed[0]
        raise RunError(
            f"{len(failed)} of {len(ended)} runs failed; {first.metadata.name}: "
            f"{first.error or first.status.state}"
        )
    return ended


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
