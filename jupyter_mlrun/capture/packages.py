"""Where a module comes from: the standard library, a distribution, or a file of the user's."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.metadata
import importlib.util
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlparse

MOST_FILE_BYTES = 10_000_000
DATA_SUFFIXES = {".py", ".json", ".yaml", ".yml", ".toml", ".txt", ".csv", ".pyi", ".so", ".sql"}


@dataclass(frozen=True)
class Origin:
    """Where a top-level module comes from."""

    kind: str
    """standard, distribution, file or missing"""
    distributions: tuple[str, ...] = ()
    spec: importlib.machinery.ModuleSpec | None = None


@dataclass
class Environment:
    """Distributions with exact versions, and modules of none with their files."""

    packages: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    local: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


@lru_cache(maxsize=1)
def _distributions_by_module(path: tuple[str, ...]) -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


@lru_cache(maxsize=1)
def _editable_roots(path: tuple[str, ...]) -> dict[str, Path]:
    roots: dict[str, Path] = {}
    for distribution in importlib.metadata.distributions():
        text = distribution.read_text("direct_url.json")
        if not text:
            continue
        found = json.loads(text)
        if found.get("dir_info", {}).get("editable"):
            name = distribution.metadata["Name"]
            roots[name] = Path(unquote(urlparse(found["url"]).path)).resolve()
    return roots


def find_origin(module: str) -> Origin:
    """Where the top-level module of this name comes from, without importing it."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top == "__future__":
        return Origin("standard")
    spec = _spec(top)
    if spec is None:
        return Origin("missing")
    path = tuple(sys.path)
    places = [Path(place).resolve() for place in _places(spec)]
    owners = [
        name
        for name in dict.fromkeys(_distributions_by_module(path).get(top, ()))
        if not places or _owns(name, places)
    ]
    if owners:
        return Origin("distribution", tuple(owners), spec)
    for name, root in _editable_roots(path).items():
        if any(place.is_relative_to(root) for place in places):
            return Origin("distribution", (name,), spec)
    return Origin("file", (), spec)


def _spec(top: str) -> importlib.machinery.ModuleSpec | None:
    loaded = sys.modules.get(top)
    if loaded is not None and getattr(loaded, "__spec__", None) is not None:
        return loaded.__spec__
    try:
        return importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None


def _places(spec: importlib.machinery.ModuleSpec) -> list[str]:
    if spec.submodule_search_locations:
        return list(spec.submodule_search_locations)
    return [spec.origin] if spec.has_location and spec.origin else []


def _owns(name: str, places: list[Path]) -> bool:
    """Whether the distribution holds these files; a file of the same name may hide it."""
    root = _editable_roots(tuple(sys.path)).get(name)
    if root is not None and any(place.is_relative_to(root) for place in places):
        return True
    home = Path(str(importlib.metadata.distribution(name).locate_file(""))).resolve()
    return any(place.is_relative_to(home) for place in places)


def build_environment(modules: Iterable[str]) -> Environment:
    """The distributions and files that these modules and the user's own files among them need."""
    found = Environment()
    waiting = sorted({module.partition(".")[0] for module in modules})
    seen: set[str] = set()
    while waiting:
        top = waiting.pop()
        if top in seen:
            continue
        seen.add(top)
        origin = find_origin(top)
        if origin.kind == "distribution":
            for name in origin.distributions:
                found.packages[name] = importlib.metadata.version(name)
        elif origin.kind == "missing":
            found.missing.add(top)
        elif origin.kind == "file" and origin.spec is not None:
            found.local.add(top)
            files = _module_files(top, origin.spec)
            found.files |= files
            for path, body in files.items():
                if path.endswith(".py"):
                    waiting += imported_modules(body.decode("utf-8", "replace"))
    return found


def imported_modules(text: str | ast.AST) -> list[str]:
    """Top-level modules that the code imports anywhere by an absolute name."""
    if isinstance(text, str):
        try:
            text = ast.parse(text)
        except (SyntaxError, ValueError):
            return []
    found: list[str] = []
    for node in ast.walk(text):
        if isinstance(node, ast.Import):
            found += [alias.name.partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append(node.module.partition(".")[0])
    return list(dict.fromkeys(found))


def _module_files(top: str, spec: importlib.machinery.ModuleSpec) -> dict[str, bytes]:
    if not spec.submodule_search_locations:
        path = Path(spec.origin or "")
        return {path.name: path.read_bytes()} if path.is_file() else {}
    files: dict[str, bytes] = {}
    for place in spec.submodule_search_locations:
        root = Path(place)
        for path in sorted(root.rglob("*")):
            hidden = any(
                part.startswith(".") or part == "__pycache__"
                for part in path.relative_to(root).parts
            )
            if hidden or not path.is_file() or path.suffix not in DATA_SUFFIXES:
                continue
            if path.stat().st_size <= MOST_FILE_BYTES:
                files[f"{top}/{path.relative_to(root).as_posix()}"] = path.read_bytes()
    return files
