"""How a cell fails: once, with the user's own lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunBaseError, RunError, for_shell

RED, GREEN, BOLD, PLAIN = "\x1b[0;31m", "\x1b[0;32m", "\x1b[1m", "\x1b[0m"


def refuse(error: MLRunBaseError) -> MLRunBaseError:
    """The error, shown as one sentence instead of the magic's inside."""
    text = f"{RED}{type(error).__name__}{PLAIN}: {error}"
    error._render_traceback_ = lambda: for_shell([text])  # type: ignore[method-assign]
    return error


def describe_syntax_error(error: SyntaxError) -> str:
    """A syntax error of a cell: its line, what is wrong, and where."""
    text = (error.text or "").rstrip("\n")
    shown = text.lstrip()
    column = max(0, (error.offset or 1) - 1 - (len(text) - len(shown)))
    mark = f"\n    {shown}\n    {' ' * column}^" if shown else ""
    return f"line {error.lineno}: {error.msg}{mark}"


class FailedRun(RunError):
    """The run failed; shown with the frames of the user's code."""

    def __init__(self, run: Mapping[str, Any]) -> None:
        self.run = run
        super().__init__(failure_text(run))

    def _render_traceback_(self) -> list[str]:
        return for_shell(format_traceback(self.run))


def failure_text(run: Mapping[str, Any]) -> str:
    """Why a run did not complete, in one sentence."""
    status, name = run["status"], run["metadata"].get("name")
    state = status.get("state")
    text = status.get("error") or status.get("reason") or status.get("status_text") or ""
    if state == "aborted":
        return f"the run {name} was stopped" + (f": {text}" if text else "")
    kind = status.get("error_type")
    reason = status.get("reason")
    if reason and reason not in text:
        text = f"{text} ({reason})" if text else reason
    # an error without a message is told by its name alone
    if kind and text in (kind, f"{kind}()"):
        text, kind = kind, ""
    return f"{kind}: {text}" if kind else str(text or f"the run {name} is {state}")


def format_traceback(run: Mapping[str, Any]) -> list[str]:
    """The run's traceback: the user's cell and line first of all, each frame once."""
    metadata, status = run["metadata"], run["status"]
    origin = run["spec"].get("origin") or {}
    frames = status.get("error_frames") or []
    lines = [f"{RED}The run {metadata.get('name')} failed{PLAIN} ({metadata['uid'][:7]})"]
    if status.get("state") != "error":
        lines = []
    # what runs the cell stands above its first frame, and is no news
    first = next((at for at, frame in enumerate(frames) if frame.get("cell")), 0)
    lines += [_frame(frame, origin) for frame in frames[first:]]
    text = failure_text(run)
    kind, colon, rest = text.partition(":")
    error_type = status.get("error_type")
    if error_type and kind == error_type:
        lines.append(f"{RED}{kind}{PLAIN}{colon}{rest}")
    else:
        lines.append(f"{RED}RunError{PLAIN}: {text}")
    return lines


def _frame(frame: Mapping[str, Any], origin: Mapping[str, Any]) -> str:
    at = frame.get("line") or 0
    where, shift, first, last = f"File {frame.get('file')}:{at}", 0, 1, None
    if frame.get("cell"):
        at = frame.get("cell_line") or 0
        shift = int(origin.get("line_offset") or 0)
        where = _place(origin.get("execution_count"), at + shift)
    elif (other := _definition(frame, origin)) is not None:
        # what stands around it in the module is not of that cell
        shift, first, last = -int(other["offset"]), int(other["first"]), int(other["last"])
        where = _place(other["cell"], at + shift)
    function = frame.get("function") or ""
    inside = f", in {function}" if function and function != "<module>" else ""
    rows = [f"{GREEN}{where}{PLAIN}{inside}"]
    for number, text in frame.get("text") or []:
        if number < first or (last is not None and number > last):
            continue
        arrow = "----> " if number == at else "      "
        row = f"{arrow}{number + shift} {text}"
        rows.append(f"{BOLD}{row}{PLAIN}" if number == at else row)
    return "\n".join(rows)


def _place(number: Any, line: int) -> str:
    return f"Cell [{number}], line {line}" if number else f"Cell, line {line}"


def _definition(frame: Mapping[str, Any], origin: Mapping[str, Any]) -> dict[str, Any] | None:
    """The definition of another cell in which a frame of the run's module lies."""
    if "/code/" not in str(frame.get("file")).replace("\\", "/"):
        return None
    line = frame.get("line") or 0
    known = origin.get("definitions") or []
    return next((each for each in known if each["first"] <= line <= each["last"]), None)
