"""Secrets of a program: of files, values and variables, by MLRun's kinds of sources."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, ItemsView, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from .errors import MLRunInvalidArgumentError, MLRunNotFoundError

PREFIX = "MLRUN_K8S_SECRET__"


class SecretsStore:
    """Values by name, of the sources that were added; the last source of a name wins."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}
        # those of the service travel by name, never by value
        self._named: list[dict[str, Any]] = []

    @classmethod
    def from_list(cls, src_list: Iterable[Mapping[str, Any]] | None) -> Self:
        """The secrets of a task's sources."""
        store = cls()
        for each in src_list or ():
            store.add_source(each["kind"], each.get("source"), each.get("prefix") or "")
        return store

    def add_source(self, kind: str, source: Any = "", prefix: str = "") -> None:
        """Add a source: ``inline`` a dict, ``file`` a path, ``env`` names, ``kubernetes`` names."""
        reader = _READERS.get(kind)
        if reader is None:
            raise MLRunInvalidArgumentError(
                f"'{kind}' is no kind of source for secrets: {', '.join(_READERS)}. Those of a "
                "vault are given to the service, and runs get them by name as kind 'kubernetes'"
            )
        if kind == "kubernetes":
            self._named.append({"kind": kind, "source": list(_value(source, list, kind))})
        found = reader(source)
        self._secrets.update({prefix + key: value for key, value in found.items()})

    def get(self, key: str, default: str | None = None) -> str | None:
        """A secret by name; None, or the default, where there is none."""
        return self._secrets.get(key) or os.environ.get(PREFIX + key) or default

    def items(self) -> ItemsView[str, str]:
        """All, by name."""
        return self._secrets.items()

    def to_dict(self, struct: Any = None) -> dict[str, str]:
        """A copy of all, by name."""
        return dict(self._secrets)

    def to_serial(self) -> list[dict[str, Any]]:
        """The sources as a task names them."""
        hidden = {name for each in self._named for name in each["source"]}
        values = {key: value for key, value in self._secrets.items() if key not in hidden}
        return [{"kind": "inline", "source": values}, *self._named]

    def __bool__(self) -> bool:
        return bool(self._secrets or self._named)

    def __repr__(self) -> str:
        return f"<secrets {', '.join(sorted(self._secrets)) or 'none'}>"


def get_secret_or_env(
    key: str,
    secret_provider: Mapping[str, str] | SecretsStore | Callable[[str], Any] | None = None,
    default: str | None = None,
    prefix: str | None = None,
) -> str | None:
    """A value by name: of the provider, of the environment, or the default.

    Secrets of the project that a run was given are in its environment.
    """
    name = f"{prefix}_{key}" if prefix else key
    if secret_provider:
        found = secret_provider(name) if callable(secret_provider) else secret_provider.get(name)
        if found:
            return str(found)
    return os.environ.get(name) or os.environ.get(PREFIX + name) or default


def read_env_file(path: str | os.PathLike[str]) -> dict[str, str]:
    """The variables of a file of lines ``KEY=VALUE``; ``#`` begins a comment."""
    file = Path(path).expanduser()
    if not file.is_file():
        raise MLRunNotFoundError(f"env file {path} does not exist")
    found: dict[str, str] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip().removeprefix("export ").lstrip()
        if not text or text.startswith("#"):
            continue
        key, mark, value = text.partition("=")
        if not mark or not key.strip():
            # the line may hold a secret, so that it is not shown
            raise MLRunInvalidArgumentError(
                f"env file lines must be in the form key=value: line {number} of {path} is not"
            )
        found[key.strip()] = _unquote(value.strip())
    return found


def _unquote(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.partition(" #")[0].rstrip()


def _value(source: Any, kind: type, noun: str) -> Any:
    if isinstance(source, str):
        try:
            source = ast.literal_eval(source)
        except (ValueError, SyntaxError):
            source = None
    if not isinstance(source, kind):
        raise MLRunInvalidArgumentError(f"{noun} secrets must be of type {kind.__name__}")
    return source


def _inline(source: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in _value(source, dict, "inline").items()}


def _env(source: Any) -> dict[str, str]:
    names = [name.strip() for name in str(source).split(",") if name.strip()]
    return {name: os.environ[name] for name in names if name in os.environ}


def _kubernetes(source: Any) -> dict[str, str]:
    names = _value(source, list, "kubernetes")
    return {name: os.environ[PREFIX + name] for name in names if PREFIX + name in os.environ}


_READERS: dict[str, Callable[[Any], dict[str, str]]] = {
    "inline": _inline,
    "file": read_env_file,
    "env": _env,
    "kubernetes": _kubernetes,
}
