"""How what the code raised ends its run: one rule for handlers, ``with`` blocks and programs."""

from __future__ import annotations

import sys
import threading
from opcode import opname
from types import FrameType
from typing import TYPE_CHECKING, Any

from . import states
from .errors import MLRunTaskCancelledError, describe
from .interruption import Expired

if TYPE_CHECKING:
    from .telling import Telling

_RAISES = ("RERAISE", "RAISE_VARARGS")
_ENDS = (KeyboardInterrupt, Expired, MLRunTaskCancelledError)


def settle(context: Telling, error: BaseException | None) -> BaseException | None:
    """Give a run the state that belongs to its error, not yet told; the failure, if it is one.

    ``sys.exit`` with 0 or nothing completes it, with a text or another code it fails; what was
    interrupted or took too long is aborted.
    """
    if isinstance(error, SystemExit):
        code = exit_code(error)
        context.set_status(exit_code=code)
        said = f": {error.code}" if isinstance(error.code, str) else f" with code {code}"
        ended = SystemExit(f"the code called sys.exit{said}")
        error = ended.with_traceback(error.__traceback__) if code else None
    if error is None:
        context.set_state(states.COMPLETED, commit=False)
    elif isinstance(error, _ENDS):
        context.set_status(reason=str(error) or "interrupted")
        context.set_state(states.ABORTED, commit=False)
    else:
        context.set_status(error_type=type(error).__name__)
        context.set_state(error=describe(error), commit=False)
    return error


def exit_code(error: SystemExit) -> int:
    """The exit status of a process that ends so."""
    return error.code if isinstance(error.code, int) else int(error.code is not None)


class _Exits:
    """The program's ``sys.exit``: Python tells nobody at its end that it was called."""

    def __init__(self) -> None:
        self._exit = sys.exit
        self._last: SystemExit | None = None
        self._frame: FrameType | None = None
        self._place = 0

    def __call__(self, status: Any = None, /) -> Any:
        if threading.current_thread() is threading.main_thread():
            frame = sys._getframe()
            while frame.f_back is not None:
                frame = frame.f_back
            self._last = SystemExit(*([] if status is None else [status]))
            self._frame, self._place = frame, frame.f_lasti
        self._exit(status)

    def last(self) -> SystemExit | None:
        """The call that ends the program; None where the program went on after it."""
        frame = self._frame
        if frame is None:
            return None
        # where the frame that began all was left: there, or at the end of a block around it
        is_there = frame.f_lasti == self._place
        is_left = is_there or opname[frame.f_code.co_code[frame.f_lasti]] in _RAISES
        return self._last if is_left else None


def watch_exits() -> _Exits:
    """Take note of ``sys.exit`` from now on."""
    if not isinstance(sys.exit, _Exits):
        sys.exit = _Exits()
    return sys.exit


def end_of_program(exits: _Exits, earlier: BaseException | None) -> BaseException | None:
    """What ended the program; ``earlier`` is an error that was there before."""
    error: BaseException | None = getattr(sys, "last_value", None)
    return exits.last() if error is None or error is earlier else error
