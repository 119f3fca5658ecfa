"""Documents that the tests send."""

from __future__ import annotations

import base64
from typing import Any

PROJECT = "lab"
UID = "0123456789abcdef0123456789abcdef"
OTHER_UID = "f" * 32


def run(name: str = "train", **status: Any) -> dict[str, Any]:
    """A run document."""
    return {
        "kind": "run",
        "metadata": {"name": name, "labels": {"kind": "handler", "owner": "ana"}},
        "spec": {"parameters": {"n": 3}},
        "status": {"state": "running", **status},
    }


def function(source: str, name: str = "train", kind: str = "local") -> dict[str, Any]:
    """A function document with its code."""
    code = base64.b64encode(source.encode()).decode()
    return {
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"default_handler": name, "build": {"functionSourceCode": code}},
    }


def artifact(key: str = "model", tree: str = UID, **spec: Any) -> dict[str, Any]:
    """An artifact document."""
    return {
        "kind": "artifact",
        "metadata": {"key": key, "tree": tree, "iter": 0},
        "spec": {"db_key": key, **spec},
    }
