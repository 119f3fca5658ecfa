"""What a notebook says of its function by the magics ``%nuclio cmd``, ``env`` and ``config``."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.export.selection import code_cells
from jupyter_mlrun.grammar.secrets import looks_secret
from jupyter_mlrun.names import near
from jupyter_mlrun.nested import get_in, update_in

_MAGIC = re.compile(r"^(?P<cell>%?)%nuclio[ \t]+(?P<name>\w+)[ \t]*(?P<rest>.*)$")
_SETTING = re.compile(r"^(?P<key>\w+(?:\.\w+)*)\s*(?P<adds>\+?)=\s*(?P<value>.+)$")
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)
_V3IO = ("V3IO_FRAMESD", "V3IO_USERNAME", "V3IO_ACCESS_KEY", "V3IO_API")
# they work in the notebook alone
OF_NOTEBOOK = frozenset({"build", "deploy", "help", "show", "verbose", "handler"})
# what a setting may be, by its key there
_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "kind": (str, "a text"),
    "spec": (dict, "an object of settings"),
    "spec.env": (list, 'a list of objects like {"name": "A", "value": "1"}'),
    "spec.image": (str, "a text"),
    "spec.build": (dict, "an object of settings"),
    "spec.build.commands": ((str, list), "a command, or a list of them"),
    "spec.build.baseImage": (str, "a text"),
    "spec.build.image": (str, "a text"),
    "spec.build.secret": (str, "a text"),
    "spec.build.extra": (str, "a text"),
    "spec.build.extra_args": (str, "a text"),
    "spec.build.builder_env": ((dict, list), "an object of variables"),
}
# settings by their keys there and in a function's spec; of other keys a function has no place
_PLACES = {
    "spec.build.baseImage": "build.base_image",
    "spec.build.secret": "build.secret",
    "spec.build.extra": "build.extra",
    "spec.build.extra_args": "build.extra_args",
    "spec.build.builder_env": "build.builder_env",
    "spec.build.image": "build.image",
    "spec.image": "image",
}


@dataclass
class NuclioSettings:
    """What the magics of a notebook ask for."""

    kind: str = ""
    spec: dict[str, Any] = field(default_factory=dict)
    """parts of a function's spec: ``env``, ``image``, ``build`` with its ``commands``"""
    warnings: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    """warnings of values that look secret, and that a function holds in plain text"""

    def apply(self, spec: dict[str, Any]) -> None:
        """Add them to the spec of a function, whose own variables and image stay."""
        build = spec.setdefault("build", {})
        for key, value in (self.spec.get("build") or {}).items():
            build[key] = [*(build.get(key) or []), *value] if key == "commands" else value
        env = spec.get("env") or []
        known = {each.get("name") for each in env}
        if added := [each for each in self.spec.get("env") or [] if each["name"] not in known]:
            spec["env"] = [*env, *added]
        if image := self.spec.get("image"):
            spec["image"] = spec.get("image") or image


def read_settings(
    notebook: Mapping[str, Any], folder: str = "", expands: bool = False
) -> NuclioSettings:
    """The settings of all cells that are not to be ignored; raises MLRunInvalidArgumentError.

    ``folder`` is the notebook's: files lie by it. ``expands`` puts the values of this process's
    environment in for ``$NAME``: a document that others read, as an export is, keeps the names,
    and takes no file from outside of the folder.
    """
    found = NuclioSettings()
    reader = _Reader(found, Path(folder or os.getcwd()), expands)
    for cell in code_cells(notebook):
        for magic in read_magics(cell.text):
            where = f"cell {cell.number}: %nuclio {magic.name}"
            if magic.where != "notebook":
                reader.read(magic, where)
            if magic.name in INSTEAD:
                found.warnings.append(f"{where} is left out: {INSTEAD[magic.name]}")
    _sort(reader.config, found)
    return found


INSTEAD = {
    "mount": "give the function its volume by apply(mlrun.auto_mount()) or mount_pvc",
    "add": "ship files with the function's source: with_source_archive",
}


@dataclass(frozen=True)
class NuclioMagic:
    """One use of the magic: its command, and the lines that it is given."""

    name: str
    lines: list[str]
    is_of_cell: bool
    where: str
    """``function`` or ``notebook`` where its flag says that it is for one of the two alone"""


_FLAGS = {
    "--config-only": "function", "-c": "function", "--local-only": "notebook", "-l": "notebook",
}  # fmt: skip


def read_magics(text: str) -> Iterator[NuclioMagic]:
    """Each use of the magic in a cell; a cell's magic is given all below it."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = _MAGIC.match(line.strip())
        if match is None:
            continue
        rest, is_of_cell = match["rest"].strip(), bool(match["cell"])
        flag, _, after = rest.partition(" ")
        given = [after if flag in _FLAGS else rest, *(lines[number + 1 :] if is_of_cell else ())]
        kept = [each.strip() for each in given if each.strip() and each.strip()[0] != "#"]
        yield NuclioMagic(match["name"].lower(), kept, is_of_cell, _FLAGS.get(flag, ""))
        if is_of_cell:
            return


class _Reader:
    """Takes lines of magics, one after the other, into the document that Nuclio would have."""

    def __init__(self, found: NuclioSettings, folder: Path, expands: bool) -> None:
        self.config: dict[str, Any] = {"spec": {"env": [], "build": {"commands": []}}}
        self._found, self._folder, self._expands = found, folder, expands
        self._readers = {
            "cmd": self._command, "env": self._variable, "env_file": self._file,
            "config": self._setting,
        }  # fmt: skip

    def read(self, magic: NuclioMagic, where: str) -> None:
        """Take one magic."""
        known = {*self._readers, *INSTEAD, *OF_NOTEBOOK}
        if magic.name not in known:
            raise MLRunInvalidArgumentError(
                f"{where} is no command of %nuclio.{near(magic.name, known)}"
            )
        if magic.name in self._readers:
            for line in magic.lines:
                self._readers[magic.name](line, where)

    def _command(self, line: str, where: str) -> None:
        commands = self.config["spec"]["build"]["commands"]
        commands.append(self._expanded(line, where, ""))

    def _variable(self, line: str, where: str) -> None:
        if line == "%v3io":
            self._v3io(where)
            return
        name, mark, value = (each.strip() for each in line.partition("="))
        if not mark or not name:
            raise MLRunInvalidArgumentError(f"{where} takes NAME=VALUE, not {line!r:.80}")
        if not _REFERENCE.search(value):
            self._tell_secret(name, value, where)
        self._set(name, self._expanded(value, f"{where} {name}", name))

    def _v3io(self, where: str) -> None:
        given = {name: os.environ[name] for name in _V3IO if name in os.environ}
        if not self._expands:
            self._found.warnings.append(
                f"{where} %v3io is left out: an export takes no values of the environment it is "
                "made in. Give the function its variables by apply(mlrun.v3io_cred())"
            )
            return
        for name, value in given.items():
            self._tell_secret(name, value, f"{where} %v3io")
            self._set(name, value)

    def _set(self, name: str, value: str) -> None:
        held = {each["name"]: each for each in self.config["spec"]["env"]}
        held[name] = {"name": name, "value": value}
        self.config["spec"]["env"] = list(held.values())

    def _file(self, line: str, where: str) -> None:
        path = self._folder / os.path.expanduser(line)
        if not self._expands and not path.resolve().is_relative_to(self._folder.resolve()):
            self._found.warnings.append(
                f"{where} {line} is left out: an export takes files of the notebook's folder alone"
            )
            return
        try:
            lines = [each.strip() for each in path.read_text(encoding="utf-8").splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise MLRunInvalidArgumentError(
                f"{where} {line}: the file cannot be read ({why}). Write its path as it is from "
                f"the notebook's folder, {self._folder.absolute()}"
            ) from None
        for number, each in enumerate(lines, 1):
            if each and not each.startswith("#"):
                self._line_of_file(each, number, f"{where} {line}")

    def _line_of_file(self, line: str, number: int, where: str) -> None:
        name, mark, value = (each.strip() for each in line.partition("="))
        if not mark or not name:
            # what it is may be a secret
            raise MLRunInvalidArgumentError(f"{where}: line {number} is not NAME=VALUE")
        is_written = not _REFERENCE.search(value)
        if is_written and not self._expands and looks_secret(name, value):
            self._found.warnings.append(
                f"{where}: {name} is left out: it looks like a secret, and an export is plain "
                "text. Store it as a secret of the project"
            )
            return
        self._variable(line, where)

    def _setting(self, line: str, where: str) -> None:
        match = _SETTING.match(line)
        if match is None:
            raise MLRunInvalidArgumentError(
                f'{where} takes KEY = VALUE or KEY += VALUE, like spec.image = "team/image", '
                f"not {line!r:.80}"
            )
        key = match["key"]
        try:
            value = json.loads(match["value"].strip())
        except ValueError:
            raise MLRunInvalidArgumentError(
                f"{where}: the value of {key} is written as JSON, text in double quotes, "
                f"not {match['value']!r:.80}"
            ) from None
        value = self._expanded(value, f"{where} {key}", key.rpartition(".")[2])
        self._require_place(key, bool(match["adds"]), where)
        update_in(self.config, key, value, append=bool(match["adds"]))
        _settle(self.config, where)

    def _require_place(self, key: str, adds: bool, where: str) -> None:
        *path, last = key.split(".")
        part, done = self.config, ""
        for name in path:
            done = f"{done}.{name}" if done else name
            if (inner := part.get(name)) is None:
                return
            if not isinstance(inner, dict):
                raise MLRunInvalidArgumentError(
                    f"{where}: {key} has no place, since {done} is {inner!r:.80}"
                )
            part = inner
        if adds and not isinstance(part.get(last, []), list):
            raise MLRunInvalidArgumentError(
                f"{where}: {key} += adds to a list, and {key} is {part[last]!r:.80}: "
                "write = instead"
            )

    def _expanded(self, value: Any, where: str, name: str) -> Any:
        if isinstance(value, list):
            return [self._expanded(each, where, name) for each in value]
        if isinstance(value, dict):
            told = str(value.get("name") or "")
            return {
                key: self._expanded(each, where, told if key == "value" and told else str(key))
                for key, each in value.items()
            }
        if not isinstance(value, str) or not _REFERENCE.search(value):
            return value
        if not self._expands:
            self._found.warnings.append(
                f"{where}: {_names(value)} stays as it is written: an export takes no values of "
                "the environment it is made in. Set the variable where the function works, or "
                "store it as a secret of the project"
            )
            return value
        for one, other in _REFERENCE.findall(value):
            held = os.environ.get(one or other, "")
            if not self._tell_secret(name, held, where):
                self._tell_secret(one or other, held, where)
        return os.path.expandvars(value)

    def _tell_secret(self, name: str, value: str, where: str) -> bool:
        is_secret = looks_secret(name, value)
        if is_secret:
            self._found.secrets.append(
                f"{where}: the value of {name} looks like a secret, and the function holds it in "
                "plain text: store it as a secret of the project"
            )
        return is_secret


def _names(text: str) -> str:
    return ", ".join(f"${one or other}" for one, other in _REFERENCE.findall(text))


def _settle(config: dict[str, Any], where: str) -> None:
    """Have each setting be what a function can take, a single command a list of one."""
    for key, (kinds, noun) in _KINDS.items():
        value = get_in(config, key)
        if value is not None and not isinstance(value, kinds):
            raise MLRunInvalidArgumentError(f"{where}: {key} is {noun}, not {value!r:.80}")
    spec = config["spec"] = config.get("spec") or {}
    build = spec["build"] = spec.get("build") or {}
    env = spec["env"] = spec.get("env") or []
    commands = build.get("commands") or []
    build["commands"] = commands = [commands] if isinstance(commands, str) else commands
    if wrong := [each for each in commands if not isinstance(each, str)]:
        raise MLRunInvalidArgumentError(
            f"{where}: spec.build.commands is a list of texts, which {wrong[0]!r:.80} is not"
        )
    if wrong := [each for each in env if not isinstance(each, dict) or not each.get("name")]:
        noun = _KINDS["spec.env"][1]
        raise MLRunInvalidArgumentError(
            f"{where}: spec.env is {noun}, which {wrong[0]!r:.80} is not"
        )


def _sort(config: dict[str, Any], found: NuclioSettings) -> None:
    """Put settings where a function has them, and say which have no place."""
    kind = str(config.pop("kind", ""))
    found.kind = "" if kind == "Function" else kind.lower()
    spec = config["spec"]
    for key, place in _PLACES.items():
        if (value := get_in(config, key)) is not None:
            update_in(found.spec, place, value)
            part, _, last = key.rpartition(".")
            get_in(config, part).pop(last)
    if commands := spec["build"].pop("commands"):
        update_in(found.spec, "build.commands", commands)
    if env := spec.pop("env"):
        found.spec["env"] = env
    found.warnings += [
        f"{key} of %nuclio config is left out: it is for functions that Nuclio runs"
        for key in _leaves(config)
    ]


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    for key, inner in value.items():
        where = f"{path}.{key}" if path else str(key)
        if isinstance(inner, Mapping):
            yield from _leaves(inner, where)
        else:
            yield where
