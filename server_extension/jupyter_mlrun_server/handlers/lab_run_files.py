"""Artifacts of runs on other machines: their bytes come and go through the service."""

from __future__ import annotations

import json
from email.utils import formatdate

from tornado.iostream import StreamClosedError

from jupyter_mlrun.errors import MLRunBadRequestError, MLRunNotFoundError
from jupyter_mlrun.names import is_uid

from ..services.files import Found
from ..services.uploads import Upload
from ..store import projects, runs
from ..store.runs import RunKey
from . import UID, Route
from .base import OWN, PROJECT, guarded
from .bytes import BytesHandler


class FilesHandler(BytesHandler):
    """What the routes of runs' files need."""

    takes_bytes = True

    async def require_run(self, project: str, uid: str) -> None:
        """Nothing, where the run is there whose folder is written to; its own token says so."""
        if self.grant is not None and self.grant.kind == "run":
            return
        if not is_uid(uid) or await self.service.read(runs.state, RunKey(project, uid)) is None:
            raise MLRunNotFoundError(
                f"Run uid {uid:.100} of project {project} not found: it has no folder for files"
            )


class RunFiles(FilesHandler):
    """Files that a run may write, and those of its project that it may read."""

    @guarded("artifacts", run=PROJECT)
    async def get(self, project: str, uid: str) -> None:
        """The bytes of a file of the project, by ``path``; a folder's list of files.

        A run's own token reads below the project's artifact paths alone.
        """
        document = json.loads(await self.service.read(projects.read, project))
        path = self.query.text("path")
        of_run = self.grant is not None and self.grant.kind == "run"
        found: Found = await self.service.threads.call(
            self.service.files.find, document, path, of_run
        )
        if found.is_folder:
            self.answer({"entries": await self.service.threads.call(found.entries)})
            return
        await self.send_file(found)

    @guarded("artifacts", run=OWN)
    async def put(self, project: str, uid: str) -> None:
        """Write bytes at ``offset`` of a file in the run's own folder; at 0 it begins anew."""
        path = self.query.text("path")
        if not path:
            raise MLRunBadRequestError("Which file? Give its path")
        await self.require_run(project, uid)
        asked = Upload(project, uid, path, self.query.whole("offset", 0, low=0) or 0)
        size = await self.service.threads.slow(self.service.uploads.save, asked, self.request.body)
        self.answer({"size": size})


class SentFile(FilesHandler):
    """A file of a project by the object protocol of V3IO, which MLRun's own client speaks.

    That client writes to no other server by HTTP; ``v3io:///PATH`` is PATH on the server that
    ``V3IO_API`` names, with the access key in a header. A run writes into its own folder.
    """

    token_header = "X-v3io-session-key"

    @guarded("artifacts", run=OWN)
    async def get(self, project: str, uid: str, path: str) -> None:
        """Its bytes, or a range of them."""
        found = await self._found(project, uid, path)
        self.set_header("Last-Modified", formatdate(found.modified, usegmt=True))
        await self.send_file(found)

    head = get

    @guarded("artifacts", run=OWN)
    async def put(self, project: str, uid: str, path: str) -> None:
        """Write it anew; with the range -1 behind what is there. ``GetItem`` tells its size."""
        function = self.request.headers.get("X-v3io-function")
        if function == "GetItem":
            self.answer({"Item": _attributes(await self._found(project, uid, path))})
            return
        if function:
            raise MLRunBadRequestError(
                f"{function:.40} is not for files of runs: they are written, read and removed"
            )
        behind = self.request.headers.get("Range") == "-1"
        asked = await self._own(project, uid, path, None if behind else 0)
        uploads = self.service.uploads
        await self.service.threads.slow(uploads.save, asked, self.request.body)
        try:
            await self.answer_nothing()
        except StreamClosedError:
            return  # whoever asked sends the piece again
        uploads.answered(asked)

    @guarded("artifacts", run=OWN)
    async def delete(self, project: str, uid: str, path: str) -> None:
        """Remove it."""
        asked = await self._own(project, uid, path)
        await self.service.threads.slow(self.service.uploads.remove, asked)
        self.answer_nothing()

    async def _own(self, project: str, uid: str, path: str, offset: int | None = 0) -> Upload:
        await self.require_run(project, uid)
        if not path.startswith(f"{uid}/"):
            raise MLRunBadRequestError(
                f"A run writes below its own folder, files/{uid}/…, and not to files/{path:.100}"
            )
        return Upload(project, uid, str(self.service.place.artifacts / project / path), offset)

    async def _found(self, project: str, uid: str, path: str) -> Found:
        document = json.loads(await self.service.read(projects.read, project))
        real = str(self.service.place.artifacts / project / path)
        found: Found = await self.service.threads.call(
            self.service.files.find, document, real, True
        )
        if found.is_folder:
            raise MLRunNotFoundError(f"{path} is a folder, not a file")
        return found


def _attributes(found: Found) -> dict[str, dict[str, str]]:
    """What V3IO tells of an object."""
    seconds = int(found.modified)
    told = {
        "__size": found.size, "__mtime_secs": seconds,
        "__mtime_nsecs": int((found.modified - seconds) * 1e9), "__mode": 0o100600,
        "__uid": 0, "__gid": 0,
    }  # fmt: skip
    return {name: {"N": str(value)} for name, value in told.items()}


RUN = f"lab/runs/(?P<project>[^/]+)/{UID}/files"
ROUTES = [Route(RUN, RunFiles), Route(f"{RUN}/(?P<path>.+)", SentFile)]
