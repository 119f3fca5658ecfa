"""Which flow calls which endpoint: recorded by the clients themselves, printed by the docs."""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from typing import Any

from tests.compat.endpoints import FOLDER, Endpoint, recorded

RECORD = FOLDER / "coverage.json"
WRITE = os.environ.get("MLRUN_WRITE_COVERAGE") == "1"
NEWEST = "1.12.1"


def called(told: dict[str, dict[str, Any]]) -> dict[str, dict[str, list[str]]]:
    """For each endpoint of the clients: the flows of each version that were answered by it."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for version, flows in told.items():
        patterns = [(one, pattern(one)) for one in ordered(version)]
        for name, flow in flows.items():
            for verb, url, status in flow["calls"]:
                one = find(patterns, verb, url)
                if one and (status < 500 or status == 501):
                    found[f"{one.verb} {one.version} {one.path}"][version].add(name)
    return {
        key: {version: sorted(names) for version, names in sorted(by.items())}
        for key, by in sorted(found.items())
    }


def ordered(version: str) -> list[Endpoint]:
    """The endpoints of a client, those with more words of their own first."""
    return sorted(recorded(version), key=lambda one: one.path.count("{}"))


def pattern(one: Endpoint) -> re.Pattern[str]:
    """The addresses of an endpoint."""
    words = re.escape(one.path).replace(r"\{\}", "[^/]+")
    return re.compile(rf".*/api/{one.version}/{words}/?$")


def find(patterns: list[tuple[Endpoint, re.Pattern[str]]], verb: str, url: str) -> Endpoint | None:
    """The endpoint that a call asks for."""
    return next((one for one, each in patterns if one.verb == verb and each.match(url)), None)


def text(found: dict[str, dict[str, list[str]]]) -> str:
    """The record as it is kept."""
    return json.dumps(found, indent=1) + "\n"


def rows() -> list[tuple[str, str, str]]:
    """Endpoint, the client's method, and the flows that call it, with those that come later."""
    from jupyter_mlrun_server.handlers.openapi import document

    kept = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    later = {
        (verb.upper(), re.sub(r"\{\w+\}", "{}", path))
        for path, verbs in document()["paths"].items()
        for verb, operation in verbs.items()
        if set(operation["responses"]) == {"501"}
    }
    found = []
    for one in recorded(NEWEST):
        by = kept.get(f"{one.verb} {one.version} {one.path}", {})
        flows = [f"{version}: {' '.join(names)}" for version, names in by.items()]
        tested = "; ".join(flows)
        if (one.verb, f"/api/{one.version}/{one.path.rstrip('/')}") in later:
            tested = f"**501, comes later** ({tested})" if tested else ""
        found.append((f"`{one.verb} {one.version}/{one.path}`", f"`{one.caller}`", tested))
    return found
