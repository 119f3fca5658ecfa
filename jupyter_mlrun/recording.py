"""The part of a run's context, and of a project, that logs artifacts, under MLRun's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from .artifacts.producer import ProjectAsProducer
from .client import artifacts
from .errors import MLRunInvalidArgumentError

if TYPE_CHECKING:
    from .artifacts.artifact import Artifact
    from .artifacts.document import DocumentLoaderSpec
    from .artifacts.producer import Producer
    from .context import Context

Labels = Mapping[str, Any]


class ArtifactRecording:
    """Adds ``log_artifact``, ``log_dataset``, ``log_model`` and the like to a run or project."""

    def _producer(self) -> Producer:
        return cast("Context", self)

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
        labels: Labels | None = None,
        format: str | None = None,
        db_key: str | bool | None = None,
        **kwargs: Any,
    ) -> Artifact:
        """An artifact object; or by key a file or folder (``local_path``) or a value (``body``).

        A body that is no text, bytes, dict or list is packed by its type, as ``-o`` does.
        """
        from .artifacts.artifact import Artifact, Placed
        from .artifacts.plain import log

        source = local_path if local_path is not None else src_path
        context = self._producer()
        if isinstance(item, str):
            if body is not None and not isinstance(body, (str, bytes, bytearray, dict, list)):
                _refuse_for_packed(
                    item, type(body).__name__, target_path=target_path, format=format,
                    db_key=db_key, viewer=viewer, upload="False" if upload is False else None,
                )  # fmt: skip
                return self._log_packed(item, body, "artifact", tag, labels, artifact_path)
            item = _new(item, body, target_path, kwargs)
        elif not isinstance(item, Artifact):
            raise MLRunInvalidArgumentError(
                "log_artifact needs a key or an artifact as its first argument, "
                f"not {type(item).__name__}"
            )
        elif body is not None:
            item._body = body
        placed = Placed(source, artifact_path, target_path, upload, format)
        return log(context, item, placed, tag, viewer, labels, db_key)

    def _log_packed(
        self,
        key: str,
        value: Any,
        kind: str,
        tag: str = "",
        labels: Labels | None = None,
        artifact_path: str | None = None,
        **how: Any,
    ) -> Artifact:
        from .packagers.hint import LogHint
        from .packagers.values import log_hinted

        hint = LogHint(
            key, tag, False, kind, how, labels and {k: str(v) for k, v in labels.items()},
            artifact_path,
        )  # fmt: skip
        return log_hinted(self._producer(), value, hint)[0]

    def log_dataset(
        self,
        key: str,
        df: Any,
        tag: str = "",
        local_path: Any = None,
        artifact_path: str | None = None,
        upload: bool | None = True,
        labels: Labels | None = None,
        format: str = "",
        preview: int | None = None,
        stats: bool | None = None,
        db_key: str | bool | None = None,
        target_path: str = "",
        extra_data: Mapping[str, Any] | None = None,
        label_column: str | None = None,
        **kwargs: Any,
    ) -> Artifact:
        """A DataFrame as a dataset, with a preview, its schema and statistics.

        Further arguments go to the writer of the format.
        """
        from .artifacts.artifact import Placed
        from .artifacts.dataset import DatasetArtifact
        from .artifacts.plain import log

        if df is None and not (local_path or target_path):
            raise MLRunInvalidArgumentError(
                f"The dataset '{key}' has no data: give df=, local_path= or target_path="
            )
        item = DatasetArtifact(
            key, df, preview, format, stats, None, extra_data, label_column=label_column, **kwargs
        )
        placed = Placed(local_path, artifact_path, target_path, upload, format)
        return log(self._producer(), item, placed, tag, None, labels, db_key)

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
        upload: bool | None = True,
        labels: Labels | None = None,
        inputs: list[Any] | None = None,
        outputs: list[Any] | None = None,
        feature_vector: str | None = None,
        feature_weights: list[Any] | None = None,
        training_set: Any = None,
        label_column: str | list[str] | None = None,
        extra_data: Mapping[str, Any] | None = None,
        db_key: str | bool | None = None,
        model_url: str | None = None,
        default_config: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Artifact:
        """A model: bytes, a ``model_file`` in ``model_dir``, or an estimator, which is pickled.

        ``training_set`` gives the features' names and types, and their statistics; ``model_url``
        names a model that lies elsewhere.
        """
        from .artifacts.artifact import Placed
        from .artifacts.model import ModelArtifact
        from .artifacts.plain import log

        if model_url and (body is not None or model_file or model_dir):
            raise MLRunInvalidArgumentError(
                f"The model '{key}' lies at {model_url}, so it has no data of its own: leave "
                "body=, model_file= and model_dir= away, or model_url="
            )
        said = {
            "framework": framework, "model_file": model_file, "algorithm": algorithm,
            "metrics": metrics, "parameters": parameters, "inputs": inputs, "outputs": outputs,
            "feature_vector": feature_vector, "feature_weights": feature_weights,
            "extra_data": extra_data, "default_config": default_config, **kwargs,
        }  # fmt: skip
        if body is not None and not isinstance(body, (bytes, str)):
            from .packagers.models import ModelPackager

            given = {name: value for name, value in said.items() if value}
            trained = {"training_set": training_set, "label_column": label_column}
            item: Any
            item, how = ModelPackager().pack_model(body, key, **given, **trained)
            item.unpacking = {
                "packager_name": "ModelPackager", "artifact_type": "model",
                "object_type": f"{type(body).__module__}.{type(body).__qualname__}",
                "instructions": how,
            }  # fmt: skip
        else:
            item = ModelArtifact(key, body, model_dir=model_dir, model_url=model_url, **said)
            if training_set is not None:
                item.infer_from_df(training_set, label_column)
        placed = Placed(None, artifact_path, None, False if model_url else upload)
        return log(self._producer(), item, placed, tag, None, labels, db_key)

    def log_document(
        self,
        key: str = "",
        tag: str = "",
        local_path: str = "",
        artifact_path: str | None = None,
        document_loader_spec: DocumentLoaderSpec | None = None,
        upload: bool | None = False,
        labels: Labels | None = None,
        target_path: str | None = None,
        db_key: str | None = None,
        **kwargs: Any,
    ) -> Artifact:
        """A document for retrieval, with the loader that reads it."""
        from .artifacts.artifact import Placed
        from .artifacts.document import DocumentArtifact, DocumentLoaderSpec
        from .artifacts.plain import log

        source = str(local_path or target_path or "")
        if not key and not source:
            raise MLRunInvalidArgumentError(
                "log_document needs a key, or local_path= or target_path= to make one of"
            )
        loader = document_loader_spec or DocumentLoaderSpec()
        if upload and not loader.download_object:
            raise MLRunInvalidArgumentError(
                f"The document '{key or source}' is not uploaded where its loader reads it from "
                "its address: set download_object=True, or upload=False"
            )
        item = DocumentArtifact(
            original_source=source, document_loader_spec=loader,
            key=key or DocumentArtifact.key_from_source(source), **kwargs,
        )  # fmt: skip
        marked = {"source": DocumentArtifact.key_from_source(source)[-63:].lstrip("-_.")}
        placed = Placed(local_path, artifact_path, target_path, upload)
        said = {k: v for k, v in marked.items() if v} | dict(labels or {})
        return log(self._producer(), item, placed, tag, None, said, db_key)

    def log_llm_prompt(
        self,
        key: str,
        prompt_template: list[dict[str, Any]] | None = None,
        prompt_path: str | None = None,
        prompt_legend: Mapping[str, Any] | None = None,
        model_artifact: Any = None,
        invocation_config: Mapping[str, Any] | None = None,
        description: str | None = None,
        target_path: str | None = None,
        artifact_path: str | None = None,
        tag: str | None = None,
        labels: Any = None,
        upload: bool | None = None,
        **kwargs: Any,
    ) -> Artifact:
        """The messages of a prompt, given or in a JSON file, and the model that they are for."""
        from .artifacts.artifact import Placed
        from .artifacts.llm_prompt import LLMPromptArtifact
        from .artifacts.plain import log

        if not (prompt_template or prompt_path or target_path):
            raise MLRunInvalidArgumentError(
                f"The prompt '{key}' has no messages: give prompt_template= or prompt_path="
            )
        context = self._producer()
        item = LLMPromptArtifact(
            key, context.project, model_artifact, prompt_template, prompt_path, prompt_legend,
            invocation_config, description, target_path, **kwargs,
        )  # fmt: skip
        if isinstance(labels, str):
            labels = [labels]
        if isinstance(labels, list):
            labels = dict(each.partition("=")[::2] for each in labels)
        placed = Placed(None, artifact_path, target_path, upload)
        return log(context, item, placed, tag or "", None, labels)

    def log_code_file(
        self,
        key: str,
        local_path: Any = None,
        body: Any = None,
        tag: str = "",
        artifact_path: str | None = None,
        upload: bool | None = True,
        is_inline: bool = False,
        labels: Labels | None = None,
        target_path: str = "",
        db_key: str | None = None,
        language: str | None = None,
        code_type: Any = None,
        requirements: list[str] | None = None,
        **kwargs: Any,
    ) -> Artifact:
        """A file of code, with its language and what it needs."""
        from .artifacts.artifact import Placed
        from .artifacts.code import CodeArtifact
        from .artifacts.plain import log

        item = CodeArtifact(
            key, body, src_path=local_path, language=language, code_type=code_type,
            requirements=requirements, is_inline=is_inline, **kwargs,
        )  # fmt: skip
        placed = Placed(local_path, artifact_path, target_path, upload)
        return log(self._producer(), item, placed, tag, None, labels, db_key)

    def import_artifact(
        self,
        item_path: str,
        new_key: str | None = None,
        artifact_path: str | None = None,
        tag: str | None = None,
    ) -> Artifact:
        """The artifact of an exported .yaml, .json or .zip file, logged here."""
        from .artifacts.export import import_artifact

        return import_artifact(self._producer(), str(item_path), new_key, artifact_path, tag)

    def get_store_resource(self, url: str, secrets: Mapping[str, str] | None = None) -> Artifact:
        """The artifact of a ``store://`` address."""
        from .artifacts.stored import find

        context = self._producer()
        return find(url, context.client, "", context.project)

    def get_artifact(
        self,
        key: str,
        tag: str | None = None,
        iter: int | None = None,
        tree: str | None = None,
        uid: str | None = None,
    ) -> Artifact:
        """An artifact of the project by its key in the store; raises MLRunNotFoundError."""
        from .artifacts.kinds import dict_to_artifact

        context = self._producer()
        document = artifacts.read(context.client, context.project, key, tag, iter, tree, uid)
        return dict_to_artifact(document, context.client)

    def update_artifact(self, artifact_object: Artifact) -> None:
        """Store a changed artifact again."""
        document = artifact_object.to_dict()
        tag = document["metadata"].get("tag") or ""
        self._producer().report_artifact(document, tag)


def _refuse_for_packed(key: str, kind: str, **given: Any) -> None:
    refused = [name for name, value in given.items() if value not in (None, "")]
    if refused:
        raise MLRunInvalidArgumentError(
            f"The artifact '{key}' is a {kind}, which is packed by its type, without "
            f"{', '.join(f'{name}=' for name in refused)}: leave that away, or give the data as "
            "text, bytes or a file"
        )


def _new(key: str, body: Any, target_path: str, more: dict[str, Any]) -> Any:
    from .artifacts.kinds import class_of

    kind = str(more.pop("kind", "") or "artifact")
    if kind == "artifact":
        from .artifacts.artifact import Artifact

        return Artifact(key, body, target_path=target_path, **more)
    made = class_of(kind)
    made.refuse_unknown(key, more)
    return made.from_dict(
        {"metadata": {"key": key}, "spec": {**more}, "status": {"state": "created"}}
    )._with_body(body)


class ProjectProducer(ProjectAsProducer, ArtifactRecording):
    """A project's own artifacts: every one has a tree of its own.

    ``artifact_uris`` and ``results`` are there for what packagers link, and are empty.
    """

    artifact_uris: Mapping[str, str] = {}
    results: Mapping[str, Any] = {}

    def log_result(self, key: str, value: Any, commit: bool = False) -> None:
        """Refused: a project has no results."""
        raise MLRunInvalidArgumentError(
            f"'{key}' would be a result, and a project has none: log it in a run, or as a file"
        )
