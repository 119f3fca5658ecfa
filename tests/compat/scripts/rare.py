"""Packagers and kinds of artifacts that are met seldom: ``rare.py PACKAGE TASK FOLDER PROJECT``.

``make`` logs values in formats that are asked for, and an artifact of each kind; ``load`` hands
the values to a handler with type hints, and reads the artifacts.
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
kinds = importlib.import_module(f"{package}.artifacts")
warnings.simplefilter("ignore")
folder = pathlib.Path(folder)
os.environ["MLRUN_ARTIFACT_PATH"] = str(folder / "artifacts")
project = mlrun.get_or_create_project(name, context=str(folder / "context"), save=True)

# MLRun's packagers change the index of what they write: each gets a copy
FRAME = pd.DataFrame(
    {"a": [1.5, 2.5], "b": ["u", "v"]},
    index=pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["k", "n"]),
)
SERIES = pd.Series([1.5, 2.5], name="s")
ARRAY = np.arange(6.0).reshape(2, 3)
KEPT = {
    "frozen : file": frozenset({1, 2}),
    "growing : file[file_format='json']": bytearray(b"\x00a"),
    "lines : file[file_format='jsonl']": [1, {"a": 2}],
    "words : file[file_format='txt']": ["a", {"b": 1}],
    "tree : file[file_format='yaml']": {"a": {"b": [1, 2]}},
    "in_text : file[file_format='txt']": ARRAY,
    "in_csv : file[file_format='csv']": ARRAY,
    "sheet : dataset": ARRAY,
    "packed : file[is_compressed=True]": {"a": ARRAY},
    "single : object": np.float32(1.5),
    "whole : object": 3,
    "joined : object[pickle_module_name='joblib']": {"a": (1, 2)},
    "plain : object[pickle_module_name='pickle']": {"a": (1, 2)},
    "json_frame : file[file_format='json']": FRAME.copy(),
    "feather_frame : file[file_format='feather']": FRAME.copy(),
    "orc_frame : file[file_format='orc']": FRAME.copy(),
    "csv_frame : dataset[file_format='csv']": FRAME.reset_index(),
    "csv_column : file[file_format='csv']": SERIES.copy(),
    "tar : path[archive_format='tar']": folder / "source",
    "tar_gz : path[archive_format='tar.gz']": folder / "source",
    "tar_bz2 : path[archive_format='tar.bz2']": str(folder / "source"),
}
RESULTS = {
    "r_array : result": ARRAY, "r_arrays : result": [ARRAY], "r_named : result": {"a": ARRAY},
    "r_frame : result": FRAME.copy(), "r_column : result": SERIES, "r_tuple : result": (1, 2),
    "r_set : result": {1}, "r_frozen : result": frozenset({1}), "r_bytes : result": b"\x00a",
    "r_growing : result": bytearray(b"a"), "r_number : result": np.int64(3),
    "r_path : result": pathlib.Path("a/b"), "r_none : result": None, "r_text : result": "a",
}  # fmt: skip


def make_values():
    (folder / "source").mkdir(parents=True, exist_ok=True)
    (folder / "source" / "note.txt").write_text("in a folder")
    return (*KEPT.values(), *RESULTS.values())


def check_values(
    frozen: frozenset, growing: bytearray, lines: list, words: list, tree: dict,
    in_text: np.ndarray, in_csv: np.ndarray, sheet: np.ndarray, packed: dict[str, np.ndarray],
    single: np.float32, whole: int, joined: dict, plain: dict,
    json_frame: pd.DataFrame, feather_frame: pd.DataFrame, orc_frame: pd.DataFrame,
    csv_frame: pd.DataFrame, csv_column: pd.Series, tar: pathlib.Path, tar_gz: pathlib.Path,
    tar_bz2: str,
):  # fmt: skip
    found = dict(locals())
    seen = {}
    for hint, wanted in KEPT.items():
        key = hint.partition(" ")[0]
        if not same(found[key], wanted):
            seen[key] = f"{found[key]!r} is not {wanted!r}"
    return seen


def same(found, wanted):
    """Whether what was unpacked is what was packed."""
    if isinstance(wanted, pathlib.Path | str):
        return (pathlib.Path(found) / "note.txt").read_text() == "in a folder"
    if isinstance(wanted, pd.DataFrame):
        pd.testing.assert_frame_equal(found, wanted, check_dtype=False, check_index_type=False)
        return True
    if isinstance(wanted, pd.Series):
        return found.tolist() == wanted.tolist() and found.name == wanted.name
    if isinstance(wanted, np.ndarray):
        return type(found) is np.ndarray and np.array_equal(found, wanted)
    if isinstance(wanted, dict) and isinstance(wanted.get("a"), np.ndarray):
        return same(found["a"], wanted["a"])
    return type(found) is type(wanted) and found == wanted


def make():
    run = mlrun.new_function("pack").run(
        handler=make_values, name="pack", project=name, returns=[*KEPT, *RESULTS], local=True
    )
    make_kinds()
    return {"outputs": dict(run.outputs.items()), "results": run.status.results}


def make_kinds():
    """An artifact of each kind."""
    (folder / "code.py").write_text("def main(context):\n    return 1\n")
    (folder / "page.txt").write_text("a page")
    context = mlrun.get_or_create_ctx("kinds", project=name)
    context.log_artifact(kinds.TableArtifact("rows", df=FRAME.reset_index()))
    context.log_artifact(kinds.DirArtifact("place", src_path=str(folder / "source")), upload=True)
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.plot([1, 2])
    context.log_artifact(kinds.PlotArtifact("chart", body=figure, title="two points"))
    model = context.log_model("model", body=b"weights", model_file="m.bin")
    context.log_llm_prompt(
        "prompt",
        prompt_template=[{"role": "user", "content": "Say {word}"}],
        prompt_legend={"word": {"field": "w", "description": "what to say"}},
        model_artifact=model, invocation_config={"temperature": 0.5}, description="says it",
    )  # fmt: skip
    context.log_document("page", local_path=str(folder / "page.txt"), upload=True)
    context.log_code_file("code", local_path=str(folder / "code.py"), requirements=["numpy"])
    context.commit(completed=True)


def load():
    made = json.loads((folder / "made.json").read_text())["outputs"]
    keys = {hint.partition(" ")[0] for hint in KEPT}
    run = mlrun.new_function("check").run(
        handler=check_values, name="check", project=name, returns=["wrong"], local=True,
        inputs={key: made[key] for key in keys},
    )  # fmt: skip
    return {"wrong": run.output("wrong"), **load_kinds()}


def load_kinds():
    """What is read of the artifact of each kind."""
    seen = {}
    for key in ("rows", "place", "chart", "prompt", "page", "code"):
        artifact = next(
            each for each in project.list_artifacts(name=f"~{key}").to_objects()
            if each.key == key or each.metadata.key == key
        )  # fmt: skip
        seen[key] = [type(artifact).__name__, artifact.kind]
        told = artifact.to_dict()["spec"]
        if key == "rows":
            seen[key] += [artifact.to_dataitem().as_df().iloc[:, -2:].values.tolist()]
            seen[key] += [told["header"][-2:]]
        elif key == "place":
            seen[key] += [sorted(os.listdir(artifact.target_path))]
        elif key == "chart":
            data = artifact.to_dataitem().get()
            seen[key] += [b"<img" in data or data.startswith(b"\x89PNG")]
        elif key == "prompt":
            seen[key] += [artifact.read_prompt(), told["prompt_legend"], told["invocation_config"]]
            seen[key] += [artifact.model_artifact.to_dict()["spec"]["model_file"]]
        elif key == "page":
            seen[key] += [artifact.to_dataitem().get().decode(), artifact.get_source()[-5:]]
            seen[key] += [told["document_loader"]["loader_class_name"]]
        else:
            seen[key] += [artifact.to_dataitem().get().decode()[:8], told["language"]]
            seen[key] += [told["code_type"], told["requirements"]]
    return seen


found = {"make": make, "load": load}[task]()
print(json.dumps(json.loads(json.dumps(found, default=str)), sort_keys=True))
