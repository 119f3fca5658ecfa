"""The library's own packagers, each imported when a value or hint of its type is met."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import MLRunPackageCollectionError
from .packager import Packager

if TYPE_CHECKING:
    from ..datastore.item import DataItem

_FIGURES = ("matplotlib", "seaborn", "PIL", "plotly", "altair", "bokeh")
_FRAMEWORKS = ("sklearn", "xgboost", "lightgbm", "catboost", "statsmodels", "torch", "keras")
ROOTS = {
    **dict.fromkeys(("datetime", "decimal", "fractions", "uuid"), "numbers"),
    **dict.fromkeys(_FIGURES, "figures"),
    **dict.fromkeys(_FRAMEWORKS, "models"),
    "numpy": "arrays", "pandas": "frames", "polars": "tables", "pyarrow": "tables",
    "scipy": "sparse",
}  # fmt: skip
_NAMES = {
    "arrays": ("NumPyNDArrayPackager", "NumPyNDArrayDictPackager", "NumPyNDArrayListPackager",
               "NumPyNumberPackager"),
    "figures": ("MatplotlibFigurePackager", "SeabornPackager", "PILImagePackager",
                "PlotlyFigurePackager", "AltairChartPackager", "BokehFigurePackager",
                "AnyFigurePackager"),
    "frames": ("PandasDataFramePackager", "PandasSeriesPackager"),
    "models": ("ModelPackager",),
    "numbers": ("DatePackager", "DatetimePackager", "TimePackager", "TimedeltaPackager",
                "DecimalPackager", "FractionPackager", "UUIDPackager"),
    "sparse": ("SciPySparsePackager",),
    "tables": ("PolarsDataFramePackager", "ArrowTablePackager"),
}  # fmt: skip
_BY_KIND = {"dataset": "frames", "model": "models", "plot": "figures"}


def packagers_of(module: str) -> list[type[Packager]]:
    """The packagers that one of the library's modules defines, the first of them last."""
    found = import_module(f".{module}", __package__)
    return list(reversed(_defined(found)))


def imported(path: str) -> list[type[Packager]]:
    """The packagers of a path: a class, or ``module.*`` for all that the module defines."""
    module, _, name = path.rpartition(".")
    try:
        found = import_module(module or "__main__")
    except ImportError as error:
        raise MLRunPackageCollectionError(
            f"The packager '{path}' cannot be imported: {error}. Install what it is in, or give "
            "the function the project's source"
        ) from error
    if name == "*":
        return _defined(found)
    if not hasattr(found, name):
        from ..names import near

        raise MLRunPackageCollectionError(
            f"The module {module} has no packager '{name}'.{near(name, vars(found))}"
        )
    return [getattr(found, name)]


def _defined(module: Any) -> list[type[Packager]]:
    return [
        each for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Packager)
        and each.__module__ == module.__name__ and not each.__name__.startswith("_")
    ]  # fmt: skip


def modules_for(obj: Any, kind: str) -> Iterable[str]:
    """The modules whose packagers may take a value."""
    found = ["standard", *_modules(type(obj))]
    if type(obj) in (list, dict) and obj:
        # of arrays or of anything else: the first item tells
        first = next(iter(obj.values() if isinstance(obj, dict) else obj))
        found += [name for name in _modules(type(first)) if name == "arrays"]
    if kind in _BY_KIND:
        found.append(_BY_KIND[kind])
    if hasattr(obj, "fit") and hasattr(obj, "get_params"):
        found.append("models")
    return found


def modules_for_hint(hint: Any) -> Iterable[str]:
    """The modules whose packagers may give what a hint asks for."""
    found = ["standard"]
    for part in (hint, typing.get_origin(hint), *typing.get_args(hint)):
        if isinstance(part, type):
            found += _modules(part)
    return found


def modules_of_name(name: str) -> Iterable[str]:
    """The modules that define a packager of the name."""
    found = [module for module, names in _NAMES.items() if name in names]
    return found or ["standard"]


def _modules(kind: type) -> list[str]:
    roots = {base.__module__.partition(".")[0] for base in kind.__mro__}
    return [ROOTS[root] for root in roots if root in ROOTS]


def kept_type(packager: Packager, obj: Any) -> str:
    """What a packager packs a value as where it is to be an artifact."""
    if hasattr(packager, "get_kept_artifact_type"):
        return str(packager.get_kept_artifact_type(obj))
    return packager.get_default_packing_artifact_type(obj)


def type_name(kind: type) -> str:
    """A type's module and name."""
    return f"{kind.__module__}.{kind.__qualname__}"


def instructions_of(item: DataItem) -> dict[str, Any] | None:
    """How an artifact was packed; None where that is not recorded."""
    found = ((item.meta or {}).get("spec") or {}).get("unpackaging_instructions")
    return dict(found) if found else None


def owner_of(item: DataItem) -> str:
    """The project whose artifact the data is; empty where it is no artifact."""
    return str(((item.meta or {}).get("metadata") or {}).get("project") or "")


def is_imported(item: DataItem) -> bool:
    """Whether the artifact came into its project as a file, of which nobody knows who made it."""
    return bool(((item.meta or {}).get("spec") or {}).get("imported"))


def is_of(item: DataItem, hint: Any) -> bool:
    """Whether a package was made of the hinted type, or of one below it."""
    recorded = str((instructions_of(item) or {}).get("object_type") or "")
    if not isinstance(hint, type):
        return False
    if recorded == type_name(hint):
        return True
    module, _, name = recorded.rpartition(".")
    import sys

    made_of = getattr(sys.modules.get(module), name, None)
    return (isinstance(made_of, type) and issubclass(made_of, hint)) or not made_of
