"""A magic line cut into words."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_mlrun.errors import MLRunInvalidArgumentError

OPENING = {"[": "]", "{": "}", "(": ")"}
LONGEST = 2_000_000
QUOTES = "'\""


def split_line(line: str) -> list[str]:
    """The words of a line: blanks separate them, but not inside quotes or brackets.

    A word that is quoted as a whole loses that one pair; all other quotes stay, so that JSON and
    Python text arrive as they were written. What follows a ``#`` that begins a word is a comment.
    """
    if len(line) > LONGEST:
        name = line[:200].partition("=")[0].split()[-1:] or [line[:40]]
        raise MLRunInvalidArgumentError(
            f"the line has {len(line):,} characters, most of them after {name[0]}=. Keep the value "
            f"in a file and hand it over: -i {name[0]}=PATH"
        )
    words, problem = _cut(line, brackets=True)
    if problem and "bracket" in problem:
        words, problem = _cut(line, brackets=False)
    if problem:
        raise MLRunInvalidArgumentError(problem)
    return [unquote(word) for word in words]


def find_magic(lines: Sequence[str]) -> int:
    """The place of the line ``%%mlrun`` that only comments and blank lines precede; else 0."""
    code = (at for at, line in enumerate(lines) if line.strip() and line.lstrip()[0] != "#")
    first = next(code, 0)
    return first if lines and lines[first].split()[:1] == ["%%mlrun"] else 0


def join_continued(line: str, body: str) -> tuple[str, str]:
    """A magic's line with the lines that a ``\\`` at its end continues, and the body below them."""
    while line.rstrip().endswith("\\"):
        further, _, body = body.partition("\n")
        line = f"{line.rstrip()[:-1].rstrip()} {further.strip()}"
    return line, body


def split_commas(text: str) -> list[str]:
    """The parts of a text between commas that stand outside quotes and brackets."""
    parts, quote, depth, start = [], "", 0, 0
    for position, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote and text[position - 1] != "\\" else quote
        elif letter in QUOTES and (depth or not text[start:position].strip(" ([{")):
            quote = letter
        elif letter == "," and not depth:
            parts.append(text[start:position])
            start = position + 1
        else:
            depth += (letter in OPENING) - (letter in OPENING.values() and depth > 0)
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def _cut(line: str, brackets: bool) -> tuple[list[str], str]:
    words: list[str] = []
    word, quote, depth, escaped = "", "", 0, False
    for position, letter in enumerate(line):
        if quote:
            word += letter
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == quote:
                quote = ""
        elif letter == "#" and not (word or depth or (words and words[-1].endswith(","))):
            break
        elif letter in QUOTES and (not word or word[-1] in "=,:([{ "):
            word, quote, start = word + letter, letter, position
        elif letter.isspace() and not depth:
            if word:
                words.append(word)
            word = ""
        else:
            depth += (letter in OPENING) - (letter in OPENING.values() and depth > 0)
            depth = depth if brackets else 0
            word += letter
    if quote:
        near = line[start : start + 20]
        return [], f"the quote at column {start + 1} ({near}…) is not closed: add {quote}"
    return words + ([word] if word else []), "a bracket is not closed" if depth else ""


def unquote(word: str) -> str:
    """The text without the one pair of quotes around all of it."""
    pair = len(word) > 1 and word[0] in QUOTES and word[-1] == word[0]
    return word[1:-1] if pair and word[0] not in word[1:-1].replace("\\" + word[0], "") else word
