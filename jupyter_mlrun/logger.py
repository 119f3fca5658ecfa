"""The logger of a run: one line of text for each message, with its values as JSON."""

from __future__ import annotations

import json
import sys
import time
from typing import Any, TextIO

LEVELS = {"debug": 10, "info": 20, "warning": 30, "warn": 30, "error": 40, "critical": 50}


class Logger:
    """Writes ``> time [level] message: {values}``; what is below the level is dropped."""

    def __init__(self, level: str = "INFO", stream: TextIO | None = None) -> None:
        self.level = level
        self.stream = stream

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
        if values:
            text += ": " + json.dumps(values, default=str)
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        print(f"> {stamp} [{level}] {text}", file=self.stream or sys.stdout, flush=True)
