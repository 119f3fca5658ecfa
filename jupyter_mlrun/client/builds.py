"""Images of functions at the service: asked for, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .transport import Client

LONGEST = 300.0


class BuildState(NamedTuple):
    """How far the image of a function is."""

    state: str
    image: str
    log: bytes


def start(client: Client, function: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    """Have an image built; the function as the service completed it below ``data``."""
    given = {key: value for key, value in options.items() if value is not None}
    body = {"function": function, **given}
    answer: dict[str, Any] = client.json("POST", "build/function", body=body, timeout=LONGEST)
    return answer


def state(
    client: Client, project: str, name: str, tag: str = "", offset: int = 0, logs: bool = True
) -> BuildState:
    """The state of a build and its log from an offset on."""
    query = {
        "name": name, "project": project, "tag": tag, "offset": offset,
        "logs": "yes" if logs else "no",
    }  # fmt: skip
    answer = client.request("GET", "build/status", query)
    headers = answer.headers
    return BuildState(
        headers.get("x-mlrun-function-status", ""), headers.get("function_image", ""), answer.body
    )
