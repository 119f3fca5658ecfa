"""Projects made and loaded: of a folder, git, an archive, the service."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_mlrun import session
from jupyter_mlrun.client import projects
from jupyter_mlrun.errors import (
    MLRunConflictError,
    MLRunDataNotFoundError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
)
from jupyter_mlrun.functions.load import import_function
from jupyter_mlrun.names import validate_project
from jupyter_mlrun.owner import user_name
from jupyter_mlrun.sources import GIT, fetch, is_source

from .active import set_active
from .files import FILE, SETUP, check_name
from .project import MlrunProject
from .repository import find_repository

YAML = (".yaml", ".yml")


def new_project(
    name: str,
    context: str = "./",
    init_git: bool = False,
    user_project: bool = False,
    remote: str | None = None,
    from_template: str | None = None,
    secrets: Any = None,
    description: str | None = None,
    subpath: str | None = None,
    save: bool = True,
    overwrite: bool = False,
    parameters: Mapping[str, Any] | None = None,
    default_function_node_selector: Mapping[str, str] | None = None,
    run_setup: bool = True,
) -> MlrunProject:
    """A new project with its folder, and the one in use from now on.

    A name that is taken is MLRunConflictError; ``overwrite`` deletes what has it, with all that
    it holds. ``from_template`` is a .yaml, a .zip or a git address.
    """
    _check(name=name, context=context, parameters=parameters)
    context = context or "./"
    name = validate_project(_with_user(name, user_project))
    if from_template:
        project = _from_template(from_template, name, context, subpath, secrets)
    else:
        project = MlrunProject({"name": name})
    project.context = context
    if subpath:
        project.spec["subpath"] = subpath
    _make_folder(context)
    project.spec.repo = find_repository(context, init=bool(init_git or remote))
    if remote and (project.spec.repo.url() or "").partition("#")[0] != remote:
        project.create_remote(remote)
    elif project.spec.repo is not None and project.spec.repo.remotes:
        project.spec["source"] = project.spec["origin_url"] = project.spec.repo.url()
    if description:
        project.description = description
    if default_function_node_selector:
        project.default_function_node_selector = dict(default_function_node_selector)
    project.params.update(parameters or {})
    if save:
        _create(project, overwrite)
    set_active(project)
    return project.setup(save) if run_setup else project


def _create(project: MlrunProject, overwrite: bool) -> None:
    client = session.client()
    if overwrite:
        projects.delete(client, str(project.name), "cascade")
    try:
        project.save(store=False)
    except MLRunConflictError as error:
        raise MLRunConflictError(
            f"Project with name {project.name} already exists. Use overwrite=True to overwrite the "
            "existing project, or load_project or get_or_create_project to use it."
        ) from error


def _from_template(
    template: str, name: str, context: str, subpath: str | None, secrets: Any
) -> MlrunProject:
    if subpath:
        raise MLRunInvalidArgumentError(
            "Unsupported option, cannot use subpath argument with project templates"
        )
    if template.endswith(YAML):
        project = read_file(template, name, secrets, True)
    elif template.startswith(GIT) or template.endswith(".zip"):
        fetch(template, context, secrets, clone=template.startswith(GIT))
        shutil.rmtree(Path(context, ".git"), ignore_errors=True)
        project = read_folder(context, name, None, True)
    else:
        raise MLRunInvalidArgumentError("template must be a path to .yaml or .zip file")
    project.metadata["name"] = name
    project.spec.pop("owner", None)
    return project


def load_project(
    context: str = "./",
    url: str | os.PathLike[str] | None = None,
    name: str | None = None,
    secrets: Any = None,
    init_git: bool = False,
    subpath: str | None = None,
    clone: bool = False,
    user_project: bool = False,
    save: bool = True,
    sync_functions: bool = False,
    parameters: Mapping[str, Any] | None = None,
    allow_cross_project: bool | None = None,
    run_setup: bool = True,
) -> MlrunProject:
    """A project that is there, and the one in use from now on.

    ``url`` is a ``project.yaml``, ``git://HOST/REPO.git#BRANCH``, a .zip or .tar.gz file, or
    ``db://NAME`` or a name for the one that is stored; without it the folder is read. ``clone``
    removes what is in the folder first.
    """
    if not context:
        raise MLRunInvalidArgumentError("valid context (local dir path) must be provided")
    _check(name=name, context=context, url=url, parameters=parameters)
    context, address = os.fspath(context), os.fspath(url or "")
    name = _with_user(name or "", user_project)
    from_db = False
    if not address:
        project = read_folder(context, name, subpath, allow_cross_project)
    elif address.endswith(YAML):
        project = read_file(address, name, secrets, allow_cross_project)
    elif is_source(address):
        address = fetch(address, context, secrets, clone, project=name)
        project = read_folder(context, name, subpath, allow_cross_project)
    elif address.startswith("db://") or "://" not in address:
        stored = address.removeprefix("db://")
        project = read_stored(name if user_project else stored)
        from_db = True
    else:
        raise _unknown_scheme(address)
    project.context = context
    if subpath:
        project.spec["subpath"] = subpath
    if not project.name:
        raise MLRunInvalidArgumentError("Project name must be specified: name='…'")
    project.params.update(parameters or {})
    _settle(project, address, from_db, init_git)
    if save:
        project.save()
    if run_setup:
        set_active(project)
        project = project.setup(save)
    if save:
        project.register_artifacts()
    if sync_functions:
        project.sync_functions(save=save)
    set_active(project)
    return project


def _unknown_scheme(address: str) -> MLRunInvalidArgumentError:
    return MLRunInvalidArgumentError(
        f"Unsupported url scheme of {address}, supported schemes are: git://, db:// or "
        ".zip/.tar.gz/.yaml file path (could be local or remote) or project name which will be "
        "loaded from DB"
    )


def _settle(project: MlrunProject, address: str, from_db: bool, init_git: bool) -> None:
    """Say where the project came from, and that it is the loader's now."""
    _make_folder(project.context)
    repository = find_repository(project.context, init_git)
    project.spec.repo = repository
    if repository is not None:
        project.spec.branch = repository.branch
    if from_db:
        return
    found = address or (repository.url() if repository is not None else "")
    if found:
        project.spec["source"] = project.spec["origin_url"] = found
    project.spec.pop("owner", None)


def get_or_create_project(
    name: str,
    context: str = "./",
    url: str | None = None,
    secrets: Any = None,
    init_git: bool = False,
    subpath: str | None = None,
    clone: bool = False,
    user_project: bool = False,
    from_template: str | None = None,
    save: bool = True,
    parameters: Mapping[str, Any] | None = None,
    allow_cross_project: bool | None = None,
    run_setup: bool = True,
) -> MlrunProject:
    """The project of that name: the stored one, else the folder's or the address's, else a new one.

    It is the one in use from now on.
    """
    _check(name=name, context=context, url=url, parameters=parameters)
    validate_project(_with_user(name, user_project))
    context = os.fspath(context or "./")
    common: dict[str, Any] = {
        "secrets": secrets, "init_git": init_git, "subpath": subpath, "parameters": parameters,
        "user_project": user_project, "run_setup": run_setup,
    }  # fmt: skip
    try:
        return load_project(
            context, name, name, clone=clone, save=False, allow_cross_project=allow_cross_project,
            **common,
        )  # fmt: skip
    except MLRunNotFoundError:
        pass
    if url or os.path.isfile(os.path.join(context, subpath or "", FILE)):
        return load_project(
            context, url, name, clone=clone, save=save, allow_cross_project=allow_cross_project,
            **common,
        )  # fmt: skip
    return new_project(name, context, from_template=from_template, save=save, **common)


def read_folder(
    context: str, name: str = "", subpath: str | None = "", allow_cross_project: bool | None = None
) -> MlrunProject:
    """The project of a folder: its project.yaml, its function.yaml, or its project_setup.py."""
    folder = Path(context, subpath or "")
    for file in sorted(folder.glob("project.y*ml")):
        project = read_file(str(file), name, None, allow_cross_project)
        break
    else:
        project = _without_file(folder, name)
    project.context = context
    if name:
        project.metadata.name = name
    return project


def _without_file(folder: Path, name: str) -> MlrunProject:
    for file in sorted(folder.glob("function.y*ml")):
        function = import_function(str(file))
        entry = {"url": file.name, "name": function.name}
        owner = name or function.metadata.get("project")
        return MlrunProject({"name": owner}, {"functions": [entry]})
    if (folder / SETUP).is_file():
        return MlrunProject({"name": name or None})
    raise MLRunNotFoundError(
        f"Project or function YAML not found in path {folder.absolute()}: it has no project.yaml. "
        "Make a project with new_project or get_or_create_project"
    )


def read_file(
    url: str, name: str = "", secrets: Any = None, allow_cross_project: bool | None = None
) -> MlrunProject:
    """The project of a ``project.yaml``, by path or address."""
    import yaml

    try:
        document = yaml.safe_load(session.get_object(url, secrets))
    except (FileNotFoundError, MLRunNotFoundError):
        raise MLRunDataNotFoundError(f"cant find project file at {url}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MLRunInvalidArgumentError(f"{url} is not YAML: {error}") from None
    if not isinstance(document, dict):
        raise MLRunInvalidArgumentError(f"{url} holds no project: it is no document")
    metadata = document.get("metadata") or {}
    document["metadata"] = {**metadata, "name": check_name(document, name, allow_cross_project)}
    return MlrunProject.from_dict(document)


def read_stored(name: str) -> MlrunProject:
    """The project as the service has it."""
    return MlrunProject.from_dict(projects.get(session.client(), name))


def _make_folder(context: str) -> None:
    path = Path(context)
    if path.exists() and not path.is_dir():
        raise MLRunInvalidArgumentError(f"Context {context} is not a dir path")
    path.mkdir(parents=True, exist_ok=True)


def _check(name: Any, context: Any, parameters: Any, url: Any = None) -> None:
    """Nothing, where each has the type that it needs; raises MLRunInvalidArgumentError."""
    if name is not None and not isinstance(name, str):
        validate_project(name)
    for argument, path in (("context", context), ("url", url)):
        if path is not None and not isinstance(path, (str, os.PathLike)):
            raise MLRunInvalidArgumentError(
                f"'{argument}' of a project is a path or an address as text, not {path!r:.60}"
            )
    if parameters is not None and not isinstance(parameters, Mapping):
        raise MLRunInvalidArgumentError(
            f"'parameters' of a project are a dict of values by their names, not {parameters!r:.60}"
        )


def _with_user(name: str, user_project: bool) -> str:
    if not user_project:
        return name
    if not name:
        raise MLRunInvalidArgumentError("user_project must be specified together with name")
    found = os.environ.get("V3IO_USERNAME") or user_name()
    cleaned = "".join(c if c.isascii() and c.isalnum() else "-" for c in found.lower())
    return f"{name}-{cleaned.strip('-')}"
