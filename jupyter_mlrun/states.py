"""The states of a run and the one rule that changes them."""

from __future__ import annotations

CREATED = "created"
PENDING = "pending"
RUNNING = "running"
COMPLETED = "completed"
ERROR = "error"
ABORTING = "aborting"
ABORTED = "aborted"
SKIPPED = "skipped"
UNKNOWN = "unknown"
PENDING_RETRY = "pendingRetry"

ALL = (
    CREATED, PENDING, RUNNING, COMPLETED, ERROR,
    ABORTING, ABORTED, SKIPPED, UNKNOWN, PENDING_RETRY,
)  # fmt: skip
TERMINAL = frozenset({COMPLETED, ERROR, ABORTED, SKIPPED})
ACTIVE = frozenset(ALL) - TERMINAL

_BEFORE_END = frozenset({COMPLETED, ERROR, ABORTED, SKIPPED, UNKNOWN})
TRANSITIONS: dict[str, frozenset[str]] = {
    CREATED: frozenset({PENDING, RUNNING, ABORTING}) | _BEFORE_END,
    PENDING: frozenset({RUNNING, ABORTING}) | _BEFORE_END,
    RUNNING: frozenset({ABORTING, PENDING_RETRY}) | _BEFORE_END,
    ABORTING: frozenset({ABORTED, COMPLETED, ERROR}),
    UNKNOWN: frozenset({PENDING, RUNNING, ABORTING}) | _BEFORE_END,
    PENDING_RETRY: frozenset({PENDING, RUNNING, ABORTING}) | _BEFORE_END,
    ERROR: frozenset({PENDING_RETRY}),
    COMPLETED: frozenset(),
    ABORTED: frozenset(),
    SKIPPED: frozenset(),
}


def advance(current: str | None, seen: str) -> str:
    """The state after ``seen`` was reported while ``current`` held.

    A terminal state never reopens (but ``error`` by ``pendingRetry``), and a step back, as a
    late report makes it, is ignored. A word that is no state is ``unknown``.
    """
    seen = seen if seen in TRANSITIONS else UNKNOWN
    if current is None or current not in TRANSITIONS:
        return seen
    return seen if seen in TRANSITIONS[current] else current
