"""Plain collections as text: JSON, JSON lines, YAML, and Python's own literals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..errors import MLRunPackageError

DEFAULT_STRUCT_FILE_FORMAT = "json"


class StructFileSupportedFormat:
    """The formats of plain collections, by MLRun's names."""

    JSON, JSONL, YAML, TXT = "json", "jsonl", "yaml", "txt"

    @classmethod
    def get_all_formats(cls) -> list[str]:
        """All of them."""
        return ["json", "jsonl", "yaml", "txt"]

    @classmethod
    def match_format(cls, path: str) -> str | None:
        """The format that a file's name says; None for another one."""
        suffix = path.rpartition(".")[2].lower()
        return {"yml": "yaml"}.get(suffix, suffix if suffix in cls.get_all_formats() else None)


def write(value: Any, format: str, key: str = "") -> bytes:
    """The value as text of the format; raises MLRunPackageError for what it cannot hold."""
    try:
        return bytes(_of(_WRITERS, format)(value).encode("utf-8", "surrogatepass"))
    except MLRunPackageError:
        raise
    except Exception as error:
        # yaml and json raise kinds of their own, and a repr is the user's code
        raise MLRunPackageError(
            f"The output '{key}' ({type(value).__name__}) cannot be written as {format}: "
            f"{str(error).splitlines()[0] if str(error) else error}"
        ) from None


def read(data: bytes, format: str, where: str = "") -> Any:
    """The value of a text of the format."""
    reader = _of(_READERS, format)
    try:
        return reader(data.decode("utf-8", "surrogatepass"))
    except Exception as error:
        # each format has errors of its own
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise MLRunPackageError(f"'{where}' cannot be read as {format}: {problem}") from None


def _of(known: dict[str, Callable[[Any], Any]], format: str) -> Callable[[Any], Any]:
    if format not in known:
        raise MLRunPackageError(
            f"'{format}' is no format of plain collections: choose {', '.join(known)} "
            "by file_format="
        )
    return known[format]


def _lines(value: Any) -> str:
    rows = [value] if isinstance(value, dict) else value
    return "".join(json.dumps(row) + "\n" for row in rows)


def _read_lines(text: str) -> Any:
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    return rows[0] if len(rows) == 1 else rows


def _yaml(value: Any) -> str:
    import yaml

    text: str = yaml.safe_dump(value, default_flow_style=False, sort_keys=False, indent=4)
    return text


def _read_yaml(text: str) -> Any:
    import yaml

    return yaml.safe_load(text)


def _literal(text: str) -> Any:
    from ast import literal_eval

    return literal_eval(text)


_WRITERS: dict[str, Callable[[Any], Any]] = {
    "json": json.dumps, "jsonl": _lines, "yaml": _yaml, "txt": str,
}  # fmt: skip
_READERS: dict[str, Callable[[Any], Any]] = {
    "json": json.loads, "jsonl": _read_lines, "yaml": _read_yaml, "txt": _literal,
}  # fmt: skip
