"""Values packed by their type into artifacts and results, and unpacked as what they were.

MLRun's framework under its names: a ``Packager`` knows one type; ``PackagersManager`` chooses one.
"""

from __future__ import annotations

from typing import Any

_PLACES = {
    "ArchiveSupportedFormat": "archives",
    "ArtifactType": "packager",
    "DefaultPackager": "default",
    "LogHint": "hint",
    "Packager": "packager",
    "PackagersManager": "manager",
    "StructFileSupportedFormat": "formats",
    "TypeHintUtils": "type_hints",
}
__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _PLACES:
        value = getattr(import_module(f".{_PLACES[name]}", __name__), name)
    elif name.startswith("MLRunPackage"):
        value = getattr(import_module("..errors", __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value
