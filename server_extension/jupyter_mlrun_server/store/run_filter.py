"""The filter that people type: words for names, ``state:error``, ``results.accuracy>0.9`` …"""

from __future__ import annotations

import operator
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from jupyter_mlrun import states, uris
from jupyter_mlrun.errors import MLRunInvalidArgumentError

from . import json_values, query, run_values, times
from .query import Scope
from .run_values import OF_RUN
from .tables import function_tags, functions, run_labels, runs

KEYS = (
    "state",
    "label",
    "owner",
    "kind",
    "function",
    "notebook",
    "project",
    "name",
    "since",
    "until",
)
UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}

_VALUE = re.compile(r"^(results|parameters)\.(.+?)(>=|<=|!=|>|<|=)(.*)$")
_ORDERED_VALUE = re.compile(r"^(results|parameters)\..+")
_NUMBER = re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
_OPERATORS: dict[str, Callable[[Any, Any], sa.ColumnElement[bool]]] = {
    ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le,
    "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
_SEVERAL = re.compile(r",(?=-?(?:[a-z_]+(?:,|$)|(?:results|parameters)\.))")
MOST_KEYS = 5
WHOLE_HASH = 40
_AGO = re.compile(r"^(\d+(?:\.\d+)?)(s|min|m|h|d|w)$")
_WORDS = {"failed": "error", "success": "completed", "succeeded": "completed", "done": "completed"}


@dataclass
class RowFilter:
    """What a list of rows is asked for."""

    project: Scope = "*"
    text: str = ""
    states: tuple[str, ...] = ()
    function: str = ""
    notebook: str = ""
    labels: tuple[str, ...] = ()
    sort: str = "-start_time"
    group: str = ""
    zone: str = "UTC"
    offset: int = 0
    limit: int = 200

    @property
    def scope(self) -> Scope:
        """The project, ``*`` for all, or some projects: none at all where that is empty."""
        return "*" if self.project == "" else self.project

    @property
    def is_whole_project(self) -> bool:
        """Whether nothing but the project, and perhaps states, is asked for."""
        return not (self.text.strip() or self.function or self.notebook or self.labels)


def conditions(asked: RowFilter) -> list[sa.ColumnElement[bool]]:
    """The conditions of all but the states asked for beside the text."""
    found: list[sa.ColumnElement[bool]] = [runs.c.iteration == 0]
    found += query.within(runs.c.project, asked.scope)
    if asked.function:
        found += of_function(asked.function, asked.scope)
    if asked.notebook:
        found.append(runs.c.notebook == asked.notebook[-255:])
    found += query.by_labels(runs.c.id, run_labels, asked.labels)
    return found + parse(asked.text, asked.scope)


def of_function(text: str, scope: Scope = "*") -> list[sa.ColumnElement[bool]]:
    """The runs of ``name``, ``name@hash`` (it may be cut short), ``name:tag@hash``, ``name:tag``.

    A hash says which version it is, whatever tag stands before it; a tag alone is the version that
    it names today.
    """
    uri = uris.parse_function(text)
    found = [runs.c.function == uri.name, *query.within(runs.c.project, uri.project)]
    if len(uri.hash_key) >= WHOLE_HASH:
        found.append(runs.c.version == uri.hash_key)
    elif uri.hash_key:
        found.append(runs.c.version.startswith(uri.hash_key, autoescape=True))
    elif uri.tag:
        found.append(_of_tag(uri.name, uri.tag, uri.project or scope))
    return found


def _of_tag(name: str, tag: str, scope: Scope) -> sa.ColumnElement[bool]:
    """Whether a run is of the version that its function's tag names in its project."""
    # what stands behind a tag alone has the tag for its uid, and its hash in its document
    held = functions.c.document
    version = json_values.text(held, "metadata", "hash")
    tagged = (
        sa.select(version)
        .join(function_tags, function_tags.c.function_id == functions.c.id)
        .where(function_tags.c.name == name, function_tags.c.tag == tag)
    )
    if isinstance(scope, str) and scope != "*":
        # one row, found before any run is looked at
        return runs.c.version == tagged.where(function_tags.c.project == scope).scalar_subquery()
    several = tagged.add_columns(function_tags.c.project)
    several = several.where(*query.within(function_tags.c.project, scope))
    return sa.tuple_(runs.c.version, runs.c.project).in_(several)


def parse(text: str, scope: Scope = "*") -> list[sa.ColumnElement[bool]]:
    """The conditions of a typed filter, all of which must hold."""
    found: list[sa.ColumnElement[bool]] = []
    wanted_states: list[str] = []
    for term in _terms(text):
        key, colon, value = term.partition(":")
        if compared := _VALUE.match(term):
            found.append(_compared(*compared.groups()))
        elif colon and key == "state":
            wanted_states += [_state(word) for word in value.split(",") if word]
        elif colon and key in KEYS:
            # somebody types: what is still to come after the sign changes nothing
            value = value.rstrip(":@/") if key == "function" else value
            found += [_by_key(key, value, scope)] if value else []
        else:
            found.append(query.by_name(runs.c.name, f"~{term}"))
    if wanted_states:
        found.append(runs.c.state.in_(wanted_states))
    return found


def order(sort: str) -> list[sa.ColumnElement[Any]]:
    """The order that ``-results.loss,name`` and its like ask for; among equals the newest first."""
    keys = _SEVERAL.split(sort)
    if len(keys) > MOST_KEYS:
        raise MLRunInvalidArgumentError(f"sort={sort} names {len(keys)} keys: at most {MOST_KEYS}")
    found: list[sa.ColumnElement[Any]] = []
    for key in keys:
        found += _ordered(key)
    if keys[-1].removeprefix("-") == "start_time":
        return [*found, runs.c.id.desc() if keys[-1].startswith("-") else runs.c.id.asc()]
    if only_value(sort) is not None:
        # ids come in the order of starts, and need no second look at the run
        return [*found, runs.c.id.desc()]
    return [*found, runs.c.start_time.desc(), runs.c.id.desc()]


def orders_by_value(sort: str) -> bool:
    """Whether an order asks for results or parameters."""
    return any(_ORDERED_VALUE.match(key.removeprefix("-")) for key in _SEVERAL.split(sort))


def only_value(sort: str) -> tuple[sa.ColumnElement[Any], bool] | None:
    """The one value that an order asks for, and whether the largest come first; else None."""
    name = sort.removeprefix("-")
    if len(_SEVERAL.split(sort)) > 1 or not _ORDERED_VALUE.match(name):
        return None
    return run_values.number(*name.split(".", 1)), sort.startswith("-")


def window(text: str) -> tuple[int | None, int | None]:
    """The times between which a typed filter lets runs start; None where it says nothing."""
    bounds: dict[str, list[int]] = {"since": [], "until": []}
    for term in _terms(text):
        key, _, value = term.partition(":")
        if key in bounds and value:
            bounds[key].append(_moment(key, value))
    return max(bounds["since"], default=None), min(bounds["until"], default=None)


def _ordered(key: str) -> list[sa.ColumnElement[Any]]:
    name = key.removeprefix("-")
    columns: dict[str, sa.ColumnElement[Any]] = {
        "start_time": runs.c.start_time, "name": sa.func.lower(runs.c.name),
        "state": runs.c.state, "kind": runs.c.kind, "owner": runs.c.owner,
        "function": runs.c.function, "project": runs.c.project, "last_update": runs.c.last_update,
        "duration": runs.c.end_time - runs.c.start_time,
    }  # fmt: skip
    if _ORDERED_VALUE.match(name):
        column: sa.ColumnElement[Any] = run_values.number(*name.split(".", 1))
    elif name in columns:
        column = columns[name]
    else:
        known = ", ".join(columns)
        raise MLRunInvalidArgumentError(
            f"sort={key} is not known: use {known}, results.NAME or parameters.NAME, "
            "with - before it to begin with the largest, and commas between several"
        )
    descending = key.startswith("-")
    if name == "start_time":
        return [column.desc() if descending else column.asc()]
    return [query.last_where_none(column, descending)]


def _terms(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
    try:
        return list(lexer)
    except ValueError:
        # a quote that is not closed yet: somebody types
        return text.replace('"', " ").replace("'", " ").split()


def _state(word: str) -> str:
    state = _WORDS.get(word, word)
    if state not in states.ALL:
        raise MLRunInvalidArgumentError(
            f"'state:{word}' is no state: use one of {', '.join(states.ALL)}"
        )
    return state


def _by_key(key: str, value: str, scope: Scope) -> sa.ColumnElement[bool]:
    if key == "label":
        return query.by_labels(runs.c.id, run_labels, [value])[0]
    if key == "since":
        return runs.c.start_time >= _moment(key, value)
    if key == "until":
        return runs.c.start_time <= _moment(key, value)
    if key == "notebook":
        return query.by_name(runs.c.notebook, f"~{value}")
    if key == "function" and not value.startswith("~"):
        return sa.and_(*of_function(value, scope))
    return query.by_name(runs.c[key], value)


def _moment(key: str, value: str) -> int:
    if ago := _AGO.match(value):
        return times.now() - int(float(ago[1]) * UNITS[ago[2]] * 1_000_000)
    moment = times.parse(value)
    if moment is None:
        raise MLRunInvalidArgumentError(
            f"'{key}:{value}' is no time: write 30min, 12h, 3d, 2w, or a date as 2026-11-21"
        )
    return moment


def _compared(part: str, name: str, sign: str, value: str) -> sa.ColumnElement[bool]:
    asked = f"'{part}.{name}{sign}{value}'"
    if not value:
        raise MLRunInvalidArgumentError(f"{asked} lacks its value: write one after it")
    column: sa.ColumnElement[Any]
    if _NUMBER.match(value):
        column, wanted = run_values.number(part, name), float(value)
    elif sign in ("=", "!="):
        word = run_values.word(part, name)
        return OF_RUN & _OPERATORS[sign](word, value[: run_values.LONGEST_WORD])
    else:
        raise MLRunInvalidArgumentError(f"{asked}: {value!r} is no number")
    return OF_RUN & _OPERATORS[sign](column, wanted)
