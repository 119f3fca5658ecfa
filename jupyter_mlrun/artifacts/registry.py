"""Values packed by their type, and unpacked by what was recorded then.

A kind of value is a row in ``PACKERS``; the first whose test holds packs it. Tests look at names
of types, so that no library is imported to find out that it is not needed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import MLRunInvalidArgumentError
from .results import to_result

if TYPE_CHECKING:
    from ..context import Context
    from ..datastore.item import DataItem
    from .base import Artifact

SMALL_JSON = 4096
LARGE_TEXT = 64 * 1024

# what a command printed, as a cell's module and as IPython hold it: a plain list when it is kept
LINES = ("_Lines", "SList")

# what a user may write behind the colon of ``-o NAME:kind``
KINDS = (
    "result", "artifact", "file", "dataset", "model", "plot", "object", "path", "directory",
)  # fmt: skip


def _comes_from(*roots: str) -> Callable[[Any], bool]:
    return lambda value: any(
        kind.__module__.partition(".")[0] in roots for kind in type(value).__mro__
    )


def _is_named(module: str, *names: str) -> Callable[[Any], bool]:
    return lambda value: any(
        kind.__name__ in names and kind.__module__.partition(".")[0] == module
        for kind in type(value).__mro__
    )


def _is(*types: type) -> Callable[[Any], bool]:
    return lambda value: type(value) in types


def _is_path(value: Any) -> bool:
    from pathlib import PurePath

    return isinstance(value, PurePath)


def is_estimator(value: Any) -> bool:
    """Whether the value is a trained model as scikit-learn and its followers make them."""
    if isinstance(value, type):
        return False
    can_learn = hasattr(value, "fit") and hasattr(value, "get_params")
    can_tell = any(hasattr(value, verb) for verb in ("predict", "transform", "fit_predict"))
    return (can_learn and can_tell) or _is_network(value)


def _is_network(value: Any) -> bool:
    return _is_named("torch", "Module")(value) or _is_named("keras", "Model")(value)


PACKERS: tuple[tuple[Callable[[Any], bool], str], ...] = (
    (_is_named("pandas", "DataFrame"), "frames:pack_frame"),
    (_is_named("pandas", "Series"), "frames:pack_series"),
    (_is_named("numpy", "ndarray"), "arrays:pack_array"),
    (_is_named("matplotlib", "Figure", "Axes", "Artist"), "plot:log_matplotlib"),
    (_comes_from("seaborn"), "plot:log_matplotlib"),
    (_is_named("plotly", "BaseFigure"), "plot:log_plotly"),
    (_is_named("altair", "TopLevelMixin"), "plot:log_vega"),
    (_is_named("PIL", "Image"), "plot:log_image"),
    (_is(bytes, bytearray), "values:pack_bytes"),
    (_is(str), "values:pack_text"),
    (_is(dict, list, tuple, set, frozenset), "values:pack_json"),
    (_is_path, "values:pack_path"),
    (is_estimator, "objects:pack_model"),
)
ANYTHING = "objects:pack_object"

_BY_KIND = {
    "dataset": "frames:pack_dataset",
    "model": "objects:pack_model",
    "object": ANYTHING,
    "path": "values:pack_path",
    "directory": "values:pack_path",
}

UNPACKERS = {
    "AltairChartPackager": "values:unpack_text",
    "BytesPackager": "values:unpack_bytes",
    "BytearrayPackager": "values:unpack_bytes",
    "DefaultPackager": "objects:unpack_object",
    "DictPackager": "values:unpack_json",
    "FrozensetPackager": "values:unpack_json",
    "ListPackager": "values:unpack_json",
    "NumPyNDArrayPackager": "arrays:unpack_array",
    "PILImagePackager": "values:unpack_image",
    "PandasDataFramePackager": "frames:unpack_frame",
    "PandasSeriesPackager": "frames:unpack_series",
    "PathPackager": "values:unpack_path",
    "PlotlyFigurePackager": "values:unpack_text",
    "SetPackager": "values:unpack_json",
    "StrPackager": "values:unpack_text",
    "TuplePackager": "values:unpack_json",
}


def log_value(
    context: Context,
    key: str,
    value: Any,
    kind: str | None = None,
    tag: str = "",
    **options: Any,
) -> Artifact | None:
    """Log a value under the kind given, else under the one its type has; None for a result."""
    if kind not in (None, "", *KINDS):
        raise MLRunInvalidArgumentError(
            f"The output '{key}' cannot be of the kind '{kind}': choose {', '.join(KINDS)}"
        )
    if isinstance(value, list) and type(value).__name__ in LINES:
        value = list(value)
    if kind == "result" or (not kind and is_result(value)):
        context.log_result(key, value)
        return None
    if kind == "plot":
        path = _find(value)
        if not path.startswith("plot:"):
            raise MLRunInvalidArgumentError(
                f"The output '{key}' is a {type(value).__name__}, which is no figure"
            )
    else:
        path = _BY_KIND.get(kind or "") or _find(value)
    artifact: Artifact = _load(path)(context, key, value, tag=tag, **options)
    return artifact


def is_result(value: Any) -> bool:
    """Whether a value is small and plain enough to be a result."""
    if value is None or isinstance(value, (bool, int, float)):
        return True
    if isinstance(value, str):
        return len(value) <= LARGE_TEXT
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0 and hasattr(value, "dtype"):
        return isinstance(value.item(), (bool, int, float, str))
    return type(value) in (dict, list) and _is_small_json(value)


def _is_small_json(value: Any) -> bool:
    import json

    try:
        text = json.dumps(to_result(value)) if _is_plain(value) else ""
    except (TypeError, ValueError, RecursionError):
        return False
    return 0 < len(text) <= SMALL_JSON


def _is_plain(value: Any, room: int = 1000) -> bool:
    if isinstance(value, dict):
        return len(value) <= room and all(
            isinstance(key, str) and _is_plain(item, room) for key, item in value.items()
        )
    if isinstance(value, list):
        return len(value) <= room and all(_is_plain(item, room) for item in value)
    return value is None or isinstance(value, (bool, int, float, str)) or _is_scalar(value)


def _is_scalar(value: Any) -> bool:
    return hasattr(value, "dtype") and getattr(value, "ndim", None) == 0


def unpack(item: DataItem) -> Any:
    """The value of which an artifact was made; raises where the artifact does not say how."""
    instructions = ((item.meta or {}).get("spec") or {}).get("unpackaging_instructions")
    if not instructions:
        raise MLRunInvalidArgumentError(
            f"'{item.artifact_url}' does not record how it was packed: "
            "read it as a DataItem, by get() or as_df()"
        )
    name = str(instructions.get("packager_name") or "")
    if name not in UNPACKERS:
        raise MLRunInvalidArgumentError(
            f"'{item.artifact_url}' was packed by '{name}', which is not known here: "
            "read it as a DataItem, by get() or as_df()"
        )
    details = dict(instructions.get("instructions") or {})
    return _load(UNPACKERS[name])(item, str(instructions.get("object_type") or ""), **details)


def can_unpack(item: DataItem, project: str) -> bool:
    """Whether ``unpack`` knows how, and may: unpickling runs code, so only that of the project."""
    instructions = ((item.meta or {}).get("spec") or {}).get("unpackaging_instructions") or {}
    return instructions.get("packager_name") in UNPACKERS and owner_of(item) == project


def owner_of(item: DataItem) -> str:
    """The project whose artifact the data is; empty where it is no artifact."""
    return str(((item.meta or {}).get("metadata") or {}).get("project") or "")


def _find(value: Any) -> str:
    for test, path in PACKERS:
        if test(value):
            return path
    return ANYTHING


def _load(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(":")
    function: Callable[..., Any] = getattr(import_module(f".{module}", __package__), name)
    return function
