"""Files below a project's artifact paths and the Jupyter root."""

from __future__ import annotations

import json

from jupyter_mlrun.errors import MLRunBadRequestError

from ..services.files import Found, pieces
from ..store import projects
from ..store.times import text as moment
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import guarded
from .bytes import BytesHandler


class FileHandler(BytesHandler):
    """What the routes of files need."""

    async def found(self, project: str) -> Found:
        """The file that the query names."""
        schema, path = self.query.text("schema"), self.query.text("path")
        if schema and schema != "file":
            raise MLRunBadRequestError(
                f"Files of {schema}:// are read by clients, not by the service"
            )
        document = json.loads(await self.service.read(projects.read, project))
        found: Found = await self.service.threads.call(self.service.files.find, document, path)
        return found


class Files(FileHandler):
    """The bytes of a file."""

    @guarded("files")
    async def get(self, project: str) -> None:
        """From ``offset`` on, at most ``size``; or a range by header."""
        found = await self.found(project)
        if found.is_folder:
            raise MLRunBadRequestError(f"{self.query.text('path')} is a folder, not a file")
        offset, size = self.query.whole("offset", 0, low=0) or 0, self.query.whole("size", low=0)
        if not offset and size is None:
            await self.send_file(found)
            return
        end = found.size if size is None else min(found.size, offset + size)

        def read() -> bytes:
            with found.open() as file:
                return b"".join(pieces(file, offset, end))

        self.cage(found.content_type)
        self.finish(await self.service.threads.slow(read), set_content_type=found.content_type)


class FileStat(FileHandler):
    """The size and time of a file."""

    @guarded("files")
    async def get(self, project: str) -> None:
        """As MLRun says it."""
        found = await self.found(project)
        self.answer(
            {
                "size": found.size,
                "modified": moment(int(found.modified * 1e6)),
                "mimetype": "folder" if found.is_folder else found.content_type,
            }
        )


ROUTES = [Route(f"{PROJECT_PATH}/files", Files), Route(f"{PROJECT_PATH}/filestat", FileStat)]
