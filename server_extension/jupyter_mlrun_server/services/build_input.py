"""What is asked to be built, checked before anything is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun import names
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.masking import MASK


def checked(function: Any) -> dict[str, Any]:
    """A copy of the function whose image is to be built, with the parts that builders read."""
    if not isinstance(function, Mapping) or not isinstance(function.get("metadata"), Mapping):
        raise MLRunInvalidArgumentError("The body has no 'function': give a function document")
    document: dict[str, Any] = json.loads(json.dumps(function))
    metadata = document["metadata"]
    metadata["name"] = names.normalize_name(str(metadata.get("name") or ""))
    metadata["project"] = str(metadata.get("project") or "default")
    metadata["tag"] = str(metadata.get("tag") or "latest")
    names.validate_function(metadata["name"])
    names.validate_tag(metadata["tag"])
    for part in ("spec", "status"):
        if not isinstance(document.get(part) or {}, Mapping):
            raise MLRunInvalidArgumentError(f"function.{part} must be an object")
        document[part] = document.get(part) or {}
    spec = document["spec"]
    if not isinstance(spec.get("build") or {}, Mapping):
        raise MLRunInvalidArgumentError("function.spec.build must be an object")
    spec["build"] = spec.get("build") or {}
    _check_environment(spec["build"].get("builder_env") or {})
    return document


def _check_environment(given: Any) -> None:
    if not isinstance(given, Mapping):
        raise MLRunInvalidArgumentError(
            "function.spec.build.builder_env must be an object of names and values"
        )
    if MASK in given.values():
        raise MLRunInvalidArgumentError(
            "builder_env of the function holds no values: they are never stored, so give them "
            "again, by deploy(builder_env={…})"
        )
