"""``data:`` URLs: the data is the address."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any
from urllib.parse import unquote_to_bytes

from ..errors import MLRunInvalidArgumentError
from .base import DataStore, Stat


def parse(url: str) -> tuple[str, bytes]:
    """The content type and the bytes of a data URL."""
    head, comma, body = url[len("data:") :].partition(",")
    if not comma:
        raise MLRunInvalidArgumentError(
            f"'{url[:60]}' is not a data URL: write data:text/plain,TEXT or data:TYPE;base64,DATA"
        )
    kind = head.split(";")[0] or "text/plain"
    raw = unquote_to_bytes(body)
    if head.split(";")[-1].strip().lower() != "base64":
        return kind, raw
    try:
        return kind, base64.b64decode(raw, validate=True)
    except binascii.Error as error:
        raise MLRunInvalidArgumentError(
            f"The data URL '{url[:60]}' does not hold base64: {error}"
        ) from None


class InlineStore(DataStore):
    """Reads data URLs; nothing can be written to them."""

    def open(self, url: str, mode: str = "rb") -> Any:
        """The bytes as a file."""
        if mode not in ("r", "rb"):
            raise self._cannot("be written")
        data = parse(url)[1]
        return io.BytesIO(data) if mode == "rb" else io.StringIO(data.decode())

    def stat(self, url: str) -> Stat:
        """Length and content type."""
        kind, data = parse(url)
        return Stat(len(data), None, kind)
