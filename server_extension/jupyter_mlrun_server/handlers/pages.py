"""Page tokens: where the next page begins, for the same question."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from jupyter_mlrun.errors import MLRunNotFoundError

LARGEST = 1_000_000


def encode(state: dict[str, Any]) -> str:
    """A token for what it takes to go on."""
    text = json.dumps(state, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def decode(token: str) -> dict[str, Any]:
    """What it takes to go on; a token that is none has no page behind it."""
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        value = json.loads(text)
    except (binascii.Error, ValueError):
        value = None
    if not isinstance(value, dict):
        raise MLRunNotFoundError(f"Page token {token!r:.60} is not one: begin again at page 1")
    return value


def pagination(page: int | None, size: int | None, token: str | None) -> dict[str, Any]:
    """The part of the answer that MLRun's client reads."""
    return {"page": page, "page-size": size, "page-token": token}
