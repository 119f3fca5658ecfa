"""Runs inside the kernel that sent them: the server only watches whether that kernel lives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunBadRequestError

from . import process
from .contract import Handle, Observation, Request, Runtime, Task


class HandlerRuntime(Runtime):
    """The kernel runs the task itself; a handle is the identity of the kernel's process."""

    kind: ClassVar[str] = "handler"
    abortable: ClassVar[bool] = False
    server_collects_logs: ClassVar[bool] = False

    def build(self, task: Task) -> Request:
        """Refused: only the kernel that holds the function can run it."""
        raise MLRunBadRequestError(
            "kind 'handler' runs in the kernel that sends it, not from here; "
            "use the kind 'local' to run it in a process of its own"
        )

    def submit(self, request: Request) -> Iterator[Handle]:
        """Never reached: no request can be built."""
        raise MLRunBadRequestError("kind 'handler' takes no request")

    def poll(self, handles: Sequence[Handle]) -> list[Observation]:
        """Running while the kernel's process lives, else an error that says so."""
        return [self._observe(handle) for handle in handles]

    def _observe(self, handle: Handle) -> Observation:
        if process.is_alive(handle):
            return Observation(handle, states.RUNNING)
        reason = "the kernel in which the run worked is gone"
        return Observation(handle, states.ERROR, reason=reason, lost=True)

    def logs(self, handle: Handle, follow: bool = False) -> Iterator[bytes]:
        """Nothing: the kernel sends its log to the service itself."""
        return iter(())

    def cancel(self, handle: Handle, reason: str = "", grace: float | None = None) -> None:
        """Nothing: the kernel's own interrupt ends the run."""
