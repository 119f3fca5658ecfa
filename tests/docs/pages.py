"""The pages of the documentation and the fenced blocks that a reader is told to type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TYPED = ("bash", "python", "ipython")
_FENCE = re.compile(r"^```(\S*)[ \t]*(.*?)[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the words after it, its text and where it begins."""

    page: str
    line: int
    language: str
    words: str
    text: str

    @property
    def place(self) -> str:
        """Page and line, for messages."""
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """README and every page below docs, as paths in the checkout."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [str(path.relative_to(ROOT)) for path in found]


def text(page: str) -> str:
    """A page's text."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    """The blocks of a page that are typed into a terminal or a notebook."""
    source = text(page)
    return [
        Block(page, source.count("\n", 0, match.start()) + 1, match[1], match[2], match[3])
        for match in _FENCE.finditer(source)
        if match[1] in TYPED
    ]


def headings(page: str) -> list[str]:
    """The headings of a page, without marks."""
    return [re.sub(r"[`*]", "", m) for m in re.findall(r"^#+ (.*)$", text(page), re.MULTILINE)]


def links(page: str) -> list[str]:
    """The targets of a page's links to other files."""
    plain = _FENCE.sub("", text(page))
    found = re.findall(r"\]\(([^)\s]+)\)", plain)
    return [target for target in found if not re.match(r"[a-z]+:", target)]
