"""Where a run failed, in the user's own lines."""

from __future__ import annotations

import contextlib
import linecache
import os
import re
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

_CELL = re.compile(r"<cell .*>")
_WRAPPER = ("_run_cell", "_execute")
_BEFORE, _AFTER = 2, 1
_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
MAX_FRAMES = 60


def error_frames(error: BaseException, code: str, entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The frames of an error, outermost first, without those of this package.

    A frame of the cell has its line there: the body knows its own lines, and a handler's are told
    by the entry point. ``code`` is the module's path.
    """
    found: list[dict[str, Any]] = []
    for trace in _users(error, code):
        frame = _frame(trace, code, entry)
        # a recursion says the same line a thousand times
        if found[-3:] != [frame] * 3:
            found.append(frame)
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        found.append(_syntax_frame(error, code))
    return found[-MAX_FRAMES:]


def _users(error: BaseException, code: str) -> list[TracebackType]:
    """The entries of the user's code; what starts a cell's body comes before its first line."""
    traces: list[TracebackType] = []
    trace = error.__traceback__
    while trace is not None:
        traces.append(trace)
        trace = trace.tb_next
    files = [each.tb_frame.f_code.co_filename for each in traces]
    first = next((at for at, file in enumerate(files) if _CELL.fullmatch(file)), 0)
    return [each for each in traces[first:] if _is_users(each, code)]


def _is_users(trace: TracebackType, code: str) -> bool:
    file = trace.tb_frame.f_code.co_filename
    name = trace.tb_frame.f_code.co_name
    if file.startswith((_OURS, "<frozen ")) or file == contextlib.__file__:
        return False
    # the wrapper that runs a cell's body is no code of the user's
    return not ((file == code and name in _WRAPPER) or _runs_body(trace, code))


def _runs_body(trace: TracebackType, code: str) -> bool:
    below = trace.tb_next
    return (
        trace.tb_frame.f_code.co_filename == code
        and below is not None
        and below.tb_frame.f_code.co_filename == code
        and below.tb_frame.f_code.co_name == "_run_cell"
    )


def _frame(trace: TracebackType, code: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
    frame: dict[str, Any] = {
        "file": file,
        "line": line,
        "function": trace.tb_frame.f_code.co_name,
        "cell": False,
        "text": _text(file, line, trace.tb_frame.f_globals),
    }
    first, last = entry.get("cell_first"), entry.get("cell_last")
    if _CELL.fullmatch(file):
        frame |= {"cell": True, "cell_line": line}
    elif file == code and first is not None and last is not None and first <= line <= last:
        offset = int(entry.get("cell_offset") or 0)
        frame |= {"cell": True, "cell_line": line - offset}
        frame["text"] = [[number - offset, text] for number, text in frame["text"]]
    return frame


def _syntax_frame(error: SyntaxError, code: str) -> dict[str, Any]:
    file, line = str(error.filename), int(error.lineno or 1)
    frame: dict[str, Any] = {
        "file": file,
        "line": line,
        "function": "",
        "cell": False,
        "text": _text(file, line, {}),
    }
    if _CELL.fullmatch(file):
        frame |= {"cell": True, "cell_line": line}
    return frame


def _text(file: str, line: int, namespace: dict[str, Any]) -> list[list[Any]]:
    lines = linecache.getlines(file, namespace)
    first, last = max(1, line - _BEFORE), min(len(lines), line + _AFTER)
    return [[number, lines[number - 1].rstrip("\n")[:500]] for number in range(first, last + 1)]


def print_traceback(
    error: BaseException, code: str, entry: Mapping[str, Any], origin: Mapping[str, Any]
) -> None:
    """Print the error with its causes as Python does: the user's frames, by cell where known.

    ``origin`` says where the definitions of other cells stand in the module.
    """
    import sys

    whole = traceback.TracebackException.from_exception(error)
    for part, cause in _chain(whole, error):
        kept = traceback.StackSummary.from_list([])
        shown, trace = set(map(id, _users(cause, code))), cause.__traceback__
        for frame in list(part.stack):
            if trace is not None and id(trace) in shown:
                _place(frame, code, entry, origin)
                kept.append(frame)
            trace = trace.tb_next if trace is not None else None
        part.stack = kept
    # in a kernel the cell shows the failure itself, so there it goes to the log alone
    shell = sys.modules.get("IPython")
    is_cell = shell is not None and shell.get_ipython() is not None
    write = getattr(sys.stderr, "write_to_log" if is_cell else "write", sys.stderr.write)
    text = "".join(whole.format())
    # an error that lies outside the user's code has no lines to show
    write(text if whole.stack else "".join(whole.format_exception_only()))
    sys.stderr.flush()


def _place(
    frame: traceback.FrameSummary, code: str, entry: Mapping[str, Any], origin: Mapping[str, Any]
) -> None:
    """Give a frame of the module the cell and the line that its text has in the notebook."""
    line, shift = frame.lineno or 0, int(origin.get("line_offset") or 0)
    other = _definition(line, origin)
    if _CELL.fullmatch(frame.filename):
        name, offset = frame.filename, -shift
    elif frame.filename != code:
        return
    elif (entry.get("cell_first") or 1) <= line <= (entry.get("cell_last") or 0):
        name, offset = f"<cell {entry.get('name')}>", int(entry.get("cell_offset") or 0) - shift
    elif other is not None:
        name, offset = f"<cell [{other['cell']}]>", int(other["offset"])
    else:
        return
    # read while its place is still that of the module
    assert frame.line is not None
    frame.filename, frame.lineno = name, line - offset
    if frame.end_lineno is not None:
        frame.end_lineno -= offset


def _definition(line: int, origin: Mapping[str, Any]) -> Mapping[str, Any] | None:
    known = origin.get("definitions") or []
    return next((each for each in known if each["first"] <= line <= each["last"]), None)


def _chain(part: Any, error: BaseException) -> list[tuple[Any, BaseException]]:
    found: list[tuple[Any, BaseException]] = []
    todo: list[tuple[Any, BaseException | None]] = [(part, error)]
    while todo:
        shown, cause = todo.pop()
        if shown is None or cause is None or len(found) > 20:
            continue
        found.append((shown, cause))
        todo.append((shown.__cause__, cause.__cause__))
        todo.append((shown.__context__, cause.__context__))
    return found
