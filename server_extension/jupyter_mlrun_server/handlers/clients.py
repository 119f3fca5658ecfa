"""Which client asks: answers of older ones have another shape here and there."""

from __future__ import annotations

import re

from tornado.httputil import HTTPServerRequest

OLDEST = "1.12.1"
VERSION_HEADER = "x-mlrun-be-version"
_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})\b")


def client_of(request: HTTPServerRequest) -> str:
    """The version of MLRun's client that asks; empty for others."""
    return request.headers.get("x-mlrun-client-version", "")


def is_mlruns(request: HTTPServerRequest) -> bool:
    """Whether MLRun's own client asks."""
    return " mlrun/" in request.headers.get("User-Agent", "")


def speaks_before(request: HTTPServerRequest, minor: int) -> bool:
    """Whether MLRun's client of the request is older than 1.``minor``; others are never."""
    found = _VERSION.match(client_of(request))
    return found is not None and (int(found[1]), int(found[2])) < (1, minor)


def version_for(client: str) -> str:
    """A version that MLRun's client takes as its equal, since we speak its language."""
    known = _VERSION.match(client) is not None and client.isascii() and len(client) < 40
    return client if known and re.fullmatch(r"[-+.\w]+", client) else OLDEST
