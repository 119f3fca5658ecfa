"""Which tests prove which features: read from the markers, without running anything."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
LIST = ROOT / "docs" / "rows.txt"
SCRIPTS = ("ui-tests/tests/*.ts", "labextension/src/__tests__/**/*.ts*")
_COMMENT = re.compile(r"//\s*rows?:?\s+((?:\d\.\d+[,\s]*)+)")


class Feature(NamedTuple):
    """A line of docs/rows.txt."""

    id: str
    weight: str
    name: str
    later: str


def features() -> list[Feature]:
    """All features, in their order."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    found = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    return [Feature(*parts, *[""] * (4 - len(parts))) for parts in found]


def marks() -> Iterator[tuple[str, str]]:
    """The id and the file of each marker."""
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        name = str(file.relative_to(ROOT))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if _is_marker(node):
                yield from ((part.value, name) for part in node.args)  # type: ignore[attr-defined]
    for pattern in SCRIPTS:
        for file in sorted(ROOT.glob(pattern)):
            for match in _COMMENT.finditer(file.read_text(encoding="utf-8")):
                for found in re.findall(r"\d\.\d+", match[1]):
                    yield found, str(file.relative_to(ROOT))


def _is_marker(node: ast.AST) -> bool:
    """Whether this is a call of ``pytest.mark.row``; most calls are told by their last name."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "row"
        and ast.unparse(node.func) == "pytest.mark.row"
    )


def proofs() -> dict[str, list[str]]:
    """The test files of each id."""
    found: dict[str, dict[str, None]] = {}
    for row, file in marks():
        found.setdefault(row, {})[file] = None
    return {row: list(files) for row, files in found.items()}


def rows() -> list[tuple[str, ...]]:
    """The features that tests prove, for the reference."""
    found = proofs()
    return [
        (f.id, f.name, f.weight, ", ".join(f"`{file}`" for file in found[f.id]))
        for f in features()
        if f.id in found
    ]


def unproved() -> list[tuple[str, ...]]:
    """The features that no test proves, and what they wait for."""
    found = proofs()
    return [(f.id, f.name, f.weight, f.later) for f in features() if f.id not in found]
