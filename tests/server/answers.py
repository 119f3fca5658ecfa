"""What a server of the tests has answered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass
class Answer:
    """What the server answered."""

    status: int
    body: bytes
    headers: Any

    @property
    def json(self) -> Any:
        """The body, which must be strict JSON."""
        return json.loads(self.body, parse_constant=_refuse)

    @property
    def detail(self) -> Any:
        """The text of a refusal."""
        return self.json["detail"]


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is not strict JSON")
