"""Addresses as they may be shown: without passwords and tokens."""

from __future__ import annotations

import re

_LOGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#\s]*)@", re.I)
_SECRET = re.compile(
    r"([?&#][^=&#]*(?:token|key|sig|secret|pass|credential)[^=&#]*=)[^&#]+", re.IGNORECASE
)
# what stands before the @ is a container there
_CONTAINERS = ("abfs", "abfss", "wasb", "wasbs", "az")


def without_secrets(url: str) -> str:
    """The address with what is secret in it as stars: who logs in, and what a query gives away."""
    return _SECRET.sub(r"\1***", _LOGIN.sub(_without_login, url))


def _without_login(found: re.Match[str]) -> str:
    scheme, login = found[1].lower(), found[2]
    if scheme == "store" or (scheme in _CONTAINERS and ":" not in login):
        return found[0]
    return f"{found[1]}://***@"
