"""The launcher: a task becomes a recorded run, and in its turn a process."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun import names, states, uris
from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunBaseError,
    MLRunInvalidArgumentError,
    MLRunServiceUnavailableError,
)
from jupyter_mlrun.masking import Masker
from jupyter_mlrun_runtimes import HERE, KINDS, KUBERNETES, get_runtime
from jupyter_mlrun_runtimes.contract import Runtime

from ..store import attempts, functions, launches, notifications, projects, runs, times, tokens
from ..store.database import Database
from ..store.launches import Launch
from ..store.runs import RunKey
from .assembly import Assembly
from .function_input import check_function
from .manifest import Manifest, build_job
from .notifications import Notifications, sent_by_service
from .place import Place
from .places import Choice, Places
from .queue import SECRETS_LOST, Queue
from .run_secrets import RunSecrets
from .secrets import Secrets, take_inline, wanted_by
from .task_input import (
    LOCAL,
    check_attempts,
    check_code,
    check_parameters,
    check_spec,
    function_uri,
    kind_of,
    parts_of,
    rerun,
    run_project,
    secrets_of,
    uid_of,
)

JOB = "job"
# microseconds until a place that does not answer is asked again
PATIENCE = 3_000_000
# seconds that one round of starting takes at most, so that what works is looked at meanwhile
LONGEST_ROUND = 1.0


@dataclass
class Options:
    """What the server's settings say of launching."""

    most_running: int
    kernel_name: str
    most_on_cluster: int = 1000


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
        self.here = True
        self.shared = False
        self.places = Places()
        self.assembly = Assembly(database, place, self.places, secrets, options.kernel_name)
        self.own = Queue(database, place, log)
        self.secrets = RunSecrets()
        self._runtimes: dict[tuple[str, str], Runtime] = {}

    def submit(self, body: Mapping[str, Any], owner: str = "") -> dict[str, Any]:
        """The run as recorded, pending; raises where the task cannot become one."""
        task = body.get("task")
        if not isinstance(task, Mapping):
            raise MLRunInvalidArgumentError("The body has no 'task': give a run template")
        task = parts_of(task)
        check_code(body.get("function"))
        check_spec(task["spec"])
        secrets = secrets_of(body.get("secrets")) | take_inline(task["spec"])
        with self.database.read() as connection:
            sought = self._sought(connection, task, body.get("function"))
        check_function(sought)
        self._check_before(task, sought)
        wanted = self._wanted(task, sought)
        if wanted:
            self.project_secrets.require(run_project(task), dict.fromkeys(wanted.values()))
        mask = Masker(secrets.values()).document
        task = mask(self.project_secrets.conceal(run_project(task), task))
        function = self.project_secrets.conceal(run_project(task), body.get("function"))
        told = self.notifications.taken(run_project(task), task["spec"].get("notifications"))
        if told:
            task["spec"]["notifications"] = told
        owner = owner or self.place.owner
        with self.database.write() as connection:
            run = self._prepare(connection, task, function, owner)
            kind = run["metadata"]["labels"]["kind"]
            chosen = self._choose(run)
            key = RunKey(run["metadata"]["project"], run["metadata"]["uid"])
            if remark := self._try_to_build(connection, run, chosen, owner):
                run["status"]["place_reason"] = remark
            run["spec"]["secrets"] = sorted(secrets)
            notifications.plan(connection, key.project, "run", key.uid, sent_by_service(told))
            stored = runs.save(connection, key, run)
            launch = Launch(
                key.project, key.uid, kind, self.host_of(chosen.place), self.place.boot_id,
                needs_secrets=bool(secrets), place=chosen.place, owner=owner,
                sent_to=self.place.host,
                workflow=str(run["metadata"]["labels"].get("workflow") or ""),
            )  # fmt: skip
            self.secrets.keep(key.project, key.uid, secrets)
            launches.add(connection, launch)
        return stored

    def check(
        self, connection: Connection, project: str, body: Mapping[str, Any], owner: str
    ) -> dict[str, Any]:
        """The body of a later ``submit``, where it could become a run now.

        A function that comes with it is stored, and named by its hash from then on.
        """
        kept = {key: value for key, value in body.items() if key != "function"}
        task = parts_of(body.get("task") or {})
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
        sought = self._sought(connection, task, None)
        check_function(sought)
        wanted = self._wanted(task, sought)
        self.project_secrets.require(project, dict.fromkeys(wanted.values()))
        run = self._prepare(connection, parts_of(task), None, owner)
        self._choose(run)
        return kept | {"task": {**body["task"], **task}}

    def manifest(self, task: Mapping[str, Any], owner: str = "") -> Manifest:
        """What a cluster would be sent for a task of a job; nothing is recorded or sent.

        Of the secrets that the run brings along only the names matter: those of ``spec.secrets``.
        """
        run, owner = parts_of(task), owner or self.place.owner
        with self.database.read() as connection:
            run = self._prepare(connection, run, None, owner)
            uri = uris.parse_function(run["spec"]["function"])
            function = functions.read_hash(connection, uri.project, uri.name, uri.hash_key)
            project = json.loads(projects.read(connection, uri.project))
        if (kind := kind_of(function)) != JOB:
            raise MLRunBadRequestError(
                f"Function {uri.name} is of the kind '{kind}', and a Job is made of the kind "
                f"'{JOB}': choose that kind in its form (Run…), or save it with kind='{JOB}'"
            )
        wanted = wanted_by(run, function, uri.project, others=True)
        held = dict.fromkeys(run["spec"].pop("secrets", None) or (), "")
        made = self.assembly.of_run(run, function, project, "", HERE, owner)
        # its pod gives it one
        del run["metadata"]["uid"]
        refs = wanted if self.project_secrets.on_cluster else {}
        secrets = held if refs else {**dict.fromkeys(wanted, ""), **held}
        pods = self.assembly.for_pods(replace(made, secret_refs=refs, secrets=secrets), owner)
        return build_job(pods, self.places.settings, self.places.cluster is not None)

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
        if chosen.place != HERE:
            # no host of ours: it can be looked after from any
            run["status"].pop("host", None)
        if kind != LOCAL:
            run["status"] |= {"place": chosen.place}
            run["status"] |= {"place_reason": chosen.reason} if chosen.reason else {}
        return chosen

    rerun = staticmethod(rerun)

    def start_next(self) -> list[Launch]:
        """The launches that were started now, oldest first, up to the limits of their places."""
        with self.database.read() as connection:
            queue = self.queue(connection)
        now, started = times.now(), []
        room = {HERE: self.options.most_running, KUBERNETES: self.options.most_on_cluster}
        for each in queue:
            room[each.place] -= each.phase == launches.STARTED
        deadline = time.monotonic() + LONGEST_ROUND
        for launch in queue:
            if launch.phase != launches.PENDING or launch.target != "run":
                continue
            if launch.not_before > now or room[launch.place] <= 0:
                continue
            room[launch.place] -= 1
            try:
                if self.start(launch):
                    started.append(launch)
            except Exception:
                self.log.exception("Run %s could not be started; trying again", launch.uid)
            if time.monotonic() > deadline:
                break
        return started

    def start(self, launch: Launch) -> bool:
        """Whether the run was started; where not, it has ended with the reason, or waits."""
        secrets = self.secrets.of(launch.project, launch.uid)
        if launch.needs_secrets and not secrets:
            if not self.own.is_anothers(launch):
                self.fail(launch, SECRETS_LOST, self.own.has_lost)
            return False
        try:
            runtime = self.runtime(launch.kind, launch.place)
            for handle in runtime.submit(runtime.build(self.assembly.of_launch(launch, secrets))):
                if not self.own.keeps(launch, handle, runtime):
                    return False
                launch.handle = handle
        except MLRunServiceUnavailableError as error:
            self._wait(launch, str(error))
            return False
        except (MLRunBaseError, OSError, ValueError) as error:
            self.fail(launch, f"the run could not be started: {error}")
            return False
        except Exception as error:
            self.log.exception("Run %s could not be started", launch.uid)
            self.fail(
                launch,
                "the run could not be started, since a part of its function or task cannot be "
                f"read ({error}): correct it and run it again",
            )
            return False
        return True

    def _wait(self, launch: Launch, why: str) -> None:
        """Try again soon: the place of the run does not answer."""
        key = RunKey(launch.project, launch.uid)
        with self.database.write() as connection:
            # what was sent may have been made, though no answer came
            launches.set_waiting(connection, launch, times.now() + PATIENCE, launch.handle)
            if runs.find(connection, key) is not None:
                runs.update(connection, key, {"status.status_text": f"waiting: {why}"})

    def undo(self, launch: Launch, reason: str) -> None:
        """End what a start that lost its place may have made there."""
        if launch.handle:
            self.runtime(launch.kind, launch.place).cancel(launch.handle, reason)

    def fail(
        self,
        launch: Launch,
        reason: str,
        check: Callable[[Connection, Launch], bool] = lambda *_: True,
    ) -> None:
        """End a run that has no process, where the check still holds when its end is written."""
        try:
            self.undo(launch, reason)
        except MLRunServiceUnavailableError as error:
            self._wait(launch, str(error))
            return
        except MLRunBaseError as error:
            # a place that refuses this too is no reason to try for ever
            self.log.warning("What run %s may have left cannot be ended: %s", launch.uid, error)
        key = RunKey(launch.project, launch.uid)
        with self.database.write() as connection:
            if not check(connection, launch):
                return
            launches.remove(connection, launch.project, launch.uid)
            tokens.drop_run(connection, launch.project, launch.uid)
            if (run := runs.find(connection, key)) is not None:
                updates = {"status.state": states.ERROR, "status.error": reason,
                           "status.reason": reason, **attempts.none_began(run)}  # fmt: skip
                runs.update(connection, key, updates)
        self.secrets.let_go(launch.project, launch.uid)
        self.log.warning("Run %s of project %s: %s", launch.uid, launch.project, reason)

    def requeue(self, launch: Launch) -> None:
        """Start a run anew of which nothing had reached its place."""
        with self.database.write() as connection:
            launches.set_waiting(connection, launch, 0)

    def runtime(self, kind: str, place: str = HERE) -> Runtime:
        """The runtime of a kind in a place, made once."""
        if (kind, place) not in self._runtimes:
            self._runtimes[kind, place] = get_runtime(kind, place, self.places.cluster)
        return self._runtimes[kind, place]

    def _prepare(
        self, connection: Connection, run: dict[str, Any], function: Any, owner: str
    ) -> dict[str, Any]:
        project = run_project(run)
        projects.require(connection, project)
        document, uri = self._function(connection, project, run, function)
        metadata, spec = run["metadata"], run["spec"]
        metadata["name"] = metadata.get("name") or document["metadata"]["name"]
        metadata |= {"project": project, "uid": uid_of(connection, project, metadata)}
        metadata["iteration"], kind = 0, kind_of(document)
        metadata["labels"] = {
            "owner": owner, **(metadata.get("labels") or {}),
            "kind": kind, "host": self.place.host, **({"owner": owner} if self.shared else {}),
        }  # fmt: skip
        runs.validate(run)
        check_spec(spec, document["spec"])
        check_attempts(spec.get("retry"), kind)
        check_parameters(spec.get("parameters"))
        spec["function"] = uri
        spec["handler"] = spec.get("handler") or document["spec"].get("default_handler") or None
        spec["output_path"] = spec.get("output_path") or self.place.path_of_runs(project)
        run["status"] = {
            "state": states.PENDING, "host": self.place.host, "boot_id": self.place.boot_id,
        }  # fmt: skip
        return run

    def _sought(
        self, connection: Connection, task: Mapping[str, Any], function: Any
    ) -> Mapping[str, Any]:
        """The function of a task as it stands."""
        project = run_project(task)
        projects.require(connection, project)
        if isinstance(function, Mapping):
            return function
        uri = function_uri(task["spec"].get("function"), project)
        return functions.read(connection, project, uri.name, uri.tag, uri.hash_key)

    def _wanted(self, task: Mapping[str, Any], function: Mapping[str, Any]) -> dict[str, str]:
        """The project's secrets by the variables in which the run shall find them."""
        place = self.places.likely(kind_of(function), task["spec"].get("place"))
        return wanted_by(task, function, run_project(task), others=place == KUBERNETES)

    def _check_before(self, task: Mapping[str, Any], function: Mapping[str, Any]) -> None:
        """What takes time to know: the engine of the kind, and pods' way to this service."""
        kind = kind_of(function)
        place = self.places.likely(kind, task["spec"].get("place"))
        if place == KUBERNETES:
            self.places.check_way_back()
        if kind in KINDS or place == KUBERNETES:
            interpreter = self.assembly.interpreter(task)
            self.runtime(kind, place).require(function, interpreter, dict(os.environ))

    def _try_to_build(
        self, connection: Connection, run: Mapping[str, Any], chosen: Choice, owner: str
    ) -> str:
        """Refuse what the cluster would refuse, before anything is recorded; a remark, if any."""
        if chosen.place != KUBERNETES:
            return ""
        uri = uris.parse_function(run["spec"]["function"])
        function = functions.read_hash(connection, uri.project, uri.name, uri.hash_key)
        project = json.loads(projects.read(connection, uri.project))
        runtime = self.runtime(run["metadata"]["labels"]["kind"], chosen.place)
        task = self.assembly.of_run(run, function, project, "", chosen.place, owner)
        runtime.build(task)
        wanted = wanted_by(run, function, uri.project, others=True)
        return runtime.remark(replace(task, secret_refs=wanted))

    def _function(
        self, connection: Connection, project: str, run: dict[str, Any], given: Any
    ) -> tuple[dict[str, Any], str]:
        """The function's document and its address with the hash."""
        if given is not None:
            if not isinstance(given, Mapping) or not isinstance(given.get("metadata"), Mapping):
                raise MLRunInvalidArgumentError("'function' must be a function document")
            name = names.normalize_name(str(given["metadata"].get("name") or ""))
            body = {**given, "metadata": {**given["metadata"], "name": name, "project": project}}
            tag = str(given["metadata"].get("tag") or "")
            hash_key = functions.save(connection, project, name, body, tag, versioned=True)
            uri = uris.FunctionUri(name, project, hash_key=hash_key)
        else:
            uri = function_uri(run["spec"].get("function"), project)
        if uri.project != project:
            raise MLRunBadRequestError(
                f"Function {uri.name} is of project {uri.project}, the run of {project}: "
                "a run and its function belong to one project"
            )
        document = functions.read(connection, project, uri.name, uri.tag, uri.hash_key)
        hash_key = document["metadata"].get("hash") or uri.hash_key
        return document, f"{project}/{document['metadata']['name']}@{hash_key}"

    def host_of(self, place: str) -> str:
        """Who watches the runs of a place: this host, or whoever serves the cluster."""
        cluster = self.places.cluster
        if place != KUBERNETES or cluster is None:
            return self.place.host
        return f"{KUBERNETES}:{cluster.settings.service}"

    def queue(self, connection: Connection) -> list[Launch]:
        """The launches that this service starts and watches, oldest first."""
        self.secrets.let_go_of_settled(connection)
        return self.own.read(connection, self.host_of(KUBERNETES), self.secrets)
