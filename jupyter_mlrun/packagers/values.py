"""Logging values by their type, and getting them back: the way in for runs and their users."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .plain import is_result

if TYPE_CHECKING:
    from ..artifacts.artifact import Artifact
    from ..client.transport import Client
    from ..datastore.item import DataItem
    from .hint import LogHint
    from .manager import PackagersManager

ENTRY_POINTS = "jupyter_mlrun.packagers"
CUSTOM_PRIORITY = 3

# what a command printed, as a cell's module and as IPython hold it: a plain list when it is kept
LINES = ("_Lines", "SList")

# what a user may write behind the colon of ``-o NAME:kind``
KINDS = (
    "result", "artifact", "file", "dataset", "model", "plot", "object", "path", "directory",
)  # fmt: skip

_custom: dict[str, list[tuple[str, bool]]] = {}


def is_set(name: str) -> bool:
    """Whether a setting of packagers is on; of the environment, since every run asks."""
    return os.environ.get(f"MLRUN_PACKAGERS__{name}", "").lower() in ("true", "1", "yes")


def log_value(
    context: Any, key: str, value: Any, kind: str | None = None, tag: str = "", **options: Any
) -> Artifact | None:
    """Log a value under the kind given, else under the one its type has; None for a result."""
    if isinstance(value, list) and type(value).__name__ in LINES:
        value = list(value)
    if kind in ("result", "", None) and not options and is_result(value):
        # by far the most values, for which nothing is imported
        context.log_result(key, value)
        return None
    from .hint import LogHint

    found = log_hinted(context, value, LogHint(key, tag, False, kind, options))
    return found[0] if found else None


def log_hinted(context: Any, value: Any, hint: LogHint) -> list[Artifact]:
    """Log a value as its hint says; the artifacts that it became."""
    return log_all(context, [(value, hint)])


def log_all(context: Any, values: Sequence[tuple[Any, LogHint]]) -> list[Artifact]:
    """Log values as their hints say, each at once; those that refer to others come last."""
    from .linking import has_links

    manager = manager_of(context)
    logged: list[Artifact] = []
    later: list[Any] = []
    try:
        for value, hint in values:
            manager.forget()
            manager.pack(_plain_list(value), hint)
            _warn(context, manager)
            for name, result in manager.results.items():
                context.log_result(name, result)
            packed = list(manager.artifacts)
            later += [each for each in packed if has_links(each[0])]
            logged += [_log(context, *each) for each in packed if not has_links(each[0])]
            for name, form in manager.get_bundles_results(_outputs(context)).items():
                context.log_result(name, form)
        logged += _log_linked(context, later)
    finally:
        manager.forget()
        manager.clear_packagers_outputs()
    return logged


def _plain_list(value: Any) -> Any:
    return list(value) if isinstance(value, list) and type(value).__name__ in LINES else value


def _outputs(context: Any) -> dict[str, Any]:
    return {**context.artifact_uris, **context.results}


def _log(context: Any, artifact: Artifact, arguments: Mapping[str, Any]) -> Artifact:
    from ..artifacts.artifact import Placed
    from ..artifacts.plain import log

    return log(context, artifact, Placed(**arguments))


def _log_linked(context: Any, later: Sequence[Any]) -> list[Artifact]:
    from .linking import link

    for key in link([artifact for artifact, _ in later], _outputs(context)):
        context.logger.warning(f"no output '{key}' was logged, so nothing is linked by that name")
    return [_log(context, *each) for each in later]


def _warn(context: Any, manager: PackagersManager) -> None:
    for artifact, _ in manager.artifacts:
        said = artifact.spec["unpackaging_instructions"]
        if said["artifact_type"] == "object":
            module = said["instructions"].get("pickle_module_name", "pickle")
            context.logger.warning(
                f"the output '{artifact.key}' ({said['object_type']}) is stored by {module}; it "
                "reads back only with the same versions of Python and of the packages it uses"
            )


def manager_of(context: Any) -> PackagersManager:
    """The packagers of a run or project: the library's, those installed, and the project's own."""
    manager: PackagersManager | None = context.__dict__.get("_packagers")
    if manager is None:
        manager = _make(context.project)
        _collect(manager, context)
        context.__dict__["_packagers"] = manager
    _pickle_by_value(context.modules)
    return manager


def _make(project: str) -> PackagersManager:
    from ..config import load
    from .manager import PackagersManager

    trusted = [name.strip() for name in load().trusted_projects.split(",") if name.strip()]
    manager = PackagersManager(project=project, trusted=trusted)
    _add_installed(manager)
    return manager


def _add_installed(manager: PackagersManager) -> None:
    """Add what other distributions bring; one that is broken is told of and left out."""
    from importlib.metadata import entry_points

    from ..errors import MLRunPackageCollectionError

    for point in entry_points(group=ENTRY_POINTS):
        try:
            manager.collect_packagers([point.value.replace(":", ".")], CUSTOM_PRIORITY)
        except MLRunPackageCollectionError as error:
            owner = point.dist.name if point.dist else point.value
            warnings.warn(
                f"The packager '{point.name}' of {owner} is left out: {error}. Update {owner}, or "
                "uninstall it",
                stacklevel=2,
            )


def _pickle_by_value(modules: Sequence[Any]) -> None:
    # what a cell defines is found nowhere else, so the pickle carries it
    if modules:
        import cloudpickle

        for module in modules:
            cloudpickle.register_pickle_by_value(module)


def _collect(manager: PackagersManager, context: Any) -> None:
    from ..errors import MLRunPackageCollectionError

    for path, is_mandatory in _of_project(context):
        try:
            manager.collect_packagers([path], CUSTOM_PRIORITY)
        except MLRunPackageCollectionError as error:
            if is_mandatory:
                raise
            context.logger.warning(f"{error}; it is not mandatory, so the run goes on")


def _of_project(context: Any) -> list[tuple[str, bool]]:
    """The packagers that the project names; as last known while no service answers."""
    from ..client.transport import part
    from ..errors import MLRunNotFoundError, MLRunServiceUnreachableError

    project = context.project
    try:
        path = f"projects/{part(project)}"
        document = context.client.request("GET", path, timeout=10, tries=1).json()
    except MLRunServiceUnreachableError:
        return _custom.get(project, [])
    except MLRunNotFoundError:
        return []
    found = (document.get("spec") or {}).get("custom_packagers") or []
    _custom[project] = [(str(each[0]), bool(each[1])) for each in found]
    return _custom[project]


def unpack(
    data: Any,
    type_hint: Any = None,
    trust: bool = False,
    client: Client | None = None,
    project: str = "",
    context: Any = None,
) -> Any:
    """The value of which an artifact was made: of a DataItem, an artifact, or an address.

    ``trust=True`` is the explicit yes to unpickle what another project, or anybody, has pickled:
    that runs the code of who made it.
    """
    from ..datastore.item import DataItem
    from ..datastore.resolve import get_dataitem

    if hasattr(data, "to_dataitem"):
        data = data.to_dataitem()
    elif not isinstance(data, (DataItem, dict, list)):
        data = get_dataitem(data, None, client, project=project)
    manager = manager_of(context) if context is not None else _for_user(project or _own(), client)
    if type_hint is None and isinstance(data, DataItem):
        _refuse_unknown(manager, data)
    if type_hint is None:
        return manager.unpack(data, trust=trust)
    return manager.unpack(data, type_hint, trust)


def _for_user(project: str, client: Client | None) -> PackagersManager:
    """The packagers for one who reads an artifact by hand: the project's own, where it is asked."""
    from types import SimpleNamespace

    from ..logger import Logger

    manager = _make(project)
    if client is not None:
        _collect(manager, SimpleNamespace(project=project, client=client, logger=Logger()))
    return manager


def _own() -> str:
    from ..config import load

    return load().project


def _refuse_unknown(manager: PackagersManager, item: DataItem) -> None:
    from ..errors import MLRunPackageUnpackingError
    from .builtin import instructions_of

    said = instructions_of(item)
    if said is None:
        raise MLRunPackageUnpackingError(
            f"'{item.artifact_url}' does not record how it was packed: "
            "read it as a DataItem, by get() or as_df(), or say of which type it is"
        )
    name = str(said.get("packager_name") or "")
    if manager._by_name(name) is None:
        raise MLRunPackageUnpackingError(
            f"'{item.artifact_url}' was packed by '{name}', which is not known here: add it by "
            "project.add_custom_packager(…), or read it as a DataItem, by get() or as_df()"
        )


def is_package(item: DataItem) -> bool:
    """Whether an artifact records how it was packed."""
    return bool(((item.meta or {}).get("spec") or {}).get("unpackaging_instructions"))


def can_unpack(item: DataItem, project: str, context: Any = None) -> bool:
    """Whether a package is unpacked without a hint and without an explicit yes."""
    if not is_package(item):
        return False
    manager = manager_of(context) if context is not None else _make(project)
    return manager.can_unpack(item)


def owner_of(item: DataItem) -> str:
    """The project whose artifact the data is; empty where it is no artifact."""
    return str(((item.meta or {}).get("metadata") or {}).get("project") or "")
