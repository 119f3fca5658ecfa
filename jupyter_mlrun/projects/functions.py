"""The functions of a project: named in its document, made when they are needed."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlrun import names, session, uris
from jupyter_mlrun.client import functions as service_functions
from jupyter_mlrun.errors import (
    MLRunDataNotFoundError,
    MLRunInvalidArgumentError,
    MLRunMissingDependencyError,
    MLRunNotFoundError,
)
from jupyter_mlrun.functions.function import Function
from jupyter_mlrun.functions.load import (
    OF_NUCLIO,
    code_to_function,
    import_function,
    new_function,
)

from .spec import FunctionEntry, ProjectSpec

if TYPE_CHECKING:
    pass

REMOTE = ("db://", "hub://")
YAML = (".yaml", ".yml")
HERE = (".", "./")


class ProjectFunctions:
    """The part of a project that knows its functions."""

    name: Any
    spec: ProjectSpec
    context: Any
    default_image: Any
    _functions: dict[str, Function]

    def set_function(
        self,
        func: Any = None,
        name: str = "",
        kind: str = "job",
        image: str | None = None,
        handler: str | None = None,
        with_repo: bool | None = None,
        tag: str | None = None,
        requirements: Any = None,
        requirements_file: str = "",
    ) -> Function:
        """Add or change a function of the project.

        ``func`` is a .py file, a notebook, a YAML file, ``hub://…``, ``db://…``, a stored code
        artifact, a function, or nothing for the notebook this runs in. The name may carry a tag.
        """
        name, bare, tag = _split_name(name, tag)
        if hasattr(func, "to_dict"):
            function = self._take(func, bare, image, handler)
            if with_repo:
                function.spec.build["source"] = "./"
            if requirements or requirements_file:
                function.with_requirements(_listed(requirements), True, True, requirements_file)
            entry: Any = FunctionEntry(function, str(self.spec.get("source") or ""))
        else:
            url = self._notebook(func, handler)
            if not isinstance(url, str):
                raise MLRunInvalidArgumentError(
                    f"'func' parameter must be a function url or object, not {type(func).__name__}"
                )
            if not name and not url.startswith(REMOTE):
                raise MLRunInvalidArgumentError("Function name must be specified: name='…'")
            given = {
                "url": url, "name": bare, "kind": kind, "image": image, "handler": handler,
                "with_repo": with_repo, "tag": tag, "requirements": _listed(requirements),
                "requirements_file": requirements_file,
            }  # fmt: skip
            entry = {key: value for key, value in given.items() if value}
            function = make_function(self, entry)
            entry["name"] = function.name
        function.metadata["tag"] = tag or function.metadata.get("tag") or "latest"
        self._hold(name or function.name, function)
        self.spec.put("functions", function.name, entry)
        return function

    def _hold(self, key: str, function: Function) -> None:
        """Keep a function by its key, and by its tag where the key does not say it."""
        self._functions[key] = function
        tag = function.metadata.get("tag") or "latest"
        if ":" not in key and tag != "latest":
            self._functions[f"{key}:{tag}"] = function

    def _take(self, func: Any, name: str, image: str | None, handler: str | None) -> Function:
        if handler:
            raise MLRunInvalidArgumentError(
                "Default handler cannot be set for existing function object"
            )
        function = func if isinstance(func, Function) else new_function(runtime=func.to_dict())
        function.metadata["project"] = self.name
        if name:
            function.metadata["name"] = name
        if not function.name:
            raise MLRunInvalidArgumentError("Function name must be specified: name='…'")
        if image:
            function.spec["image"] = image
        return function

    def _notebook(self, func: Any, handler: str | None) -> Any:
        if func is not None or _has_module(handler):
            return os.fspath(func) if isinstance(func, os.PathLike) else func or ""
        from jupyter_mlrun.notebook import current_notebook

        path = current_notebook().resolve()
        root = Path(self.context or ".").resolve()
        return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)

    def get_function(
        self,
        key: str,
        sync: bool = False,
        enrich: bool = False,
        ignore_cache: bool = False,
        copy_function: bool = True,
        tag: str = "",
    ) -> Function:
        """A function of the project, or one that is stored in it; ``key`` may carry a tag.

        ``enrich`` gives it what the project says of all: image, source, requirements.
        """
        if not isinstance(key, str):
            raise MLRunInvalidArgumentError(f"A function is named by its name, not by {key!r:.60}")
        if tag and ":" not in key:
            own = None if sync or ignore_cache else self._named(key)
            key = key if own is not None and own.metadata.tag == tag else f"{key}:{tag}"
        function = self._find(key, sync, ignore_cache)
        if enrich:
            function = enrich_function(self, function, copy_function)
            self._functions[key] = function
        return function

    def _named(self, key: str) -> Function | None:
        return self._functions.get(names.normalize_name(key)) or self._functions.get(key)

    def _find(self, key: str, sync: bool, ignore_cache: bool) -> Function:
        stored = names.normalize_name(key)
        for name in dict.fromkeys((stored, key)):
            if name in self._functions and not sync and not ignore_cache:
                return self._functions[name]
            if self.spec.find("functions", name) is not None and not ignore_cache:
                return self.sync_functions([name])[name]
        parts = uris.parse_function(stored)
        owner = parts.project or str(self.name)
        try:
            document = service_functions.read(
                session.client(), owner, parts.name, parts.tag, parts.hash_key
            )
        except MLRunNotFoundError as error:
            raise MLRunNotFoundError(f"{error}, {self._why_not(stored)}") from None
        self._functions[stored] = new_function(runtime=document)
        return self._functions[stored]

    def _why_not(self, name: str) -> str:
        known = self.get_function_names()
        if name in known:
            return (
                f"which project {self.name} names but has not stored yet: store it with "
                "project.sync_functions(save=True)"
            )
        return (
            f"and project {self.name} names none of that name.{names.near(name, known)} "
            "Add it with project.set_function"
        )

    def get_function_names(self) -> list[str]:
        """The names of the project's functions."""
        return [str(each["name"]) for each in self.spec.get("functions") or ()]

    def get_function_objects(self) -> FunctionsDict:
        """The project's functions by name."""
        self.sync_functions()
        return FunctionsDict(self)

    def remove_function(self, name: str) -> None:
        """Take a function out of the project; what is stored of it stays."""
        for key in [each for each in self._functions if name in (each, each.partition(":")[0])]:
            del self._functions[key]
        self.spec.drop("functions", name)

    def delete_function(self, name: str, delete_from_db: bool = False) -> None:
        """Take a function out of the project; ``delete_from_db``: with all its versions."""
        if delete_from_db:
            service_functions.delete(session.client(), str(self.name), name)
        self.remove_function(name)

    def sync_functions(
        self,
        names: list[str] | None = None,
        always: bool = True,
        save: bool = False,
        silent: bool = False,
    ) -> dict[str, Function]:
        """Make the functions that the document names, and store them where ``save`` is set.

        ``silent`` passes over those that cannot be made, with a warning.
        """
        for name in names or self.get_function_names():
            if name in self._functions and not always:
                continue
            try:
                function = self._make(name)
            except Exception as error:
                if not silent:
                    raise
                warnings.warn(f"Function {name} is passed over: {error}", UserWarning, stacklevel=2)
                continue
            self._hold(name, function)
            if save:
                function.save(versioned=False)
        return self._functions

    def _make(self, name: str) -> Function:
        entry = self.spec.find("functions", name)
        if entry is None:
            known = self.get_function_names()
            raise MLRunInvalidArgumentError(f"Function named {name} not found.{_near(name, known)}")
        if isinstance(entry, FunctionEntry):
            entry.function.metadata["project"] = self.name
            return entry.function
        try:
            return make_function(self, entry)
        except FileNotFoundError as error:
            raise MLRunMissingDependencyError(
                f"File {error.filename or entry.get('url')} not found while syncing project "
                "functions."
            ) from None

    def get_item_absolute_path(
        self, url: str, check_path_in_context: bool = False
    ) -> tuple[str, bool]:
        """The path of something that is named relative to the project, and whether it was."""
        if not url or "://" in url:
            return url, False
        in_context = bool(self.context) and not os.path.isabs(url)
        if in_context:
            url = os.path.normpath(os.path.join(self.spec.get_code_path(), url))
        if (not in_context or check_path_in_context) and not os.path.isfile(url):
            raise MLRunDataNotFoundError(
                f"There is no file {url}: name one of the project's folder, "
                f"{self.spec.get_code_path()}"
            )
        return url, in_context


class FunctionsDict(Mapping[str, Function]):
    """A project's functions by name, each with what the project says of all."""

    def __init__(self, project: ProjectFunctions) -> None:
        self.project = project

    def __getitem__(self, key: str) -> Function:
        return self.project.get_function(key, enrich=True)

    def __setitem__(self, key: str, function: Function) -> None:
        self.project._functions[key] = function

    def __delitem__(self, key: str) -> None:
        del self.project._functions[key]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.project._functions))

    def __len__(self) -> int:
        return len(self.project._functions)


def make_function(project: Any, entry: Mapping[str, Any]) -> Function:
    """The function of an entry of ``project.yaml``."""
    wanted = {key: entry.get(key) for key in ("name", "kind", "image", "handler", "tag")}
    name = wanted["name"] or ""
    raw = str(entry.get("url") or "")
    url, in_context = project.get_item_absolute_path(raw)
    with_repo = bool(entry.get("with_repo"))
    made: dict[str, Any] = {**wanted, "kind": wanted["kind"] or "job"}
    if spec := entry.get("spec"):
        nested = isinstance(spec, Mapping) and "spec" in spec
        function = new_function(name, runtime=spec if nested else dict(entry))
    elif url.startswith("store://"):
        if with_repo:
            raise MLRunInvalidArgumentError(
                "with_repo=True is not supported with store:// artifact URIs. The artifact already "
                "provides the code source."
            )
        function = new_function(**made, source=url)
    elif url.startswith(REMOTE) or url.endswith(YAML):
        function = import_function(url, project=str(project.name), new_name=name or None)
        function.spec.update({"image": wanted["image"]} if wanted["image"] else {})
    elif url.endswith((".py", ".ipynb")):
        repository = in_context and with_repo and url.endswith(".py")
        build = _of_repository if repository else _of_file
        function = build(project, made, raw if repository else url)
    elif not url and (_has_module(wanted["handler"]) or wanted["kind"] in OF_NUCLIO):
        function = new_function(**made)
    else:
        raise MLRunInvalidArgumentError(
            f"Unsupported function url:handler {url}:{wanted['handler']} or no spec"
        )
    return _finish(project, function, entry, with_repo)


def _of_file(project: Any, wanted: Mapping[str, Any], url: str) -> Function:
    if not os.path.isfile(url):
        raise MLRunDataNotFoundError(
            f"The code of function '{wanted['name']}' of project {project.name} is {url}, and "
            "nothing is there: name a file of the project's folder"
        )
    return code_to_function(**wanted, filename=url)


def _of_repository(project: Any, wanted: Mapping[str, Any], url: str) -> Function:
    """Its code comes with the project's source when it runs, so none is embedded."""
    function = new_function(**wanted)
    function.spec["command"] = url
    return function


def _finish(
    project: Any, function: Function, entry: Mapping[str, Any], with_repo: bool
) -> Function:
    if with_repo:
        function.spec.build["source"] = "./"
    requirements, path = _listed(entry.get("requirements")), entry.get("requirements_file")
    if requirements or path:
        where = project.get_item_absolute_path(path)[0] if path else None
        function.with_requirements(requirements, overwrite=True, requirements_file=where)
    if origin := project.spec.get("origin_url"):
        function.spec.build["code_origin"] = origin
    function.metadata["project"] = project.name
    return function


def enrich_function(project: Any, function: Function, copy_function: bool = True) -> Function:
    """A function with what its project says of all: image, source, requirements, node selector."""
    if function.enriched:
        return function
    made = function.copy() if copy_function else function
    made.metadata["project"] = project.name
    made.enriched = True
    spec = project.spec
    if spec.get("default_image") and not made.spec.get("image"):
        made.enriched_image = True
        made.spec["image"] = spec["default_image"]
    if made.spec.build.get("source") in HERE:
        _give_source(project, made)
    if spec.get("default_requirements"):
        made.with_requirements(_listed(spec["default_requirements"]))
    if selector := spec.get("default_function_node_selector"):
        made.enrich_runtime_spec(selector)
    if spec.get("disable_auto_mount"):
        made.spec["disable_auto_mount"] = True
    return made


def _give_source(project: Any, function: Function) -> None:
    spec = project.spec
    if spec.mountdir:
        function.spec["workdir"] = os.path.abspath(project.context) if spec.mountdir in HERE \
            else spec.mountdir  # fmt: skip
        function.spec.build["source"] = ""
        return
    source = spec.get("source")
    if not source or source in HERE:
        warnings.warn(
            "project.spec.source should be specified when function is using code from project "
            "context: its code is taken from the context here",
            UserWarning,
            stacklevel=4,
        )
        function.spec["workdir"] = os.path.abspath(spec.get_code_path())
        function.spec.build["source"] = ""
        return
    function.spec.build["source"] = source
    function.spec.build["load_source_on_run"] = spec.get("load_source_on_run")
    if target := spec.build.get("source_code_target_dir"):
        function.spec.build["source_code_target_dir"] = target
    function.spec["workdir"] = spec.get("workdir") or spec.get("subpath")
    function.prepare_image_for_deploy()


def _split_name(name: str, tag: str | None) -> tuple[str, str, str | None]:
    """The name as the project keys it, the bare one, and the tag."""
    name = names.normalize_name(name) if name else ""
    bare, mark, own = name.partition(":")
    if ":" in own:
        raise MLRunInvalidArgumentError(
            f"Function name ({name}) must be in the format <name>:<tag> or <name>"
        )
    if mark and tag and own != tag:
        raise MLRunInvalidArgumentError(
            f"Tag parameter ({tag}) and tag in function name ({name}) must match"
        )
    return name, bare, tag or own or None


def _has_module(handler: str | None) -> bool:
    return bool(handler) and any(mark in str(handler) for mark in (":", "."))


def _listed(requirements: Any) -> list[str]:
    """Requirements as a list; a text is the path of a file of them in MLRun's older projects."""
    if not requirements:
        return []
    if isinstance(requirements, str):
        from jupyter_mlrun.functions.building import read_requirements

        return read_requirements(None, requirements)
    return list(requirements)


def _near(name: str, known: list[str]) -> str:
    return names.near(name, known)
