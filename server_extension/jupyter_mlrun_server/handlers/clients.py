"""Which client asks: answers of older ones have another shape here and there."""

from __future__ import annotations

import re

from tornado.httputil import HTTPServerRequest

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})\b")


def speaks_before(request: HTTPServerRequest, minor: int) -> bool:
    """Whether MLRun's client of the request is older than 1.``minor``; others are never."""
    found = _VERSION.match(request.headers.get("x-mlrun-client-version", ""))
    return found is not None and (int(found[1]), int(found[2])) < (1, minor)
