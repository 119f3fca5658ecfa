"""MLflow: what code logs there while a handler works becomes part of the run."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import scratch
from .errors import MLRunMissingDependencyError

if TYPE_CHECKING:
    from .context import Context

ENABLED = "MLRUN_EXTERNAL_PLATFORM_TRACKING__ENABLED"
_TAGS = "MLFLOW_RUN_CONTEXT"
_MARK = "mlrun-runid"
_SYSTEM = "mlflow."


def is_enabled() -> bool:
    """Whether runs of MLflow are captured."""
    return os.environ.get(ENABLED, "").lower() in ("1", "true", "yes", "on")


@contextmanager
def tracked(context: Context) -> Iterator[None]:
    """Let what the block logs to MLflow become part of the run, where capture is enabled."""
    if not is_enabled() or not _is_installed():
        yield
        return
    mark = f"{context.project}-{context.run_uid}-{context.iteration}"
    before = os.environ.get(_TAGS)
    os.environ[_TAGS] = json.dumps({**json.loads(before or "{}"), _MARK: mark})
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_TAGS, None)
        else:
            os.environ[_TAGS] = before
        try:
            _capture(context, mark)
        except (mlflow().exceptions.MlflowException, OSError, KeyError) as error:
            # what MLflow cannot give back must not take the run's own end with it
            context.logger.warning(f"not all that was logged to MLflow could be taken: {error}")


def _capture(context: Context, mark: str) -> None:
    client = mlflow().MlflowClient()
    experiments = [each.experiment_id for each in client.search_experiments()]
    found = client.search_runs(experiments, f"tags.`{_MARK}` = '{mark}'", order_by=["start_time"])
    if len(found) > 1:
        context.logger.warning(
            f"{len(found)} runs of MLflow were made: the first one's values are the run's, "
            "those of the others carry the name of their run",
        )
    for place, run in enumerate(found):
        prefix = "" if place == 0 else f"{run.info.run_name}-"
        log_run(context, client, run, prefix)


def log_run(context: Context, client: Any, run: Any, prefix: str = "") -> None:
    """Log a run of MLflow: parameters, metrics with their series, tags, artifacts and models."""
    parameters = {f"{prefix}{key}": value for key, value in run.data.params.items()}
    context.add_parameters(parameters)
    for key in run.data.metrics:
        for point in client.get_metric_history(run.info.run_id, key):
            context.log_result(f"{prefix}{key}", point.value, step=point.step)
    if not prefix:
        _label(context, run)
    with tempfile.TemporaryDirectory() as folder:
        for path, is_model in _artifacts(client, run.info.run_id):
            local = client.download_artifacts(run.info.run_id, path, folder)
            key = f"{prefix}{key_of(path)}"
            if is_model:
                log_model(context, local, key, run.data.metrics)
            else:
                context.log_artifact(key, local_path=local, upload=True)
    for model in _logged_models(client, run):
        folder = mlflow().artifacts.download_artifacts(f"models:/{model.model_id}")
        log_model(context, folder, f"{prefix}{key_of(model.name)}", run.data.metrics)


def log_model(
    context: Any, folder: str, key: str, metrics: Mapping[str, float] | None = None, **said: Any
) -> Any:
    """A folder of an MLflow model as a model artifact: its flavour, inputs and outputs."""
    from mlflow.models import Model

    model = Model.load(folder)
    flavors = [name for name in model.flavors if name != "python_function"]
    archive = _archive(folder, key)
    try:
        return context.log_model(
            key, model_dir=os.path.dirname(archive), model_file=os.path.basename(archive),
            framework=flavors[0] if flavors else "mlflow", metrics=dict(metrics or {}),
            inputs=_features(model.get_input_schema()) or None,
            outputs=_features(model.get_output_schema()) or None,
            labels={"mlflow_version": str(model.mlflow_version)}, **said,
        )  # fmt: skip
    finally:
        os.remove(archive)


def _artifacts(client: Any, run_id: str, folder: str = "") -> Iterator[tuple[str, bool]]:
    """The files of a run, and the folders that are models."""
    for item in client.list_artifacts(run_id, folder or None):
        if not item.is_dir:
            yield item.path, False
            continue
        below = [os.path.basename(each.path) for each in client.list_artifacts(run_id, item.path)]
        if "MLmodel" in below:
            yield item.path, True
        else:
            yield from _artifacts(client, run_id, item.path)


def _logged_models(client: Any, run: Any) -> list[Any]:
    """Models that newer releases of MLflow keep apart from a run's artifacts."""
    outputs = getattr(getattr(run, "outputs", None), "model_outputs", None) or []
    return [client.get_logged_model(each.model_id) for each in outputs]


def _label(context: Any, run: Any) -> None:
    context.set_label("mlflow-runid", run.info.run_id)
    context.set_annotation("mlflow-experiment", run.info.experiment_id)
    for key, value in run.data.tags.items():
        if not key.startswith(_SYSTEM) and key != _MARK:
            context.set_annotation(key, value)


def _features(schema: Any) -> list[dict[str, Any]]:
    if schema is None:
        return []
    found = []
    for place, spec in enumerate(schema.inputs):
        kind = getattr(spec.type, "name", spec.type)
        found.append({"name": spec.name or f"field_{place}", "value_type": str(kind)})
    return found


def _archive(folder: str, key: str) -> str:
    import shutil

    target = os.path.join(scratch.folder(), key)
    return shutil.make_archive(target, "zip", folder)


def key_of(text: str) -> str:
    """A name of MLflow as the key of an artifact."""
    cleaned = "".join(c if c.isalnum() or c in "-_." else "-" for c in text)
    return cleaned.strip("-_.") or "artifact"


def _is_installed() -> bool:
    import importlib.util

    return importlib.util.find_spec("mlflow") is not None


def mlflow() -> Any:
    """The client of MLflow; raises MLRunMissingDependencyError."""
    try:
        import mlflow
    except ImportError:
        raise MLRunMissingDependencyError(
            "Runs of MLflow need its client: pip install mlflow-skinny"
        ) from None
    return mlflow
