"""How what the code raised ends its run: one rule for handlers, ``with`` blocks and programs."""

from __future__ import annotations

import functools
import sys
import threading
from opcode import opname
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from . import states
from .errors import MLRunTaskCancelledError, describe
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
# the frame in which the program began, where Python may end it without asking anything of it
_main: FrameType | None = None
_UNKNOWN = (
    "with a code that Python 3.11 does not tell, as the program has taken exit from sys before its "
    "run began: call sys.exit"
)


def watch_exits() -> None:
    """Take note from now on of the SystemExit by which the program ends."""
    if sys.version_info >= (3, 12) and _watch_frames():
        return
    _watch_codes()
    if sys.version_info < (3, 12):
        _watch_calls()


def end_of_program(earlier: BaseException | None) -> BaseException | None:
    """What ended the program; ``earlier`` is an error that was there before."""
    error: BaseException | None = getattr(sys, "last_value", None)
    if error is not None and error is not earlier:
        return error
    if _left_by is None and _main is not None and not _has_returned(_main):
        return SystemExit(_UNKNOWN)
    return _left_by


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


def _watch_codes() -> None:
    """See which SystemExit is asked for its code from no frame: Python asks so at the end."""
    import ctypes
    import gc

    (names,) = gc.get_referents(SystemExit.__dict__)
    member = names["code"]
    if isinstance(member, property):
        return

    def code(error: SystemExit) -> Any:
        found = member.__get__(error)
        try:
            sys._getframe(1)
        except ValueError:
            _note(found)
        return found

    names["code"] = property(code, member.__set__, member.__delete__, member.__doc__)
    # what Python remembers of the class holds no longer
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(SystemExit))


def _watch_calls() -> None:
    """Have each ``sys.exit`` raise an error of which Python asks: its own is made too late."""
    global _main
    if _main is not None:
        return
    frame = sys._current_frames()[threading.main_thread().ident or 0]
    while frame.f_back is not None:
        frame = frame.f_back
    _main = frame
    leave = sys.exit

    @functools.wraps(leave)
    def leave_by_error(status: Any = None, /) -> NoReturn:
        # to catch it makes the error
        try:
            leave(status)
        except SystemExit:
            raise

    sys.exit = leave_by_error
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", {})
        if names.get("exit") is leave:
            names["exit"] = leave_by_error


def _has_returned(frame: FrameType) -> bool:
    return opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN")
