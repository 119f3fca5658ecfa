"""Runs of MLflow: captured while a handler works where that is enabled, and imported."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun import states, tracking
from jupyter_mlrun.context import Context
from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunNotFoundError
from jupyter_mlrun.runs import RunObject

__all__ = ["MLFlowTracker"]


class MLFlowTracker:
    """Imports runs, models and artifacts of MLflow, by MLRun's names."""

    @staticmethod
    def is_enabled() -> bool:
        """Whether MLflow's runs are captured while handlers work."""
        return tracking.is_enabled()

    def import_run(
        self,
        project: Any,
        reference_id: str,
        function_name: str = "",
        handler: Any = None,
        **kwargs: Any,
    ) -> Any:
        """A recorded run with all that a run of MLflow holds; raises MLRunNotFoundError."""
        mlflow = tracking.mlflow()
        client = mlflow.MlflowClient()
        try:
            run = client.get_run(reference_id)
        except mlflow.exceptions.MlflowException as error:
            raise MLRunNotFoundError(
                f"There is no run '{reference_id}' at {mlflow.get_tracking_uri()}: {error}"
            ) from None
        context = _context(project, function_name or run.info.run_name or "mlflow")
        tracking.log_run(context, client, run)
        state = states.COMPLETED if run.info.status == "FINISHED" else states.ERROR
        if state == states.ERROR:
            context.set_state(error=f"the run of MLflow is {run.info.status}", commit=False)
        else:
            context.set_state(state, commit=False)
        context.close()
        return RunObject.from_dict(context.to_dict(), context.client)

    def import_model(
        self,
        project: Any,
        reference_id: str,
        key: str = "",
        metrics: Mapping[str, Any] | None = None,
        extra_data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """A model artifact of a model's address in MLflow; raises MLRunNotFoundError."""
        folder = _download(reference_id)
        named = key or tracking.key_of(reference_id.rstrip("/").rpartition("/")[2])
        return tracking.log_model(_producer(project), folder, named, metrics, extra_data=extra_data)

    def import_artifact(self, project: Any, reference_id: str, key: str = "", **kwargs: Any) -> Any:
        """An artifact of an artifact's address in MLflow; raises MLRunNotFoundError."""
        path = _download(reference_id)
        named = key or tracking.key_of(os.path.basename(path.rstrip("/")))
        return _producer(project).log_artifact(named, local_path=path, upload=True)


def _context(project: Any, name: str) -> Context:
    from jupyter_mlrun.owner import user_name

    metadata = {
        "name": "".join(c if c.isalnum() or c in "-." else "-" for c in name.lower())[:63],
        "project": _name(project),
        "labels": {"kind": "mlflow", "owner": user_name(), "host": os.uname().nodename},
    }
    return Context.from_dict({"metadata": metadata, "spec": {}})


def _producer(project: Any) -> Any:
    if hasattr(project, "log_model"):
        return project
    from jupyter_mlrun.client.transport import connect
    from jupyter_mlrun.recording import ProjectProducer

    return ProjectProducer(connect(), _name(project))


def _name(project: Any) -> str:
    found = project if isinstance(project, str) else getattr(project, "name", None)
    if not found:
        raise MLRunInvalidArgumentError(
            f"A project is a name or a project object, not {type(project).__name__}"
        )
    return str(found)


def _download(reference: str) -> str:
    mlflow = tracking.mlflow()
    try:
        return str(mlflow.artifacts.download_artifacts(reference))
    except (mlflow.exceptions.MlflowException, OSError) as error:
        raise MLRunNotFoundError(f"MLflow has nothing at {reference}: {error}") from None
