"""Addresses as they may be shown: without passwords and tokens."""

from __future__ import annotations

import re

_LOGIN = re.compile(r"(://[^/@\s:]*):[^/@\s]*@")
_TOKEN = re.compile(r"([?&](?:sig|token|[^=&]*signature|[^=&]*secret[^=&]*|key)=)[^&]+", re.I)


def without_secrets(url: str) -> str:
    """The address with what is secret in it as stars."""
    return _TOKEN.sub(r"\1***", _LOGIN.sub(r"\1:***@", url))
