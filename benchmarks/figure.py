"""One measured figure, its target and what it stands beside."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

UNITS = {"s": 1.0, "ms": 1e3, "MB": 1e-6, "x": 1.0}


@dataclass(frozen=True)
class Figure:
    """A value in seconds, bytes or as a ratio; ``target`` is the most it may be."""

    name: str
    value: float
    target: float | None
    unit: str
    beside: str
    detail: str = ""

    @property
    def verdict(self) -> str:
        """``ok``, ``MISSED``, or nothing where the figure only stands beside another."""
        if self.target is None:
            return ""
        return "ok" if self.value <= self.target else "MISSED"

    def cells(self) -> tuple[str, str, str, str, str]:
        """The figure as one row of the table."""
        target = "" if self.target is None else f"≤ {shown(self.target, self.unit)}"
        beside = f"{self.beside}; {self.detail}" if self.detail else self.beside
        return self.name, shown(self.value, self.unit), target, self.verdict, beside


def shown(value: float, unit: str) -> str:
    """A value in the unit that its target is given in."""
    number = value * UNITS[unit]
    return f"{number:.2f} ×" if unit == "x" else f"{number:.3g} {unit}"


def median(values: Sequence[float]) -> float:
    """The middle of the values."""
    return statistics.median(values)


def added(values: Sequence[float], floors: Sequence[float]) -> float:
    """The middle of what each value adds to the floor measured beside it."""
    return median([value - floor for value, floor in zip(values, floors, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def timed(action: Callable[[], object]) -> float:
    """The seconds that an action takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def in_turn(actions: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Each action timed in every round, one after the other, so that noise meets all alike."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for place, action in enumerate(actions):
            times[place].append(timed(action))
    return times
