"""Where a failure of any kind is caught on the client's side: at code that is not ours."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/decisions/0016-failures-of-any-kind.md"


def catches(path: Path) -> bool:
    """Whether a module has an ``except`` for any ``Exception``."""
    nodes = ast.walk(ast.parse(path.read_text()))
    handlers = [node for node in nodes if isinstance(node, ast.ExceptHandler)]
    return any(h.type is None or getattr(h.type, "id", "") == "Exception" for h in handlers)


def test_each_place_that_catches_anything_is_named() -> None:
    page = PAGE.read_text()
    named = {"packagers", "capture", *page.split("`")[1::2]}
    found = [path for path in sorted((ROOT / "jupyter_mlrun").rglob("*.py")) if catches(path)]
    assert found
    for path in found:
        inside = path.relative_to(ROOT / "jupyter_mlrun").with_suffix("")
        assert inside.parts[0] in named or str(inside) in named, f"{path} is not named in {PAGE}"
