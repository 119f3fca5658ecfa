"""What a notebook says of its function by the magics ``%nuclio cmd``, ``env`` and ``config``."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.export.selection import code_cells
from jupyter_mlrun.names import near
from jupyter_mlrun.nested import get_in, update_in

_MAGIC = re.compile(r"^(?P<cell>%?)%nuclio[ \t]+(?P<name>\w+)[ \t]*(?P<rest>.*)$")
_SETTING = re.compile(r"^(?P<key>\w+(?:\.\w+)*)\s*(?P<adds>\+?)=\s*(?P<value>.+)$")
_V3IO = ("V3IO_FRAMESD", "V3IO_USERNAME", "V3IO_ACCESS_KEY", "V3IO_API")
# they work in the notebook alone
OF_NOTEBOOK = frozenset({"build", "deploy", "help", "show", "verbose", "handler"})
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


def read_settings(notebook: Mapping[str, Any]) -> NuclioSettings:
    """The settings of all cells that are not to be ignored; raises MLRunInvalidArgumentError."""
    found, config = NuclioSettings(), {"spec": {"env": [], "build": {"commands": []}}}
    for cell in code_cells(notebook):
        for magic in read_magics(cell.text):
            where = f"cell {cell.number}: %nuclio {magic.name}"
            if magic.where != "notebook":
                _read(magic, config, where)
            if magic.name in INSTEAD:
                found.warnings.append(f"{where} is left out: {INSTEAD[magic.name]}")
    _sort(config, found)
    return found


def _read(magic: NuclioMagic, config: dict[str, Any], where: str) -> None:
    known = {*_READERS, *INSTEAD, *OF_NOTEBOOK}
    if magic.name not in known:
        raise MLRunInvalidArgumentError(
            f"{where} is no command of %nuclio.{near(magic.name, known)}"
        )
    if magic.name in _READERS:
        for line in magic.lines:
            _READERS[magic.name](config, line, where)


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


def _command(config: dict[str, Any], line: str, where: str) -> None:
    update_in(config, "spec.build.commands", os.path.expandvars(line), append=True)


def _variable(config: dict[str, Any], line: str, where: str) -> None:
    if line == "%v3io":
        given = {name: os.environ[name] for name in _V3IO if name in os.environ}
    else:
        name, mark, value = line.partition("=")
        if not mark or not name.strip():
            raise MLRunInvalidArgumentError(f"{where} takes NAME=VALUE, not {line!r:.80}")
        given = {name.strip(): os.path.expandvars(value.strip())}
    held = {each["name"]: each["value"] for each in config["spec"]["env"]} | given
    config["spec"]["env"] = [{"name": name, "value": value} for name, value in held.items()]


def _variables(config: dict[str, Any], line: str, where: str) -> None:
    try:
        with open(line, encoding="utf-8") as file:
            lines = [each.strip() for each in file]
    except OSError as error:
        raise MLRunInvalidArgumentError(
            f"{where} {line}: the file cannot be read ({error.strerror}). Write its path as it is "
            f"from {os.getcwd()}"
        ) from None
    for each in lines:
        if each and not each.startswith("#"):
            _variable(config, each, f"{where} {line}")


def _setting(config: dict[str, Any], line: str, where: str) -> None:
    match = _SETTING.match(line)
    if match is None:
        raise MLRunInvalidArgumentError(
            f'{where} takes KEY = VALUE or KEY += VALUE, like spec.image = "team/image", '
            f"not {line!r:.80}"
        )
    try:
        value = json.loads(os.path.expandvars(match["value"].strip()))
    except ValueError:
        raise MLRunInvalidArgumentError(
            f"{where}: the value of {match['key']} is written as JSON, text in double quotes, "
            f"not {match['value']!r:.80}"
        ) from None
    update_in(config, match["key"], value, append=bool(match["adds"]))


_READERS = {
    "cmd": _command, "env": _variable, "env_file": _variables, "config": _setting,
}  # fmt: skip


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
