"""How what the code raised ends its run: one rule for handlers, ``with`` blocks and programs."""

from __future__ import annotations

import builtins
import functools
import sys
import threading
from collections.abc import Callable
from opcode import opname
from types import FrameType
from typing import TYPE_CHECKING, Any

from . import states
from .errors import MLRunRuntimeError, MLRunTaskCancelledError, describe
from .interruption import Expired

if TYPE_CHECKING:
    from .telling import Telling

# the numbers of sys.monitoring that are nobody's
_TOOLS = (4, 3)
_NAME = "jupyter-mlrun"
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


# by what the program ends, once nothing has caught it: Python tells nobody at its end
_left_by: SystemExit | None = None
# where only calls of exit are seen, the frame in which the program began
_main: FrameType | None = None
_UNKNOWN = (
    "the program ended by a SystemExit whose code Python tells from version 3.12 on: call "
    "sys.exit(code), or do the work in a block, with context:"
)


def watch_exits() -> None:
    """Take note from now on of the SystemExit by which the program ends.

    From Python 3.12 on of any; before, of those that ``sys.exit``, ``exit`` and ``quit`` raise.
    """
    if sys.version_info < (3, 12) or not _watch_frames():
        _watch_calls()


def end_of_program(earlier: BaseException | None) -> BaseException | None:
    """What ended the program; ``earlier`` is an error that was there before."""
    error: BaseException | None = getattr(sys, "last_value", None)
    if error is not None and error is not earlier:
        return error
    if _main is None:
        return _left_by
    # a call of exit that was caught has ended nothing
    return None if _has_returned(_main) else _left_by or MLRunRuntimeError(_UNKNOWN)


def _watch_frames() -> bool:
    """Whether it will be seen what leaves the program's outermost frame."""
    monitoring: Any = getattr(sys, "monitoring")  # noqa: B009
    held = {tool: monitoring.get_tool(tool) for tool in _TOOLS}
    if _NAME in held.values():
        return True
    free = [tool for tool, name in held.items() if name is None]
    if not free:
        return False
    event = monitoring.events.PY_UNWIND
    monitoring.use_tool_id(free[0], _NAME)
    monitoring.register_callback(free[0], event, _unwound)
    monitoring.set_events(free[0], event)
    return True


def _unwound(code: object, place: int, error: BaseException) -> None:
    if isinstance(error, SystemExit) and sys._getframe(1).f_back is None:
        _note(error.code)


def _note(code: Any) -> None:
    global _left_by
    main = threading.main_thread()
    # what is called once the program has ended ends nothing: that thread is over by then
    if threading.current_thread() is main and main.is_alive():
        _left_by = SystemExit(code)


def _watch_calls() -> None:
    global _main
    # at a prompt only its user ends the program
    if _main is not None or hasattr(sys, "ps1"):
        return
    _main = sys._current_frames()[threading.main_thread().ident or 0]
    while _main.f_back is not None:
        _main = _main.f_back
    for place, name in ((sys, "exit"), (builtins, "exit"), (builtins, "quit")):
        # without the module site there is only the first
        if leave := getattr(place, name, None):
            setattr(place, name, _noting(leave))


def _noting(leave: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(leave)
    def noted(code: Any = None) -> Any:
        _note(code)
        return leave(code)

    return noted


def _has_returned(frame: FrameType) -> bool:
    return opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN")
