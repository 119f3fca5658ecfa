"""What a runtime is: it builds a request, sends it, watches it, and can end it.

A runtime gets documents and places, never objects of the user's program, so the process that
holds it needs none of the user's libraries. ``testing.RuntimeContract`` proves any runtime
against this page.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

Handle = dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """What a run may use; None is unlimited."""

    timeout: float | None = None
    cpu: float | None = None
    memory: int | None = None
    grace: float = 5.0

    @classmethod
    def from_dict(cls, value: Mapping[str, Any] | None) -> Limits:
        """The limits of ``run.spec.limits``; keys of others are ignored."""
        known = {key: item for key, item in (value or {}).items() if key in _LIMITS}
        return cls(**{key: item for key, item in known.items() if item is not None})

    @classmethod
    def of(cls, task: Task, copies: int = 1) -> Limits:
        """Those of the run; what it leaves open, as the function gives it to each of its copies."""
        found = cls.from_dict((task.run.get("spec") or {}).get("limits"))
        resources = (task.function.get("spec") or {}).get("resources") or {}
        own = {name: quantity((resources.get("limits") or {}).get(name)) for name in _OF_PODS}
        given = {
            name: _OF_PODS[name](value * copies)
            for name, value in own.items()
            if value and getattr(found, name) is None
        }
        return replace(found, **given)


_LIMITS = ("timeout", "cpu", "memory", "grace")
_OF_PODS: Mapping[str, type] = {"cpu": float, "memory": int}
_QUANTITY = re.compile(r"([0-9.]+)(?:[eE]([-+]?[0-9]+)|([numkKMGTPE]?)(i?))")
_POWERS = {"n": -3, "u": -2, "m": -1, "": 0, "k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}


def quantity(value: object) -> float | None:
    """The number that a quantity of Kubernetes is, such as 500m, 4Gi or 2; None for all else."""
    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        return None
    number, exponent, unit, binary = match.groups()
    try:
        base = 1024 if binary else 1000
        return float(number) * (10.0 ** int(exponent) if exponent else base ** _POWERS[unit])
    except (ValueError, OverflowError):
        return None


def whole(value: object) -> int | None:
    """The whole number in a document, also where it stands as 2.0 or "2"; None for all else."""
    if isinstance(value, str):
        return int(value) if value.strip().isdecimal() else None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


@dataclass(frozen=True)
class Task:
    """A run to be executed, with all that it needs to find its way."""

    run: Mapping[str, Any]
    function: Mapping[str, Any]
    folder: str
    address: str
    token: str = field(repr=False)
    interpreter: str
    workdir: str
    project: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_refs: Mapping[str, str] = field(default_factory=dict)
    """variables whose values the cluster itself keeps, with the secrets' names"""
    attempt: int = 0
    """how many attempts of this run have failed before"""
    user_id: int | None = None
    """the number of the user who sends the run"""
    artifacts: str = ""
    """the service's own folder of artifacts, where the run has to send its own there"""
    environments: str | None = None
    """where the requirements of functions without an image are installed; None: they are not"""


@dataclass(frozen=True)
class Request:
    """What a runtime will send: complete, readable and not yet sent.

    ``files`` are texts by name for the run's folder; ``environment`` is the whole environment of
    the process, secrets included, and is therefore handed over in memory only.
    """

    kind: str
    folder: str
    argv: tuple[str, ...]
    workdir: str
    limits: Limits
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Observation:
    """What is known of a handle now.

    ``state`` is one of ``jupyter_mlrun.states``; ``reason`` is a sentence where the run did not
    end by itself; ``lost`` says that the process is gone without an exit status, so that what the
    run itself reported last is the better witness. ``detail`` explains a state that lasts, as an
    image that cannot be had; ``stage`` is what thresholds call it, ``since`` when that began, by
    the clock of the place. ``unsent`` says that nothing of the run was ever started.
    """

    handle: Handle
    state: str
    reason: str = ""
    exit_code: int | None = None
    signal: int | None = None
    ended_at: float | None = None
    lost: bool = False
    detail: str = ""
    stage: str = ""
    since: float | None = None
    unsent: bool = False


class Runtime(ABC):
    """One kind of place where runs run.

    All methods block; the server calls them in threads. None of them keeps state that a new
    process would need: handles are JSON and stay good after a restart.
    """

    kind: ClassVar[str]
    abortable: ClassVar[bool] = True
    long_running: ClassVar[bool] = False
    needs_image: ClassVar[bool] = False
    server_collects_logs: ClassVar[bool] = False
    # whether runs work on other machines than the service's: it may start them for many users
    elsewhere: ClassVar[bool] = False

    def require(
        self, function: Mapping[str, Any], interpreter: str, environment: Mapping[str, str]
    ) -> None:
        """Nothing, where this place has the engine that the function's runs need.

        Raises MLRunBadRequestError with the line that installs what is missing. May start a
        process of the interpreter, briefly.
        """
        return None

    def remark(self, task: Task) -> str:
        """What people should know of a run before it starts; mostly nothing."""
        return ""

    @abstractmethod
    def build(self, task: Task) -> Request:
        """The request for a task: pure, the same task gives the same request.

        Raises MLRunBadRequestError where this kind cannot run the task.
        """

    @abstractmethod
    def submit(self, request: Request) -> Iterator[Handle]:
        """Send the request; yields a handle that grows.

        The caller records each handle as it comes, so that whatever has been started can be
        cancelled after a crash between two of them. Raises OSError where nothing was started.
        """

    @abstractmethod
    def poll(self, handles: Sequence[Handle]) -> list[Observation]:
        """One observation for each handle, in order; never raises for a handle of the past."""

    @abstractmethod
    def logs(self, handle: Handle, follow: bool = False) -> Iterator[bytes]:
        """The run's output in chunks, from its first byte.

        With ``follow`` the iterator ends when the run has ended and all was given out. The bytes
        are kept until the run is deleted.
        """

    @abstractmethod
    def cancel(self, handle: Handle, reason: str = "", grace: float | None = None) -> None:
        """Ask for the end of everything that belongs to the handle.

        Returns at once; ``poll`` tells when it has ended. Idempotent: an unknown or ended handle
        is fine. ``reason`` comes back in the observation.
        """
