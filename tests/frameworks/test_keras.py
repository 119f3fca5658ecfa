"""Keras of TensorFlow: fit and evaluate log themselves, in each format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.frameworks, pytest.mark.timeout(300)]


@pytest.mark.row("4.504", "4.508")
@pytest.mark.parametrize("form", ["keras", "h5", "json_h5", "SavedModel"])
def test_a_model_logs_itself(run: Any, tmp_path: Path, form: str) -> None:
    import keras
    import numpy as np

    from jupyter_mlrun.frameworks.auto_mlrun import AutoMLRun
    from jupyter_mlrun.frameworks.tf_keras import apply_mlrun

    x = np.random.default_rng(0).random((64, 2)).astype("float32")
    y = x.sum(axis=1, keepdims=True)

    def train(context):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4), keras.layers.Dense(1)])
        board = str(tmp_path / "board") if form == "keras" else None
        apply_mlrun(model, "net", context=context, model_format=form, tensorboard_directory=board)
        model.compile("sgd", "mse", metrics=["mae"])
        model.fit(x, y, epochs=2, validation_data=(x, y), verbose=0)
        model.evaluate(x, y, verbose=0)

    done = run(train)
    series, results = done.status.series, done.status.results
    assert len(series["training_loss"]) == len(series["validation_mae"]) == 2
    assert {"evaluation_loss", "evaluation_mae", "lr"} <= set(results)
    assert {"model", "loss-chart", "mae-chart"} <= set(done.status.artifact_uris)
    meta = done.artifact("model").meta
    assert meta["spec"]["framework"] == "tensorflow.keras"
    assert meta["spec"]["inputs"][0]["dims"] == [None, 2]
    assert meta["spec"]["metrics"]["evaluation_mae"] == pytest.approx(results["evaluation_mae"])
    assert bool(list(tmp_path.rglob("events.*"))) == (form == "keras")
    given = {"model_format": form}
    loaded = AutoMLRun.load_model(done.status.artifact_uris["model"], **given)
    assert np.asarray(loaded.model(x)).shape == (64, 1)
