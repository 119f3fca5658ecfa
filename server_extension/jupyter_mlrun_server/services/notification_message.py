"""What a notification tells, and what a way to tell it must do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .outgoing import Door


@dataclass(frozen=True)
class Message:
    """What is to be told: by a run (``runs``) or by an alert with its event."""

    project: str
    name: str
    text: str
    severity: str = "info"
    runs: list[dict[str, Any]] = field(default_factory=list)
    alert: dict[str, Any] | None = None
    event: dict[str, Any] | None = None
    summary: str = ""
    url: str = ""


class Kind(Protocol):
    """A way to tell people; sending blocks, and raises where it did not work."""

    def check(self, params: Mapping[str, Any]) -> None:
        """Nothing, where the parameters suffice."""

    def send(self, message: Message, params: Mapping[str, Any], door: Door) -> None:
        """Tell it."""


def required(kind: str, params: Mapping[str, Any], *names: str) -> None:
    """Nothing, where all of these are given."""
    for name in names:
        if not params.get(name):
            raise MLRunInvalidArgumentError(
                f"Parameter '{name}' is required for {kind} notifications"
            )
