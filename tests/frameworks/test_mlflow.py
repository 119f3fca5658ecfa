"""MLflow: what a handler logs there becomes part of its run; old runs are imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.frameworks, pytest.mark.timeout(300)]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow's own store below the test's folder."""
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"file://{tmp_path}/mlruns")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri(f"file://{tmp_path}/mlruns")


def log(folder: Path) -> str:
    import mlflow

    with mlflow.start_run(run_name="inner") as active:
        mlflow.log_param("depth", 3)
        for step, value in enumerate((0.9, 0.5)):
            mlflow.log_metric("loss", value, step=step)
        mlflow.set_tag("team", "a")
        (folder / "note.txt").write_text("hello")
        mlflow.log_artifact(str(folder / "note.txt"))
    return str(active.info.run_id)


@pytest.mark.row("4.509")
def test_a_handlers_runs_are_captured(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(context):
        log(tmp_path)

    assert not run(train).status.results
    monkeypatch.setenv("MLRUN_EXTERNAL_PLATFORM_TRACKING__ENABLED", "true")
    done = run(train)
    assert done.status.results == {"loss": 0.5} and len(done.status.series["loss"]) == 2
    assert done.spec.parameters == {"depth": "3"}
    assert done.artifact("note.txt").get() == b"hello"
    assert done.metadata.annotations["team"] == "a"


@pytest.mark.row("4.509")
def test_old_runs_and_artifacts_are_imported(run: Any, tmp_path: Path) -> None:
    from jupyter_mlrun.errors import MLRunNotFoundError
    from jupyter_mlrun.track import MLFlowTracker

    found = log(tmp_path)
    done = MLFlowTracker().import_run("default", found)
    assert done.state() == "completed" and done.status.results == {"loss": 0.5}
    assert done.artifact("note.txt").get() == b"hello"
    stored = MLFlowTracker().import_artifact("default", f"runs:/{found}/note.txt", "kept")
    assert stored.to_dataitem().get() == b"hello"
    with pytest.raises(MLRunNotFoundError, match="no run 'nothing'"):
        MLFlowTracker().import_run("default", "nothing")
    with pytest.raises(MLRunNotFoundError):
        MLFlowTracker().import_model("default", f"runs:/{found}/nothing")


@pytest.mark.row("4.509")
def test_models_are_captured_and_imported(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import mlflow
    import pandas as pd
    from mlflow.models import infer_signature
    from sklearn.linear_model import LinearRegression

    from jupyter_mlrun.track import MLFlowTracker

    frame = pd.DataFrame({"a": [1.0, 2.0]})
    model = LinearRegression().fit(frame, [1.0, 2.0])
    found: list[str] = []

    def train(context):
        with mlflow.start_run():
            signature = infer_signature(frame, model.predict(frame))
            logged = mlflow.sklearn.log_model(
                model, name="line", signature=signature, serialization_format="cloudpickle"
            )
            mlflow.log_metric("score", 1.0)
            found.append(logged.model_uri)

    monkeypatch.setenv("MLRUN_EXTERNAL_PLATFORM_TRACKING__ENABLED", "true")
    done = run(train)
    spec = done.artifact("line").meta["spec"]
    assert spec["framework"] == "sklearn" and spec["inputs"][0]["name"] == "a"
    assert spec["metrics"] == {"score": 1.0}
    stored = MLFlowTracker().import_model("default", found[0], "imported")
    assert stored.key == "imported" and stored.spec["framework"] == "sklearn"
