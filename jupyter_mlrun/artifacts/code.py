"""Code files as artifacts: of a function, or of a workflow."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from jupyter_mlrun.model import artifact_fields as fields

from ..errors import MLRunInvalidArgumentError
from .artifact import Artifact

SUFFIXES = {"python": ".py", "go": ".go", "java": ".java", "shell": ".sh", "javascript": ".js"}


class CodeArtifactCodeType(StrEnum):
    """What the code is of."""

    function = "function"
    workflow = "workflow"


class CodeArtifact(Artifact):
    """A file of code, with its language and what it needs."""

    kind = "code"
    SPEC = fields.CODE

    def __init__(
        self,
        key: str | None = None,
        body: Any = None,
        format: str | None = None,
        target_path: str | None = None,
        src_path: Any = None,
        language: str | None = None,
        code_type: str | CodeArtifactCodeType | None = None,
        requirements: list[str] | None = None,
        **more: Any,
    ) -> None:
        known = [str(kind) for kind in CodeArtifactCodeType]
        if code_type and str(code_type) not in known:
            raise MLRunInvalidArgumentError(
                f"The code '{key}' cannot be of the type '{code_type}': choose {', '.join(known)}"
            )
        if requirements is not None and not is_texts(requirements):
            raise MLRunInvalidArgumentError(
                f"The requirements of the code '{key}' are a list of texts such as "
                f"['numpy>=2'], not {requirements!r}"
            )
        # a file keeps its own end
        format = format or SUFFIXES.get(str(language or "").lower(), "").lstrip(".")
        if language is None:
            language = language_of(target_path or src_path)
        super().__init__(
            key, body, format=format, target_path=target_path, src_path=src_path,
            language=language, code_type=str(code_type or CodeArtifactCodeType.function),
            requirements=requirements, **more,
        )  # fmt: skip


def is_texts(value: Any) -> bool:
    """Whether it is a list of texts."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def language_of(path: Any) -> str | None:
    """``python`` for its files and notebooks; of others nothing is known."""
    return "python" if str(path).lower().endswith((".py", ".ipynb")) else None
