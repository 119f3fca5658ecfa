"""Values packed by their type come back equal; what cannot is refused or said aloud."""

from __future__ import annotations

import enum
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_mlrun.artifacts.results import to_result
from jupyter_mlrun.context import Context
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.packagers.plain import is_result
from jupyter_mlrun.packagers.values import log_value, unpack
from tests.sdk.conftest import Told

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
HASHABLE = st.integers() | st.text() | st.binary() | st.tuples(st.integers(), st.text())


class Color(enum.Enum):
    RED = 1


def packed(context: Context, value: Any, kind: str = "artifact") -> Any:
    artifact = log_value(context, "value", value, kind)
    assert artifact is not None
    return artifact


def round_trip(context: Context, value: Any) -> Any:
    return unpack(packed(context, value).to_dataitem())


def same(left: Any, right: Any) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[k], right[k]) for k in left)
    return bool(left == right)


quick = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)


@quick
@given(value=PLAIN | st.binary() | st.sets(HASHABLE) | st.frozensets(HASHABLE))
def test_plain_values_come_back_the_same(context: Context, value: Any) -> None:
    assert same(round_trip(context, value), value)


@quick
@given(value=st.text(st.characters(exclude_categories=()), max_size=30))
def test_any_text_comes_back(context: Context, value: str) -> None:
    assert round_trip(context, value) == value


@pytest.mark.parametrize(
    "value",
    [
        (1, "a", None),
        {1, 2},
        frozenset({"x"}),
        {1: "integer key"},
        {"a": (1, 2)},
        [float("inf")],
        bytearray(b"\x00\xff"),
        b"",
        "",
        [],
        {},
        Color.RED,
        {"b": 1, "a": 2},
        [True, 1, 1.0],
        range(3),
    ],
    ids=repr,
)
def test_chosen_values_come_back_the_same(context: Context, value: Any) -> None:
    assert same(round_trip(context, value), value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12).reshape(3, 4),
        np.array([], dtype="float32"),
        np.array(3.5),
        np.array(["a", "bc"]),
        np.array([1 + 2j]),
        np.array(["2026-01-01"], dtype="datetime64[D]"),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.asfortranarray(np.ones((2, 3))),
        np.array([{"any": "object"}], dtype=object),
        np.ma.masked_array([1, 2], [True, False]),
    ],
    ids=lambda a: f"{a.dtype}-{a.shape}",
)
def test_arrays_come_back_equal(context: Context, array: Any) -> None:
    back = round_trip(context, array)
    assert type(back) is type(array)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


FRAMES = {
    "numbers": pd.DataFrame({"a": [1, 2, 3], "b": [0.5, float("nan"), -1.0]}),
    "named index": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="key")),
    "two levels": pd.DataFrame(
        {"a": [1, 2]}, index=pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["k", "n"])
    ),
    "dates": pd.DataFrame({"t": pd.date_range("2026-01-01", periods=2, tz="Europe/Berlin")}),
    "categories": pd.DataFrame({"c": pd.Categorical(["a", "b", "a"])}),
    "integer names": pd.DataFrame(np.eye(2)),
    "nullable": pd.DataFrame({"i": pd.array([1, None], dtype="Int64")}),
    "empty": pd.DataFrame({"a": pd.Series([], dtype="float64")}),
    "no columns": pd.DataFrame(index=range(3)),
    "mixed objects": pd.DataFrame({"o": [1, "two", None]}),
    "sets": pd.DataFrame({"o": [{1}, {2, 3}]}),
    "same names": pd.DataFrame([[1, 2]], columns=["a", "a"]),
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames_come_back_equal(context: Context, name: str) -> None:
    frame = FRAMES[name]
    pd.testing.assert_frame_equal(round_trip(context, frame), frame, check_freq=False)


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1, 2], name="n"),
        pd.Series([1.5, None]),
        pd.Series(["a"], index=["k"]),
        pd.Series([1], name=7),
    ],
    ids=lambda s: str(s.name),
)
def test_series_come_back_equal(context: Context, series: Any) -> None:
    pd.testing.assert_series_equal(round_trip(context, series), series)


def test_paths_are_copied(context: Context, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x\n1\n")
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "b.txt").write_text("b")
    kept = packed(context, file)
    kept_folder = packed(context, folder)
    file.write_text("changed")
    assert unpack(kept.to_dataitem()).read_text() == "x\n1\n"
    assert kept_folder.target_path.endswith(".zip")
    by_file = packed(context, folder, "directory")
    assert by_file.kind == "dir"
    for each in (kept_folder, by_file):
        assert (unpack(each.to_dataitem()) / "below" / "b.txt").read_text() == "b"


def test_a_path_with_nothing_there_is_a_sentence(context: Context, tmp_path: Path) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="nothing is there"):
        log_value(context, "out", tmp_path / "none")


def test_models_are_models(context: Context) -> None:
    from sklearn.datasets import load_iris
    from sklearn.ensemble import RandomForestClassifier

    data = load_iris(as_frame=True)
    model = RandomForestClassifier(n_estimators=3, random_state=0).fit(data.data, data.target)
    artifact = packed(context, model, "")
    spec = artifact.spec
    assert artifact.kind == "model"
    assert (spec["framework"], spec["algorithm"]) == ("sklearn", "RandomForestClassifier")
    assert spec["parameters"]["n_estimators"] == 3
    assert [feature["name"] for feature in spec["inputs"]] == list(data.data.columns)
    assert "features: 4" in artifact.status["preview_text"]
    folder = Path(spec["target_path"])
    assert {path.name for path in folder.iterdir()} == {"model.pkl", "model_spec.yaml"}
    back = unpack(artifact.to_dataitem())
    assert (back.predict(data.data) == model.predict(data.data)).all()


def test_figures_are_plots(context: Context) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import plotly.graph_objects as go
    from PIL import Image

    figure, axes = plt.subplots()
    axes.plot([1, 2])
    for value in (figure, axes, Image.new("RGB", (4, 4))):
        artifact = packed(context, value, "plot")
        assert artifact.kind == "plot"
        assert Path(artifact.target_path).read_bytes().startswith(b"\x89PNG")
    plt.close(figure)
    artifact = packed(context, go.Figure(go.Scatter(y=[1, 2])), "plot")
    assert artifact.kind == "plotly"
    assert "application/vnd.plotly.v1+json" in artifact.status["preview_mime"]
    assert b"<html>" in Path(artifact.target_path).read_bytes()


def test_what_is_no_figure_is_refused(context: Context) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="is no figure"):
        log_value(context, "out", 3, "plot")


def test_an_unknown_kind_is_refused(context: Context) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match=r"not packed as 'picture': choose"):
        log_value(context, "out", 3, "picture")


@pytest.mark.parametrize(
    "value", [1, 1.5, "text", None, True, [1, 2], {"a": {"b": 1}}, np.int64(3)]
)
def test_small_plain_values_are_results(context: Context, told: Told, value: Any) -> None:
    assert log_value(context, "out", value) is None
    assert context.results["out"] == to_result(value)


@pytest.mark.parametrize("value", [b"x", (1, 2), {1}, "x" * 70_000, list(range(5000)), {1: 2}])
def test_other_values_are_artifacts(value: Any) -> None:
    assert not is_result(value)


def test_pickled_objects_are_said_aloud(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    packed(context, Color.RED, "")
    assert "the output 'value'" in capsys.readouterr().out
    packed(context, FRAMES["sets"], "")
    assert "cloudpickle" in capsys.readouterr().out


def test_what_cannot_be_stored_is_named(context: Context) -> None:
    import threading

    with pytest.raises(MLRunInvalidArgumentError, match=r"The output 'lock' \(lock\) cannot be"):
        log_value(context, "lock", threading.Lock())


def test_classes_of_the_cell_travel_with_the_object(context: Context, tmp_path: Path) -> None:
    """What is defined in the run's module reads back where that module is not."""
    import subprocess
    import sys
    import types

    module = types.ModuleType("run_cell")
    sys.modules["run_cell"] = module
    try:
        exec("class Thing:\n    def size(self): return 41 + 1", vars(module))
        context.modules.append(module)
        artifact = packed(context, module.Thing(), "")
    finally:
        del sys.modules["run_cell"]
    code = (
        f"import cloudpickle; print(cloudpickle.load(open({artifact.target_path!r}, 'rb')).size())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "42"


def test_datasets_carry_their_preview(context: Context) -> None:
    frame = pd.DataFrame(
        {"n": range(30), "c": list("ab") * 15}, index=pd.Index(range(30), name="i")
    )
    artifact = packed(context, frame, "dataset")
    spec, status = artifact.spec, artifact.status
    assert spec["header"] == ["i", "n", "c"]
    assert spec["length"] == 30
    assert status["preview"][1] == [1, 1, "b"]
    assert len(status["preview"]) == 20
    assert len(status["stats"]["n"]["hist"][0]) == 20
    assert status["stats"]["c"] == {"count": 30, "unique": 2, "top": "a", "freq": 15}
    json.dumps(artifact.to_dict(), allow_nan=False)


def test_two_iterations_never_share_a_file(context: Context) -> None:
    first = context.get_child_context().log_artifact("a", body="1")
    second = context.get_child_context().log_artifact("a", body="2")
    assert first.target_path != second.target_path
    assert Path(first.target_path).read_text() == "1"


def test_non_finite_numbers_are_words() -> None:
    value = {"a": float("nan"), "b": [float("inf"), np.float64("-inf")], "c": np.int8(3)}
    assert to_result(value) == {"a": "nan", "b": ["inf", "-inf"], "c": 3}


def test_mlruns_ways_to_log(context: Context, tmp_path: Path) -> None:
    folder = Path(context.artifact_path)
    assert folder.is_dir()
    assert folder.name == str(context.iteration)
    (folder / "mine.txt").write_text("x")
    artifact = context.log_artifact("mine", local_path=context.artifact_subpath("mine.txt"))
    assert Path(artifact.target_path).read_text() == "x"
    (tmp_path / "weights.bin").write_bytes(b"w")
    model = context.log_model("m", None, "own", "v1", str(tmp_path), "weights.bin", "algo")
    assert (Path(model.target_path) / "weights.bin").read_bytes() == b"w"
    assert (model.spec["algorithm"], model.metadata["tag"]) == ("algo", "v1")
    context.log_iteration_results(2, [["state", "iter"], ["completed", 2]], {"status": {}})
    assert context.results["best_iteration"] == 2


@pytest.mark.parametrize(
    "call",
    [
        lambda context: context.log_result("", 1),
        lambda context: context.log_result(3, 1),
        lambda context: context.log_progress("bad", 5),
        lambda context: context.log_results([1]),
        lambda context: context.log_artifact("a b", body="x"),
        lambda context: context.log_artifact("empty"),
    ],
)
def test_what_cannot_be_logged_is_refused(context: Context, call: Any) -> None:
    with pytest.raises(MLRunInvalidArgumentError):
        call(context)


def test_an_artifact_too_large_for_the_disk_is_a_sentence(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from jupyter_mlrun.artifacts import base
    from jupyter_mlrun.errors import MLRunBaseError

    def full(path: str, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(base, "_write_whole", full)
    with pytest.raises(MLRunBaseError, match=r"The output 'big' \(1 MB\) does not fit on the disk"):
        context.log_artifact("big", body=b"x" * 1_000_000)
