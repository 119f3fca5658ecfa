"""Trained models as scikit-learn and its followers make them: pickled, with what they learnt of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..artifacts.artifact import Artifact
from ..artifacts.model import ModelArtifact
from ..artifacts.results import to_result
from .default import DefaultPackager
from .packager import ArtifactType
from .pickling import DEFAULT_PICKLE_MODULE, dumps, instructions, loads

if TYPE_CHECKING:
    from ..datastore.item import DataItem

FRAMEWORKS = ("sklearn", "xgboost", "lightgbm", "catboost", "statsmodels", "torch", "keras")
MAX_SUMMARY, MAX_NAMES = 20_000, 200


def is_estimator(value: Any) -> bool:
    """Whether the value is a trained model as scikit-learn and its followers make them."""
    if isinstance(value, type):
        return False
    can_learn = hasattr(value, "fit") and hasattr(value, "get_params")
    can_tell = any(hasattr(value, verb) for verb in ("predict", "transform", "fit_predict"))
    return (can_learn and can_tell) or is_network(value)


def is_network(value: Any) -> bool:
    """Whether the value is a module of PyTorch or a model of Keras."""
    return any(
        (base.__module__.partition(".")[0], base.__name__)
        in (("torch", "Module"), ("keras", "Model"))
        for base in type(value).__mro__
    )


class ModelPackager(DefaultPackager):
    """Estimators: a model; what a user calls a model is pickled as one."""

    PRIORITY: ClassVar[Any] = 6
    DEFAULT_PACKING_ARTIFACT_TYPE = ArtifactType.MODEL
    DEFAULT_UNPACKING_ARTIFACT_TYPE = ArtifactType.MODEL

    def is_packable(
        self, obj: Any, artifact_type: str | None = None, configurations: Any = None
    ) -> bool:
        """Whether it is an estimator, or is to be a model."""
        return artifact_type == ArtifactType.MODEL or (not artifact_type and is_estimator(obj))

    def is_unpackable(
        self, data_item: DataItem, type_hint: Any, artifact_type: str | None = None
    ) -> bool:
        """Whether it was packed as a model, or is one."""
        kind = artifact_type or data_item.get_artifact_type()
        return kind == ArtifactType.MODEL and isinstance(type_hint, type)

    def pack_model(
        self,
        obj: Any,
        key: str,
        pickle_module_name: str = DEFAULT_PICKLE_MODULE,
        model_file: str = "",
        **described: Any,
    ) -> tuple[Artifact, dict[str, Any]]:
        """The model pickled, with its parameters and features; MLRun's words say more."""
        if isinstance(obj, (bytes, bytearray, str)):
            data: Any = obj
        else:
            data = dumps(obj, key, pickle_module_name)
        described.pop("model_dir", None)
        training, label = described.pop("training_set", None), described.pop("label_column", None)
        given = _described(obj) | {name: value for name, value in described.items() if value}
        artifact = ModelArtifact(key, data, model_file=model_file or "model.pkl", **given)
        if training is not None:
            artifact.infer_from_df(training, label)
        artifact.summary = _summary(obj)
        return artifact, instructions(obj, pickle_module_name)

    def unpack_model(
        self, data_item: DataItem, pickle_module_name: str = DEFAULT_PICKLE_MODULE, **made: Any
    ) -> Any:
        """The model."""
        return loads(data_item, pickle_module_name, **made)


def _described(value: Any) -> dict[str, Any]:
    kind = type(value)
    roots = [base.__module__.partition(".")[0] for base in kind.__mro__]
    inputs = [{"name": name} for name in _names(value, "feature_names_in_")]
    return {
        "framework": next((name for name in FRAMEWORKS if name in roots), ""),
        "algorithm": kind.__name__,
        "parameters": _parameters(value),
        "inputs": inputs or None,
    }


def _names(value: Any, attribute: str) -> list[str]:
    names = getattr(value, attribute, None)
    return [] if names is None else [str(name) for name in list(names)[:MAX_NAMES]]


def _parameters(value: Any) -> dict[str, Any]:
    if not hasattr(value, "get_params"):
        return {}
    found = value.get_params(deep=False)
    return {str(name): to_result(item) for name, item in found.items()}


def _summary(value: Any) -> str:
    if isinstance(value, (bytes, bytearray)):
        return f"{len(value)} bytes"
    lines = [repr(value)]
    if (count := getattr(value, "n_features_in_", None)) is not None:
        lines.append(f"features: {count}")
    if names := _names(value, "feature_names_in_"):
        lines.append("names: " + ", ".join(names))
    if classes := _names(value, "classes_"):
        lines.append("classes: " + ", ".join(classes))
    return "\n".join(lines)[:MAX_SUMMARY]
