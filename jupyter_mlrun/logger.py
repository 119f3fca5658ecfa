"""The logger of a run: one line of text for each message, with its values as JSON.

``MLRUN_LOG_FORMATTER`` chooses how a line is written: ``human``, ``human_extended``, ``json`` or
``custom``, which is ``MLRUN_LOG_FORMAT_OVERRIDE`` with {timestamp}, {level}, {message} and {more}.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, TextIO

LEVELS = {"debug": 10, "info": 20, "warning": 30, "warn": 30, "error": 40, "critical": 50}


class Logger:
    """Writes ``> time [level] message: {values}``; what is below the level is dropped."""

    def __init__(
        self, level: str = "INFO", stream: TextIO | None = None, form: str = "", name: str = "mlrun"
    ) -> None:
        self.level = level
        self.stream = stream
        self.name = name
        self._write = FORMS.get((form or os.environ.get(FORM, "human")).lower(), _human)

    def __repr__(self) -> str:
        return f"<logger {self.name} {self.level.lower()}>"

    def debug(self, message: str, *args: Any, **values: Any) -> None:
        """Log a detail."""
        self._log("debug", message, args, values)

    def info(self, message: str, *args: Any, **values: Any) -> None:
        """Log what happens."""
        self._log("info", message, args, values)

    def warning(self, message: str, *args: Any, **values: Any) -> None:
        """Log what may be wrong."""
        self._log("warning", message, args, values)

    warn = warning

    def error(self, message: str, *args: Any, **values: Any) -> None:
        """Log what went wrong."""
        self._log("error", message, args, values)

    def exception(self, message: str, *args: Any, **values: Any) -> None:
        """Log what went wrong, with the traceback of the error being handled."""
        import traceback

        self._log("error", message, args, values)
        print(traceback.format_exc(), file=self.stream or sys.stdout, flush=True)

    def set_logger_level(self, level: str) -> None:
        """Drop what is below this level from now on."""
        self.level = level

    def _log(self, level: str, message: str, args: tuple[Any, ...], values: Any) -> None:
        if LEVELS[level] < LEVELS.get(self.level.lower(), 20):
            return
        text = message % args if args else str(message)
        line = self._write(self.name, level, text, values)
        print(line, file=self.stream or sys.stdout, flush=True)


FORM, OVERRIDE = "MLRUN_LOG_FORMATTER", "MLRUN_LOG_FORMAT_OVERRIDE"


def create_logger(
    level: str | None = None,
    formatter_kind: str = "human",
    name: str = "mlrun",
    stream: TextIO | None = None,
) -> Logger:
    """A logger of a level and a form, which writes to a stream."""
    return Logger(level or os.environ.get("MLRUN_LOG_LEVEL", "INFO"), stream, formatter_kind, name)


def _stamp() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")


def _more(values: Any) -> str:
    return ": " + json.dumps(values, default=str) if values else ""


def _human(name: str, level: str, text: str, values: Any) -> str:
    return f"> {_stamp()} [{level}] {text}{_more(values)}"


def _extended(name: str, level: str, text: str, values: Any) -> str:
    return f"> {_stamp()} [{name}:{level}] {text}{_more(values)}"


def _json(name: str, level: str, text: str, values: Any) -> str:
    told = {"datetime": _stamp(), "level": level, "message": text, "with": values}
    return json.dumps(told, default=str)


def _custom(name: str, level: str, text: str, values: Any) -> str:
    form = os.environ.get(OVERRIDE, "")
    parts = {"timestamp": _stamp(), "level": level, "message": text, "more": _more(values)}
    try:
        whole = {"name": name, "module": name, **parts}
        return form.format_map(whole) if form else _human(name, level, text, values)
    except (KeyError, ValueError, IndexError, AttributeError):
        # a form that cannot be filled must not lose the line
        return _human(name, level, text, values)


FORMS = {"human": _human, "human_extended": _extended, "json": _json, "custom": _custom}


logger = create_logger()
"""MLRun's ``mlrun.utils.logger``, for code in and outside of runs."""
