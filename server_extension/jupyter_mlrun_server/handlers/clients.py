"""Which client asks: answers of older ones have another shape here and there."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

from tornado.httputil import HTTPServerRequest

OLDEST = "1.12.1"
VERSION_HEADER = "x-mlrun-be-version"
SESSION = "session"
_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})\b")
_TOKEN = re.compile(r"[!-~]{1,1000}")


def client_of(request: HTTPServerRequest) -> str:
    """The version of MLRun's client that asks; empty for others."""
    return request.headers.get("x-mlrun-client-version", "")


def is_mlruns(request: HTTPServerRequest) -> bool:
    """Whether MLRun's own client asks."""
    return " mlrun/" in request.headers.get("User-Agent", "")


def take_session(request: HTTPServerRequest) -> None:
    """Let a token that MLRun's client sends in a cookie count as one in the header.

    It does so with tokens of more than 20 characters that hold a ``-``, such as a UUID. The header
    with its version is one that no other site can make a browser send.
    """
    if "Authorization" in request.headers or not client_of(request):
        return
    morsel = request.cookies.get(SESSION)
    text = unquote(morsel.value) if morsel is not None else ""
    if not text.startswith("j:"):
        return
    try:
        token = json.loads(text[2:])["sid"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if isinstance(token, str) and _TOKEN.fullmatch(token):
        request.headers["Authorization"] = f"Bearer {token}"


def speaks_before(request: HTTPServerRequest, minor: int) -> bool:
    """Whether MLRun's client of the request is older than 1.``minor``; others are never."""
    found = _VERSION.match(client_of(request))
    return found is not None and (int(found[1]), int(found[2])) < (1, minor)


def version_for(client: str) -> str:
    """A version that MLRun's client takes as its equal, since we speak its language."""
    known = _VERSION.match(client) is not None and client.isascii() and len(client) < 40
    return client if known and re.fullmatch(r"[-+.\w]+", client) else OLDEST
