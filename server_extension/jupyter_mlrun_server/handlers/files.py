"""Files below a project's artifact paths and the Jupyter root, and public ones behind http."""

from __future__ import annotations

import functools
import json
import mimetypes
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from jupyter_mlrun.errors import MLRunBadRequestError, MLRunNotFoundError

from ..services.files import NOT_PLAIN, Found, pieces
from ..services.outgoing import Reply, whole
from ..store import projects
from ..store.times import text as moment
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import guarded
from .bytes import BytesHandler

WEB = ("http", "https")
LARGEST = 100_000_000


class FileHandler(BytesHandler):
    """What the routes of files need."""

    def address(self) -> str:
        """The address of a file behind http that the query names; empty for this machine's."""
        schema, path = self.query.text("schema"), self.query.text("path")
        if schema in WEB:
            return path if path.startswith(f"{schema}://") else f"{schema}://{path.lstrip('/')}"
        return path if not schema and path.startswith(("http://", "https://")) else ""

    async def fetch(self, method: str, url: str, headers: dict[str, str] | None = None) -> Reply:
        """The answer of another server, through the door of outgoing requests."""
        call = functools.partial(
            self.service.door.request, method, url, headers=headers, largest=LARGEST
        )
        reply = await self.service.threads.slow(call)
        if reply.status == 404:
            raise MLRunNotFoundError(f"{url} was not found by its server")
        if not reply.ok:
            raise MLRunBadRequestError(f"{url} cannot be read: its server answers {reply.status}")
        return reply

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
        if url := self.address():
            await self._send_web(url)
            return
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

    async def _send_web(self, url: str) -> None:
        offset, size = self.query.whole("offset", 0, low=0) or 0, self.query.whole("size", low=0)
        end = None if size is None else offset + size
        wanted = f"bytes={offset}-{'' if end is None else max(offset, end - 1)}"
        reply = await self.fetch("GET", url, {"Range": wanted} if offset or size else {})
        # a server that does not know ranges sends all
        body = reply.body[:size] if reply.status == 206 else reply.body[offset:end]
        kind = mimetypes.guess_type(urlsplit(url).path)[0] or NOT_PLAIN
        self.cage(kind)
        self.finish(body, set_content_type=kind)


class FileStat(FileHandler):
    """The size and time of a file."""

    @guarded("files")
    async def get(self, project: str) -> None:
        """As MLRun says it."""
        if url := self.address():
            reply = await self.fetch("HEAD", url)
            length, changed = (reply.headers.get(n) for n in ("content-length", "last-modified"))
            kind = mimetypes.guess_type(urlsplit(url).path)[0] or NOT_PLAIN
            self.answer({
                "size": whole(length),
                "modified": _changed(changed),
                "mimetype": kind,
            })  # fmt: skip
            return
        found = await self.found(project)
        self.answer(
            {
                "size": found.size,
                "modified": moment(int(found.modified * 1e6)),
                "mimetype": "folder" if found.is_folder else found.content_type,
            }
        )


def _changed(text: str | None) -> str | None:
    """The ISO time of a Last-Modified header, None where there is none to read."""
    try:
        return parsedate_to_datetime(text).isoformat() if text else None
    except ValueError:
        return None


ROUTES = [Route(f"{PROJECT_PATH}/files", Files), Route(f"{PROJECT_PATH}/filestat", FileStat)]
