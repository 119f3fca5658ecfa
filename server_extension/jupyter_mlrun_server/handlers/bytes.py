"""Bytes of files by range, so that a browser can show them and can do no harm with them."""

from __future__ import annotations

import re
from urllib.parse import quote

from jupyter_mlrun.errors import MLRunHTTPError

from ..services.files import Found, pieces
from .base import Handler

_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


class RangeError(MLRunHTTPError):
    """The range asked for is not within the file."""

    status_code = 416


class BytesHandler(Handler):
    """What every route of bytes needs."""

    _track_activity = False

    async def send_file(self, found: Found) -> None:
        """The file, or the range of it that is asked for."""
        self.cage(found.content_type)
        self.set_header("Accept-Ranges", "bytes")
        begin, end = self._range(found.size)
        if self.query.flag("download"):
            name = quote(found.path.name)
            self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
        await self.send_part(found, begin, end)

    async def send_part(self, found: Found, begin: int, end: int) -> None:
        """The bytes of a file from ``begin`` up to ``end``, piece by piece."""
        self.set_header("Content-Length", str(end - begin))
        call = self.service.threads.slow
        file = await call(found.open)
        with file:
            if self.request.method != "HEAD":
                parts = pieces(file, begin, end)
                while piece := await call(next, parts, b""):
                    self.write(piece)
                    await self.flush()
        await self.finish(set_content_type=found.content_type)

    def cage(self, content_type: str) -> None:
        """Let the answer run nothing in our origin, whatever it says it is."""
        self.set_header("Content-Type", content_type)
        self.set_header("Content-Security-Policy", "sandbox")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")

    def _range(self, size: int) -> tuple[int, int]:
        asked = _RANGE.match(self.request.headers.get("Range", ""))
        if asked is None or asked.group() == "bytes=-":
            return 0, size
        first, last = asked.groups()
        begin = int(first) if first else max(0, size - int(last))
        end = min(size, int(last) + 1) if first and last else size
        if begin >= end:
            self.set_header("Content-Range", f"bytes */{size}")
            raise RangeError(f"{asked.group()} is not within the {size} bytes of the file")
        self.set_status(206)
        self.set_header("Content-Range", f"bytes {begin}-{end - 1}/{size}")
        return begin, end
