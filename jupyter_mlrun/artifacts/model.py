"""Trained models: a folder with the model's file and ``model_spec.yaml``, and a summary."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jupyter_mlrun.model import artifact_fields as fields

from ..datastore.registry import get_store, scheme_of
from ..errors import MLRunInvalidArgumentError
from ..lazy import attributes
from .artifact import Artifact, Of, Placed
from .extras import upload_extra_data
from .preview import STATS_ROWS, statistics

if TYPE_CHECKING:
    from .base import Draft

# what MLRun has in its module of this name, and lies elsewhere here
__getattr__, __dir__ = attributes(
    __name__, {"get_model": "artifacts.models", "update_model": "artifacts.models"}
)

SPEC_FILE = "model_spec.yaml"


class ModelArtifact(Artifact):
    """A model: its file, framework, parameters, metrics, features and what lies beside it.

    The data is bytes (``body``), the file ``model_file`` of the folder ``model_dir``, or lies
    elsewhere (``model_url``).
    """

    kind = "model"
    SPEC = fields.MODEL
    # how it was packed, and what is shown of it
    unpacking: Mapping[str, Any] = {}
    summary = ""

    def __init__(
        self,
        key: str | None = None,
        body: Any = None,
        format: str | None = None,
        model_file: str | None = None,
        metrics: Mapping[str, Any] | None = None,
        target_path: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        inputs: list[Any] | None = None,
        outputs: list[Any] | None = None,
        framework: str | None = None,
        algorithm: str | None = None,
        feature_vector: str | None = None,
        feature_weights: list[Any] | None = None,
        extra_data: Mapping[str, Any] | None = None,
        model_dir: str | None = None,
        model_url: str | None = None,
        default_config: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(key, body, format=format, target_path=target_path, **more)
        if model_file and os.path.dirname(str(model_file)):
            model_dir = os.path.join(model_dir or "", os.path.dirname(model_file))
        described = {
            "model_file": os.path.basename(model_file or ""), "metrics": _plain(metrics),
            "parameters": _plain(parameters), "inputs": _features(inputs),
            "outputs": _features(outputs), "framework": framework, "algorithm": algorithm,
            "feature_vector": feature_vector, "feature_weights": feature_weights,
            "extra_data": extra_data and dict(extra_data), "src_path": model_dir,
            "model_url": model_url, "default_config": default_config and dict(default_config),
        }  # fmt: skip
        self.spec.update({name: value for name, value in described.items() if value})

    inputs, outputs, metrics, parameters = Of("spec"), Of("spec"), Of("spec"), Of("spec")
    model_file, model_target_file, model_url = Of("spec"), Of("spec"), Of("spec")
    feature_stats, feature_vector = Of("spec"), Of("spec")
    feature_weights, default_config = Of("spec"), Of("spec")

    @property
    def is_dir(self) -> bool:
        """True."""
        return True

    def infer_from_df(
        self,
        df: Any,
        label_columns: str | list[str] | None = None,
        with_stats: bool = True,
        num_bins: int | None = None,
    ) -> None:
        """Take names and types of the features, and their statistics, from a training set."""
        labels = [label_columns] if isinstance(label_columns, str) else list(label_columns or [])
        known = [str(name) for name in df.columns]
        missing = [name for name in labels if name not in known]
        if missing:
            raise MLRunInvalidArgumentError(
                f"The training set of the model '{self.key}' has no column '{missing[0]}' "
                f"to be its label: it has {', '.join(known[:20])}"
            )
        features = [
            {"name": str(name), "value_type": value_type(kind)} for name, kind in df.dtypes.items()
        ]
        if not self.spec.get("inputs"):
            self.spec["inputs"] = [f for f in features if f["name"] not in labels]
        if labels and not self.spec.get("outputs"):
            self.spec["outputs"] = [f for f in features if f["name"] in labels]
        if with_stats:
            shown = df if len(df) < STATS_ROWS else df.head(STATS_ROWS)
            self.spec["feature_stats"] = statistics(shown, num_bins)

    def write(self, draft: Draft, placed: Placed) -> None:
        """Write the model's file, what lies beside it, and ``model_spec.yaml``."""
        spec = draft.spec
        folder = str(spec.pop("src_path", None) or placed.local_path or "")
        if spec.get("framework"):
            labels = draft.metadata.setdefault("labels", {})
            labels["framework"] = str(spec["framework"])
        if spec.get("model_url") or not self._is_here(folder):
            self._refer(draft, placed)
            return
        source = self._write_file(draft, placed, folder)
        upload_extra_data(spec, spec.get("extra_data"), spec["target_path"], get_store, "", source)
        if self.unpacking:
            spec["unpackaging_instructions"] = dict(self.unpacking)
        if self.summary:
            draft.status["preview_text"] = self.summary
        if placed.upload is not False:
            write_spec(draft.document)

    def _is_here(self, folder: str) -> bool:
        has_target = bool(self.get_target_path()) and self.get_body() is None and not folder
        return not has_target

    def _refer(self, draft: Draft, placed: Placed) -> None:
        spec = draft.spec
        if spec.get("model_url") and placed.upload:
            raise MLRunInvalidArgumentError(
                f"The model '{draft.key}' lies at {spec['model_url']} and is not uploaded: "
                "leave upload= away, or give model_file= instead of model_url="
            )
        target = spec.get("model_url") or self.get_target_path()
        spec["target_path"] = str(target)
        if self.summary:
            draft.status["preview_text"] = self.summary

    def _write_file(self, draft: Draft, placed: Placed, folder: str) -> str:
        """Write the model's file and remember where; the folder of files beside it."""
        spec, body = draft.spec, self.get_body()
        wanted = str(spec.get("model_file") or "")
        path = os.path.join(folder, wanted)
        spec.pop("model_target_file", None)
        if body is not None:
            name = wanted or "model.pkl"
            target = draft.target("", placed.artifact_path, _folder(placed.target_path))
            spec["target_path"] = f"{target.rstrip('/')}/{name}"
            draft.write(_bytes(draft.key, body))
        elif (not wanted and not folder) or not os.path.exists(path):
            where = f": {os.path.abspath(path)} is not there" if path else ""
            raise MLRunInvalidArgumentError(
                f"The model '{draft.key}' has no data{where}: give body=, or a model_file= "
                "that is there"
            )
        else:
            name = os.path.basename(path.rstrip("/")) if os.path.isfile(path) else ""
            target = draft.target("", placed.artifact_path, _folder(placed.target_path))
            if placed.upload is not False:
                spec["target_path"] = f"{target.rstrip('/')}/{name}" if name else target
                draft.upload(os.path.abspath(path))
            else:
                target = os.path.abspath(folder or os.path.dirname(path) or ".")
                draft.describe(path)
        written = str(spec["target_path"]).rpartition("/")[2]
        if name and placed.upload is not False and written != name:
            # called by its hash: the name it had stays model_file
            spec["model_target_file"] = written
        spec["model_file"] = name
        spec["target_path"] = f"{target.rstrip('/')}/"
        spec.pop("format", None)
        return folder


def _folder(target: str) -> str:
    return target.rstrip("/")


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    from .results import to_result

    return to_result(dict(values)) if values else None


def _features(values: list[Any] | None) -> list[Any] | None:
    """Features as documents: their own dicts, or names."""
    if not values:
        return None
    return [
        value.to_dict() if hasattr(value, "to_dict")
        else {"name": value} if isinstance(value, str) else value
        for value in values
    ]  # fmt: skip


def _bytes(key: str, body: Any) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    if not isinstance(data, (bytes, bytearray)):
        raise MLRunInvalidArgumentError(
            f"The model '{key}' needs bytes as its body, not {type(body).__name__}: "
            "pickle it first, or name it by -o and it is packed by its type"
        )
    return bytes(data)


def value_type(dtype: Any) -> str:
    """MLRun's word for a column's type."""
    name = str(dtype).lower()
    words = {
        "object": "str", "string": "str", "str": "str", "category": "str", "float64": "float",
        "int64": "int", "boolean": "bool",
    }  # fmt: skip
    return words.get(name, "datetime" if name.startswith("datetime64") else name)


def write_spec(document: Mapping[str, Any]) -> None:
    """Write the document beside the model; the tag is no part of what it says."""
    import yaml

    from ..model.document import strict

    metadata = {k: v for k, v in document["metadata"].items() if k != "tag"}
    extras = document["spec"].get("extra_data") or {}
    spec = dict(document["spec"])
    if extras:
        spec["extra_data"] = {key: item for key, item in extras.items() if item is not ...}
    body = strict({**document, "metadata": metadata, "spec": spec})
    target = str(document["spec"]["target_path"]).rstrip("/") + "/" + SPEC_FILE
    if scheme_of(target) in ("", "file"):
        os.makedirs(os.path.dirname(target.removeprefix("file://")), exist_ok=True)
    get_store(target).put(target, yaml.safe_dump(body, sort_keys=False).encode())
