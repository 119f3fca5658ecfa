"""Sources of secrets that a task names: read where the run works, never stored with it."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

KINDS = ("inline", "file", "env", "kubernetes")


def take_secrets(spec: dict[str, Any]) -> dict[str, str]:
    """The secrets of a run's sources, by name; sources that hold values are taken from the spec.

    ``inline`` is a dict, ``file`` a path of lines ``NAME=VALUE``, ``env`` names of variables with
    commas between them; the names of a ``kubernetes`` source are the service's to give.
    """
    found: dict[str, str] = {}
    kept = []
    for source in spec.get("secret_sources") or []:
        kind = str(source.get("kind"))
        if kind == "kubernetes":
            kept.append(source)
            continue
        prefix = str(source.get("prefix") or "")
        values = _read(kind, source.get("source"))
        found |= {prefix + name: value for name, value in values.items()}
    if "secret_sources" in spec:
        spec["secret_sources"] = kept
    return found


def _read(kind: str, source: Any) -> dict[str, str]:
    if kind == "inline":
        return _inline(source)
    if kind == "file":
        return _file(os.fspath(source))
    if kind == "env":
        names = [name.strip() for name in str(source or "").split(",") if name.strip()]
        return {name: os.environ[name] for name in names if name in os.environ}
    raise MLRunInvalidArgumentError(
        f"There is no source of secrets '{kind}': choose {', '.join(KINDS)}"
    )


def _inline(source: Any) -> dict[str, str]:
    if isinstance(source, str):
        try:
            source = ast.literal_eval(source)
        except (ValueError, SyntaxError):
            source = None
    if not isinstance(source, Mapping):
        raise MLRunInvalidArgumentError(
            "The source of inline secrets is a dict of names and values"
        )
    return {str(name): str(value) for name, value in source.items()}


def _file(path: str) -> dict[str, str]:
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line.strip() for line in file]
    except OSError as error:
        raise MLRunInvalidArgumentError(
            f"The file of secrets {path} cannot be read: {error.strerror or error}"
        ) from None
    except UnicodeDecodeError:
        raise MLRunInvalidArgumentError(
            f"The file of secrets {path} is no UTF-8 text: it has lines NAME=VALUE"
        ) from None
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, dot, value in pairs if dot}
