"""Query arguments as MLRun's client sends them, read with sentences for what does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tornado.web import RequestHandler

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunUnprocessableEntityError

from ..store import times

MOST_ITERATIONS = 2**31 - 1
PATCH_MODES = ("replace", "additive")
TRUE = frozenset({"true", "yes", "1", "on", "t", "y"})
FALSE = frozenset({"false", "no", "0", "off", "f", "n"})


def invalid(name: str, message: str, kind: str, **context: Any) -> MLRunUnprocessableEntityError:
    """A 422 in the shape that MLRun's clients know."""
    detail: dict[str, Any] = {"loc": ["query", name], "msg": message, "type": kind}
    if context:
        detail["ctx"] = context
    return MLRunUnprocessableEntityError([detail])


class Arguments:
    """The query of one request."""

    def __init__(self, handler: RequestHandler) -> None:
        self._handler = handler

    def text(self, name: str, default: str = "") -> str:
        """A text; empty where it is not given."""
        return self._handler.get_query_argument(name, default, strip=False) or default

    def texts(self, *names: str) -> tuple[str, ...]:
        """Every value of a repeated argument, under any of its names."""
        found: list[str] = []
        for name in names:
            found += self._handler.get_query_arguments(name, strip=False)
        return tuple(value for value in found if value)

    def whole(self, name: str, default: int | None = None, low: int | None = None) -> int | None:
        """A whole number."""
        text = self.text(name)
        if not text:
            return default
        try:
            value = int(text)
        except ValueError:
            raise invalid(name, "value is not a valid integer", "type_error.integer") from None
        if abs(value) >= 2**63 or (low is not None and value < low):
            raise invalid(name, f"value is not a number from {low} on", "value_error.number")
        return value

    def iteration(self) -> int | None:
        """The iteration that is asked for."""
        value = self.whole("iter", low=0)
        if value is not None and value > MOST_ITERATIONS:
            raise invalid("iter", f"value is more than {MOST_ITERATIONS}", "value_error.number")
        return value

    def number(self, name: str, default: float) -> float:
        """A number."""
        text = self.text(name)
        try:
            return float(text) if text else default
        except ValueError:
            raise invalid(name, "value is not a valid float", "type_error.float") from None

    def flag(self, name: str, default: bool = False) -> bool:
        """Yes or no, as ``yes``/``no`` or ``True``/``False``."""
        text = self.text(name).lower()
        if not text:
            return default
        if text in TRUE or text in FALSE:
            return text in TRUE
        raise invalid(name, "value could not be parsed to a boolean", "type_error.bool")

    def choice(self, name: str, allowed: Iterable[str], default: str = "") -> str:
        """One of some words."""
        text = self.text(name, default)
        return _checked("query", name, text, allowed) if text else text

    def choices(self, name: str, allowed: Iterable[str]) -> tuple[str, ...]:
        """Every value of a repeated argument, each of them one of some words."""
        return tuple(_checked("query", name, text, allowed) for text in self.texts(name))

    def header(self, name: str, allowed: Iterable[str], default: str) -> str:
        """One of some words, given by a header."""
        text = self._handler.request.headers.get(name) or default
        return _checked("header", name, text, allowed)

    def moment(self, name: str) -> int | None:
        """A time by its ISO text."""
        text = self.text(name)
        if not text:
            return None
        moment = times.parse(text)
        if moment is None:
            raise MLRunInvalidArgumentError(f"'{name}' is not an ISO time: {text!r}")
        return moment


def _checked(place: str, name: str, text: str, allowed: Iterable[str]) -> str:
    """The word, when it is one of those allowed; else a 422 as MLRun's clients know it."""
    words = list(allowed)
    if text in words:
        return text
    known = ", ".join(f"'{word}'" for word in words)
    raise MLRunUnprocessableEntityError([{
        "loc": [place, name], "msg": f"value is not a valid enumeration member; permitted: {known}",
        "type": "type_error.enum", "ctx": {"enum_values": words},
    }])  # fmt: skip
