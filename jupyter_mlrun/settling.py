"""How what the code raised ends its run: one rule for handlers, ``with`` blocks and programs."""

from __future__ import annotations

import contextlib
import gc
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
    """How the program leaves by SystemExit: Python tells nobody at its end that it did.

    But it flushes the streams of a script when that has ended, with what ended it still alive. Of
    ``python -m`` and ``python -c`` are known the calls of ``sys.exit``, ``exit`` and ``quit``, and
    the text that Python writes at last.
    """

    def __init__(self) -> None:
        self._exit = sys.exit
        self._called: tuple[FrameType, int, Any] | None = None
        self._main: FrameType | None = None
        self._pending: SystemExit | None = None
        self._written: list[str] = []

    def watch(self) -> None:
        """Note where the program's outermost frame ends, and what Python itself does then."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._main = self._main or _outermost(sys._getframe())
        stream = sys.stderr
        # streams of a program's own may have less than Python's
        write, flush = getattr(stream, "write", None), getattr(stream, "flush", None)
        if write is None or flush is None or getattr(flush, "of", None) is self:
            return

        def noted_write(text: str) -> Any:
            if self._is_over():
                self._written.append(text)
            return write(text)

        def noted_flush() -> Any:
            if self._is_over():
                self._pending = self._pending or _pending()
            return flush()

        noted_flush.of = self  # type: ignore[attr-defined]
        with contextlib.suppress(AttributeError):
            # a stream of C without attributes of its own stays as it is
            stream.write, stream.flush = noted_write, noted_flush  # type: ignore[method-assign]

    def _is_over(self) -> bool:
        """Whether no code of the program's is at work here, and it did not come to its end."""
        if threading.current_thread() is not threading.main_thread():
            return False
        return _outermost(sys._getframe()) is not self._main and not self._has_returned()

    def _has_returned(self) -> bool:
        return self._main is None or _operation(self._main).startswith("RETURN")

    def note(self, status: Any) -> None:
        """That the code asked here for the end of the program."""
        if threading.current_thread() is threading.main_thread():
            frame = _outermost(sys._getframe())
            self._called = frame, frame.f_lasti, status

    def __call__(self, status: Any = None, /) -> Any:
        self.note(status)
        self._exit(status)

    def last(self) -> SystemExit | None:
        """What ends the program; None where it came to its end."""
        if self._has_returned():
            return None
        if self._pending is not None:
            return self._pending
        if self._called is not None:
            frame, place, status = self._called
            # where the frame that began all was left: there, or at the end of a block around it
            if frame.f_lasti == place or _operation(frame) in _RAISES:
                return SystemExit(*([] if status is None else [status]))
        text = "".join(self._written).removesuffix("\n")
        return SystemExit(text) if text else None


def _outermost(frame: FrameType) -> FrameType:
    while frame.f_back is not None:
        frame = frame.f_back
    return frame


def _operation(frame: FrameType) -> str:
    return opname[frame.f_code.co_code[frame.f_lasti]]


def _pending() -> SystemExit | None:
    """The SystemExit that ends a script: of those alive, the one that nothing else holds."""
    found = [each for each in gc.get_objects() if issubclass(type(each), SystemExit)]
    free = [each for each in found if not _is_held(each, found)] if len(found) > 1 else found
    left = free or found
    return left[-1] if left else None


def _is_held(error: SystemExit, found: list[SystemExit]) -> bool:
    holders = (each for each in gc.get_referrers(error) if each is not found)
    return any(not isinstance(each, FrameType) for each in holders)


def _watch_quitters(exits: _Exits) -> None:
    """``exit`` and ``quit`` are classes of site's, which raise by themselves."""
    import builtins

    quitter: Any = type(getattr(builtins, "exit", None))
    if quitter.__name__ != "Quitter":
        return
    call = quitter.__call__

    def noted(given: Any, code: Any = None) -> None:
        exits.note(code)
        call(given, code)

    quitter.__call__ = noted


def watch_exits() -> _Exits:
    """Take note from now on of how the program ends."""
    if not isinstance(sys.exit, _Exits):
        sys.exit = _Exits()
        _watch_quitters(sys.exit)
    sys.exit.watch()
    return sys.exit


def end_of_program(exits: _Exits, earlier: BaseException | None) -> BaseException | None:
    """What ended the program; ``earlier`` is an error that was there before."""
    error: BaseException | None = getattr(sys, "last_value", None)
    return exits.last() if error is None or error is earlier else error
