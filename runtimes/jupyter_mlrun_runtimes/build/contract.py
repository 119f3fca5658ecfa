"""What a builder is: it starts the build of a plan, tells how it goes, and can end it.

As for runs, a builder gets documents and places, blocks, and keeps nothing that a new process
would need: handles are JSON and stay good after a restart.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..contract import Handle
from .plan import Plan

PENDING, RUNNING, READY, ERROR = "pending", "running", "ready", "error"
WORKING = (PENDING, RUNNING)
# BuildKit puts a number and a time before each line
_PREFIX = re.compile(r"^#\d+ (\d+\.\d+ )?")
_ERRORS = ("error:", "error ", "fatal")
_OWN = re.compile(r"error:? (building |failed to |process |while running )", re.IGNORECASE)
_STEP = re.compile(r"STEP \d|\[[^\]]*\d+/\d+\] |INFO\[\d+\] (RUN|ADD|COPY) ")
_NOISE = re.compile(r"subprocess exited |exit status |time=\"|INFO\[|\W*$", re.IGNORECASE)


@dataclass(frozen=True)
class BuildTask:
    """A plan with all that its builder needs to find its way.

    ``folder`` is the build's own on the service's machine, ``name`` that of its pod or process,
    ``files_root`` the folder below which sources of this machine lie.
    """

    plan: Plan
    folder: str
    name: str
    files_root: str = ""
    function: Mapping[str, Any] = field(default_factory=dict)
    project: Mapping[str, Any] = field(default_factory=dict)
    user_id: int | None = None
    interpreter: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)
    """values that the log shall not show, besides those of the plan's own variables"""


@dataclass(frozen=True)
class BuildSeen:
    """What is known of a build; ``state`` is ``pending``, ``running``, ``ready`` or ``error``."""

    state: str
    reason: str = ""
    detail: str = ""


class Builder(ABC):
    """One way to build images, at one place."""

    name: ClassVar[str]
    place: ClassVar[str]

    @abstractmethod
    def require(self, plan: Plan) -> None:
        """Nothing, where this builder can build the plan.

        Raises MLRunBadRequestError where something is missing that is not in the plan's power.
        """

    @abstractmethod
    def start(self, task: BuildTask) -> Iterator[Handle]:
        """Start the build; yields a handle that grows, as runtimes do."""

    @abstractmethod
    def observe(self, handle: Handle) -> BuildSeen:
        """How far it is; never raises for a build of the past."""

    @abstractmethod
    def collect(self, handle: Handle) -> None:
        """Bring what it has printed since then to the end of ``log`` in the build's folder."""

    @abstractmethod
    def cancel(self, handle: Handle, reason: str = "") -> None:
        """Ask for its end; idempotent, an unknown handle is fine."""


def last_words(tail: bytes) -> str:
    """The lines of a log's end that say why it ended: its errors, else its last line."""
    lines = [_PREFIX.sub("", line.strip()) for line in tail.decode("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line][-40:]
    errors = [i for i, line in enumerate(lines) if line.lower().startswith(_ERRORS)][-3:]
    told = [lines[i] for i in errors]
    if told and _OWN.match(told[0]):
        # builders say which command has failed, and only the command itself why
        told = [*_printed_last(lines[: errors[0]]), *told]
    return " · ".join(dict.fromkeys(told or lines[-1:]))[:600]


def _printed_last(lines: list[str]) -> list[str]:
    """The last line of the command that these lines end with; none where it printed nothing."""
    for line in reversed(lines):
        if _STEP.match(line):
            break
        if not _NOISE.match(line):
            return [line[:200]]
    return []
