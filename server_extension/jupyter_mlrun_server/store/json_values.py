"""Values inside stored documents, asked for in each database's own words."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from jupyter_mlrun.errors import MLRunInvalidArgumentError


class JsonNumber(FunctionElement[Any]):
    """The number at a place of a document; NULL where there is none, or something else."""

    type = sa.Float()
    inherit_cache = True


class JsonText(FunctionElement[Any]):
    """The scalar at a place of a document as text; NULL where there is none."""

    type = sa.Text()
    inherit_cache = True


def number(document: sa.ColumnElement[str], *place: str) -> JsonNumber:
    """The number at ``place``, a path of keys where nothing but numbers is kept."""
    return JsonNumber(document, sa.literal(_path(place)), *map(sa.literal, place))


def text(document: sa.ColumnElement[str], *place: str) -> JsonText:
    """The text at ``place``, where nothing but texts are kept."""
    return JsonText(document, sa.literal(_path(place)), *map(sa.literal, place))


def _path(place: tuple[str, ...]) -> str:
    if any(set(key) & set('"\\') for key in place):
        raise MLRunInvalidArgumentError(
            f"'{place[-1]}': a name with quotes or backslashes cannot be asked for"
        )
    return "$" + "".join(f'."{key}"' for key in place)


def _parts(element: FunctionElement[Any], compiler: Any, **kw: Any) -> tuple[str, str]:
    document, path, *_ = element.clauses
    return compiler.process(document, **kw), compiler.process(path, **kw)


def _postgresql_parts(element: FunctionElement[Any], compiler: Any, **kw: Any) -> str:
    document, _, *place = element.clauses
    keys = ", ".join(f"CAST({compiler.process(key, **kw)} AS TEXT)" for key in place)
    return f"CAST({compiler.process(document, **kw)} AS JSONB), {keys}"


@compiles(JsonNumber)
def _number(element: JsonNumber, compiler: Any, **kw: Any) -> str:
    document, path = _parts(element, compiler, **kw)
    return f"json_extract({document}, {path})"


@compiles(JsonText)
def _text(element: JsonText, compiler: Any, **kw: Any) -> str:
    document, path = _parts(element, compiler, **kw)
    return f"json_extract({document}, {path})"


@compiles(JsonNumber, "postgresql")
def _postgresql_number(element: JsonNumber, compiler: Any, **kw: Any) -> str:
    place = _postgresql_parts(element, compiler, **kw)
    return f"CAST(jsonb_extract_path_text({place}) AS DOUBLE PRECISION)"


@compiles(JsonText, "postgresql")
def _postgresql_text(element: JsonText, compiler: Any, **kw: Any) -> str:
    return f"jsonb_extract_path_text({_postgresql_parts(element, compiler, **kw)})"


@compiles(JsonNumber, "mysql", "mariadb")
def _mysql_number(element: JsonNumber, compiler: Any, **kw: Any) -> str:
    document, path = _parts(element, compiler, **kw)
    return f"CAST(JSON_EXTRACT({document}, {path}) AS DOUBLE)"


@compiles(JsonText, "mysql", "mariadb")
def _mysql_text(element: JsonText, compiler: Any, **kw: Any) -> str:
    document, path = _parts(element, compiler, **kw)
    return f"JSON_UNQUOTE(JSON_EXTRACT({document}, {path}))"
