"""How what the code raised ends its run: one rule for handlers, ``with`` blocks and programs."""

from __future__ import annotations

import sys
import threading
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


def watch_exits() -> None:
    """Take note from now on of the SystemExit by which the program ends.

    From Python 3.12 on of any; before, of those that ``sys.exit`` raises.
    """
    if sys.version_info < (3, 12) or not _watch_frames():
        sys.exit = _exit


def end_of_program(earlier: BaseException | None) -> BaseException | None:
    """What ended the program; ``earlier`` is an error that was there before."""
    error: BaseException | None = getattr(sys, "last_value", None)
    return _left_by if error is None or error is earlier else error


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
    if threading.current_thread() is threading.main_thread():
        _left_by = SystemExit(code)


class _Exit(SystemExit):
    """A SystemExit of which Python asks the code, from no frame, when the program ends by it."""

    @property
    def code(self) -> Any:  # type: ignore[override]
        code = super().code
        try:
            sys._getframe(1)
        except ValueError:
            _note(code)
        return code

    def __reduce__(self) -> tuple[type[SystemExit], tuple[Any, ...]]:
        return SystemExit, self.args


# as people know it, in tracebacks too
_Exit.__name__ = _Exit.__qualname__ = "SystemExit"
_Exit.__module__ = "builtins"


def _exit(status: Any = None, /) -> NoReturn:
    raise _Exit(*([] if status is None else [status]))
