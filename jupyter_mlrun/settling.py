"""How what the code raised ends its run: one rule for handlers, ``with`` blocks and programs."""

from __future__ import annotations

import contextlib
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
    """How the program leaves by SystemExit: Python tells nobody at its end that it did."""

    def __init__(self) -> None:
        self._exit = sys.exit
        self._last: SystemExit | None = None
        self._frame: FrameType | None = None
        self._place = 0
        self._main: FrameType | None = None
        self._stderr: Any = None
        self._written: list[str] = []

    def watch(self) -> None:
        """Note where the program's outermost frame ends, and what Python itself writes then."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._main = self._main or _outermost(sys._getframe())
        if sys.stderr is None or sys.stderr is self._stderr:
            return
        self._stderr, write = sys.stderr, sys.stderr.write

        def noted(text: str) -> Any:
            try:
                sys._getframe(1)
            except ValueError:
                # no code of Python's calls this: it is the text that ends the program
                self._written.append(text)
            return write(text)

        with contextlib.suppress(AttributeError):
            # a stream of C without attributes of its own stays as it is
            sys.stderr.write = noted  # type: ignore[method-assign]

    def __call__(self, status: Any = None, /) -> Any:
        if threading.current_thread() is threading.main_thread():
            frame = _outermost(sys._getframe())
            self._last = SystemExit(*([] if status is None else [status]))
            self._frame, self._place = frame, frame.f_lasti
        self._exit(status)

    def last(self) -> SystemExit | None:
        """What ends the program; None where it came to its end."""
        frame = self._frame
        if frame is not None:
            # where the frame that began all was left: there, or at the end of a block around it
            if frame.f_lasti == self._place or _operation(frame) in _RAISES:
                return self._last
        elif (main := self._main) is not None and not _operation(main).startswith("RETURN"):
            return self._raised(main)
        return None

    def _raised(self, main: FrameType) -> SystemExit | None:
        """A SystemExit that no sys.exit made: its text was written, its number stands there."""
        text = "".join(self._written).removesuffix("\n")
        if text:
            return SystemExit(text)
        return SystemExit(code) if (code := _code_raised(main)) is not None else None


def _outermost(frame: FrameType) -> FrameType:
    while frame.f_back is not None:
        frame = frame.f_back
    return frame


def _operation(frame: FrameType) -> str:
    return opname[frame.f_code.co_code[frame.f_lasti]]


def _code_raised(frame: FrameType) -> int | None:
    """The number of a ``raise SystemExit(3)`` at which a frame was left."""
    import ast
    import linecache

    text = "".join(linecache.getlines(frame.f_code.co_filename, frame.f_globals))
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError):
        return None
    for node in nodes:
        if isinstance(node, ast.Raise) and node.lineno == frame.f_lineno:
            call = node.exc
            is_exit = isinstance(call, ast.Call) and getattr(call.func, "id", "") == "SystemExit"
            given = call.args[0] if is_exit and len(call.args) == 1 else None  # type: ignore[union-attr]
            if isinstance(given, ast.Constant) and isinstance(given.value, int):
                return given.value
    return None


def watch_exits() -> _Exits:
    """Take note from now on of how the program ends."""
    if not isinstance(sys.exit, _Exits):
        sys.exit = _Exits()
    sys.exit.watch()
    return sys.exit


def end_of_program(exits: _Exits, earlier: BaseException | None) -> BaseException | None:
    """What ended the program; ``earlier`` is an error that was there before."""
    error: BaseException | None = getattr(sys, "last_value", None)
    return exits.last() if error is None or error is earlier else error
