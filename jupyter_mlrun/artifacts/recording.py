"""The part of a run's context that logs artifacts, under MLRun's argument names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ..client import artifacts
from ..errors import MLRunInvalidArgumentError

if TYPE_CHECKING:
    from ..context import Context
    from .base import Artifact


class ArtifactRecording:
    """Adds ``log_artifact``, ``log_dataset`` and ``log_model`` to a context."""

    def log_artifact(
        self,
        item: Any,
        body: Any = None,
        local_path: Any = None,
        artifact_path: str | None = None,
        tag: str = "",
        viewer: str | None = None,
        target_path: str = "",
        src_path: Any = None,
        upload: bool | None = None,
        labels: Mapping[str, Any] | None = None,
        format: str | None = None,
        db_key: str | bool | None = None,
        **kwargs: Any,
    ) -> Artifact:
        """A file or folder (``local_path``) or a value (``body``) as an artifact of the run.

        A body that is no text, bytes, dict or list is packed by its type, as ``-o`` does.
        """
        from .plain import log_artifact
        from .registry import log_value

        context = cast("Context", self)
        if not isinstance(item, str):
            raise MLRunInvalidArgumentError(
                f"log_artifact needs a key as its first argument, not {type(item).__name__}"
            )
        if body is not None and not isinstance(body, (str, bytes, bytearray, dict, list)):
            packed = log_value(context, item, body, kind="artifact", tag=tag)
            if packed is not None:
                return packed
        return log_artifact(
            context,
            item,
            body,
            local_path if local_path is not None else src_path,
            artifact_path,
            tag,
            viewer,
            target_path,
            upload,
            labels,
            format,
            db_key,
            **kwargs,
        )

    def log_dataset(
        self,
        key: str,
        df: Any,
        tag: str = "",
        local_path: str | None = None,
        artifact_path: str | None = None,
        upload: bool = True,
        labels: Mapping[str, Any] | None = None,
        format: str = "",
        preview: int | None = None,
        stats: bool | None = None,
        db_key: str | bool | None = None,
        target_path: str = "",
        extra_data: Mapping[str, Any] | None = None,
        label_column: str | None = None,
        **kwargs: Any,
    ) -> Artifact:
        """A DataFrame as a dataset, with a preview, its schema and statistics."""
        from .dataset import log_dataset

        return log_dataset(
            cast("Context", self),
            key,
            df,
            tag,
            local_path,
            artifact_path,
            upload,
            labels,
            format,
            preview,
            stats,
            db_key,
            target_path,
            extra_data,
            label_column,
            **kwargs,
        )

    def log_model(
        self,
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
        **kwargs: Any,
    ) -> Artifact:
        """A model: bytes, a ``model_file`` in ``model_dir``, or an estimator, which is pickled.

        Takes MLRun's further arguments by name: inputs, outputs, training_set, label_column,
        feature_vector, feature_weights, extra_data, db_key.
        """
        kwargs |= {
            "model_dir": model_dir, "model_file": model_file, "algorithm": algorithm,
            "metrics": metrics, "parameters": parameters, "artifact_path": artifact_path,
            "upload": upload, "labels": labels,
        }  # fmt: skip
        from .model import log_model
        from .registry import log_value

        context = cast("Context", self)
        if body is not None and not isinstance(body, (bytes, str)):
            described = {"framework": framework, **kwargs}
            given = {name: value for name, value in described.items() if value}
            packed = log_value(context, key, body, kind="model", tag=tag, **given)
            if packed is not None:
                return packed
        return log_model(context, key, body, framework, tag, **kwargs)

    def get_store_resource(self, url: str, secrets: Mapping[str, str] | None = None) -> Artifact:
        """The artifact of a ``store://`` address."""
        from ..datastore.resolve import read_artifact
        from .base import Artifact

        context = cast("Context", self)
        return Artifact(read_artifact(context.client, url, context.project), context)

    def get_artifact(
        self,
        key: str,
        tag: str | None = None,
        iter: int | None = None,
        tree: str | None = None,
        uid: str | None = None,
    ) -> Artifact:
        """An artifact of the project by its key in the store; raises MLRunNotFoundError."""
        from .base import Artifact

        context = cast("Context", self)
        document = artifacts.read(context.client, context.project, key, tag, iter, tree, uid)
        return Artifact(document, context)

    def update_artifact(self, artifact_object: Artifact) -> None:
        """Store a changed artifact again."""
        document = artifact_object.to_dict()
        tag = document["metadata"].get("tag") or ""
        cast("Context", self).report_artifact(document, tag)
