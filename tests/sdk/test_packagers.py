"""MLRun's packager framework: hints, types, formats, archives, custom packagers, trust."""

from __future__ import annotations

import datetime
import decimal
import fractions
import importlib
import io
import json
import os
import sys
import tarfile
import types
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import jupyter_mlrun as mlrun
from jupyter_mlrun import DefaultPackager, LogHint, handler
from jupyter_mlrun.artifacts.artifact import Artifact
from jupyter_mlrun.context import Context, running
from jupyter_mlrun.datastore.resolve import get_dataitem, item_of
from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunInvalidArgumentError,
    MLRunPackageCollectionError,
    MLRunPackageError,
    MLRunPackagePackingError,
    MLRunPackageUnpackingError,
)
from jupyter_mlrun.packagers import archives
from jupyter_mlrun.packagers.manager import PackagersManager
from jupyter_mlrun.packagers.type_hints import TypeHintUtils, choices
from jupyter_mlrun.packagers.values import log_hinted, log_value, manager_of, unpack
from jupyter_mlrun.returns import log_returned
from tests.live import Live

pytestmark = pytest.mark.row("4.401", "4.402", "4.403", "4.404")
quick = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
HERE = datetime.timezone(datetime.timedelta(hours=2))


def round_trip(context: Context, value: Any, kind: str = "artifact", **how: Any) -> Any:
    artifact = log_value(context, "value", value, kind, **how)
    assert artifact is not None
    return unpack(artifact, context=context)


EXACT = (
    st.dates() | st.datetimes() | st.datetimes(timezones=st.just(HERE)) | st.times()
    | st.timedeltas() | st.decimals(allow_nan=False) | st.fractions() | st.uuids()
    | st.complex_numbers(allow_nan=False) | st.integers() | st.floats(allow_nan=False)
    | st.booleans()
)  # fmt: skip


@quick
@given(value=EXACT)
def test_exact_values_come_back(context: Context, value: Any) -> None:
    back = round_trip(context, value)
    assert type(back) is type(value)
    assert back == value


@quick
@given(
    value=st.lists(st.integers(), max_size=5)
    | st.dictionaries(st.text(st.characters(categories=("L",))), st.integers() | st.text("ab")),
    format=st.sampled_from(["json", "yaml", "txt"]),
)
def test_collections_come_back_in_each_format(context: Context, value: Any, format: str) -> None:
    assert round_trip(context, value, "file", file_format=format) == value


@pytest.mark.parametrize("make", [tuple, set, frozenset, list, bytes, bytearray])
@pytest.mark.parametrize("format", ["json", "jsonl", "yaml", "txt"])
def test_collections_are_of_their_type(context: Context, make: Any, format: str) -> None:
    value = make([1, 2, 3])
    back = round_trip(context, value, "file", file_format=format)
    assert (type(back), back) == (make, value)


ARRAYS = {
    "list": [np.arange(3), np.eye(2)],
    "dict": {"a": np.arange(3.0), "b": np.array(["x"])},
}


@pytest.mark.parametrize("name", ARRAYS)
def test_collections_of_arrays(context: Context, name: str) -> None:
    value: Any = ARRAYS[name]
    artifact = log_value(context, "value", value, "file", is_compressed=True)
    assert artifact is not None
    said = artifact.spec["unpackaging_instructions"]
    assert said["packager_name"] == f"NumPyNDArray{name.title()}Packager"
    assert said["instructions"] == {"file_format": "npz"}
    back = unpack(artifact, context=context)
    for left, right in zip(
        dict(value).values() if name == "dict" else value,
        dict(back).values() if name == "dict" else back,
        strict=True,
    ):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("format", ["npy", "txt", "csv", "gz"])
def test_arrays_in_each_format(context: Context, format: str) -> None:
    array = np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(round_trip(context, array, "file", file_format=format), array)
    np.testing.assert_array_equal(round_trip(context, array, "dataset"), array)


@pytest.mark.parametrize("format", ["parquet", "csv", "json", "feather", "orc", "xml"])
def test_frames_in_each_format(context: Context, format: str) -> None:
    if format == "xml":
        pytest.importorskip("lxml")
    levels = pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["k", "n"])
    frame = pd.DataFrame({"a": [1.5, 2.5], "b": ["u", "v"]}, index=levels)
    back = round_trip(context, frame, "file", file_format=format)
    pd.testing.assert_frame_equal(back, frame, check_dtype=False, check_index_type=False)
    assert list(frame.index.names) == ["k", "n"], "the user's own table is not changed"


def test_frames_that_parquet_would_change_come_back(context: Context) -> None:
    for names in (["a", 5], ["a", "a"], [("a", 1), "b"]):
        frame = pd.DataFrame([[1, 2], [3, 4]])
        frame.columns = pd.Index(names, tupleize_cols=False)
        pd.testing.assert_frame_equal(round_trip(context, frame), frame)


def test_small_arrays_are_results(context: Context) -> None:
    log_returned(context, (np.array([1, 2]), np.float32(1.5)), ["small", "number"])
    assert context.results == {"small": [1, 2], "number": 1.5}


def test_sparse_matrices_and_tables_of_arrow(context: Context) -> None:
    import pyarrow as pa
    from scipy import sparse

    matrix = sparse.csr_matrix(np.eye(3))
    assert (round_trip(context, matrix) != matrix).nnz == 0
    table = pa.table({"a": [1, 2]})
    assert round_trip(context, table).equals(table)


def test_tables_of_polars(context: Context) -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert round_trip(context, frame).equals(frame)


def test_figures_come_back(context: Context) -> None:
    import plotly.graph_objects as go

    back = round_trip(context, go.Figure(go.Scatter(y=[1, 2])), "plot")
    assert list(back.data[0].y) == [1, 2]


def test_figures_of_bokeh_and_altair(context: Context) -> None:
    bokeh = pytest.importorskip("bokeh.plotting")
    altair = pytest.importorskip("altair")
    assert "<html" in round_trip(context, bokeh.figure(), "")
    chart = altair.Chart(pd.DataFrame({"a": [1]})).mark_bar().encode(x="a")
    assert round_trip(context, chart, "").to_dict()["mark"] == chart.to_dict()["mark"]


HINTS: list[tuple[Any, dict[str, Any]]] = [
    ("name", {}),
    ("name : model", {"artifact_type": "model"}),
    ("df:dataset[file_format=csv]", {"key": "df", "artifact_type": "dataset",
                                    "packing_kwargs": {"file_format": "csv"}}),
    ("df : file[file_format='csv', flatten=False]", {
        "key": "df", "artifact_type": "file",
        "packing_kwargs": {"file_format": "csv", "flatten": False}}),
    ("*items", {"key": "items", "itemized": True}),
    ("2*items : file", {"key": "items", "itemized": 2, "artifact_type": "file"}),
    ({"key": "name", "artifact_type": "file", "file_format": "npy"}, {
        "artifact_type": "file", "packing_kwargs": {"file_format": "npy"}}),
    ({"key": "name", "tag": "v1", "labels": {"a": "b"}}, {"tag": "v1", "labels": {"a": "b"}}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "parts"), HINTS, ids=str)
def test_hints(text: Any, parts: dict[str, Any]) -> None:
    assert LogHint.parse_obj(text) == LogHint(**{"key": "name", **parts})


@pytest.mark.parametrize(
    "hint",
    [LogHint("a"), LogHint("a", "v1", 2, "file", {"file_format": "csv"}, {"who": "me"}, "/tmp"),
     LogHint("a", extra_data={"b": ..., "c": "d"}, metrics={"e": ..., "f": 0.5})],
    ids=str,
)  # fmt: skip
def test_hints_in_a_runs_document_say_the_same(hint: LogHint) -> None:
    assert LogHint.parse_obj(json.loads(json.dumps(hint.to_dict()))) == hint


def test_a_run_takes_hints_as_objects(service: Live) -> None:
    def measure() -> Any:
        return pd.DataFrame({"a": [1]}), b"weights", 0.5

    model = LogHint("net", "v1", artifact_type="model", labels={"who": "me"},
                    extra_data={"rows": ...}, metrics={"score": ...})  # fmt: skip
    run = mlrun.new_function("hints", kind="handler").run(
        handler=measure, returns=["rows", model, "score"], watch=False
    )
    kept = get_dataitem(run.outputs["net"]).meta
    assert (kept.metadata.tag, kept.metadata.labels["who"]) == ("v1", "me")
    assert kept.spec.metrics == {"score": 0.5} and kept.spec.extra_data["rows"]
    assert list(get_dataitem(kept.spec.extra_data["rows"]).as_df()["a"]) == [1]


@pytest.mark.parametrize(
    "text",
    ["", "a:b:c", "a:", ":model", "x*y", "*", "a : file[b", "a : file[b]", {"artifact_type": "x"},
     3, "a:file[f()]"],
    ids=str,
)  # fmt: skip
def test_broken_hints_are_sentences(text: Any) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match=r"log|key|options"):
        LogHint.parse_obj(text)


def test_items_are_logged_one_by_one(context: Context) -> None:
    log_returned(context, {"a": [1, pd.DataFrame({"n": [1]})], "b": "two"}, ["*all"])
    assert context.results["all_b"] == "two"
    assert context.results["all_a_0"] == 1
    assert context.results["all"]["a"][0] == 1
    assert context.results["all"]["a"][1] == context.artifact_uris["all_a_1"]
    log_returned(context, [[1, 2], [3]], ["1*rows"])
    assert (context.results["rows_0"], context.results["rows_1"]) == ([1, 2], [3])


def test_outputs_are_linked(context: Context) -> None:
    model = {"key": "model", "artifact_type": "model", "metrics": {"accuracy": ...},
             "extra_data": {"table": ..., "none": ...}}  # fmt: skip
    log_returned(context, (b"weights", 0.5, pd.DataFrame({"a": [1]})), [model, "accuracy", "table"])
    spec = next(a for a in context.artifacts if a["kind"] == "model")["spec"]
    assert spec["metrics"] == {"accuracy": 0.5}
    assert spec["extra_data"] == {"table": context.artifact_uris["table"]}


def test_hints_say_tag_labels_and_place(context: Context, tmp_path: Path) -> None:
    hint = LogHint("a", "v2", labels={"who": "me"}, artifact_path=str(tmp_path / "out"))
    (artifact,) = log_hinted(context, b"data", hint)
    assert (artifact.tag, artifact.labels) == ("v2", {"who": "me"})
    assert artifact.target_path.startswith(str(tmp_path / "out"))


def test_none_leaves_a_value_away_and_counts_are_compared(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    log_returned(context, (1, 2, 3), ["a", None])
    assert context.results == {"a": 1}
    assert "3 values were returned for 2 outputs (a)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "kind", "how", "text"),
    [
        (np.eye(2), "file", {"file_format": "npz"}, "choose npy, txt, gz or csv"),
        (np.zeros((2, 2, 2)), "dataset", {}, "at most two"),
        (pd.DataFrame({"a": [1]}), "file", {"file_format": "doc"}, "not written as 'doc'"),
        (pd.DataFrame({"a": [1]}), "file", {"file_formt": "csv"}, "cannot be written"),
        ([1], "file", {"file_fromat": "json"}, "Did you mean 'file_format'"),
        (3, "plot", {}, "is no figure"),
        (3, "dataset", {}, "makes no dataset"),
        ("nowhere", "path", {}, "nothing is there"),
        ({1: object()}, "file", {}, "cannot be written as json"),
    ],
)
def test_what_cannot_be_packed_is_a_sentence(
    context: Context, value: Any, kind: str, how: dict[str, Any], text: str
) -> None:
    with pytest.raises(MLRunPackageError, match=text):
        log_value(context, "out", value, kind, **how)


@pytest.mark.parametrize("format", archives.ArchiveSupportedFormat.get_all_formats())
def test_folders_are_archived(context: Context, tmp_path: Path, format: str) -> None:
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "b.txt").write_text("b")
    (folder / "empty").mkdir()
    for value in (folder, str(folder)):
        artifact = log_value(context, "value", value, "path", archive_format=format)
        assert artifact is not None
        assert artifact.target_path.endswith(f"value.{format}")
        manager = manager_of(context)
        back = Path(manager.unpack(artifact.to_dataitem()))
        assert (back / "below" / "b.txt").read_text() == "b"
        assert (back / "empty").is_dir()
        manager.clear_packagers_outputs()
        assert not back.exists()


@pytest.mark.row("5.319")
@pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "a/../../out.txt"])
@pytest.mark.parametrize("format", ["zip", "tar.gz"])
def test_archives_write_nowhere_else(tmp_path: Path, name: str, format: str) -> None:
    path = tmp_path / "in" / f"bad.{format}"
    path.parent.mkdir()
    if format == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, "x")
    else:
        with tarfile.open(path, "w:gz") as tar:
            entry = tarfile.TarInfo(name)
            entry.size = 1
            tar.addfile(entry, io.BytesIO(b"x"))
    try:
        folder = Path(archives.extract(str(path), str(tmp_path / "target")))
    except MLRunPackageError as error:
        assert "was not extracted" in str(error) and "Do not use" in str(error)
        assert not list(tmp_path.rglob("out.txt"))
    else:
        # tar's own rule takes an absolute name as one below the folder
        assert (format, name) == ("tar.gz", "/out.txt")
        assert list(tmp_path.rglob("out.txt")) == [folder / "out.txt"]
    assert not Path("/out.txt").exists()


def test_links_out_of_an_archive_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.tar"
    with tarfile.open(path, "w") as tar:
        entry = tarfile.TarInfo("link")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(entry)
    with pytest.raises(MLRunPackageError, match="was not extracted"):
        archives.extract(str(path), str(tmp_path / "target"))


def test_what_is_no_archive_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"nothing")
    with pytest.raises(MLRunPackageError, match="no archive of the format zip"):
        archives.extract(str(path), str(tmp_path))


def foreign(context: Context, artifact: Artifact, project: str = "other") -> Any:
    document = artifact.to_dict()
    document["metadata"]["project"] = project
    return item_of(document, f"store://artifacts/{project}/x", "x")


def test_pickles_of_other_projects_need_an_explicit_yes(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    pickled = log_value(context, "p", fractions, "object", pickle_module_name="cloudpickle")
    assert pickled is not None
    item = foreign(context, pickled)
    with pytest.raises(MLRunAccessDeniedError, match=r"project other.*trust=True"):
        unpack(item, project=context.project)
    assert unpack(item, trust=True, project=context.project) is fractions
    monkeypatch.setenv("MLRUN_PACKAGERS__TRUSTED_PROJECTS", "some, other")
    assert unpack(item, project=context.project) is fractions


def test_what_runs_no_code_comes_from_any_project(context: Context) -> None:
    for value in (pd.DataFrame({"a": [1]}), np.arange(20), (1, 2), b"x", uuid.uuid4()):
        artifact = log_value(context, "v", value, "artifact")
        assert artifact is not None
        assert type(unpack(foreign(context, artifact), project=context.project)) is type(value)


def test_instructions_of_others_do_not_unpickle(context: Context) -> None:
    """Whoever writes a document cannot have a safe packager run code."""
    artifact = log_value(context, "v", np.array([{"a": 1}], dtype=object), "file")
    assert artifact is not None
    assert artifact.spec["unpackaging_instructions"]["instructions"]["allow_pickle"] is True
    with pytest.raises(MLRunAccessDeniedError):
        unpack(foreign(context, artifact), project=context.project)
    frame = log_value(context, "f", pd.DataFrame({"a": [1]}), "file", file_format="csv")
    assert frame is not None
    frame.spec["unpackaging_instructions"]["instructions"]["file_format"] = "h5"
    with pytest.raises(MLRunAccessDeniedError):
        unpack(foreign(context, frame), project=context.project)


def test_a_pickle_at_an_address_needs_a_yes_too(tmp_path: Path) -> None:
    import pickle

    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(decimal.Decimal("1.5")))
    with pytest.raises(MLRunAccessDeniedError, match="no artifact of this project"):
        PackagersManager(project="p").unpack(get_dataitem(str(path)), types.SimpleNamespace)


def test_what_is_unknown_is_a_sentence(context: Context) -> None:
    artifact = log_value(context, "v", b"x", "artifact")
    assert artifact is not None
    artifact.spec["unpackaging_instructions"]["packager_name"] = "NobodysPackager"
    with pytest.raises(MLRunPackageUnpackingError, match=r"NobodysPackager.*add_custom_packager"):
        unpack(artifact, context=context)
    artifact.spec["unpackaging_instructions"] = None
    with pytest.raises(MLRunPackageUnpackingError, match="does not record how it was packed"):
        unpack(artifact, context=context)


class Point:
    """A type of a user's own."""

    def __init__(self, x: int) -> None:
        self.x = x


CUSTOM = """
from jupyter_mlrun import DefaultPackager
from jupyter_mlrun.artifacts import Artifact
from tests.sdk.test_packagers import Point

class PointPackager(DefaultPackager):
    PACKABLE_OBJECT_TYPE = Point
    DEFAULT_PACKING_ARTIFACT_TYPE = "point"
    DEFAULT_UNPACKING_ARTIFACT_TYPE = "point"

    def pack_point(self, obj, key, sign=1):
        return Artifact(key, body=str(obj.x * sign)), {"sign": sign}

    def unpack_point(self, data_item, sign=1):
        return Point(int(data_item.get()) * sign)

class _Hidden(DefaultPackager):
    PACKABLE_OBJECT_TYPE = Point
    PRIORITY = 1
"""


@pytest.fixture
def custom() -> Iterator[str]:
    """A module of packagers as a user writes it."""
    module = types.ModuleType("my_packagers")
    sys.modules["my_packagers"] = module
    exec(CUSTOM, vars(module))
    yield "my_packagers.*"
    del sys.modules["my_packagers"]


@pytest.mark.row("4.405")
def test_custom_packagers(context: Context, custom: str) -> None:
    manager_of(context).collect_packagers([custom], 3)
    artifact = log_value(context, "p", Point(3), "point", sign=-1)
    assert artifact is not None
    assert artifact.spec["unpackaging_instructions"] == {
        "packager_name": "PointPackager", "object_type": f"{Point.__module__}.Point",
        "artifact_type": "point", "instructions": {"sign": -1},
    }  # fmt: skip
    assert unpack(artifact, context=context).x == 3
    assert manager_of(context).unpack(get_dataitem("data:,7"), Point).x == 7
    with pytest.raises(MLRunAccessDeniedError):
        unpack(foreign(context, artifact), context=context)


@pytest.mark.row("4.405")
def test_packagers_of_the_project_are_collected(
    context: Context, custom: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_mlrun.packagers import values

    monkeypatch.setattr(values, "_of_project", lambda _: [(custom, True), ("no.such.Thing", False)])
    assert log_value(context, "p", Point(3)) is not None
    monkeypatch.setattr(values, "_of_project", lambda _: [("no.such.Thing", True)])
    context.__dict__.pop("_packagers")
    with pytest.raises(MLRunPackageCollectionError, match=r"'no\.such\.Thing' cannot be imported"):
        log_value(context, "p", Point(3))


def install(folder: Path, name: str, module: str, packager: str) -> None:
    """A distribution with a packager, as pip leaves it in a folder."""
    (folder / f"{name}.py").write_text(module)
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    group = f"[jupyter_mlrun.packagers]\n{name} = {name}:{packager}\n"
    (about / "entry_points.txt").write_text(group)


SOUNDS = """
from jupyter_mlrun import DefaultPackager
from jupyter_mlrun.artifacts import Artifact

class Sound:
    pass

class SoundPackager(DefaultPackager):
    PACKABLE_OBJECT_TYPE = Sound
    DEFAULT_PACKING_ARTIFACT_TYPE = "sound"

    def pack_sound(self, obj, key):
        return Artifact(key, body="la"), {}

    def unpack_sound(self, data_item):
        return Sound()
"""


@pytest.mark.row("4.405")
def test_packagers_of_other_distributions(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is broken is told of by the name of its distribution, and hinders no run."""
    install(tmp_path, "sounds_of_tests", SOUNDS, "SoundPackager")
    install(tmp_path, "broken_of_tests", "", "Nothing")
    monkeypatch.syspath_prepend(tmp_path)
    sounds = importlib.import_module("sounds_of_tests")
    with pytest.warns(UserWarning, match=r"of broken_of_tests is left out: .* 'Nothing'"):
        artifact = log_value(context, "s", sounds.Sound())
    assert artifact is not None
    said = artifact.spec["unpackaging_instructions"]
    assert (said["packager_name"], said["artifact_type"]) == ("SoundPackager", "sound")
    assert isinstance(unpack(artifact, context=context), sounds.Sound)


@pytest.mark.row("4.405")
def test_the_order_of_packagers() -> None:
    class Early(DefaultPackager):
        PACKABLE_OBJECT_TYPE = dict
        PRIORITY = 1
        DEFAULT_PACKING_ARTIFACT_TYPE = "result"

    manager = PackagersManager(project="p")
    manager.collect_packagers([Early], 3)
    assert type(manager.packager_for({"a": 1}, LogHint("k"))[0]) is Early
    with pytest.raises(MLRunPackageCollectionError, match="Point is no packager"):
        manager.collect_packagers([Point])  # type: ignore[list-item]


def test_inputs_become_what_hints_ask_for(context: Context, tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    artifact = log_value(context, "f", frame)
    assert artifact is not None
    manager, item = manager_of(context), artifact.to_dataitem()
    for hint in (pd.DataFrame, "pandas.DataFrame", pd.DataFrame | None, "pandas.DataFrame | None"):
        pd.testing.assert_frame_equal(manager.unpack(item, hint), frame)
    items = {"x": item, "y": item}
    found = manager.unpack(items, dict[str, pd.DataFrame])
    assert set(found) == {"x", "y"}
    pd.testing.assert_frame_equal(found["y"], frame)
    assert isinstance(manager.unpack([item, item], tuple[pd.DataFrame, ...]), tuple)
    assert manager.unpack(item, "DataItem" and Any) is item
    with pytest.raises(MLRunPackageError, match="cannot be read as int"):
        manager.unpack(item, int)


@pytest.mark.row("4.406")
def test_settings_of_packagers(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_mlrun.binding import bind_handler

    log_returned(context, (1, 2), ["a", "b"])
    assert context.results == {"a": 1, "b": 2}
    artifact = log_value(context, "pair", (1, "two"))
    assert artifact is not None
    item = artifact.to_dataitem()
    monkeypatch.setattr(Context, "inputs", {"x": artifact.uri})
    monkeypatch.setattr(Context, "get_input", lambda *_: item)
    assert bind_handler(lambda x: x, context) == {"x": item}
    monkeypatch.setenv("MLRUN_PACKAGERS__AUTO_UNPACK_INPUTS", "true")
    assert bind_handler(lambda x: x, context) == {"x": (1, "two")}
    monkeypatch.setenv("MLRUN_PACKAGERS__PACK_TUPLES", "true")
    log_returned(context, (1, 2), ["both", "none"])
    assert set(context.artifact_uris) == {"pair", "both"}


@pytest.mark.parametrize(
    ("hint", "found"),
    [(int | None, [int]), (list[int], [list[int]]), ("int|str", [int, str]), (Any, [Any]),
     ("pathlib.Path", [Path])],
    ids=str,
)  # fmt: skip
def test_choices_of_hints(hint: Any, found: Any) -> None:
    assert choices(hint) == found


@pytest.mark.parametrize("hint", ["Nothing", "no.such.Type", "int(", "__import__('os')", "1 + 1"])
def test_hints_that_name_nothing_are_sentences(hint: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError):
        TypeHintUtils.parse_type_hint(hint)


@pytest.mark.row("4.407")
def test_the_decorator(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")

    @handler(labels={"who": "me"}, outputs=["n", None, "frame"], inputs={"other": "builtins.bytes"})
    def work(frame: pd.DataFrame, other: Any, factor: int = 2) -> Any:
        assert isinstance(other, bytes)
        return len(frame) * factor, "not logged", frame

    assert work.__name__ == "work"
    frame = pd.DataFrame({"a": [1, 2]})
    assert work(frame, b"x")[0] == 4, "by hand it is itself"
    item = get_dataitem(str(path))
    with running(context):
        assert work(item, other=item) is None
    assert context.results == {"n": 2}
    assert context.labels["who"] == "me"
    assert set(context.artifact_uris) == {"frame"}
    with pytest.raises(MLRunInvalidArgumentError, match="takes arguments"):
        handler(work)  # type: ignore[arg-type]


def test_nothing_is_left_behind(context: Context, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    os.makedirs(tmp_path / "tmp")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").write_text("a")
    log_value(context, "a", folder, "path")
    log_value(context, "b", pd.DataFrame({"a": [1]}), "file", file_format="csv")
    assert not os.listdir(tmp_path / "tmp")
    with pytest.raises(MLRunPackagePackingError):
        log_value(context, "c", 3, "plot")
