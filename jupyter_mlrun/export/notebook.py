"""A notebook's two files: what they would be, and writing them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_mlrun.errors import (
    MLRunBaseError,
    MLRunConflictError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
)
from jupyter_mlrun.export.build import Build, build_function, build_module
from jupyter_mlrun.export.nuclio import read_settings
from jupyter_mlrun.export.selection import named_parts, select_cells
from jupyter_mlrun.names import slug

MARK = "# Made by jupyter-mlrun from "
SUM = "; content "


def read_notebook(path: str) -> dict[str, Any]:
    """The notebook of a file, as nbformat 4."""
    import nbformat

    reader: Any = nbformat

    if not os.path.isfile(path):
        raise MLRunNotFoundError(
            f"There is no notebook {path}: save it first, or name one that is there"
        )
    try:
        notebook: Any = reader.read(path, as_version=4)
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        reader.ValidationError,
    ) as error:
        # nbformat looks into a file before it knows that it holds a notebook
        raise MLRunInvalidArgumentError(f"{path} is not a notebook: {error}") from None
    return dict(notebook)


def build_source(notebook: Mapping[str, Any], source: str, function: str) -> Build:
    """The module of a notebook's code for a function of this name, and what is known of it."""
    if not isinstance(notebook.get("cells"), list):
        raise MLRunInvalidArgumentError(f"{source} is not a notebook: it has no list of cells")
    language = ((notebook.get("metadata") or {}).get("language_info") or {}).get("name", "python")
    if language != "python":
        raise MLRunInvalidArgumentError(f"{source} is a {language} notebook, not one of Python")
    build = build_module(select_cells(notebook, function), f"The code of {source}.")
    if build.is_empty:
        why = "; ".join(build.warnings) or "no code cell is left to take"
        raise MLRunInvalidArgumentError(f"{source} has no code to export: {why}")
    return build


def build_export(
    notebook: Mapping[str, Any], stem: str, source: str, folder: str = ""
) -> tuple[str, str, Build]:
    """The texts of module and function, each with the mark that it was made by an export.

    ``folder`` is the notebook's.
    """
    import yaml

    name = slug(stem) or "notebook"
    build = build_source(notebook, source, name)
    build.warnings += [
        f"the marks of {other} are for a function of that name alone: "
        f"code_to_function({other!r}, filename={source!r})"
        for other in named_parts(notebook)
        if other != name
    ]
    function, settings = build_function(build, name), read_settings(notebook, folder)
    settings.apply(function["spec"])
    build.warnings += [*settings.warnings, *settings.secrets]
    document = yaml.safe_dump(function, sort_keys=False, allow_unicode=True)
    return marked(build.module, source), marked(document, source), build


def marked(text: str, source: str) -> str:
    """The text with the mark that it was made by an export."""
    digest = hashlib.sha1(text.encode()).hexdigest()
    return f"{MARK}{json.dumps(source, ensure_ascii=True)}{SUM}{digest}\n{text}"


def is_ours(text: str) -> bool:
    """Whether the text was written by an export and not changed since."""
    first, _, rest = text.partition("\n")
    digest = hashlib.sha1(rest.encode()).hexdigest()
    return first.startswith(MARK) and first.endswith(SUM + digest)


def export_notebook(
    path: str,
    notebook: Mapping[str, Any] | None = None,
    force: bool = False,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Write ``<notebook>.py`` and ``<notebook>.yaml`` beside the notebook; both or none.

    ``notebook`` is the open document where it is not to be read from the file. The answer holds
    path, text, exists and written of both files, and warnings. Raises MLRunConflictError where a
    file stands there that an export did not write.
    """
    document = read_notebook(path) if notebook is None else notebook
    base = Path(path)
    module, function, build = build_export(document, base.stem, base.name, str(base.parent))
    targets = [(base.with_suffix(".py"), module), (base.with_suffix(".yaml"), function)]
    if not force and not dry_run:
        refuse_foreign([target for target, _ in targets], "--force")
    foreign = _find_foreign([target for target, _ in targets])
    existed = [target.exists() for target, _ in targets]
    if not dry_run:
        _write_both(targets)
    parts = [
        {"path": str(target), "text": text, "exists": there, "written": not dry_run,
         "foreign": target in foreign}
        for (target, text), there in zip(targets, existed, strict=True)
    ]  # fmt: skip
    return {"module": parts[0], "function": parts[1], "warnings": build.warnings}


def describe_outcome(answer: Mapping[str, Any], force: bool, dry_run: bool) -> list[str]:
    """A line for each of the two files: what was done, or what the export would do."""
    parts = [answer["module"], answer["function"]]
    if dry_run and not force and would_refuse(answer):
        return [_refusal([part["path"] for part in parts if part["foreign"]], "--force")]
    return [f"{'would write' if dry_run else 'wrote'} {part['path']}" for part in parts]


def would_refuse(answer: Mapping[str, Any]) -> bool:
    """Whether an export without force would leave files alone that it did not write."""
    return any(answer[part]["foreign"] for part in ("module", "function"))


def refuse_foreign(targets: list[Path], option: str) -> None:
    """Raises MLRunConflictError where one of the files was not written by an export."""
    foreign = _find_foreign(targets)
    if foreign:
        raise MLRunConflictError(_refusal([str(target) for target in foreign], option))


def _refusal(paths: list[str], option: str) -> str:
    return (
        f"{' and '.join(paths)} was not written by an export, or was changed since. Move it away, "
        f"or replace it with {option}"
    )


def _find_foreign(targets: list[Path]) -> list[Path]:
    return [target for target in targets if target.exists() and not _is_ours(target)]


def _is_ours(path: Path) -> bool:
    try:
        return is_ours(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return False


def _write_both(targets: list[tuple[Path, str]]) -> None:
    drafts = [
        (target.with_name(f".{target.name}.{os.getpid()}.part"), target) for target, _ in targets
    ]
    try:
        for (draft, _), (_, text) in zip(drafts, targets, strict=True):
            draft.write_text(text, encoding="utf-8")
        for draft, target in drafts:
            os.replace(draft, target)
    except OSError as error:
        raise MLRunBaseError(
            f"The export could not be written to {targets[0][0].parent}: {error.strerror or error}"
        ) from None
    finally:
        for draft, _ in drafts:
            draft.unlink(missing_ok=True)
