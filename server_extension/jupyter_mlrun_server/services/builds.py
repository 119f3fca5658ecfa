"""Images of functions: builds that are started, followed to their end, and found again."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_mlrun import names
from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunBaseError,
    MLRunConflictError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunServiceUnavailableError,
)
from jupyter_mlrun.masking import MASK
from jupyter_mlrun.model.images import with_tag
from jupyter_mlrun.paths import build_folder, builds_folder, is_part
from jupyter_mlrun_runtimes import HERE, KUBERNETES, logfile
from jupyter_mlrun_runtimes.build.contract import (
    ERROR,
    PENDING,
    READY,
    WORKING,
    Builder,
    BuildSeen,
    BuildTask,
)
from jupyter_mlrun_runtimes.build.plan import Plan, Wish, base_of, build_plan, is_deployed
from jupyter_mlrun_runtimes.build.settings import BuildSettings
from jupyter_mlrun_runtimes.local import write_private

from ..store import functions, projects, times
from ..store.database import Database
from .launcher import Launcher
from .place import Place
from .threads import Threads

BUILD_FILE, HANDLE_FILE, LOG_FILE = "build.json", "handle.json", "log"
LOOK = 1.0
MOST_READ = 1 << 20
LONGEST_END = 10.0
LOST = "the server was ended before the build had begun: build it again"


@dataclass
class Build:
    """One build as its folder has it."""

    folder: Path
    record: dict[str, Any]
    handle: dict[str, Any]

    @property
    def key(self) -> tuple[str, str, str]:
        """Whose image it is."""
        return self.record["project"], self.record["function"], self.record["tag"]

    @property
    def is_working(self) -> bool:
        """Whether it has not ended."""
        return self.record["state"] in WORKING


class Builds:
    """The builds of this service, on its machine and on its cluster."""

    def __init__(
        self, database: Database, place: Place, launcher: Launcher, threads: Threads,
        log: logging.Logger,
    ) -> None:  # fmt: skip
        self.database = database
        self.place = place
        self.launcher = launcher
        self.threads = threads
        self.log = log
        self.settings = BuildSettings()
        self.most_working = 0
        self.on_change: Callable[[], None] = lambda: None
        self.leads: Callable[[], bool] = lambda: True
        self._lock = threading.RLock()
        self._working: dict[str, Build] | None = None

    def start(
        self, function: Mapping[str, Any], wish: Wish, owner: str = ""
    ) -> tuple[dict[str, Any], bool]:
        """The function as it is now, and whether its image is ready; else its build has begun."""
        document = self._checked(function)
        spec = document["spec"]
        if wish.skip_deployed and is_deployed(document):
            return self._ready(document)
        builder = self._builder(document)
        plan = build_plan(document, wish, self.settings, builder.place == HERE)
        if plan is None:
            spec["image"] = spec.get("image") or base_of(document)
            return self._ready(document)
        builder.require(plan)
        # where they are away, nothing has begun, and an older build goes on: to be tried again
        self.launcher.project_secrets.masker(plan.project)
        build = document["spec"]["build"]
        build |= {"image": plan.image, "base_image": plan.base_image}
        build |= {"secret": plan.secret} if plan.secret else {}
        if plan.source:
            build["source_code_target_dir"] = plan.target_dir
        if build.get("builder_env"):
            build["builder_env"] = dict.fromkeys(build["builder_env"], MASK)
        return self._begin(document, builder, plan, owner), False

    def state(self, project: str, name: str, tag: str) -> Build | None:
        """The newest build of a function's image, as it is now; None where there was none.

        Where another server leads, that one looks, and this one reads what it wrote.
        """
        found = self._newest(project, name, tag or "latest")
        if found is not None and found.is_working and self.leads():
            self._look(found)
        return found

    def read_log(self, build: Build, offset: int) -> bytes:
        """What it has printed from a byte on; after its end all that is left, within reason."""
        most = MOST_READ if build.is_working else MOST_READ * 16
        return logfile.read(build.folder / LOG_FILE, offset, most)

    def stop(self, project: str, name: str, tag: str, reason: str) -> None:
        """End a build that works; another is fine."""
        build = self._newest(project, name, tag or "latest")
        if build is None:
            raise MLRunNotFoundError(f"No image of {project}/{name:.200} was ever built here")
        self._stop(build, reason)

    def forget(self, project: str, name: str = "", tag: str = "") -> None:
        """End the builds of a project or of a function that goes, and remove what they left."""
        if not all(part == "" or is_part(part) for part in (project, name, tag)) or not project:
            return
        pattern = f"{project}/{name or '*'}/{tag or '*'}/*/{BUILD_FILE}"
        for build in _builds(builds_folder(self.place.root), pattern):
            self._stop(build, "what it was for was deleted")
        shutil.rmtree(builds_folder(self.place.root) / project / name / tag, ignore_errors=True)

    async def run(self) -> None:
        """Follow what works, those found at the start too; in the leading server."""
        while True:
            await self.threads.slow(self._look_at_all)
            await asyncio.sleep(LOOK)

    def _checked(self, function: Mapping[str, Any]) -> dict[str, Any]:
        if not isinstance(function, Mapping) or not isinstance(function.get("metadata"), Mapping):
            raise MLRunInvalidArgumentError("The body has no 'function': give a function document")
        document: dict[str, Any] = json.loads(json.dumps(function))
        metadata = document["metadata"]
        metadata["name"] = names.normalize_function(str(metadata.get("name") or ""))
        metadata["project"] = str(metadata.get("project") or "default")
        metadata["tag"] = str(metadata.get("tag") or "latest")
        names.validate_function(metadata["name"])
        names.validate_tag(metadata["tag"])
        for part in ("spec", "status"):
            if not isinstance(document.get(part) or {}, Mapping):
                raise MLRunInvalidArgumentError(f"function.{part} must be an object")
            document[part] = document.get(part) or {}
        spec = document["spec"]
        if not isinstance(spec.get("build") or {}, Mapping):
            raise MLRunInvalidArgumentError("function.spec.build must be an object")
        spec["build"] = spec.get("build") or {}
        given = spec["build"].get("builder_env") or {}
        if not isinstance(given, Mapping):
            raise MLRunInvalidArgumentError(
                "function.spec.build.builder_env must be an object of names and values"
            )
        if MASK in given.values():
            raise MLRunInvalidArgumentError(
                "builder_env of the function holds no values: they are never stored, so give them "
                "again, by deploy(builder_env={…})"
            )
        with self.database.read() as connection:
            projects.require(connection, metadata["project"])
        return dict(self.launcher.project_secrets.conceal(metadata["project"], document))

    def _builder(self, function: Mapping[str, Any]) -> Builder:
        """Who builds: the cluster where the function's kind runs there, else this machine."""
        kind = str(function.get("kind") or "job")
        cluster = self.launcher.places.cluster
        if cluster is not None and self.launcher.places.likely(kind) == KUBERNETES:
            return self._of_place(KUBERNETES)
        if not self.launcher.here:
            raise MLRunBadRequestError(
                "This service executes nothing itself, so it cannot build an image: its "
                "administrator can name a cluster (MLRunCluster.kubeconfig) and a registry "
                "(MLRunBuilder.registry), or build it in your own Jupyter server"
            )
        return self._of_place(HERE)

    def _of_place(self, place: str, project: str = "") -> Builder:
        from jupyter_mlrun_runtimes.build.here import BuilderHere
        from jupyter_mlrun_runtimes.kube.builder import BuilderOnKubernetes

        cluster = self.launcher.places.cluster
        if place == KUBERNETES and cluster is not None:
            secrets = self.launcher.project_secrets
            return BuilderOnKubernetes(
                self.settings, cluster,
                lambda: secrets.masker(project).texts if project else (),
            )  # fmt: skip
        return BuilderHere(self.settings, str(self.place.files_root))

    def _ready(self, document: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        document["status"] |= {"state": READY}
        return self._saved(document), True

    def _begin(
        self, document: dict[str, Any], builder: Builder, plan: Plan, owner: str
    ) -> dict[str, Any]:
        metadata = document["metadata"]
        key = (metadata["project"], metadata["name"], metadata["tag"])
        mark = uuid.uuid4().hex
        name = f"mlrun-build-{metadata['name'][:40].strip('-')}-{mark[:5]}"
        folder = build_folder(*key, mark, self.place.root)
        with self._lock:
            self._require_free(key, plan)
            for older in self._of(*key):
                self._stop(older, "it is being built anew")
                shutil.rmtree(older.folder, ignore_errors=True)
            folder.mkdir(mode=0o700, parents=True)
            record = {
                "id": mark, "name": name, "project": key[0], "function": key[1], "tag": key[2],
                "state": PENDING, "image": plan.image, "destination": plan.destination,
                "base_image": plan.base_image, "place": builder.place, "builder": builder.name,
                "started": times.text(times.now()), "ended": None, "reason": "",
            }  # fmt: skip
            build = Build(folder, record, {})
            _save(build)
            if self._working is not None:
                self._working[mark] = build
            document["spec"]["image"] = ""
            document["status"] = {
                "state": "deploying", "build_pod": name, "build": _shown(record),
            }  # fmt: skip
            return self._send(document, build, builder, plan, owner)

    def _require_free(self, key: tuple[str, str, str], plan: Plan) -> None:
        """Nothing, where the image is no other project's, and there is room for one more build."""
        place, working = with_tag(plan.destination), 0
        for other in self._all():
            if other.key[0] != key[0] and with_tag(other.record["destination"]) == place:
                raise MLRunConflictError(
                    f"The image {plan.image:.100} is that of another project's function: name it "
                    "otherwise, by build_config(image='.NAME:TAG')"
                )
            working += other.is_working and other.key != key
        if self.most_working and working >= self.most_working:
            raise MLRunServiceUnavailableError(
                f"{working} images are being built, as many as MLRunBuilder.max_running allows at "
                "a time: try again when one of them is ready"
            )

    def _task(self, document: Mapping[str, Any], plan: Plan, build: Build, owner: str) -> BuildTask:
        with self.database.read() as connection:
            project = json.loads(projects.read(connection, plan.project))
        number = self.launcher.assembly.user_number(owner)
        return BuildTask(
            plan=plan, folder=str(build.folder), name=build.record["name"],
            files_root=str(self.place.files_root), function=document, project=project,
            user_id=number, environment=dict(os.environ),
            hidden=tuple(self.launcher.project_secrets.masker(plan.project).texts),
        )  # fmt: skip

    def _send(
        self, document: dict[str, Any], build: Build, builder: Builder, plan: Plan, owner: str
    ) -> dict[str, Any]:
        """The function as it was stored, once its build has begun; a failure is its end."""
        try:
            saved = self._saved(document)
            for handle in builder.start(self._task(document, plan, build, owner)):
                build.handle = handle
                write_private(build.folder / HANDLE_FILE, json.dumps(handle))
        except Exception as error:
            reason = f"the build could not be started: {error}"
            self._settle(build, BuildSeen(ERROR, reason))
            if isinstance(error, MLRunBaseError | OSError):
                raise
            # a part of the document that is of another kind than builders take it for
            self.log.warning("The build %s of %s", build.record["name"], reason, exc_info=True)
            raise MLRunInvalidArgumentError(
                f"The build of {plan.project}/{plan.function} could not be started, since its spec "
                f"has a part that cannot be read ({error}): correct it and build again"
            ) from error
        self.on_change()
        return saved

    def _saved(self, document: dict[str, Any]) -> dict[str, Any]:
        metadata = document["metadata"]
        where = (metadata["project"], metadata["name"])
        with self.database.write() as connection:
            functions.save(connection, *where, document, metadata["tag"])
            return functions.read(connection, *where, metadata["tag"])

    def _look_at_all(self) -> None:
        with self._lock:
            if self._working is None:
                self._working = {
                    build.record["id"]: build for build in self._all() if build.is_working
                }
            working = list(self._working.values())
        for build in working:
            try:
                self._look(build)
            except MLRunServiceUnavailableError as error:
                self.log.info("The build %s cannot be looked at: %s", build.record["name"], error)
            except Exception:
                self.log.exception("The build %s cannot be looked at", build.record["name"])

    def _look(self, build: Build) -> None:
        """What its builder knows, written down."""
        with self._lock:
            build.record = _record(build.folder) or build.record
            if not build.is_working or not build.folder.exists():
                self._let_go(build)
                return
            build.handle = build.handle or _read(build.folder / HANDLE_FILE)
            if not build.handle:
                self._settle(build, BuildSeen(ERROR, LOST))
                return
            builder = self._of_place(build.record["place"], build.key[0])
            seen = builder.observe(build.handle)
            builder.collect(build.handle)
            if seen.state in WORKING:
                if seen.state != build.record["state"]:
                    build.record["state"] = seen.state
                    _save(build)
                return
            self._settle(build, seen)

    def _settle(self, build: Build, seen: BuildSeen) -> None:
        ended = {"state": seen.state, "reason": seen.reason, "ended": times.text(times.now())}
        build.record |= ended
        # the function first: who reads that it is ready shall find its image
        self._tell(build)
        _save(build)
        self._let_go(build)
        self.on_change()

    def _let_go(self, build: Build) -> None:
        if self._working is not None:
            self._working.pop(build.record["id"], None)

    def _tell(self, build: Build) -> None:
        """The end of the build in its function, where that was not stored anew meanwhile."""
        project, name, tag = build.key
        with self.database.write() as connection:
            try:
                document = functions.read(connection, project, name, tag)
            except MLRunNotFoundError:
                return
            status = document.get("status") or {}
            if (status.get("build") or {}).get("id") not in (None, build.record["id"]):
                return
            if build.record["state"] == READY:
                document["spec"]["image"] = build.record["image"]
            document["status"] = status | {
                "state": build.record["state"], "build": _shown(build.record),
            }  # fmt: skip
            functions.save(connection, project, name, document, tag)

    def _stop(self, build: Build, reason: str) -> None:
        if not build.is_working:
            return
        builder = self._of_place(build.record["place"], build.key[0])
        builder.cancel(build.handle, reason)
        deadline = time.monotonic() + LONGEST_END
        while builder.observe(build.handle).state in WORKING and time.monotonic() < deadline:
            time.sleep(0.1)
        builder.collect(build.handle)
        self._settle(build, BuildSeen(ERROR, f"the build was stopped: {reason}"))

    def _newest(self, project: str, name: str, tag: str) -> Build | None:
        found = sorted(self._of(project, name, tag), key=lambda each: each.record["started"])
        return found[-1] if found else None

    def _all(self, project: str = "*") -> Iterator[Build]:
        if project == "*" or is_part(project):
            yield from _builds(builds_folder(self.place.root), f"{project}/*/*/*/{BUILD_FILE}")

    def _of(self, project: str, name: str, tag: str) -> list[Build]:
        if not all(is_part(part) for part in (project, name, tag)):
            return []
        pattern = f"{project}/{name}/{tag}/*/{BUILD_FILE}"
        return list(_builds(builds_folder(self.place.root), pattern))


def _builds(root: Path, pattern: str) -> Iterator[Build]:
    for path in root.glob(pattern):
        if record := _record(path.parent):
            yield Build(path.parent, record, _read(path.parent / HANDLE_FILE))


def _record(folder: Path) -> dict[str, Any]:
    return _read(folder / BUILD_FILE)


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _save(build: Build) -> None:
    write_private(build.folder / BUILD_FILE, json.dumps(build.record))


def _shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a function's status tells of its build."""
    told = ("id", "place", "builder", "image", "destination", "started", "ended", "reason")
    return {key: record[key] for key in told}
