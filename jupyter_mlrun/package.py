"""MLRun's module ``mlrun.package``: packagers by their names there."""

from __future__ import annotations

from .lazy import attributes

# what MLRun has below it is found by name alone: see addresses.py
__path__: list[str] = []

_ERRORS = ("", "Bundling", "Collection", "Packing", "Unbundling", "Unpacking")

__getattr__, __dir__ = attributes(
    __name__,
    {
        "ArchiveSupportedFormat": "packagers.archives",
        "ArtifactType": "packagers.packager",
        "DefaultPackager": "packagers.default",
        "LogHint": "packagers.hint",
        "Packager": "packagers.packager",
        "PackagersManager": "packagers.manager",
        "StructFileSupportedFormat": "packagers.formats",
        "TypeHintUtils": "packagers.type_hints",
        "handler": "handlers",
        **{f"MLRunPackage{name}Error": "errors" for name in _ERRORS},
    },
)
