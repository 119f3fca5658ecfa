"""Everything else, by cloudpickle: trained models with a summary, other objects said aloud."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import MLRunInvalidArgumentError
from .base import Artifact, Draft
from .model import log_model
from .results import to_result

if TYPE_CHECKING:
    from ..context import Context
    from ..datastore.item import DataItem

_FRAMEWORKS = ("sklearn", "xgboost", "lightgbm", "catboost", "statsmodels", "torch", "keras")
MAX_SUMMARY, MAX_NAMES = 20_000, 200


def pack_model(context: Context, key: str, value: Any, tag: str = "", **described: Any) -> Artifact:
    """An estimator as a model: pickled, with its parameters and features."""
    body = _dumps(context, key, value)
    described.pop("model_dir", None)
    kind = type(value)
    inputs = [{"name": name} for name in _names(value, "feature_names_in_")]
    given = {
        "framework": next((f for f in _FRAMEWORKS if _is_of(kind, f)), ""),
        "algorithm": kind.__name__,
        "parameters": _parameters(value),
        "inputs": inputs or None,
    } | described
    file = described.pop("model_file", None) or "model.pkl"
    return log_model(
        context,
        key,
        body,
        tag=tag,
        model_file=file,
        unpacking={
            "packager_name": "DefaultPackager",
            "object_type": f"{kind.__module__}.{kind.__qualname__}",
            "artifact_type": "model",
            "instructions": _how(value),
        },
        summary=_summary(value),
        **given,
    )


def _is_of(kind: type, framework: str) -> bool:
    return any(base.__module__.partition(".")[0] == framework for base in kind.__mro__)


def _names(value: Any, attribute: str) -> list[str]:
    names = getattr(value, attribute, None)
    return [] if names is None else [str(name) for name in list(names)[:MAX_NAMES]]


def _parameters(value: Any) -> dict[str, Any]:
    if not hasattr(value, "get_params"):
        return {}
    found = value.get_params(deep=False)
    return {str(name): to_result(item) for name, item in found.items()}


def _summary(value: Any) -> str:
    lines = [repr(value)]
    if (count := getattr(value, "n_features_in_", None)) is not None:
        lines.append(f"features: {count}")
    if names := _names(value, "feature_names_in_"):
        lines.append("names: " + ", ".join(names))
    if classes := _names(value, "classes_"):
        lines.append("classes: " + ", ".join(classes))
    return "\n".join(lines)[:MAX_SUMMARY]


def pack_object(
    context: Context, key: str, value: Any, tag: str = "", why: str = "", **_: Any
) -> Artifact:
    """Any object, by cloudpickle; the log says so, since it reads back only where it was made."""
    body = _dumps(context, key, value)
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    reason = f": {why}" if why else ""
    context.logger.warning(
        f"the output '{key}' ({name}) is stored by cloudpickle{reason}; it reads back "
        "only with the same versions of Python and of the packages it uses"
    )
    draft = Draft(context, key)
    draft.target(".pkl")
    draft.unpacks("DefaultPackager", name, **_how(value))
    draft.document["spec"]["unpackaging_instructions"]["artifact_type"] = "object"
    draft.write(body)
    draft.status["preview_text"] = _short(value)
    return draft.log(tag)


def _short(value: Any) -> str:
    try:
        return repr(value)[:2000]
    except Exception:
        # the repr is the user's code
        return f"<{type(value).__name__}>"


def _dumps(context: Context, key: str, value: Any) -> bytes:
    import cloudpickle

    for module in context.modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        return bytes(cloudpickle.dumps(value))
    except Exception as error:
        # pickling runs the user's own code
        raise MLRunInvalidArgumentError(
            f"The output '{key}' ({type(value).__name__}) cannot be stored: {error}. "
            "Log a part of it that can be, or its path"
        ) from error


def _how(value: Any) -> Mapping[str, Any]:
    import cloudpickle

    return {
        "pickle_module_name": "cloudpickle",
        "pickle_module_version": cloudpickle.__version__,
        "object_module_name": type(value).__module__.partition(".")[0],
        "python_version": ".".join(map(str, sys.version_info[:3])),
    }


def unpack_object(item: DataItem, object_type: str, **how: Any) -> Any:
    """The object; where it does not come back, the sentence says what differs."""
    import cloudpickle

    try:
        return cloudpickle.loads(item.get())
    except Exception as error:
        # unpickling runs whatever code the object's packages hold
        here = ".".join(map(str, sys.version_info[:3]))
        raise MLRunInvalidArgumentError(
            f"'{item.artifact_url}' ({object_type}) cannot be read here: {error}. It was stored "
            f"with Python {how.get('python_version', 'unknown')}, this is {here}"
        ) from error
