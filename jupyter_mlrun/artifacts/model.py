"""Trained models: a folder with the model's file and ``model_spec.yaml``, and a summary."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..datastore.registry import get_store
from ..errors import MLRunInvalidArgumentError
from .base import Artifact, Draft

if TYPE_CHECKING:
    from ..context import Context

SPEC_FILE = "model_spec.yaml"


def log_model(
    context: Context,
    key: str,
    body: Any = None,
    framework: str = "",
    tag: str = "",
    model_dir: str | None = None,
    model_file: str | None = None,
    algorithm: str | None = None,
    metrics: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    artifact_path: str | None = None,
    upload: bool = True,
    labels: Mapping[str, Any] | None = None,
    inputs: list[Any] | None = None,
    outputs: list[Any] | None = None,
    feature_vector: str | None = None,
    feature_weights: list[Any] | None = None,
    training_set: Any = None,
    label_column: str | list[str] | None = None,
    extra_data: Mapping[str, Any] | None = None,
    db_key: str | bool | None = None,
    unpacking: Mapping[str, Any] | None = None,
    summary: str = "",
    **spec: Any,
) -> Artifact:
    """A model of the run: bytes by ``body``, or a file by ``model_dir`` and ``model_file``.

    ``training_set`` gives the features' names and types, and their statistics.
    """
    draft = Draft(context, key, "model")
    draft.label(labels)
    described = {
        "framework": framework, "algorithm": algorithm, "metrics": _strict(metrics),
        "parameters": _strict(parameters), "inputs": inputs, "outputs": outputs,
        "feature_vector": feature_vector, "feature_weights": feature_weights,
        "label_column": label_column, **spec,
    }  # fmt: skip
    draft.spec.update({name: value for name, value in described.items() if value})
    if training_set is not None:
        _learn_features(draft, training_set, label_column)
    if extra_data:
        draft.spec["extra_data"] = {name: str(item) for name, item in extra_data.items()}
    _write(draft, body, model_dir, model_file, artifact_path or "", upload)
    if unpacking:
        draft.spec["unpackaging_instructions"] = dict(unpacking)
    if summary:
        draft.status["preview_text"] = summary
    _write_spec(draft)
    return draft.log(tag, db_key)


def _strict(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    from ..model.document import strict

    return strict(dict(values)) if values else None


def _write(
    draft: Draft,
    body: Any,
    model_dir: str | None,
    model_file: str | None,
    artifact_path: str,
    upload: bool,
) -> None:
    if body is not None:
        name = os.path.basename(model_file or "model.pkl")
        data = body.encode() if isinstance(body, str) else body
        if not isinstance(data, bytes):
            raise MLRunInvalidArgumentError(
                f"The model '{draft.key}' needs bytes as its body, not {type(body).__name__}: "
                "pickle it first, or name it by -o and it is packed by its type"
            )
        target = draft.target("", artifact_path)
        draft.spec["target_path"] = f"{target}/{name}"
        draft.write(data)
    else:
        source = os.path.join(model_dir or "", model_file or "")
        if not source or not os.path.exists(source):
            raise MLRunInvalidArgumentError(
                f"The model '{draft.key}' has no data: give body=, or a model_file= that is there"
            )
        name = os.path.basename(source.rstrip("/")) if os.path.isfile(source) else ""
        target = draft.target("", artifact_path)
        if upload:
            draft.spec["target_path"] = f"{target}/{name}" if name else target
            draft.upload(os.path.abspath(source))
        else:
            target = os.path.abspath(model_dir or os.path.dirname(source) or ".")
            draft.describe(source)
    draft.spec["model_file"] = name
    draft.spec["target_path"] = f"{target.rstrip('/')}/"
    draft.spec.pop("format", None)


def _write_spec(draft: Draft) -> None:
    import yaml

    from ..model.document import strict

    target = draft.spec["target_path"] + SPEC_FILE
    text = yaml.safe_dump(strict(draft.document), sort_keys=False)
    get_store(target).put(target, text.encode())


def _learn_features(draft: Draft, frame: Any, label_column: str | list[str] | None) -> None:
    from .dataset import statistics

    labels = [label_column] if isinstance(label_column, str) else (label_column or [])
    features = [
        {"name": str(name), "value_type": str(kind)}
        for name, kind in frame.dtypes.items()
    ]  # fmt: skip
    draft.spec.setdefault("inputs", [f for f in features if f["name"] not in labels])
    if labels:
        draft.spec.setdefault("outputs", [f for f in features if f["name"] in labels])
    if len(frame) < 10_000:
        draft.spec["feature_stats"] = statistics(frame)
