"""Artifacts of runs on other machines: their bytes come and go through the service."""

from __future__ import annotations

import json

from jupyter_mlrun.errors import MLRunBadRequestError

from ..services.files import Found
from ..services.uploads import Upload, save
from ..store import projects
from . import UID, Route
from .base import OWN, PROJECT, guarded
from .bytes import BytesHandler


class RunFiles(BytesHandler):
    """Files that a run may write, and those of its project that it may read."""

    takes_bytes = True

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
        asked = Upload(project, uid, path, self.query.whole("offset", 0, low=0) or 0)
        size = await self.service.threads.slow(save, self.service.place, asked, self.request.body)
        self.answer({"size": size})


ROUTES = [Route(f"lab/runs/(?P<project>[^/]+)/{UID}/files", RunFiles)]
