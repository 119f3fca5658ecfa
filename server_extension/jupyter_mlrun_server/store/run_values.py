"""The results and parameters of runs, short and beside the runs, for filters and orders."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun.model.document import dumps

from . import json_values
from .prepared import Prepared
from .tables import run_values, runs

LONGEST_WORD = 300
PARTS = (("results", "status"), ("parameters", "spec"))

OF_RUN = run_values.c.run_id == runs.c.id

_INSERT = Prepared(run_values.insert())
_UPDATE = Prepared(run_values.update().where(run_values.c.run_id == sa.bindparam("k_id")))


def columns(document: Mapping[str, Any]) -> dict[str, str]:
    """What is kept of a run document: its numbers, and every scalar as a word."""
    numbers: dict[str, dict[str, Any]] = {}
    words: dict[str, dict[str, str]] = {}
    for part, owner in PARTS:
        numbers[part], words[part] = {}, {}
        values = (document.get(owner) or {}).get(part)
        for name, value in values.items() if isinstance(values, Mapping) else ():
            if type(value) in (int, float) and math.isfinite(value):
                numbers[part][name] = value
            if isinstance(value, str | int | float):
                words[part][name] = _word(value)[:LONGEST_WORD]
    # PostgreSQL's JSON holds no NUL
    return {"numbers": _clean(dumps(numbers)), "words": _clean(dumps(words))}


def _word(value: str | float) -> str:
    """A scalar as JSON writes it; a text as it is."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _clean(text: str) -> str:
    return text.replace("\\u0000", "\ufffd") if "\\u0000" in text else text


def save(connection: Connection, identity: int, document: Mapping[str, Any], new: bool) -> None:
    """Keep what the document of a run says."""
    if new:
        _INSERT.change(connection, {"run_id": identity, **columns(document)})
    else:
        _UPDATE.change(connection, {"k_id": identity, **columns(document)})


def number(part: str, name: str) -> sa.ColumnElement[float]:
    """The number that a run has as a result or parameter; NULL where it has none.

    It holds where ``OF_RUN`` does.
    """
    return json_values.number(run_values.c.numbers, part, name)


def word(part: str, name: str) -> sa.ColumnElement[str]:
    """The scalar of that name as text, where ``OF_RUN`` holds."""
    return json_values.text(run_values.c.words, part, name)
