"""One script for both packages: ``packages.py PACKAGE TASK FOLDER PROJECT``.

``make`` logs values of many types from a handler's return, and exports artifacts; ``load`` hands
the artifacts that the other package has packed to a handler with type hints, and imports the
exports. ``hashed`` logs a model whose file is called by its hash, ``find`` reads it.
"""

import importlib
import json
import os
import pathlib
import sys
import warnings

import numpy as np
import pandas as pd

package, task, folder, name = sys.argv[1:]
mlrun = importlib.import_module(package)
warnings.simplefilter("ignore")
folder = pathlib.Path(folder)
os.environ["MLRUN_ARTIFACT_PATH"] = str(folder / "artifacts")
project = mlrun.get_or_create_project(name, context=str(folder / "context"), save=True)

FRAME = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
LEVELS = pd.DataFrame(
    {"v": [1.5, 2.5]}, index=pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["k", "n"])
)
RETURNS = [
    "frame", "levels : file[file_format='csv']", "column : file[file_format='parquet']",
    "array : file", "arrays : file", "named : file", "mapping : file",
    "rows : file[file_format='yaml']",
    "pair : file", "unique : file", "raw : file[file_format='json']", "place : path",
    "text : path", "pickled : object", "number", "words", "*parts",
]  # fmt: skip


def make_values():
    below = folder / "source"
    below.mkdir(parents=True, exist_ok=True)
    (below / "note.txt").write_text("in a folder")
    return (
        FRAME, LEVELS, pd.Series([1.5, 2.5], name="s"), np.arange(12).reshape(3, 4),
        [np.arange(3), np.eye(2)], {"u": np.arange(2)}, {"k": [1, {"m": None}]}, [1, "two", 3.5],
        (1, "two"), {1, 2}, b"\x00\xff", below, str(below / "note.txt"), {"a": (1, 2)}, 7,
        ["a", "b"], [1, 2],
    )  # fmt: skip


def check_values(
    frame: pd.DataFrame, levels: pd.DataFrame, column: pd.Series, array: np.ndarray,
    arrays: list[np.ndarray], named: dict[str, np.ndarray], mapping: dict, rows: list, pair: tuple,
    unique: set, raw: bytes, place: pathlib.Path, text: str, pickled: dict,
):  # fmt: skip
    pd.testing.assert_frame_equal(frame, FRAME, check_dtype=False)
    pd.testing.assert_frame_equal(levels, LEVELS, check_dtype=False)
    assert list(column) == [1.5, 2.5] and column.name == "s"
    np.testing.assert_array_equal(array, np.arange(12).reshape(3, 4))
    assert [a.shape for a in arrays] == [(3,), (2, 2)]
    np.testing.assert_array_equal(named["u"], np.arange(2))
    assert mapping == {"k": [1, {"m": None}]} and rows == [1, "two", 3.5]
    assert pair == (1, "two") and unique == {1, 2} and raw == b"\x00\xff"
    assert (pathlib.Path(place) / "note.txt").read_text() == "in a folder"
    assert pathlib.Path(text).read_text() == "in a folder"
    assert pickled == {"a": (1, 2)}
    return "all as they were"


def make():
    run = mlrun.new_function("pack").run(
        handler=make_values, name="pack", project=name, returns=RETURNS, local=True
    )
    table = project.log_dataset("table", FRAME, format="csv", stats=True)
    table.export(str(folder / "table.zip"))
    model = project.log_model("model", body=b"weights", model_file="m.bin", framework="own",
                              extra_data={"note": b"beside"}, metrics={"loss": 0.5})  # fmt: skip
    model.export(str(folder / "model.zip"))
    note = project.log_artifact("note", body="a text", format="txt", labels={"who": "me"})
    note.export(str(folder / "note.yaml"))
    said = {}
    for artifact in run.status.artifacts or []:
        spec = artifact["spec"]
        said[artifact["metadata"]["key"]] = spec.get("unpackaging_instructions")
    return {"outputs": dict(run.outputs.items()), "said": said, "results": run.status.results}


def load():
    made = json.loads((folder / "made.json").read_text())["outputs"]
    inputs = {key: value for key, value in made.items() if str(value).startswith("store://")}
    inputs = {key: value for key, value in inputs.items() if not key.startswith("parts")}
    run = mlrun.new_function("check").run(
        handler=check_values, name="check", project=name, inputs=inputs, returns=["said"],
        local=True,
    )  # fmt: skip
    found = {"said": run.output("said")}
    table = project.import_artifact(str(folder / "table.zip"), "table-in")
    found["table"] = [table.kind, table.to_dataitem().as_df()["a"].tolist()]
    model = project.import_artifact(str(folder / "model.zip"), "model-in")
    path, spec, extra = importlib.import_module(f"{package}.artifacts").get_model(model)
    found["model"] = [
        pathlib.Path(path).read_bytes().decode(), spec.spec.framework, spec.spec.metrics,
        extra["note"].get().decode(),
    ]  # fmt: skip
    note = project.import_artifact(str(folder / "note.yaml"), "note-in")
    found["note"] = [note.to_dataitem().get().decode(), note.metadata.labels]
    return found


def hashed():
    model = project.log_model(
        "by-hash", body=b"weights", model_file="est.pkl", artifact_path=str(folder / "hashed")
    )
    return {"uri": model.uri, "file": model.spec.model_file}


def find():
    uri = json.loads((folder / "made.json").read_text())["uri"]
    path, model, _ = importlib.import_module(f"{package}.artifacts").get_model(uri)
    return {"data": pathlib.Path(path).read_bytes().decode(), "file": model.spec.model_file}


found = {"make": make, "load": load, "hashed": hashed, "find": find}[task]()
print(json.dumps(json.loads(json.dumps(found, default=str)), sort_keys=True))
