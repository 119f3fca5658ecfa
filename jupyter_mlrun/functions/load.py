"""Functions made of files, notebooks, commands, callables and stored documents."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlrun import names, session, uris
from jupyter_mlrun.client import functions, hub
from jupyter_mlrun.client.transport import connect
from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunNotFoundError
from jupyter_mlrun.model.entry_points import describe_handlers
from jupyter_mlrun.model.fields import plain
from jupyter_mlrun.model.function import encode_source

from .code import encoded, find_origin, read_code, read_source
from .function import DB, Function
from .registry import build, known_kinds
from .running import IN_PROCESS

if TYPE_CHECKING:
    from jupyter_mlrun.export.nuclio import NuclioSettings

OF_NUCLIO = ("remote", "nuclio", "serving", "application")


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
    kfp: bool | None = None,
    requirements_file: str = "",
) -> Function:
    """A function of a command (a script), of a callable handler, of a source, or of a document."""
    document: dict[str, Any] = plain(runtime) if runtime else {}
    metadata, spec = document.setdefault("metadata", {}), document.setdefault("spec", {})
    command = command or spec.get("command") or ""
    kind = _check_kind(kind or document.get("kind") or "", command)
    document["kind"] = kind
    metadata["name"] = _name(name or metadata.get("name") or "", handler, command)
    metadata["project"] = metadata.get("project") or project or session.active_project()
    metadata["tag"] = tag or metadata.get("tag") or ""
    if image and kind in (*IN_PROCESS, "local"):
        raise MLRunInvalidArgumentError(
            "image should only be set with containerized runtimes (job, mpijob, spark, ..), "
            "set kind=.."
        )
    given = {"command": command, "image": image, "args": args, "mode": mode}
    if mode not in (None, "", "pass"):
        raise MLRunInvalidArgumentError(f"run mode can only be pass, not {mode!r}: or leave it out")
    spec.update({key: value for key, value in given.items() if value})
    function = build(document, handler if callable(handler) else None)
    if isinstance(handler, str) and handler:
        _set_handler(function, handler)
    if source:
        function.spec.build["source"] = source
    if requirements or requirements_file:
        function.with_requirements(requirements, requirements_file=requirements_file)
    _take_command(function)
    return function.prepare_image_for_deploy()


def _name(given: str, handler: Any, command: str) -> str:
    if given:
        return normalize_name(given)
    found = getattr(handler, "__name__", "") or _stem(command)
    # of a lambda, or of a file whose name names nothing
    usable = found[:1].isalnum() and found.replace("_", "-").replace("-", "").isalnum()
    chosen = found if usable else f"mlrun-{uuid.uuid4().hex[:6]}"
    return names.validate_function(names.normalize_name(chosen))


def _check_kind(kind: str, command: str) -> str:
    if not kind:
        return "local" if command else "handler"
    known = known_kinds()
    if kind not in known:
        raise MLRunInvalidArgumentError(
            f"Unsupported runtime ({kind}) or missing command, supported runtimes: "
            f"{','.join(sorted(each for each in known if each))}.{names.near(kind, known)}"
        )
    return kind


def _set_handler(function: Function, handler: str) -> None:
    if function.kind in OF_NUCLIO:
        function.spec["function_handler"] = handler
    else:
        function.spec["default_handler"] = handler


def _take_command(function: Function) -> None:
    """Ship the script of a command that lies here: its run may work elsewhere."""
    command = str(function.spec.get("command") or "")
    has_code = function.spec.build.get("functionSourceCode") or function.spec.build.get("source")
    if has_code or function.kind in IN_PROCESS or function.spec.get("mode") == "pass":
        return
    file = command if os.path.isfile(command) else command.partition(" ")[0]
    if file.endswith(".py") and os.path.isfile(file):
        function.spec.build["functionSourceCode"] = encode_source(read_source(Path(file)))


def normalize_name(name: str) -> str:
    """The name as functions are stored; says so where it is another than was given."""
    if not isinstance(name, str):
        return names.validate_function(name)
    stored = names.normalize_name(name)
    if stored != name:
        import warnings

        warnings.warn(
            f"The function name {name!r} is stored as {stored!r}: names are in lower case, with "
            "- for _ and blanks",
            UserWarning,
            stacklevel=3,
        )
    return names.validate_function(stored)


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
    ignored_tags: str | None = None,
    requirements_file: str | None = "",
) -> Function:
    """A function of a Python file or a notebook; of the notebook this runs in without a name.

    ``embed_code=False`` keeps the path instead of the code. ``code_output`` writes a notebook's
    code as a module: a path, or ``.`` for one of the function's name.
    """
    if not embed_code and not code_output and (not filename or filename.endswith(".ipynb")):
        raise MLRunInvalidArgumentError(
            "A valid code file must be specified when not using the embed_code option"
        )
    path = _code_file(filename)
    source, settings = read_code(path, ignored_tags or "", name or path.stem)
    asked = settings.kind if settings else ""
    function = new_function(name or path.stem, project, tag, kind or asked or "local")
    if image:
        # as in MLRun: kept also where it serves other kinds alone
        function.spec["image"] = image
    if settings:
        _take_settings(function, settings)
    if code_output:
        _write_code(function.name, path, code_output, source)
    if embed_code:
        function.spec.build["functionSourceCode"] = encoded(source)
    else:
        function.spec["command"] = code_output or str(path)
    function.spec.build["origin_filename"] = filename or str(path)
    function.spec.build["code_origin"] = find_origin(path) or filename or str(path)
    if function.kind not in (*IN_PROCESS, "local"):  # as in MLRun
        function.spec["filename"] = filename or str(path)
    if requirements or requirements_file:
        function.with_requirements(requirements, requirements_file=requirements_file)
    function.spec["description"] = description or ""
    function.metadata["labels"] = dict(labels or {})
    if categories:
        function.metadata["categories"] = list(categories)
    if with_doc:
        function.spec["entry_points"] = describe_handlers(source, str(path))
    _set_handler(function, handler or "")
    return function


def _take_settings(function: Function, settings: NuclioSettings) -> None:
    """Give a function what the magics of its notebook ask for."""
    import warnings

    settings.apply(function.spec)
    for text in [*settings.warnings, *settings.secrets]:
        warnings.warn(text, UserWarning, stacklevel=4)
    function.prepare_image_for_deploy()


def _code_file(filename: str | None) -> Path:
    if filename:
        return Path(filename)
    from jupyter_mlrun.notebook import current_notebook

    try:
        return current_notebook()
    except MLRunNotFoundError as error:
        raise MLRunInvalidArgumentError(
            f"code_to_function needs filename=, a .py file or a notebook. {error}; to turn a cell "
            "into a function begin it with %%mlrun NAME"
        ) from None


def _write_code(name: str, path: Path, code_output: str, source: str) -> None:
    if path.suffix != ".ipynb":
        raise MLRunInvalidArgumentError("code_output option is only used with notebooks")
    target = Path(f"{name}.py" if code_output == "." else code_output)
    target.write_text(source, encoding="utf-8")


def import_function(
    url: str = "",
    secrets: Mapping[str, str] | None = None,
    db: Any = "",
    project: str | None = None,
    new_name: str | None = None,
) -> Function:
    """A function of ``db://PROJECT/NAME[:TAG][@HASH]``, of ``hub://[SOURCE/]NAME[:TAG]``, or of a
    YAML, JSON, Python or notebook file by path or address."""
    if not isinstance(url, (str, os.PathLike)):
        raise MLRunInvalidArgumentError(f"A function's address is text, not {url!r:.60}")
    url = os.fspath(url)
    if url.startswith(DB):
        document = _read_stored(url.removeprefix(DB), db, project)
    elif url.endswith((".py", ".ipynb")) and "://" not in url:
        return code_to_function(new_name or "", project, filename=url)
    else:
        address = hub.locate(session.client(), url) if url.startswith(hub.PREFIX) else url
        document = import_function_to_dict(address, secrets)
        if url.startswith(hub.PREFIX):
            document["metadata"]["project"] = project or session.active_project()
    function = new_function(runtime=document)
    if new_name:
        function.metadata["name"] = normalize_name(new_name)
    if project and not url.startswith(DB):
        function.metadata["project"] = project
    return function


def _read_stored(uri: str, db: Any, project: str | None) -> dict[str, Any]:
    parts = uris.parse_function(uri)
    if isinstance(db, str):
        client = connect(db) if db else session.client()
    else:
        client = getattr(db, "client", db) or session.client()
    owner = parts.project or project or session.active_project()
    return functions.read(client, owner, parts.name, parts.tag, parts.hash_key)


def import_function_to_dict(url: str, secrets: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The document of a function's file; code that lies beside it is taken in."""
    import yaml

    try:
        document = yaml.safe_load(session.get_object(url, secrets))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MLRunInvalidArgumentError(f"{url} is neither YAML nor JSON: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("metadata"), dict):
        raise MLRunInvalidArgumentError(f"{url} holds no function: it has no metadata")
    document.setdefault("kind", "job")
    spec = document.setdefault("spec", {}) or {}
    build_part = spec.get("build") or {}
    command = str(spec.get("command") or "").partition(" ")[0]
    if command and not build_part.get("functionSourceCode") and not build_part.get("source"):
        _take_neighbour(document, url, command, secrets)
    return document


def _take_neighbour(
    document: dict[str, Any], url: str, command: str, secrets: Mapping[str, str] | None
) -> None:
    """The code of a command that is named relative to the function's file."""
    if os.path.isabs(command) or "://" in command or not command.endswith(".py"):
        return
    inside = os.path.normpath(command)
    if inside.startswith(".."):
        raise MLRunInvalidArgumentError(
            f"spec.command={command} of {url} lies outside of the folder of that file: put the "
            "code beside it"
        )
    code = session.get_object(f"{url.rpartition('/')[0] or '.'}/{inside}", secrets)
    build_part = document["spec"].setdefault("build", {})
    build_part["functionSourceCode"] = encode_source(code.decode("utf-8"))
    build_part.setdefault("origin_filename", command)


def _stem(command: str) -> str:
    return Path(command.partition(" ")[0]).stem if command else ""
