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
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_mlrun.errors import (
    MLRunBaseError,
    MLRunConflictError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunServiceUnavailableError,
)
from jupyter_mlrun.masking import MASK
from jupyter_mlrun.model.images import with_tag
from jupyter_mlrun.paths import build_folder
from jupyter_mlrun_runtimes import HERE, logfile
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

from ..store import functions, projects, times
from ..store.database import Database
from .build_folders import Build, BuildFolders
from .build_input import checked
from .builders import Builders
from .launcher import Launcher
from .place import Place
from .threads import Threads

LOOK = 1.0
MOST_READ = 1 << 20
LONGEST_END = 10.0
LOST = "the server was ended before the build had begun: build it again"


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
        self.most_working = 0
        self.on_change: Callable[[], None] = lambda: None
        self.leads: Callable[[], bool] = lambda: True
        self.builders = Builders(place, launcher)
        self.folders = BuildFolders(place.root)
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
        builder = self.builders.choose(document)
        plan = build_plan(document, wish, self.builders.settings, builder.place == HERE)
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
        found = self.folders.newest(project, name, tag or "latest")
        if found is not None and found.is_working and self.leads():
            self._look(found)
        return found

    def read_log(self, build: Build, offset: int) -> bytes:
        """What it has printed from a byte on; after its end all that is left, within reason."""
        most = MOST_READ if build.is_working else MOST_READ * 16
        return logfile.read(build.log, offset, most)

    def stop(self, project: str, name: str, tag: str, reason: str) -> None:
        """End a build that works; another is fine."""
        build = self.folders.newest(project, name, tag or "latest")
        if build is None:
            raise MLRunNotFoundError(f"No image of {project}/{name:.200} was ever built here")
        self._stop(build, reason)

    def forget(self, project: str, name: str = "", tag: str = "") -> None:
        """End the builds of a project or of a function that goes, and remove what they left."""
        for build in self.folders.below(project, name, tag):
            self._stop(build, "what it was for was deleted")
        self.folders.remove(project, name, tag)

    async def run(self) -> None:
        """Follow what works, those found at the start too; in the leading server."""
        while True:
            await self.threads.slow(self._look_at_all)
            await asyncio.sleep(LOOK)

    def _checked(self, function: Mapping[str, Any]) -> dict[str, Any]:
        document = checked(function)
        project = document["metadata"]["project"]
        with self.database.read() as connection:
            projects.require(connection, project)
        return dict(self.launcher.project_secrets.conceal(project, document))

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
            for older in self.folders.of(*key):
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
            build.save()
            if self._working is not None:
                self._working[mark] = build
            document["spec"]["image"] = ""
            document["status"] = {
                "state": "deploying", "build_pod": name, "build": build.shown(),
            }  # fmt: skip
            return self._send(document, build, builder, plan, owner)

    def _require_free(self, key: tuple[str, str, str], plan: Plan) -> None:
        """Nothing, where the image is no other project's, and there is room for one more build."""
        place, working = with_tag(plan.destination), 0
        for other in self.folders.all():
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
                build.keep(handle)
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
                    build.record["id"]: build for build in self.folders.all() if build.is_working
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
            build.refresh()
            if not build.is_working or not build.folder.exists():
                self._let_go(build)
                return
            if not build.handle:
                self._settle(build, BuildSeen(ERROR, LOST))
                return
            builder = self.builders.of_place(build.record["place"], build.key[0])
            seen = builder.observe(build.handle)
            builder.collect(build.handle)
            if seen.state in WORKING:
                if seen.state != build.record["state"]:
                    build.record["state"] = seen.state
                    build.save()
                return
            self._settle(build, seen)

    def _settle(self, build: Build, seen: BuildSeen) -> None:
        ended = {"state": seen.state, "reason": seen.reason, "ended": times.text(times.now())}
        build.record |= ended
        # the function first: who reads that it is ready shall find its image
        self._tell(build)
        build.save()
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
                "state": build.record["state"], "build": build.shown(),
            }  # fmt: skip
            functions.save(connection, project, name, document, tag)

    def _stop(self, build: Build, reason: str) -> None:
        if not build.is_working:
            return
        builder = self.builders.of_place(build.record["place"], build.key[0])
        builder.cancel(build.handle, reason)
        deadline = time.monotonic() + LONGEST_END
        while builder.observe(build.handle).state in WORKING and time.monotonic() < deadline:
            time.sleep(0.1)
        builder.collect(build.handle)
        self._settle(build, BuildSeen(ERROR, f"the build was stopped: {reason}"))
