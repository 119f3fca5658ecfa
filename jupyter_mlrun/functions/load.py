"""Functions made of files, notebooks, commands, callables and stored documents."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_mlrun import names, session, uris
from jupyter_mlrun.client import functions
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model.function import encode_source

from .function import Function
from .registry import build
from .running import IN_PROCESS


def new_function(
    name: str | None = "",
    project: str | None = "",
    tag: str | None = "",
    kind: str | None = "",
    command: str | None = "",
    image: str | None = "",
    args: list[Any] | None = None,
    runtime: Any = None,
    mode: str | None = None,
    handler: Any = None,
    source: str | None = None,
    requirements: list[str] | None = None,
) -> Function:
    """A function of a command (a script), or of a callable handler, or of a document."""
    document: dict[str, Any] = dict(runtime or {"metadata": {}, "spec": {}})
    document["kind"] = kind if kind is not None else document.get("kind", "")
    metadata, spec = document.setdefault("metadata", {}), document.setdefault("spec", {})
    chosen = name or metadata.get("name") or getattr(handler, "__name__", "") or _stem(command)
    metadata["name"] = names.validate_function(names.normalize_function(chosen or "handler"))
    metadata["project"] = project or metadata.get("project") or session.active_project()
    metadata["tag"] = tag or ""
    given = {"command": command, "image": image, "args": args, "mode": mode}
    spec.update({key: value for key, value in given.items() if value})
    if requirements:
        spec.setdefault("build", {})["requirements"] = list(requirements)
    if isinstance(handler, str):
        spec["default_handler"] = handler
    if command and kind not in IN_PROCESS and os.path.isfile(command):
        spec.setdefault("build", {})["functionSourceCode"] = encode_source(
            Path(command).read_text(encoding="utf-8")
        )
    return build(document, handler if callable(handler) else None)


def code_to_function(
    name: str | None = "",
    project: str | None = "",
    tag: str | None = "",
    filename: str | None = "",
    handler: str | None = "",
    kind: str | None = "",
    image: str | None = None,
    code_output: str | None = "",
    embed_code: bool = True,
    description: str | None = "",
    requirements: list[str] | None = None,
    categories: list[str] | None = None,
    labels: Mapping[str, str] | None = None,
    with_doc: bool | None = True,
) -> Function:
    """A function of a Python file, or of a notebook as ``%mlrun export`` reads it."""
    if not filename:
        raise MLRunInvalidArgumentError(
            "code_to_function needs filename=: a .py file or a notebook; "
            "to turn a cell into a function begin it with %%mlrun NAME"
        )
    path = Path(filename)
    if not path.is_file():
        raise MLRunInvalidArgumentError(f"There is no file {path.absolute()}")
    is_notebook = path.suffix == ".ipynb"
    source = _notebook_source(path) if is_notebook else path.read_text(encoding="utf-8")
    function = new_function(name or path.stem, project, tag, kind or "local", image=image)
    function.with_code(body=source)
    function.spec["build"]["origin_filename"] = str(path)
    if requirements:
        function.spec["build"]["requirements"] = list(requirements)
    function.spec["default_handler"] = handler or ""
    function.spec["description"] = description or ""
    function.metadata["labels"] = dict(labels or {})
    if categories:
        function.metadata["categories"] = list(categories)
    if with_doc:
        function.spec["entry_points"] = _entry_points(source, str(path))
    return function


def import_function(
    url: str = "",
    secrets: Any = None,
    db: Any = None,
    project: str | None = None,
    new_name: str | None = None,
) -> Function:
    """A function of ``db://PROJECT/NAME[:TAG][@HASH]``, or of a YAML, JSON or Python file."""
    if url.startswith("db://"):
        parts = uris.parse_function(url.removeprefix("db://"))
        owner = parts.project or project or session.active_project()
        found = functions.read(session.client(), owner, parts.name, parts.tag, parts.hash_key)
    elif url.endswith(".py"):
        return code_to_function(new_name or "", project, filename=url)
    else:
        import yaml

        found = yaml.safe_load(session.get_object(url))
        if not isinstance(found, dict) or "metadata" not in found:
            raise MLRunInvalidArgumentError(f"{url} holds no function: it has no metadata")
    function = build(found)
    if new_name:
        function.metadata["name"] = names.validate_function(new_name)
    if project:
        function.metadata["project"] = project
    return function


def _stem(command: str | None) -> str:
    return Path(command).stem if command else ""


def _notebook_source(path: Path) -> str:
    from jupyter_mlrun.export.notebook import build_export, read_notebook

    module, _, _ = build_export(read_notebook(str(path)), path.stem, path.name)
    return module


def _entry_points(source: str, path: str) -> dict[str, Any]:
    import ast

    from jupyter_mlrun.capture.signature import describe_function

    try:
        tree = ast.parse(source, path)
    except SyntaxError as error:
        raise MLRunInvalidArgumentError(
            f"{path}, line {error.lineno}: {error.msg}; the function cannot be made of it"
        ) from None
    nodes = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return {n.name: describe_function(n) for n in nodes if not n.name.startswith("_")}
