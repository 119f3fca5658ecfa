"""Models of scikit-learn, XGBoost, LightGBM and ONNX that log themselves: the real libraries."""

from __future__ import annotations

import base64
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
)
from jupyter_mlrun.frameworks.auto_mlrun import AutoMLRun
from jupyter_mlrun.frameworks.custom_objects import CustomObjects
from jupyter_mlrun.frameworks.onnx import ONNXModelHandler
from jupyter_mlrun.frameworks.sklearn import SKLearnModelHandler, apply_mlrun
from tests.live import Live


@pytest.fixture
def irises() -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, pd.Series]:
    """Training and test data with names."""
    from sklearn.datasets import load_iris
    from sklearn.model_selection import train_test_split

    x, y = load_iris(return_X_y=True, as_frame=True)
    return tuple(train_test_split(x, y, test_size=0.3, random_state=0, stratify=y))  # type: ignore


def run(handler: Any, **spec: Any) -> Any:
    return mlrun.new_function("trains", kind="handler").run(handler=handler, **spec)


def traces(run: Any, key: str) -> list[dict[str, Any]]:
    """What a figure draws, with its numbers as lists."""
    kept = run.artifact(key).meta["status"]["preview_mime"]["application/vnd.plotly.v1+json"]
    return [
        {name: numbers(each[name]) for name in ("x", "y", "z", "name") if name in each}
        for each in kept["data"]
    ]


def numbers(values: Any) -> Any:
    if not isinstance(values, dict):
        return values
    found = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    shape = [int(each) for each in str(values.get("shape") or found.size).split(",")]
    return found.reshape(shape).tolist()


@pytest.mark.row("4.501")
def test_a_classifier_logs_itself(service: Live, irises: Any) -> None:
    from sklearn.ensemble import RandomForestClassifier

    x, x_test, y, y_test = irises

    def train(context):
        model = RandomForestClassifier(10, random_state=0)
        apply_mlrun(
            model, "forest", context=context, x_test=x_test, y_test=y_test, tag="v1",
            parameters={"trees": 10}, labels={"team": "a"},
        )  # fmt: skip
        assert model.fit(x, y) is model
        assert pickle.loads(pickle.dumps(model)).predict(x_test).tolist() == (
            model.predict(x_test).tolist()
        )

    done = run(train)
    results = done.status.results
    assert results["accuracy"] > 0.8
    assert {"f1_score", "precision_score", "recall_score", "auc-macro", "auc-micro"} <= set(results)
    keys = {"model", "confusion-matrix", "roc-curves", "feature-importance", "test_set"}
    assert keys <= set(done.status.artifact_uris)
    model = done.artifact("model")
    spec, metadata = model.meta["spec"], model.meta["metadata"]
    assert spec["db_key"] == "forest" and "/forest:v1@" in done.outputs["model"]
    assert spec["framework"] == "sklearn" and spec["algorithm"] == "RandomForestClassifier"
    assert spec["metrics"]["accuracy"] == results["accuracy"] and spec["parameters"] == {
        "trees": 10
    }
    assert len(spec["inputs"]) == 4 and [f["name"] for f in spec["outputs"]] == ["target"]
    assert {"confusion-matrix", "feature-importance"} <= set(spec["extra_data"])
    assert metadata["labels"]["team"] == "a" and metadata["labels"]["framework"] == "sklearn"


@pytest.mark.row("4.501")
def test_a_stored_model_is_tried_again(service: Live, irises: Any) -> None:
    from sklearn.linear_model import LogisticRegression

    x, x_test, y, y_test = irises

    def train(context):
        model = LogisticRegression(max_iter=500)
        apply_mlrun(model, "line", context=context)
        model.fit(x, y)

    uri = run(train).status.artifact_uris["model"]

    def evaluate(context):
        handler = apply_mlrun(model_path=uri, context=context, y_test=y_test, auto_log=True)
        handler.model.predict(x_test)

    tried = run(evaluate)
    assert tried.status.results["evaluation_accuracy"] > 0.8
    assert "confusion-matrix" in tried.status.artifact_uris
    stored = mlrun.get_dataitem(uri.partition("@")[0].partition("#")[0]).meta["spec"]["metrics"]
    assert stored["evaluation_accuracy"] == tried.status.results["evaluation_accuracy"]


@pytest.mark.row("4.501")
def test_a_regressor_and_binary_words(service: Live) -> None:
    from sklearn.linear_model import LinearRegression, LogisticRegression

    x = np.arange(40.0).reshape(20, 2)

    def train(context, binary=False):
        y = np.array(["no", "yes"] * 10) if binary else x.sum(axis=1)
        model = LogisticRegression() if binary else LinearRegression()
        apply_mlrun(model, context=context, x_test=x, y_test=y)
        model.fit(x, y)

    numbers = run(train).status
    assert numbers.results["r2_score"] == pytest.approx(1)
    assert {"mean_absolute_error", "mean_squared_error", "root_mean_squared_error"} <= set(
        numbers.results
    )
    words = run(train, params={"binary": True}).status
    assert {"accuracy", "f1_score"} <= set(words.results)
    assert {"calibration-curve", "roc-curves"} <= set(words.artifact_uris)


@pytest.mark.row("4.501")
def test_metrics_and_artifacts_are_chosen(service: Live, irises: Any) -> None:
    from sklearn.tree import DecisionTreeClassifier

    x, x_test, y, y_test = irises

    def always_one(y_true, y_pred):
        return 1.0

    def train(context):
        model = DecisionTreeClassifier()
        apply_mlrun(
            model, context=context, x_test=x_test, y_test=y_test, auto_log=False,
            metrics={"mine": always_one, "loss": ("sklearn.metrics.hamming_loss", {})},
            artifacts={"confusion_matrix": {"normalize": "true"}},
        )  # fmt: skip
        model.fit(x, y)

    status = run(train).status
    assert set(status.results) == {"mine", "loss"} and status.results["mine"] == 1
    assert set(status.artifact_uris) == {"model", "confusion-matrix"}


@pytest.mark.row("4.501")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"metrics": ["sklearn.metrics.nothing"]}, "no metric 'sklearn.metrics.nothing'"),
        ({"artifacts": ["roses"]}, "no artifact 'roses' to make: choose"),
        ({"metrics": 3}, "Metrics are a list"),
        ({"custom_objects_map": {"a.py": "A"}}, "together"),
    ],
)
def test_what_cannot_be_applied_is_said(service: Live, arguments: Any, said: str) -> None:
    from sklearn.linear_model import LinearRegression

    def train(context):
        with pytest.raises(MLRunInvalidArgumentError, match=said):
            apply_mlrun(LinearRegression(), context=context, **arguments)
        with pytest.raises(MLRunInvalidArgumentError, match="no model of scikit-learn"):
            apply_mlrun(object(), context=context)

    run(train)


@pytest.mark.row("4.501", "4.508")
def test_code_that_a_model_needs_goes_with_it(
    service: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "its_model.py").write_text(
        "from sklearn.linear_model import LinearRegression\n"
        "class Mine(LinearRegression):\n    twice = 2\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "own"))

    def train(context):
        from its_model import Mine

        model = Mine()
        apply_mlrun(
            model, context=context, custom_objects_map={"its_model.py": "Mine"},
            custom_objects_directory=str(tmp_path / "own"), auto_log=False,
        )  # fmt: skip
        model.fit(np.array([[1.0], [2.0]]), np.array([1.0, 2.0]))

    uri = run(train).status.artifact_uris["model"]
    sys.modules.pop("its_model")
    sys.path[:] = [path for path in sys.path if path != str(tmp_path / "own")]
    loaded = AutoMLRun.load_model(uri)
    assert type(loaded.model).__name__ == "Mine" and loaded.model.twice == 2
    with pytest.raises(MLRunNotFoundError):
        SKLearnModelHandler(model_path="store://models/default/nothing")


def test_each_model_has_its_own_module_of_a_name(tmp_path: Path) -> None:
    found = []
    try:
        for kind in ("first", "second", "first"):
            folder = tmp_path / kind
            (folder / "sub").mkdir(parents=True, exist_ok=True)
            for file in ("its_net.py", "sub/its_net.py"):
                (folder / file).write_text(f"class Net:\n    kind = '{kind}'\n")
            for file in ("its_net.py", "sub/its_net.py"):
                loaded = CustomObjects(None, {file: "Net"}, str(folder)).activate()["Net"]
                assert CustomObjects(None, {file: "Net"}, folder).activate()["Net"] is loaded
                assert pickle.loads(pickle.dumps(loaded)) is loaded
                found.append(loaded.kind)
    finally:
        sys.path[:] = [path for path in sys.path if not path.startswith(str(tmp_path))]
        for name in ("its_net", "sub", "sub.its_net"):
            sys.modules.pop(name, None)
    assert found == [kind for kind in ("first", "second", "first") for _ in range(2)]


@pytest.mark.row("4.501")
def test_a_model_of_another_project_is_not_unpickled(service: Live) -> None:
    from sklearn.linear_model import LinearRegression

    mlrun.get_run_db().create_project("elsewhere")

    def train(context):
        apply_mlrun(LinearRegression(), context=context, auto_log=False).model.fit([[1.0]], [1.0])

    uri = run(train, project="elsewhere").status.artifact_uris["model"]

    def load(context, trust):
        return SKLearnModelHandler(model_path=uri, context=context, trust=trust).load()

    with pytest.raises(mlrun.RunError, match="trust=True"):
        run(load, params={"trust": False})
    assert run(load, params={"trust": True}).state() == "completed"
    with pytest.raises(MLRunAccessDeniedError, match="of project elsewhere"):
        SKLearnModelHandler(model_path=uri)
    assert SKLearnModelHandler(model_path=uri, trust=True).model_file

    def keep(context):
        context.log_model(
            "coded", b"x", model_file="m.onnx",
            extra_data={"coded_modules_map.json": b'{"antigravity": null}'},
        )  # fmt: skip
        context.log_model("plain", b"x", model_file="m.onnx")

    uris = run(keep, project="elsewhere").status.artifact_uris
    with pytest.raises(MLRunAccessDeniedError, match="runs its code"):
        ONNXModelHandler(model_path=uris["coded"])
    assert ONNXModelHandler(model_path=uris["plain"]).model_file
    assert issubclass(MLRunAccessDeniedError, Exception)


@pytest.mark.row("4.508")
def test_what_lies_beside_a_model_is_found_by_the_models_name(service: Live, irises: Any) -> None:
    from sklearn.linear_model import LogisticRegression

    x, _, y, _ = irises

    def train(context):
        model = LogisticRegression(max_iter=200).fit(x, y)
        SKLearnModelHandler(
            model, model_name="forest", model_key="custom", context=context,
            modules_map={"fractions": "Fraction"},
        ).log()  # fmt: skip

    uri = run(train).status.artifact_uris["custom"]
    for given in ({}, {"model_key": "custom"}, {"model_key": "other"}):
        handler = SKLearnModelHandler(model_path=uri, **given)
        handler.load()
        assert handler.model_name == "forest", given
        assert set(handler._custom.names) == {"Fraction"}, given


@pytest.mark.row("4.502", "4.508")
@pytest.mark.parametrize("name", ["xgboost", "lightgbm"])
def test_boosted_trees_log_themselves(service: Live, irises: Any, name: str) -> None:
    pytest.importorskip(name)
    x, x_test, y, y_test = irises
    x, x_test = x.set_axis(list("abcd"), axis=1), x_test.set_axis(list("abcd"), axis=1)

    def train(context):
        if name == "xgboost":
            from xgboost import XGBClassifier as Classifier

            given: dict[str, Any] = {"n_estimators": 5}
        else:
            from lightgbm import LGBMClassifier as Classifier

            given = {"n_estimators": 5, "verbose": -1}
        model = Classifier(**given)
        AutoMLRun.apply_mlrun(model, "trees", context=context, x_test=x_test, y_test=y_test)
        model.fit(x, y)

    done = run(train)
    assert done.status.results["accuracy"] > 0.8
    spec = done.artifact("model").meta["spec"]
    assert spec["framework"] == name
    assert {"confusion-matrix", "feature-importance"} <= set(spec["extra_data"])
    loaded = AutoMLRun.load_model(done.status.artifact_uris["model"])
    assert loaded.model.predict(x_test).shape == (len(x_test),)


@pytest.mark.row("4.502")
def test_lightgbm_train_logs_its_iterations(service: Live, irises: Any) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    from jupyter_mlrun.frameworks import lgbm

    x, x_test, y, y_test = irises
    own = lightgbm.train

    def train(context):
        lgbm.apply_mlrun(context=context, model_name="booster", model_format="txt")
        data = lightgbm.Dataset(x.to_numpy(), y)
        lightgbm.train(
            {"objective": "multiclass", "num_class": 3, "verbose": -1}, data, num_boost_round=4,
            valid_sets=[lightgbm.Dataset(x_test.to_numpy(), y_test, reference=data)],
            valid_names=["valid"],
        )  # fmt: skip

    try:
        done = run(train)
    finally:
        lightgbm.train = own
    assert len(done.status.series["valid_multi_logloss"]) == 4
    assert "valid_multi_logloss-chart" in done.status.artifact_uris
    spec = done.artifact("model").meta["spec"]
    assert spec["model_file"].endswith(".txt") and spec["algorithm"] == "gbdt"
    made = {
        "valid",
        *(f"valid-{n}" for n in ("feature-importance", "confusion-matrix", "roc-curves")),
    }
    assert made <= set(spec["extra_data"]) and made <= set(done.status.artifact_uris)
    assert done.artifact("valid").as_df().shape == (len(x_test), x_test.shape[1] + 1)
    assert [each["name"] for each in spec["outputs"]] == ["target"] and len(spec["inputs"]) == 4
    (cells,) = traces(done, "valid-confusion-matrix")
    assert np.sum(cells["z"]) == len(x_test) and np.trace(cells["z"]) > 40
    assert np.sum(cells["z"], axis=1).tolist() == [15, 15, 15]


@pytest.mark.row("4.502")
def test_lightgbm_train_of_two_classes_and_of_numbers(service: Live, irises: Any) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    from jupyter_mlrun.frameworks import lgbm

    x, _, y, _ = irises
    own = lightgbm.train

    def train(context, objective):
        lgbm.apply_mlrun(context=context)
        data = lightgbm.Dataset(x, y == 1)
        lightgbm.train({"objective": objective, "verbose": -1}, data, 3, data)

    figures = {}
    try:
        for objective in ("binary", "regression"):
            done = run(train, params={"objective": objective})
            figures[objective] = {
                key.removeprefix("valid_0-") for key in done.status.artifact_uris
                if key.startswith("valid_0-")
            }  # fmt: skip
    finally:
        lightgbm.train = own
    assert figures["regression"] == {"feature-importance"}
    assert figures["binary"] == {
        "feature-importance", "confusion-matrix", "roc-curves", "calibration-curve",
    }  # fmt: skip


@pytest.mark.row("4.502")
def test_lightgbm_train_of_labels_that_lack_classes_or_are_shares(service: Live) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    sparse = pytest.importorskip("scipy.sparse")
    from jupyter_mlrun.frameworks import lgbm

    generator = np.random.default_rng(0)
    x = generator.normal(size=(2400, 3))
    thirds = np.digitize(x[:, 0], [-0.4, 0.4])
    own = lightgbm.train
    several = {"objective": "multiclass", "num_class": 3}
    cases = {
        "two-of-three": (several, x, thirds, thirds != 1),
        "ones": ({"objective": "binary"}, x, (x[:, 0] > 0).astype(int), x[:, 0] > 0),
        "shares": ({"objective": "cross_entropy"}, x, 1 / (1 + np.exp(-x[:, 0])), x[:, 0] > -9),
        "sparse": (several, sparse.csr_matrix(x), thirds, x[:, 0] > -9),
    }

    def train(context):
        lgbm.apply_mlrun(context=context)
        params, data, y, kept = cases[context.name]
        trained = lightgbm.Dataset(data, y)
        checked = lightgbm.Dataset(data[kept], y[kept], reference=trained)
        lightgbm.train({**params, "verbose": -1}, trained, 30, [checked], ["valid"])

    try:
        done = {name: run(train, name=name) for name in cases}
    finally:
        lightgbm.train = own
    for name, each in done.items():
        assert each.status.state == "completed" and "model" in each.status.artifact_uris, name
    curves = {
        each["name"].partition(" ")[0]: np.trapezoid(each["y"], each["x"])
        for each in traces(done["two-of-three"], "valid-roc-curves")
    }
    assert set(curves) == {"0", "2", "chance"} and curves["0"] > 0.99 and curves["2"] > 0.99
    (cells,) = traces(done["ones"], "valid-confusion-matrix")
    assert np.shape(cells["z"]) == (2, 2) and np.sum(cells["z"][0]) == 0
    model, _ = traces(done["ones"], "valid-calibration-curve")
    assert model["y"] == [1] and model["x"][0] > 0.9
    told = {
        name: {uri.removeprefix("valid-") for uri in each.status.artifact_uris if "valid" in uri}
        for name, each in done.items()
    }
    assert "feature-importance" in told["shares"] and "valid" in told["shares"]
    assert not {"confusion-matrix", "roc-curves"} & told["shares"]
    assert {"confusion-matrix", "roc-curves"} <= told["sparse"] and "valid" not in told["sparse"]
    spec = done["shares"].artifact("model").meta["spec"]
    assert len(spec["inputs"]) == 3 and "valid-feature-importance" in spec["extra_data"]


@pytest.mark.row("4.502")
def test_a_figure_that_fails_loses_no_model(
    service: Live, irises: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    from jupyter_mlrun.frameworks import lgbm, plans

    def refuse(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("no figure")

    monkeypatch.setattr(plans.FeatureImportancePlan, "draw", refuse)
    x, _, y, _ = irises
    own = lightgbm.train

    def train(context):
        lgbm.apply_mlrun(context=context)
        data = lightgbm.Dataset(x, y)
        lightgbm.train({"objective": "regression", "verbose": -1}, data, 2, [data])

    try:
        done = run(train)
    finally:
        lightgbm.train = own
    assert done.status.state == "completed" and "model" in done.status.artifact_uris
    assert "valid_0-feature-importance is not made: ZeroDivisionError" in capsys.readouterr().out


@pytest.mark.row("4.501")
def test_a_model_becomes_one_of_onnx(service: Live, irises: Any) -> None:
    pytest.importorskip("skl2onnx")
    from sklearn.metrics import accuracy_score
    from sklearn.tree import DecisionTreeClassifier

    from jupyter_mlrun.frameworks.onnx import ONNXMLRunInterface

    x, x_test, y, y_test = irises

    def train(context):
        handler = apply_mlrun(DecisionTreeClassifier(), "tree", context=context)
        handler.model.fit(x.to_numpy(), y)
        made = handler.to_onnx(input_sample=x.to_numpy())
        runs = ONNXMLRunInterface(made, context=context)
        runs.evaluate(x_test.to_numpy(dtype=np.float32), y_test, [accuracy_score])

    done = run(train)
    assert done.status.results["accuracy_score"] > 0.8
    spec = done.artifact("onnx_tree").meta["spec"]
    assert spec["framework"] == "onnx" and spec["inputs"][0]["dims"] == [None, 4]
    handler = ONNXModelHandler(model_path=done.status.artifact_uris["onnx_tree"])
    handler.load()
    assert handler.model.graph.input[0].name == spec["inputs"][0]["name"]
