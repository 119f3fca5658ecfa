"""The options of the magics: one table, read strictly, from which help and completion are made."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.grammar.split import split_line


@dataclass(frozen=True)
class Option:
    """One option: its names, the word that stands for its value, and what it does."""

    names: tuple[str, ...]
    metavar: str = ""
    text: str = ""
    repeat: bool = False
    choices: tuple[str, ...] = ()
    values: str = ""
    """what completes the value: kinds, projects, functions, runs, keys, secrets, files"""

    @property
    def key(self) -> str:
        """The name under which its value is found."""
        return max(self.names, key=len).lstrip("-").replace("-", "_")


@dataclass(frozen=True)
class Command:
    """A magic or a sub-command: its words and options."""

    name: str
    text: str
    words: tuple[str, ...] = ()
    """names of positional words; one in brackets may be left out, one with … takes the rest"""
    options: tuple[Option, ...] = ()
    values: str = ""
    example: str = ""

    @property
    def usage(self) -> str:
        """The first line of the help."""
        return " ".join([self.name, *self.words, *(["[options]"] if self.options else [])])

    def format_help(self) -> str:
        """What ``--help`` shows."""
        rows = [(_label(option), option.text) for option in (*self.options, HELP)]
        width = max(len(label) for label, _ in rows)
        lines = [f"{label:<{width}}  {text}" for label, text in rows]
        example = ["", "Example:", f"  {self.example}"] if self.example else []
        return "\n".join([f"usage: {self.usage}", "", self.text, "", *lines, *example])


HELP = Option(("--help",), text="Show this help; nothing runs.")


@dataclass
class Parsed:
    """What a line says."""

    words: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    help: bool = False

    def get(self, key: str, default: Any = None) -> Any:
        """An option's value: text, a list of texts where it may repeat, True for a switch."""
        return self.values.get(key, default)

    def texts(self, key: str) -> list[str]:
        """The values of an option that may repeat."""
        return list(self.values.get(key) or [])


def parse_line(command: Command, line: str) -> Parsed:
    """What the line says, in any order; an unknown or half-written option is refused."""
    by_name = {name: option for option in (*command.options, HELP) for name in option.names}
    parsed, words = Parsed(), split_line(line)
    plain = False
    while words:
        word = words.pop(0)
        if word == "--" and not plain:
            plain = True
            continue
        if plain or not word.startswith("-") or word == "-":
            parsed.words.append(word)
            continue
        name, equals, inline = word.partition("=")
        option = by_name.get(name)
        if option is None:
            raise MLRunInvalidArgumentError(_unknown(command, name, by_name))
        if option is HELP:
            parsed.help = True
        elif not option.metavar:
            if equals:
                raise MLRunInvalidArgumentError(f"{name} takes no value: write {name} alone")
            _set_switch(parsed, option, name)
        else:
            _set_value(parsed, option, name, inline if equals else _next(words, option, name))
    if not parsed.help:
        _check_words(command, parsed.words)
        if parsed.get("watch") and parsed.get("no_wait"):
            raise MLRunInvalidArgumentError(
                "--watch prints the log while the cell waits, and with --no-wait it does not: "
                "leave one of them out"
            )
    return parsed


def _next(words: list[str], option: Option, name: str) -> str:
    if not words or words[0].startswith("--"):
        raise MLRunInvalidArgumentError(f"{name} needs a value: {name} {option.metavar}")
    return words.pop(0)


def _set_switch(parsed: Parsed, option: Option, name: str) -> None:
    key, wanted = option.key.removeprefix("no_"), not name.startswith("--no-")
    if parsed.values.get(key, wanted) != wanted:
        other = name.replace("--no-", "--") if name.startswith("--no-") else f"--no-{name[2:]}"
        raise MLRunInvalidArgumentError(
            f"{name} contradicts {other}, which stands there too: leave one of them out"
        )
    parsed.values[key] = wanted
    parsed.values[name.lstrip("-").replace("-", "_")] = True


def _set_value(parsed: Parsed, option: Option, name: str, value: str) -> None:
    if option.choices and value not in option.choices:
        near = difflib.get_close_matches(value, option.choices, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise MLRunInvalidArgumentError(
            f"{name} {value}: choose one of {', '.join(option.choices)}.{hint}"
        )
    if option.repeat:
        parsed.values.setdefault(option.key, []).append(value)
    elif option.key in parsed.values:
        raise MLRunInvalidArgumentError(f"{name} is given twice: write it once")
    else:
        parsed.values[option.key] = value


def _unknown(command: Command, name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1, 0.6)
    hint = f"Did you mean {near[0]}?" if near else f"{command.name} --help lists the options"
    return f"{command.name} has no option {name}. {hint}"


def _check_words(command: Command, words: list[str]) -> None:
    needed = [word for word in command.words if not word.startswith("[")]
    endless = any("…" in word for word in command.words)
    if len(words) < len(needed):
        raise MLRunInvalidArgumentError(f"{needed[len(words)]} is missing: {command.usage}")
    if len(words) > len(command.words) and not endless:
        extra = words[len(command.words)]
        raise MLRunInvalidArgumentError(
            f"{extra!r} is one word too many: {command.usage}. Quote a value that holds blanks"
        )


def _label(option: Option) -> str:
    names = ", ".join(option.names)
    return f"  {names} {option.metavar}".rstrip()
