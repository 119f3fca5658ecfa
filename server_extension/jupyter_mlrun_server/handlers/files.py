"""Files below a project's artifact paths and the Jupyter root, and public ones behind http."""

from __future__ import annotations

import functools
import json
import mimetypes
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit

from jupyter_mlrun.errors import MLRunBadRequestError, MLRunNotFoundError

from ..services.files import NOT_PLAIN, Found
from ..services.outgoing import PIECE, Reply, Stream, whole
from ..store import projects
from ..store.times import text as moment
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import guarded
from .bytes import BytesHandler

WEB = ("http", "https")
LARGEST = 1_000_000_000

Reached = TypeVar("Reached", Reply, Stream)


class FileHandler(BytesHandler):
    """What the routes of files need."""

    def address(self) -> str:
        """The address of a file behind http that the query names; empty for this machine's."""
        schema, path = self.query.text("schema"), self.query.text("path")
        if schema in WEB:
            return path if path.startswith(f"{schema}://") else f"{schema}://{path.lstrip('/')}"
        return path if not schema and path.startswith(("http://", "https://")) else ""

    async def reached(self, call: Callable[[], Reached], url: str) -> Reached:
        """What another server answers through the door of outgoing requests, where it is good."""
        reply = await self.service.threads.outward(call)
        if 200 <= reply.status < 300:
            return reply
        if isinstance(reply, Stream):
            reply.close()
        if reply.status == 404:
            raise MLRunNotFoundError(f"{url} was not found by its server")
        raise MLRunBadRequestError(f"{url} cannot be read: its server answers {reply.status}")

    async def found(self, project: str) -> Found:
        """The file that the query names."""
        schema, path = self.query.text("schema"), self.query.text("path")
        if schema and schema != "file":
            raise MLRunBadRequestError(
                f"Files of {schema}:// are read by clients, not by the service: "
                "insert it in a cell to read it there"
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
        begin = min(offset, found.size)
        end = found.size if size is None else min(found.size, begin + size)
        self.cage(found.content_type)
        await self.send_part(found, begin, end)

    async def _send_web(self, url: str) -> None:
        offset, size = self.query.whole("offset", 0, low=0) or 0, self.query.whole("size", low=0)
        end = None if size is None else offset + size
        wanted = f"bytes={offset}-{'' if end is None else max(offset, end - 1)}"
        headers = {"Range": wanted} if offset or size else {}
        call = functools.partial(self.service.door.open, url, headers, LARGEST)
        stream = await self.reached(call, url)
        try:
            if stream.length is not None and stream.length > LARGEST:
                raise MLRunBadRequestError(
                    f"{url} has {stream.length} bytes, more than the {LARGEST} that the service "
                    "hands on: read it from its own server"
                )
            self.cage(mimetypes.guess_type(urlsplit(url).path)[0] or NOT_PLAIN)
            # a server that does not know ranges sends all
            await self._hand_on(stream, 0 if stream.status == 206 else offset, size)
        finally:
            stream.close()

    async def _hand_on(self, stream: Stream, skip: int, size: int | None) -> None:
        """What comes after so many bytes, at most so many."""
        left, call = size, self.service.threads.outward
        coming = b"" if left == 0 else await call(stream.read, PIECE)
        while coming:
            # one ahead: what breaks off at once is a refusal, not half an answer
            piece, coming = coming, await call(stream.read, PIECE)
            piece, skip = piece[skip:][:left], max(0, skip - len(piece))
            left = None if left is None else left - len(piece)
            self.write(piece)
            await self.flush()
            if left == 0:
                break
        await self.finish(set_content_type=str(self._headers["Content-Type"]))


class FileStat(FileHandler):
    """The size and time of a file."""

    @guarded("files")
    async def get(self, project: str) -> None:
        """As MLRun says it."""
        if url := self.address():
            call = functools.partial(self.service.door.request, "HEAD", url)
            reply = await self.reached(call, url)
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
