"""What the service answers, as MLRun's client gives it: read by key and by attribute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..names import near
from .transport import Response


class Answer(dict[str, Any]):
    """A document of the service whose keys are attributes, at every depth.

    It is a dict: a field that has the name of one of its methods (``items``, ``keys``, ``values``,
    ``get``, ``copy``, ``update``, ``pop`` and so on) is read by key alone: ``answer["items"]``.
    """

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        super().__init__({key: answered(value) for key, value in (document or {}).items()})

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            if name.startswith("__"):
                raise AttributeError(name) from None
            raise AttributeError(
                f"There is no field '{name}' here.{near(name, map(str, self))}"
            ) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def to_dict(self) -> dict[str, Any]:
        """A copy of plain dicts and lists."""
        return {key: _plain(value) for key, value in self.items()}

    dict = to_dict


def answered(value: Any) -> Any:
    """A value whose documents answer by attribute."""
    if isinstance(value, Mapping):
        return Answer(value)
    if isinstance(value, list):
        return [answered(each) for each in value]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Answer):
        return value.to_dict()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


class Reply:
    """An answer of the service as ``api_call`` gives it: what programs read of ``requests``."""

    def __init__(self, response: Response) -> None:
        self.status_code, self.headers = response.status, response.headers
        self.content = response.body
        self.ok = response.status < 400
        self._response = response

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON."""
        return self._response.json()

    def __repr__(self) -> str:
        return f"<Response [{self.status_code}]>"
