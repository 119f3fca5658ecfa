"""PyTorch: training and evaluation log themselves, models come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.frameworks
SOURCE = """
import torch

class Net(torch.nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.layer = torch.nn.Linear(2, width)
        self.last = torch.nn.Linear(width, 1)

    def forward(self, x):
        return self.last(torch.relu(self.layer(x)))
"""


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of a model, and its data."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    torch.manual_seed(0)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "its_net.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path / "own"))
    x = torch.rand(64, 2)
    y = x.sum(dim=1, keepdim=True)
    return tmp_path / "own", DataLoader(TensorDataset(x, y), batch_size=16)


def mean_error(y_pred: Any, y_true: Any) -> Any:
    return (y_pred - y_true).abs().mean()


@pytest.mark.row("4.503", "4.508")
def test_a_training_and_an_evaluation(run: Any, parts: Any, tmp_path: Path) -> None:
    import torch

    from jupyter_mlrun.frameworks import pytorch
    from jupyter_mlrun.frameworks.auto_mlrun import AutoMLRun

    folder, data = parts

    def train(context):
        from its_net import Net

        model = Net()
        handler = pytorch.train(
            model, data, torch.nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.1),
            validation_set=data, metric_functions=[mean_error], epochs=3, model_name="net",
            scheduler=None, custom_objects_map={"its_net.py": "Net"},
            custom_objects_directory=str(folder), context=context,
            tensorboard_directory=str(tmp_path / "board"),
            mlrun_callback_kwargs={"log_model_labels": {"team": "a"}},
        )  # fmt: skip
        handler.to_onnx(input_sample=torch.rand(1, 2))

    done = run(train)
    series = done.status.series
    assert len(series["training_loss"]) == len(series["validation_mean_error"]) == 3
    assert series["training_loss"][-1][1] < series["training_loss"][0][1]
    assert done.status.results["lr"] == pytest.approx(0.1)
    assert {"model", "loss-chart", "mean_error-chart", "onnx_net"} <= set(done.status.artifact_uris)
    meta = done.artifact("model").meta
    assert meta["spec"]["framework"] == "torch" and meta["metadata"]["labels"]["team"] == "a"
    assert meta["spec"]["inputs"][0]["dims"] == [16, 2]
    assert list((tmp_path / "board").rglob("events.*"))
    uri = done.status.artifact_uris["model"]

    def evaluate(context):
        _, means = pytorch.evaluate(
            uri, data, loss_function=torch.nn.MSELoss(), metric_functions=[mean_error],
            context=context,
        )  # fmt: skip
        return means

    tried = run(evaluate).status
    assert tried.results["evaluation_mean_error"] == pytest.approx(tried.results["return"][1])
    loaded = AutoMLRun.load_model(uri)
    assert loaded.model(torch.rand(3, 2)).shape == (3, 1)


@pytest.mark.row("4.503")
def test_what_cannot_be_trained_is_said(run: Any, parts: Any) -> None:
    import torch

    from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunMissingDependencyError
    from jupyter_mlrun.frameworks import pytorch

    _, data = parts

    def train(context):
        model = torch.nn.Linear(2, 1)
        given = (model, data, torch.nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.1))
        with pytest.raises(MLRunMissingDependencyError, match="Horovod"):
            pytorch.train(*given, use_horovod=True, context=context)
        with pytest.raises(MLRunInvalidArgumentError, match="scheduler_step_frequency"):
            pytorch.train(*given, scheduler_step_frequency="often", context=context)
        watched = {"dynamic_hyperparameters": {"a": ("scheduler", ["gamma"])}}
        with pytest.raises(MLRunInvalidArgumentError, match="read from 'scheduler'"):
            pytorch.train(*given, mlrun_callback_kwargs=watched, context=context)

    run(train)
