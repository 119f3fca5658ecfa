"""``http://`` and ``https://``: read only, by Python's own library."""

from __future__ import annotations

import email.utils
import urllib.error
import urllib.request
from typing import Any

from .base import DataStore, Stat

_TIMEOUT = 60


class WebStore(DataStore):
    """Reads what a web server has."""

    def open(self, url: str, mode: str = "rb") -> Any:
        """The answer as a file."""
        if mode != "rb":
            raise self._cannot("be written")
        return _ask(urllib.request.Request(url))

    def get(self, url: str, size: int | None = None, offset: int = 0) -> bytes:
        """Bytes by range; a server without ranges is read from its first byte."""
        headers = {}
        if size is not None or offset:
            end = "" if size is None else offset + size - 1
            headers["Range"] = f"bytes={offset}-{end}"
        with _ask(urllib.request.Request(url, headers=headers)) as answer:
            if headers and answer.status != 206:
                answer.read(offset)
                return bytes(answer.read(-1 if size is None else size))
            return bytes(answer.read())

    def stat(self, url: str) -> Stat:
        """What the server says of it."""
        with _ask(urllib.request.Request(url, method="HEAD")) as answer:
            length = answer.headers.get("Content-Length")
            changed = answer.headers.get("Last-Modified")
            modified = email.utils.parsedate_to_datetime(changed).timestamp() if changed else None
            kind = answer.headers.get_content_type()
            return Stat(int(length) if length else None, modified, kind)


def _ask(request: urllib.request.Request) -> Any:
    try:
        return urllib.request.urlopen(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise FileNotFoundError(f"{request.full_url} is not there (404)") from None
        raise
