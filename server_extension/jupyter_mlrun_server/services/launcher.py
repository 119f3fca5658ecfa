"""The launcher: a task becomes a recorded run, and in its turn a process."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun import names, states, uris
from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunBaseError,
    MLRunConflictError,
    MLRunInvalidArgumentError,
)
from jupyter_mlrun.masking import Masker
from jupyter_mlrun_runtimes import HERE, get_runtime
from jupyter_mlrun_runtimes.contract import Runtime, Task

from ..store import functions, launches, notifications, projects, runs, times, tokens
from ..store.database import Database
from ..store.launches import Launch
from ..store.runs import RunKey
from ..store.tokens import Grant
from .notifications import Notifications, sent_by_service
from .place import Place
from .places import Choice, Places
from .secrets import Secrets, take_inline, wanted_by

LOCAL = "local"
INT64 = 2**63
SECRETS_LOST = (
    "the server was restarted before this run began, and its secrets were in memory only: "
    "run it again"
)


@dataclass
class Options:
    """What the server's settings say of launching."""

    most_running: int
    kernel_name: str


class Launcher:
    """Records runs, and starts them in order, at most so many at once.

    Secrets of a run stay in this object until the run is started.
    """

    def __init__(
        self,
        database: Database,
        place: Place,
        options: Options,
        log: logging.Logger,
        secrets: Secrets,
        notifications: Notifications,
    ) -> None:
        self.database = database
        self.place = place
        self.options = options
        self.project_secrets = secrets
        self.notifications = notifications
        self.log = log
        self.address = ""
        self.here = True
        self.places = Places()
        self.interpreter_of = kernel_interpreter
        self._secrets: dict[tuple[str, str], dict[str, str]] = {}
        self._runtimes: dict[tuple[str, str], Runtime] = {}

    def submit(self, body: Mapping[str, Any], owner: str = "") -> dict[str, Any]:
        """The run as recorded, pending; raises where the task cannot become one."""
        task = body.get("task")
        if not isinstance(task, Mapping):
            raise MLRunInvalidArgumentError("The body has no 'task': give a run template")
        task = _parts(task)
        secrets = _secrets(body.get("secrets")) | take_inline(task["spec"])
        with self.database.read() as connection:
            wanted = self._wanted(connection, task, body.get("function"))
        if wanted:
            self.project_secrets.require(_project(task), dict.fromkeys(wanted.values()))
        mask = Masker(secrets.values()).document
        task = mask(self.project_secrets.conceal(_project(task), task))
        function = self.project_secrets.conceal(_project(task), body.get("function"))
        told = self.notifications.taken(_project(task), task["spec"].get("notifications"))
        if told:
            task["spec"]["notifications"] = told
        with self.database.write() as connection:
            run = self._prepare(connection, task, function, owner or self.place.owner)
            kind = run["metadata"]["labels"]["kind"]
            chosen = self._choose(run)
            key = RunKey(run["metadata"]["project"], run["metadata"]["uid"])
            run["spec"]["secrets"] = sorted(secrets)
            notifications.plan(connection, key.project, "run", key.uid, sent_by_service(told))
            stored = runs.save(connection, key, run)
            launch = Launch(
                key.project, key.uid, kind, self.place.host, self.place.boot_id,
                needs_secrets=bool(secrets), place=chosen.place,
            )  # fmt: skip
            launches.add(connection, launch)
        if secrets:
            self._secrets[key.project, key.uid] = secrets
        return stored

    def check(
        self, connection: Connection, project: str, body: Mapping[str, Any], owner: str
    ) -> dict[str, Any]:
        """The body of a later ``submit``, where it could become a run now.

        A function that comes with it is stored, and named by its hash from then on.
        """
        kept = {key: value for key, value in body.items() if key != "function"}
        task = _parts(body.get("task") or {})
        task["metadata"]["project"] = project
        if take_inline(task["spec"]) or body.get("secrets"):
            raise MLRunInvalidArgumentError(
                "A task for later cannot bring values of secrets along: store them in the project "
                "and name them in task.spec.secret_sources"
            )
        task = self.project_secrets.conceal(project, task)
        if body.get("function") is not None:
            function = self.project_secrets.conceal(project, body["function"])
            _, task["spec"]["function"] = self._function(connection, project, task, function)
        wanted = self._wanted(connection, task, None)
        self.project_secrets.require(project, dict.fromkeys(wanted.values()))
        run = self._prepare(connection, _parts(task), None, owner)
        self._choose(run)
        return kept | {"task": {**body["task"], **task}}

    def _choose(self, run: dict[str, Any]) -> Choice:
        """Where the run will work, written into it; refused where its kind cannot work there.

        A service of many users executes nothing itself.
        """
        kind = run["metadata"]["labels"]["kind"]
        chosen = self.places.choose(kind, run["spec"].get("place"))
        runtime = self.runtime(kind, chosen.place)
        if not self.here and chosen.place == HERE and not runtime.elsewhere:
            raise MLRunBadRequestError(
                f"This service executes nothing itself, so it cannot start a run of kind "
                f"'{runtime.kind}': run it in your own kernel (kind handler, or "
                "function.run(local=True) with MLRun's client), and it is recorded here"
            )
        if kind != LOCAL:
            run["status"] |= {"place": chosen.place}
            run["status"] |= {"place_reason": chosen.reason} if chosen.reason else {}
        return chosen

    def rerun(self, run: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
        """A task that repeats a run, with the parameters and inputs that are to change."""
        spec = {key: value for key, value in run["spec"].items() if key != "secrets"}
        held = run["spec"].get("secrets")
        needed = {str(name) for name in held} if isinstance(held, list) else set()
        if missing := needed - _secrets(changes.get("secrets")).keys():
            raise MLRunBadRequestError(
                f"The run had the secrets {', '.join(sorted(missing))}, which are kept nowhere: "
                "run its cell again, or give them as 'secrets'"
            )
        for part in ("parameters", "inputs"):
            given = changes.get(part) or {}
            if not isinstance(given, Mapping):
                raise MLRunInvalidArgumentError(f"'{part}' must be an object")
            spec[part] = {**(spec.get(part) or {}), **given}
        metadata = run["metadata"]
        labels = {k: v for k, v in (metadata.get("labels") or {}).items() if k != "host"}
        return {
            "metadata": {
                "name": metadata["name"],
                "project": metadata["project"],
                "labels": labels,
            },
            "spec": spec,
        }

    def start_next(self) -> list[Launch]:
        """The launches that were started now, oldest first, up to the limit."""
        with self.database.read() as connection:
            queue = launches.select(connection, self.place.host)
        waiting = [each for each in queue if each.phase == launches.PENDING]
        room = self.options.most_running - (len(queue) - len(waiting))
        waiting = [each for each in waiting if each.target == "run"]
        started = []
        for launch in waiting[: max(0, room)]:
            try:
                if self.start(launch):
                    started.append(launch)
            except Exception:
                self.log.exception("Run %s could not be started; trying again", launch.uid)
        return started

    def start(self, launch: Launch) -> bool:
        """Whether the run's process was started; where not, the run has ended with the reason."""
        secrets = self._secrets.get((launch.project, launch.uid), {})
        if launch.needs_secrets and not secrets:
            self.fail(launch, SECRETS_LOST)
            return False
        try:
            runtime = self.runtime(launch.kind, launch.place)
            for handle in runtime.submit(runtime.build(self._task(launch, secrets))):
                with self.database.write() as connection:
                    launches.set_started(connection, launch, handle)
        except (MLRunBaseError, OSError, ValueError) as error:
            self.fail(launch, f"the run could not be started: {error}")
            return False
        except Exception as error:
            self.log.exception("Run %s could not be started", launch.uid)
            self.fail(launch, f"the run could not be started: {error!r}")
            return False
        self._secrets.pop((launch.project, launch.uid), None)
        return True

    def fail(self, launch: Launch, reason: str) -> None:
        """End a run that has no process."""
        key = RunKey(launch.project, launch.uid)
        with self.database.write() as connection:
            launches.remove(connection, launch.project, launch.uid)
            tokens.drop_run(connection, launch.project, launch.uid)
            if runs.find(connection, key) is not None:
                updates = {"status.state": states.ERROR, "status.error": reason,
                           "status.reason": reason}  # fmt: skip
                runs.update(connection, key, updates)
        self._secrets.pop((launch.project, launch.uid), None)
        self.log.warning("Run %s of project %s: %s", launch.uid, launch.project, reason)

    def runtime(self, kind: str, place: str = HERE) -> Runtime:
        """The runtime of a kind in a place, made once."""
        if (kind, place) not in self._runtimes:
            self._runtimes[kind, place] = get_runtime(kind, place, self.places.cluster)
        return self._runtimes[kind, place]

    def _prepare(
        self, connection: Connection, run: dict[str, Any], function: Any, owner: str
    ) -> dict[str, Any]:
        project = _project(run)
        projects.require(connection, project)
        document, uri = self._function(connection, project, run, function)
        metadata, spec = run["metadata"], run["spec"]
        metadata["name"] = metadata.get("name") or document["metadata"]["name"]
        metadata |= {"project": project, "uid": _uid(connection, project, metadata), "iteration": 0}
        asked = str(document.get("kind") or "")
        kind = LOCAL if asked in ("", "handler") else asked
        metadata["labels"] = {
            "owner": owner, **(metadata.get("labels") or {}),
            "kind": kind, "host": self.place.host,
        }  # fmt: skip
        runs.validate(run)
        _check_spec(spec)
        _check_parameters(spec.get("parameters"))
        spec["function"] = uri
        spec["handler"] = spec.get("handler") or document["spec"].get("default_handler") or None
        spec["output_path"] = spec.get("output_path") or str(self.place.artifacts / project)
        run["status"] = {
            "state": states.PENDING, "host": self.place.host, "boot_id": self.place.boot_id,
        }  # fmt: skip
        return run

    def _wanted(
        self, connection: Connection, task: Mapping[str, Any], function: Any
    ) -> dict[str, str]:
        """The project's secrets by the variables in which the run shall find them."""
        project = _project(task)
        projects.require(connection, project)
        if not isinstance(function, Mapping):
            uri = _function_uri(task["spec"].get("function"), project)
            function = functions.read(connection, project, uri.name, uri.tag, uri.hash_key)
        return wanted_by(task, function, project)

    def _function(
        self, connection: Connection, project: str, run: dict[str, Any], given: Any
    ) -> tuple[dict[str, Any], str]:
        """The function's document and its address with the hash."""
        if given is not None:
            if not isinstance(given, Mapping) or not isinstance(given.get("metadata"), Mapping):
                raise MLRunInvalidArgumentError("'function' must be a function document")
            name = names.normalize_function(str(given["metadata"].get("name") or ""))
            body = {**given, "metadata": {**given["metadata"], "name": name, "project": project}}
            tag = str(given["metadata"].get("tag") or "")
            hash_key = functions.save(connection, project, name, body, tag, versioned=True)
            uri = uris.FunctionUri(name, project, hash_key=hash_key)
        else:
            uri = _function_uri(run["spec"].get("function"), project)
        if uri.project != project:
            raise MLRunBadRequestError(
                f"Function {uri.name} is of project {uri.project}, the run of {project}: "
                "a run and its function belong to one project"
            )
        document = functions.read(connection, project, uri.name, uri.tag, uri.hash_key)
        hash_key = document["metadata"].get("hash") or uri.hash_key
        return document, f"{project}/{document['metadata']['name']}@{hash_key}"

    def _task(self, launch: Launch, secrets: dict[str, str]) -> Task:
        """All that the process needs; the run's token is made here."""
        key = RunKey(launch.project, launch.uid)
        token = tokens.new("run")
        with self.database.write() as connection:
            queued = (times.now() - _created(runs.read(connection, key))) / 1e6
            run = runs.update(connection, key, {"status.times.queued": round(queued, 3)})
            uri = uris.parse_function(run["spec"]["function"])
            function = functions.read_hash(connection, launch.project, uri.name, uri.hash_key)
            project = projects.read(connection, launch.project)
            tokens.drop_run(connection, launch.project, launch.uid)
            tokens.add(connection, token, Grant("run", launch.project, launch.uid))
        handed = self._handed(launch.project, wanted_by(run, function, launch.project))
        return Task(
            run=run, function=function, project=json.loads(project),
            folder=str(self.place.run_folder(launch.project, launch.uid)),
            address=self.address, token=token,
            interpreter=self._interpreter(run), workdir=self._workdir(run, function),
            environment=dict(os.environ), secrets={**handed, **secrets},
        )  # fmt: skip

    def _handed(self, project: str, wanted: Mapping[str, str]) -> dict[str, str]:
        """The values of the project's secrets, by variable."""
        if not wanted:
            return {}
        self.project_secrets.require(project, wanted.values())
        values = self.project_secrets.read(project, set(wanted.values()))
        return {variable: values[name] for variable, name in wanted.items()}

    def _interpreter(self, run: Mapping[str, Any]) -> str:
        origin = run["spec"].get("origin") or {}
        found = origin.get("executable") or self.interpreter_of(self.options.kernel_name)
        return str(found or sys.executable)

    def _workdir(self, run: Mapping[str, Any], function: Mapping[str, Any]) -> str:
        origin = run["spec"].get("origin") or {}
        asked = origin.get("workdir") or function["spec"].get("workdir") or ""
        return str(self.place.files_root / os.path.expanduser(str(asked)))


def _parts(task: Mapping[str, Any]) -> dict[str, Any]:
    """The task as a run document of its own."""
    run: dict[str, Any] = {"kind": "run"}
    for part in ("metadata", "spec"):
        value = task.get(part) or {}
        if not isinstance(value, Mapping):
            raise MLRunInvalidArgumentError(f"'task.{part}' must be an object, not {value!r:.80}")
        run[part] = dict(value)
    for part in ("labels", "annotations"):
        if not isinstance(run["metadata"].get(part) or {}, Mapping):
            raise MLRunInvalidArgumentError(f"'task.metadata.{part}' must be an object")
    return run


def project_of(body: Mapping[str, Any]) -> str:
    """The project of a task that is to be submitted."""
    task = body.get("task")
    metadata = task.get("metadata") if isinstance(task, Mapping) else None
    named = metadata.get("project") if isinstance(metadata, Mapping) else None
    return str(named or "default")


def _project(run: Mapping[str, Any]) -> str:
    return str(run["metadata"].get("project") or "default")


def _secrets(given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(v, str) for v in given.values()):
        raise MLRunInvalidArgumentError("'secrets' must be an object of texts: {NAME: value}")
    return dict(given)


def _uid(connection: Connection, project: str, metadata: Mapping[str, Any]) -> str:
    uid = str(metadata.get("uid") or names.new_uid())
    if not names.is_uid(uid):
        raise MLRunInvalidArgumentError(f"'{uid}' cannot be a run's uid: leave it out")
    if runs.find(connection, RunKey(project, uid)) is not None:
        raise MLRunConflictError(f"Run {uid} of project {project} is there already")
    return uid


def _created(run: Mapping[str, Any]) -> int:
    return times.parse(run["status"].get("start_time")) or times.now()


def _function_uri(given: Any, project: str) -> uris.FunctionUri:
    if not isinstance(given, str) or not given:
        raise MLRunInvalidArgumentError(
            "The task names no function: set task.spec.function to PROJECT/NAME@HASH"
        )
    uri = uris.parse_function(given)
    return uris.FunctionUri(uri.name, uri.project or project, uri.tag, uri.hash_key)


def _check_spec(spec: Mapping[str, Any]) -> None:
    """Nothing, where every part has the shape that starting the run will rely on."""
    for part in ("origin", "limits", "env", "inputs"):
        if not isinstance(spec.get(part) or {}, Mapping):
            raise MLRunInvalidArgumentError(f"'task.spec.{part}' must be an object")
    for name, value in (spec.get("limits") or {}).items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (number and 0 <= value < INT64):
            raise MLRunInvalidArgumentError(f"Limit {name} is {value!r}: give a positive number")


def _check_parameters(parameters: Any) -> None:
    if not isinstance(parameters or {}, Mapping):
        raise MLRunInvalidArgumentError("'task.spec.parameters' must be an object")
    for name, value in (parameters or {}).items():
        if isinstance(value, int) and not -INT64 <= value < INT64:
            raise MLRunInvalidArgumentError(f"Parameter {name} value {value} exceeds int64")


def kernel_interpreter(name: str) -> str:
    """The interpreter of a kernelspec; empty where the kernelspec names no program of its own."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        argv = KernelSpecManager().get_kernel_spec(name).argv
    except NoSuchKernel:
        return ""
    return argv[0] if argv and os.path.isabs(argv[0]) else ""
