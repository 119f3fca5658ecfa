"""Each kind of artifact on a real service: made, logged, addressed, changed, exported, imported."""

from __future__ import annotations

import base64
import fractions
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import get_dataitem, session
from jupyter_mlrun import unpack as unpack_value
from jupyter_mlrun.artifacts import (
    Artifact,
    DatasetArtifact,
    DocumentArtifact,
    DocumentLoaderSpec,
    MLRunLoader,
    ModelArtifact,
    PlotArtifact,
    PlotlyArtifact,
    TableArtifact,
    dict_to_artifact,
    get_artifact_meta,
    get_model,
    update_dataset_meta,
    update_model,
)
from jupyter_mlrun.context import Context
from jupyter_mlrun.datastore.item import DataItem
from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
    MLRunInvalidArgumentTypeError,
    MLRunNotFoundError,
)
from jupyter_mlrun.names import new_uid
from jupyter_mlrun.outbox import Outbox
from jupyter_mlrun.recording import ProjectProducer
from jupyter_mlrun.report import Reporter
from tests.live import Live
from tests.sdk.conftest import make_run

pytestmark = pytest.mark.row("5.101", "5.102")
FRAME = pd.DataFrame({"a": range(5), "b": list("vwxyz")})


@pytest.fixture
def project(service: Live) -> ProjectProducer:
    """A project of the test's own."""
    from jupyter_mlrun.client import projects

    name = f"a{new_uid()[:12]}"
    projects.get_or_create(session.client(), name)
    return ProjectProducer(session.client(), name)


@pytest.fixture
def run(project: ProjectProducer, tmp_path: Path) -> Iterator[Context]:
    """A run of the project that logs to the service."""
    document = make_run()
    document["metadata"]["project"] = project.project
    made = Context(document, Reporter(session.client(), Outbox(tmp_path / "run")))
    made.store_run()
    yield made
    made.close()


def again(artifact: Artifact) -> Artifact:
    """The artifact as the service has it."""
    from jupyter_mlrun.artifacts.stored import find

    return find(artifact.uri, session.client())


@pytest.mark.row("4.205", "5.105", "5.107", "5.111")
def test_a_runs_artifact_has_its_address_and_maker(run: Context) -> None:
    artifact = run.log_artifact("note", body="text", labels={"who": "me"}, tag="v1")
    assert artifact.db_key == "train_note"
    named = f"store://artifacts/{run.project}/train_note#0:v1@{run.run_uid}"
    assert artifact.uri == f"{named}^{artifact.uid}"
    stored = again(artifact)
    assert (stored.producer["kind"], stored.producer["name"]) == ("run", "train")
    assert (stored.labels, stored.size, len(stored.uid)) == ({"who": "me"}, 4, 40)
    for address in (
        f"store://artifacts/{run.project}/train_note:v1", f"store://{run.project}/train_note",
        f"store://train_note@{run.run_uid}^{stored.uid}", "store://artifacts/train_note:latest",
    ):  # fmt: skip
        assert get_dataitem(address, db=None).get() == b"text" if run.project in address else True
        assert run.get_dataitem(address).get() == b"text"
    with pytest.raises(MLRunNotFoundError):
        run.get_dataitem("store://train_none").get()


@pytest.mark.row("5.104", "5.106", "5.109", "5.110")
def test_a_projects_artifacts_are_versions(project: ProjectProducer, tmp_path: Path) -> None:
    first = project.log_artifact("note", body="one", tag="v1")
    other = ProjectProducer(session.client(), project.project)
    second = other.log_artifact("note", body="two", tag="v2")
    assert first.tree != second.tree and first.target_path != second.target_path
    assert get_dataitem(f"store://{project.project}/note:v1").get() == b"one"
    assert get_dataitem(f"store://{project.project}/note").get() == b"two"
    named = other.log_artifact("flat", body="x", artifact_path=str(tmp_path / "{{project}}"))
    assert named.target_path == str(tmp_path / project.project / "flat.txt")
    assert named.producer["kind"] == "project"


@pytest.mark.row("5.109")
def test_files_may_be_called_by_their_hash(
    project: ProjectProducer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLRUN_ARTIFACTS__GENERATE_TARGET_PATH_FROM_ARTIFACT_HASH", "true")
    paths = set()
    for key in ("one", "two"):
        artifact = project.log_artifact(key, body="same", artifact_path=str(tmp_path))
        assert artifact.hash in artifact.target_path
        paths.add(artifact.target_path)
    assert len(paths) == 1
    frame = project.log_dataset("frame", FRAME, artifact_path=str(tmp_path))
    assert frame.target_path == f"{tmp_path}/{frame.hash}.parquet"
    assert frame.to_dataitem().as_df().equals(FRAME)


@pytest.mark.row("5.109", "5.204")
def test_models_called_by_their_hash_are_found(
    project: ProjectProducer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLRUN_ARTIFACTS__GENERATE_TARGET_PATH_FROM_ARTIFACT_HASH", "true")
    (tmp_path / "net.best.bin").write_bytes(b"from a file")
    given: dict[str, dict[str, Any]] = {
        "net": {"body": b"weights", "model_file": "est.pkl"},
        "est": {"model_file": "net.best.bin", "model_dir": str(tmp_path)},
    }
    for key, how in given.items():
        model = again(project.log_model(key, artifact_path=str(tmp_path / "out"), **how))
        end = ".pkl" if key == "net" else ".best.bin"
        assert model.spec.model_file == how["model_file"]
        assert model.spec.model_target_file == f"{model.hash}{end}"
        data = how.get("body") or b"from a file"
        assert model.to_dataitem().get() == data
        for address in (model.uri, model.target_path, f"{model.target_path}model_spec.yaml"):
            path, _, _ = get_model(address, client=session.client())
            assert Path(path).name == model.spec.model_target_file
            assert Path(path).read_bytes() == data
    monkeypatch.delenv("MLRUN_ARTIFACTS__GENERATE_TARGET_PATH_FROM_ARTIFACT_HASH")
    model.export(str(tmp_path / "est.zip"))
    taken = again(project.import_artifact(str(tmp_path / "est.zip"), "taken"))
    assert Path(get_model(taken)[0]).read_bytes() == b"from a file"


@pytest.mark.row("5.112", "5.113", "5.114", "5.122")
def test_bodies_files_folders_and_what_lies_elsewhere(run: Context, tmp_path: Path) -> None:
    inline = run.log_artifact(Artifact("inline", body={"k": 1}, is_inline=True))
    assert json.loads(again(inline).to_dataitem().get()) == {"k": 1}
    assert not again(inline).target_path
    with pytest.raises(MLRunInvalidArgumentError, match="go into the document"):
        run.log_artifact(Artifact("large", body="x" * (17 << 20), is_inline=True))
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "x.txt").write_text("x")
    kept = run.log_artifact("folder", local_path=folder)
    assert (kept.kind, kept.to_dataitem().listdir()) == ("dir", ["below/x.txt"])
    (tmp_path / "a.tar.gz").write_bytes(b"packed")
    packed = run.log_artifact("packed", local_path=str(tmp_path / "a.tar.gz"))
    assert packed.target_path.endswith("/packed.tar.gz")
    there = run.log_artifact("there", local_path="s3://bucket/there.csv")
    assert there.target_path == "s3://bucket/there.csv"
    with pytest.raises(MLRunInvalidArgumentError, match="cannot be uploaded from s3://"):
        run.log_artifact("there", local_path="s3://bucket/x", upload=True)
    unsaved = run.log_artifact("unsaved", body="x", db_key=False)
    with pytest.raises(MLRunNotFoundError):
        again(unsaved)
    more = run.log_artifact(Artifact("more", body="x", spec={"extra_data": {"log": b"beside"}}))
    assert get_artifact_meta(again(more))[1]["log"].get() == b"beside"


@pytest.mark.row("5.201", "5.202", "5.203")
def test_datasets(run: Context, tmp_path: Path) -> None:
    frame = run.log_dataset("frame", FRAME, format="csv", label_column="b", preview=2, stats=True)
    stored = again(frame)
    assert isinstance(stored, DatasetArtifact)
    assert (stored.spec.length, len(stored.status.preview), stored.spec.label_column) == (5, 2, "b")
    assert set(stored.status.stats["a"]) >= {"count", "mean", "std", "min", "25%", "max", "hist"}
    assert stored.to_dataitem().as_df()["a"].tolist() == [0, 1, 2, 3, 4]
    changed = update_dataset_meta(
        stored, stats={"a": {"count": 5}}, column_metadata={"a": "a number"}, labels={"k": "v"},
        extra_data={"note": b"n"},
    )  # fmt: skip
    assert changed.spec.column_metadata == {"a": "a number"}
    assert again(frame).status.stats == {"a": {"count": 5}}
    own = tmp_path / "own.parquet"
    FRAME.to_parquet(own)
    kept = run.log_dataset("own", FRAME, local_path=str(own), upload=False)
    assert kept.target_path == str(own)
    pl = pytest.importorskip("polars")
    run.log_dataset("polars", pl.from_pandas(FRAME))
    for bad in ({"format": "doc"}, {"label_column": "c"}, {"df": None}, {"df": [{"a": 1}]}):
        with pytest.raises(MLRunInvalidArgumentError):
            run.log_dataset("bad", **{"df": FRAME, **bad})


@pytest.mark.row("5.201", "5.202")
def test_what_is_said_of_a_dataset_is_at_hand(run: Context) -> None:
    kept = again(run.log_dataset("d", FRAME, column_metadata={"a": {"unit": "m"}}, preview=1))
    assert isinstance(kept, DatasetArtifact)
    assert (kept.header, kept.preview, kept.column_metadata) == (
        ["a", "b"], [[0, "v"]], {"a": {"unit": "m"}},
    )  # fmt: skip
    assert (kept.stats["a"]["max"], kept.schema["fields"][1]["name"]) == (4, "b")
    DatasetArtifact.update_preview_fields_from_df(kept, FRAME[["b"]], preview_rows_length=2)
    assert (kept.header, kept.preview) == (["b"], [["v"], ["w"]])
    assert "spec" not in json.loads(kept.to_json(exclude=["spec"]))
    assert "spec:" not in kept.to_yaml(exclude=["spec"]) and "DatasetArtifact" not in kept.to_str()


@pytest.mark.row("5.201")
def test_what_is_missing_and_infinite_is_shown_as_such(run: Context) -> None:
    frame = pd.DataFrame({"s": ["a", None], "f": [float("nan"), float("inf")], "o": [None, 1]})
    frame["o"] = frame["o"].astype(object)
    frame["t"] = pd.to_datetime(["2026-01-01", None])
    kept = again(run.log_dataset("d", frame, format="csv"))
    first, second = kept.status.preview
    assert (first, second) == (["a", "nan", None, "2026-01-01 00:00:00"], [None, "inf", 1, None])
    assert kept.status.stats["f"]["count"] == 1


@pytest.mark.row("5.201")
@pytest.mark.parametrize(
    ("frame", "how", "text"),
    [
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), {}, "Duplicate column.* format='csv'"),
        (pd.DataFrame({"o": [1, "a"]}), {}, "'d' cannot be written as parquet: .*column o"),
        (pd.DataFrame({"i": [2**70]}), {"format": "pq"}, "too large.* format='csv'"),
        (pd.DataFrame({"z": [1j]}), {}, "cannot be written as parquet"),
        (FRAME, {"format": "csv", "sepp": ";"}, "'sepp'. Look at .* of the writer$"),
        (FRAME, {"preview": "5"}, "number of rows, not '5'"),
        (FRAME, {"labels": ["a"]}, r"a dict of texts, not \['a'\]"),
    ],
)
def test_a_dataset_that_cannot_be_written_is_a_sentence(
    run: Context, frame: pd.DataFrame, how: dict[str, Any], text: str
) -> None:
    with pytest.raises((MLRunInvalidArgumentError, MLRunInvalidArgumentTypeError), match=text):
        run.log_dataset("d", frame, **how)
    assert "d" not in run.artifact_uris


@pytest.mark.row("1.24", "4.205")
def test_arguments_that_nothing_takes_are_refused(run: Context) -> None:
    with pytest.raises(TypeError, match=r"'lables' was given for 'a'.* Did you mean 'labels'"):
        run.log_artifact("a", body="x", lables={"a": "b"})
    with pytest.raises(TypeError, match=r"no such field\. Did you mean 'metrics'"):
        run.log_model("a", body=b"x", model_file="a.bin", metrcs={})
    with pytest.raises(TypeError, match=r"'vewer'.* Did you mean 'viewer'"):
        run.log_artifact("a", body="x", kind="table", vewer="web-app")
    with pytest.raises(MLRunInvalidArgumentError, match="'a' lies at s3://b/m, so it has no data"):
        run.log_model("a", body=b"x", model_url="s3://b/m")
    with pytest.raises(MLRunInvalidArgumentError, match="300 characters, too many"):
        run.log_artifact("a" * 300, body="x")
    assert run.artifact_uris == {}


@pytest.mark.row("1.24")
def test_a_projects_log_artifact_has_the_order_of_mlrun(service: Live, tmp_path: Path) -> None:
    project = mlrun.get_or_create_project(f"a{new_uid()[:12]}", str(tmp_path / "ctx"))
    (tmp_path / "a.txt").write_text("a")
    kept = project.log_artifact("a", None, "v1", str(tmp_path / "a.txt"), f"{tmp_path}/out", "md")
    assert (kept.tag, kept.format, kept.target_path) == ("v1", "md", f"{tmp_path}/out/a.md")


@pytest.mark.row("5.117")
def test_data_goes_with_its_artifact_from_where_the_service_does_not_reach(
    service: Live, tmp_path: Path
) -> None:
    project = mlrun.get_or_create_project(f"a{new_uid()[:12]}", str(tmp_path / "context"))
    held = project.log_artifact("held", body="x", artifact_path="memory://held")
    away = project.log_artifact("away", target_path="http://127.0.0.1:9/away")
    with pytest.raises(MLRunBadRequestError, match="away could not be deleted, so its"):
        project.delete_artifact(away, "data-force")
    assert project.get_artifact("away").uid == away.uid
    project.delete_artifact(away, "data-optional")
    project.delete_artifact(held, mlrun.common.schemas.ArtifactsDeletionStrategies.data_force)
    assert project.list_artifacts() == []
    with pytest.raises(MLRunNotFoundError):
        held.to_dataitem().get()
    with pytest.raises(TypeError, match="needs an artifact, as get_artifact gives it, not 'held'"):
        project.delete_artifact("held")


@pytest.mark.row("5.117")
def test_files_below_the_projects_own_path_are_deleted_here(service: Live, tmp_path: Path) -> None:
    from jupyter_mlrun.artifacts.deletion import delete_data

    inside, outside = tmp_path / "art" / "a.txt", tmp_path / "artless.txt"
    inside.parent.mkdir()
    for path in (inside, outside):
        path.write_text("x")
        document = {"metadata": {}, "spec": {"target_path": str(path)}}
        left = delete_data(document, "data-force", str(tmp_path / "art"), session.client())
        assert left == ("metadata-only" if path is inside else "data-force")
    assert outside.exists() and not inside.exists()


@pytest.mark.row("5.117")
def test_what_lies_beside_the_data_of_an_artifact_stays(service: Live, tmp_path: Path) -> None:
    project = mlrun.get_or_create_project(f"a{new_uid()[:12]}", str(tmp_path / "context"))
    project.artifact_path = str(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    for name in ("m.bin", "words.txt", "thesis.tex"):
        (work / name).write_text(name)
    model = project.log_model(
        "net", model_dir=str(work), model_file="m.bin", upload=False,
        extra_data={"words": "words.txt"},
    )  # fmt: skip
    (tmp_path / "out.txt").write_text("out")
    model.extra_data["out"] = "../out.txt"
    project.delete_artifact(model, "data-force")
    assert [path.name for path in work.iterdir()] == ["thesis.tex"]
    assert (tmp_path / "out.txt").exists()

    place = project.log_artifact("place", target_path=f"{work}/")
    with pytest.raises(MLRunBadRequestError, match="was there before its artifact"):
        project.delete_artifact(place, "data-force")
    project.delete_artifact(place, "data-optional")
    assert (work / "thesis.tex").exists()

    copy = project.log_artifact("copy", local_path=str(work))
    assert (tmp_path / "copy" / "thesis.tex").exists()
    project.delete_artifact(copy, "data-force")
    assert not (tmp_path / "copy").exists() and (work / "thesis.tex").exists()


@pytest.mark.row("5.204", "5.205")
def test_models(run: Context, tmp_path: Path) -> None:
    (tmp_path / "m.bin").write_bytes(b"weights")
    (tmp_path / "words.txt").write_text("words")
    model = run.log_model(
        "net", model_dir=str(tmp_path), model_file="m.bin", framework="own", metrics={"loss": 1},
        training_set=FRAME, label_column="b", extra_data={"words": "words.txt", "raw": b"raw"},
        default_config={"temperature": 0},
    )  # fmt: skip
    stored = again(model)
    assert isinstance(stored, ModelArtifact)
    assert stored.uri.startswith(f"store://models/{run.project}/train_net")
    assert stored.labels == {"framework": "own"}
    assert [f["name"] for f in stored.inputs] == ["a"] == [f.name for f in stored.spec.inputs]
    meta = stored.to_dataitem().meta
    assert meta is not None and meta["kind"] == "model" == meta.kind
    assert meta.spec.framework == "own" and meta.metadata.key == "net" and meta.spec.length is None
    plain = DataItem("bare", stored.to_dataitem().store, meta={"kind": "artifact"}).meta
    assert (plain.metadata.labels, plain.metadata.updated) == ({}, None)
    assert (plain.spec.inputs, plain.spec.extra_data, plain.status.collections) == ([], {}, {})
    assert meta.spec.inputs[0].name == "a" and meta.metadata.labels == {"framework": "own"}
    with pytest.raises(AttributeError, match=r"no field 'lables' here.*labels"):
        meta.metadata.lables  # noqa: B018
    assert stored.spec.outputs[0].value_type == "str" and stored.spec.inputs[0].labels == {}
    assert stored.outputs == [{"name": "b", "value_type": "str"}]
    assert len(stored.feature_stats["a"]["hist"][0]) == 20
    path, spec, extra = get_model(stored.uri, client=session.client())
    assert Path(path).read_bytes() == b"weights"
    assert spec is not None and spec.spec.default_config == {"temperature": 0}
    assert {name: item.get() for name, item in extra.items()} == {"words": b"words", "raw": b"raw"}
    assert get_model(stored.target_path)[1].key == "net"  # type: ignore[union-attr]
    assert get_model(f"{stored.target_path}model_spec.yaml")[0] == path
    update_model(
        stored.uri, parameters={"p": 1}, metrics={"acc": 0.5}, key_prefix="test-",
        labels={"stage": "prod"}, extra_data={"more": b"m"}, client=session.client(),
    )  # fmt: skip
    changed = again(model)
    assert (changed.parameters, changed.metrics) == ({"p": 1}, {"loss": 1, "test-acc": 0.5})
    assert changed.labels["stage"] == "prod"
    assert "test-more" in changed.extra_data
    far = run.log_model("far", model_url="s3://bucket/model")
    assert again(far).target_path == "s3://bucket/model"
    with pytest.raises(MLRunInvalidArgumentError, match="is not there: give body="):
        run.log_model("none", model_file=str(tmp_path / "none.bin"))
    with pytest.raises(MLRunInvalidArgumentError, match="a model is needed here"):
        get_model(run.log_artifact("text", body="x").uri, client=session.client())
    with pytest.raises(MLRunNotFoundError, match="no file that ends in"):
        get_model(str(tmp_path), suffix=".onnx")


@pytest.mark.row("5.207", "5.119")
def test_plots_and_tables(run: Context) -> None:
    import plotly.graph_objects as go
    from PIL import Image

    plot = run.log_artifact(PlotArtifact("plot", Image.new("RGB", (2, 2)), title="Two"))
    assert (plot.kind, plot.metadata.description) == ("plot", "Two")
    assert plot.to_dataitem().get().startswith(b"\x89PNG")
    page = run.log_artifact(PlotlyArtifact(go.Figure(go.Scatter(y=[1])), "page"))
    assert again(page).kind == "plotly" and again(page).spec.viewer == "plotly"
    table = run.log_artifact(TableArtifact("table", df=FRAME))
    assert (table.kind, table.spec.header, table.spec.length) == ("table", ["a", "b"], 5)
    rows = run.log_artifact(TableArtifact("rows", [[1, 2]], header=["x", "y"]))
    assert rows.to_dataitem().as_df().to_dict("list") == {"x": [1], "y": [2]}


@pytest.mark.row("5.207")
def test_the_file_of_a_body_keeps_its_name(run: Context, tmp_path: Path) -> None:
    page = run.log_artifact("report.html", body="<p>")
    assert (page.metadata.key, page.target_path.rpartition("/")[2]) == ("report.html",) * 2
    other = run.log_artifact("other", body="<p>", local_path=str(tmp_path / "shown.htm"))
    assert other.target_path.endswith("other.htm")


@pytest.mark.row("5.208")
def test_documents(project: ProjectProducer, tmp_path: Path) -> None:
    path = tmp_path / "a (v1).txt"
    path.write_text("one two three")
    document = project.log_document(local_path=str(path), upload=True, tag="v1")
    stored = again(document)
    assert isinstance(stored, DocumentArtifact)
    assert stored.kind == "document" and stored.spec.original_source == str(path)
    assert stored.labels["source"]
    assert DocumentArtifact.key_from_source("data/file-name(v1).txt") == "data_file-name_v1__txt"
    stored.collection_add("mine")
    assert again(document).status.collections == {"mine": "1"}
    again(document).collection_remove("mine")  # type: ignore[attr-defined]
    assert again(document).status.collections == {}
    with pytest.raises(MLRunInvalidArgumentError, match="needs a key"):
        project.log_document()
    with pytest.raises(MLRunInvalidArgumentError, match="download_object"):
        project.log_document("d", document_loader_spec=DocumentLoaderSpec(download_object=False),
                             upload=True)  # fmt: skip
    (chunk,) = stored.to_langchain_documents()
    assert chunk.page_content == "one two three"
    assert chunk.metadata["mlrun_key"] == stored.db_key
    loader = MLRunLoader(str(path), DocumentLoaderSpec(), "doc-%%", project)
    assert loader.load()[0].page_content == "one two three"


@pytest.mark.row("5.210")
def test_prompts(project: ProjectProducer, tmp_path: Path) -> None:
    model = project.log_model("llm", model_url="openai://gpt", default_config={"t": 0})
    prompt = project.log_llm_prompt(
        "ask", [{"Role": "user", "content": "What is {city}?"}], model_artifact=model,
        prompt_legend={"city": {"description": "a town"}}, invocation_config={"max": 5},
        labels=["who=me"], tag="v1",
    )  # fmt: skip
    stored: Any = again(prompt)
    assert stored.uri.startswith("store://llm-prompts/")
    assert stored.read_prompt() == [{"role": "user", "content": "What is {city}?"}]
    assert stored.spec.prompt_legend == {"city": {"field": "city", "description": "a town"}}
    assert stored.model_artifact.key == "llm"
    long = project.log_llm_prompt("long", [{"role": "user", "content": "x" * 5000}])
    assert len(again(long).read_prompt()[0]["content"]) == 5000  # type: ignore[attr-defined]
    path = tmp_path / "prompt.json"
    path.write_text('[{"role": "user", "content": "hi"}]')
    assert project.log_llm_prompt("file", prompt_path=str(path)).read_prompt()  # type: ignore[attr-defined]
    path.write_text("no json")
    for bad in (
        {"prompt_template": "text"}, {"prompt_template": [{"role": "user"}]}, {},
        {"prompt_path": str(path)}, {"prompt_template": [], "prompt_legend": {"a": "b"}},
    ):  # fmt: skip
        with pytest.raises(MLRunInvalidArgumentError):
            project.log_llm_prompt("bad", **bad)  # type: ignore[arg-type]


@pytest.mark.row("5.210")
def test_the_prompts_of_a_model_are_found(service: Live, tmp_path: Path) -> None:
    mine = mlrun.get_or_create_project(f"p{new_uid()[:12]}", str(tmp_path), save=True)
    words = [{"role": "user", "content": "hi"}]
    model = mine.log_model("llm", model_url="openai://gpt", tag="v1")
    mine.log_llm_prompt("new", words, model_artifact=model)
    read = mine.get_artifact("llm")
    mine.log_llm_prompt("read", words, model_artifact=read)
    older = f"store://models/{mine.name}/llm#0@{model.tree}"
    mine.log_llm_prompt("older", words, model_artifact=older)
    other = mine.log_model("other", model_url="openai://gpt")
    mine.log_llm_prompt("of_other", words, model_artifact=other)
    for asked in (model, read, model.uri, read.uri, older, f"store://models/{mine.name}/llm:v1"):
        found = {each.key for each in mine.list_llm_prompts(model=asked)}
        assert found == {"new", "read", "older"}, getattr(asked, "uri", asked)
    db = mlrun.get_run_db()
    for asked in (model, read, mine.list_models("llm")[0]):
        listed = db.list_artifacts(project=mine.name, parent=asked.uri, kind="llm-prompt")
        assert {each["metadata"]["key"] for each in listed} == {"new", "read", "older"}, asked.uri


@pytest.mark.row("5.211")
def test_code(run: Context) -> None:
    code = run.log_code_file("job", body="print(1)", language="python", code_type="function",
                             requirements=["numpy"])  # fmt: skip
    assert (code.kind, code.target_path.endswith("job.py")) == ("code", True)
    with pytest.raises(MLRunInvalidArgumentError, match="choose function, workflow"):
        run.log_code_file("job", body="x", code_type="spell")
    with pytest.raises(MLRunInvalidArgumentError, match="a list of texts such as"):
        run.log_code_file("job", body="x", requirements="numpy")


@pytest.mark.row("5.211")
def test_code_of_a_file_says_its_language(run: Context, tmp_path: Path) -> None:
    told = {}
    for name in ("train.py", "train.ipynb", "train.tar.gz"):
        (tmp_path / name).write_text("{}")
        code = run.log_code_file("code", local_path=str(tmp_path / name))
        assert code.target_path.endswith(name.partition(".")[2])
        told[name] = (code.spec.language, code.spec.code_type)
    assert told == {
        "train.py": ("python", "function"), "train.ipynb": ("python", "function"),
        "train.tar.gz": (None, "function"),
    }  # fmt: skip
    assert run.log_code_file("code", body="x").spec.language is None


@pytest.mark.row("5.118")
@pytest.mark.parametrize("name", ["a.zip", "a.yaml", "a.json"])
def test_exports_are_imported(project: ProjectProducer, tmp_path: Path, name: str) -> None:
    made = {
        "dataset": project.log_dataset("frame", FRAME),
        "model": project.log_model("net", b"w", model_file="m.bin", extra_data={"e": b"extra"}),
        "artifact": project.log_artifact("note", body="text"),
        "llm-prompt": project.log_llm_prompt("ask", [{"role": "user", "content": "hi"}]),
    }
    other = ProjectProducer(session.client(), project.project)
    for kind, artifact in made.items():
        path = tmp_path / f"{kind}-{name}"
        artifact.export(str(path))
        taken = other.import_artifact(str(path), f"{kind}-in-{name[2:]}", tag="in")
        assert taken.tag == "in" and ":in@" in taken.uri
        assert (taken.kind, taken.tag) == (kind, "in")
        if name.endswith("zip") and kind != "llm-prompt":
            assert taken.target_path != artifact.target_path
        if kind == "model":
            extras = get_artifact_meta(taken)[1]
            assert get_model(taken)[0] and extras["e"].get() == b"extra"
        elif kind != "llm-prompt":
            assert taken.to_dataitem().get() == artifact.to_dataitem().get()
    with pytest.raises(MLRunInvalidArgumentError, match=r"ends in \.yaml, \.json or \.zip"):
        made["model"].export(str(tmp_path / "a.txt"))


def test_bad_exports_are_refused(project: ProjectProducer, tmp_path: Path) -> None:
    for name, entry in (("out.zip", "../evil"), ("empty.zip", "x")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(entry, "x")
    (tmp_path / "no.zip").write_text("no archive")
    (tmp_path / "no.yaml").write_text("- a list")
    for name, text in (
        ("out.zip", "lies outside"), ("empty.zip", r"no _spec\.yaml"), ("no.zip", "no zip archive"),
        ("no.yaml", "no artifact spec"), ("no.txt", "no exported artifact"),
    ):  # fmt: skip
        with pytest.raises(MLRunInvalidArgumentError, match=text):
            project.import_artifact(str(tmp_path / name))
    assert not (tmp_path.parent / "evil").exists()


@pytest.mark.parametrize(
    "spec",
    [
        {"extra_data": {"../../../stolen": "payload"}},
        {"extra_data": {"a": "../secret"}},
        {"extra_data": {"a": "not-there"}},
        {"model_file": "../../stolen"},
        {"format": "x/../../../../stolen"},
    ],
)
@pytest.mark.parametrize("kind", ["model", "artifact"])
def test_names_of_foreign_archives_stay_in_their_folder(
    project: ProjectProducer, tmp_path: Path, kind: str, spec: dict[str, Any]
) -> None:
    """A document in an archive has no file of the user read or written."""
    place, path = tmp_path / "a" / "b" / "c", tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        document = {"kind": kind, "metadata": {"key": "k"}, "spec": spec}
        archive.writestr("_spec.yaml", json.dumps(document))
        archive.writestr("_body", "x")
        archive.writestr("payload", "x")
    with pytest.raises(MLRunInvalidArgumentError, match="do not use this file"):
        project.import_artifact(str(path), artifact_path=str(place))
    alone = tmp_path / "in.yaml"
    (tmp_path / "secret").write_text("secret")
    target = {"target_path": str(place / "t"), "src_path": str(tmp_path / "secret")}
    alone.write_text(json.dumps({**document, "spec": target}))
    project.import_artifact(str(alone))
    assert not (place / "t").exists()
    assert [each.name for each in tmp_path.rglob("*") if each.name == "stolen"] == []
    with pytest.raises(MLRunInvalidArgumentError, match="outside of the artifact's own folder"):
        project.log_model("net", b"w", model_file="m", extra_data={"../../stolen": b"x"})


@pytest.mark.parametrize("name", ["p.zip", "p.yaml"])
def test_imported_pickles_need_an_explicit_yes(
    project: ProjectProducer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Also where the project itself has exported them, and after they are logged again."""
    made = project.log_artifact("p", body=fractions, kind="artifact")
    assert unpack_value(made, project=project.project) is fractions
    made.export(str(tmp_path / name))
    taken = project.import_artifact(str(tmp_path / name), "taken")
    owner = mlrun.get_or_create_project(project.project, context=str(tmp_path / "c"))
    other = owner.import_artifact(str(tmp_path / name), "other")
    for each in (taken, other, project.log_artifact(again(taken))):
        with pytest.raises(MLRunAccessDeniedError, match="imported from a file"):
            unpack_value(again(each), project=project.project)
        assert unpack_value(again(each), trust=True, project=project.project) is fractions
    monkeypatch.setenv("MLRUN_PACKAGERS__TRUSTED_PROJECTS", project.project)
    assert unpack_value(again(taken), project=project.project) is fractions


def test_what_a_packed_body_has_no_use_for_is_refused(run: Context, tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "target_path": str(tmp_path / "x"), "format": "csv", "db_key": "k", "viewer": "table",
        "upload": False,
    }  # fmt: skip
    for name, value in given.items():
        with pytest.raises(
            MLRunInvalidArgumentError, match=rf"packed by its type, without {name}="
        ):
            run.log_artifact("a", body=FRAME, **{name: value})
    assert run.log_artifact("a", body=FRAME, upload=True, viewer="", format=None).target_path


def test_documents_keep_what_is_not_known() -> None:
    document = {
        "kind": "chart", "metadata": {"key": "k", "x": 1}, "spec": {"y": 2, "target_path": "/a"},
        "status": {"state": "ready"}, "more": {"z": 3},
    }  # fmt: skip
    artifact = dict_to_artifact(document)
    assert artifact.to_dict() == document
    assert (artifact.kind, artifact.spec.y) == ("chart", 2)


@pytest.mark.row("4.405")
def test_packagers_that_a_project_names(
    project: ProjectProducer, run: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They pack and unpack in runs of the project, by its document at the service."""
    import sys
    import types

    from jupyter_mlrun import DefaultPackager
    from jupyter_mlrun.packagers.values import log_value

    class Tide:
        height = 3

    class TidePackager(DefaultPackager):
        PACKABLE_OBJECT_TYPE = Tide
        DEFAULT_PACKING_ARTIFACT_TYPE = "tide"

        def pack_tide(self, obj: Any, key: str) -> Any:
            return Artifact(key, body="3"), {}

        def unpack_tide(self, data_item: Any) -> Any:
            return Tide()

    module = types.ModuleType("tide_packagers")
    TidePackager.__module__ = "tide_packagers"
    module.TidePackager = TidePackager  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tide_packagers", module)
    named = {"spec": {"custom_packagers": [["tide_packagers.*", True], ["not.there.X", False]]}}
    session.client().json("PATCH", f"projects/{project.project}", body=named)
    for producer in (run, project):
        artifact = log_value(producer, "tide", Tide())
        assert artifact is not None
        said = again(artifact).spec["unpackaging_instructions"]
        assert (said["packager_name"], said["artifact_type"]) == ("TidePackager", "tide")
    assert unpack_value(artifact, project=project.project).height == 3


@pytest.mark.row("5.315", "5.321")
def test_profiles_of_a_project(
    project: ProjectProducer, run: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_mlrun.datastore import DatastoreProfileBasic, DatastoreProfileS3, profiles
    from jupyter_mlrun.datastore.credentials import PREFIX

    client, name = session.client(), project.project
    place = f"memory://{name}"
    profiles.register_profile(client, name, DatastoreProfileBasic("Plain", public=place))
    lake = DatastoreProfileS3("lake", bucket="b", access_key_id="AKID", secret_key="hush-hush")
    profiles.register_profile(client, name, lake)
    listed = profiles.list_profiles(client, name)
    assert {each.name for each in listed} == {"plain", "lake"}
    assert "hush-hush" not in str([each.dict() for each in listed]) + repr(lake)
    with pytest.raises(MLRunNotFoundError, match=r"which this process was not handed: run with"):
        run.get_dataitem("ds://lake/a.txt").get()
    private = profiles.DatastoreProfile2Json.get_json_private(lake)
    secret = profiles.secret_name(name, "lake")
    monkeypatch.setenv(PREFIX + secret, private)
    item = run.get_dataitem("ds://lake/a.txt")
    assert (item.url, item.store.secrets["AWS_SECRET_ACCESS_KEY"]) == ("s3://b/a.txt", "hush-hush")
    empty = profiles.DatastoreProfile2Json.get_json_private(DatastoreProfileBasic("p", public="x"))
    monkeypatch.setenv(PREFIX + profiles.secret_name(name, "plain"), empty)
    monkeypatch.setenv("MLRUN_ACTIVE_PROJECT", name)
    artifact = run.log_artifact("note", body="kept", artifact_path="ds://plain/runs")
    assert artifact.target_path.startswith("ds://plain/runs/")
    assert again(artifact).to_dataitem().get() == b"kept"
    profiles.delete_profile(client, name, "lake")
    with pytest.raises(MLRunNotFoundError, match="has no datastore profile 'lake'; it has plain"):
        run.get_dataitem("ds://lake/a.txt")
    for bad in ({"bucket": "b", "buket": "c"}, {"name": ""}):
        with pytest.raises(MLRunInvalidArgumentError):
            DatastoreProfileS3(**{"name": "x", **bad})


@pytest.mark.row("5.315")
def test_settings_of_a_profile_are_merged(service: Live, tmp_path: Path) -> None:
    from jupyter_mlrun.datastore import ConfigProfile, DatastoreProfileBasic
    from jupyter_mlrun.datastore import register_temporary_client_datastore_profile as register

    project = mlrun.get_or_create_project(f"a{new_uid()[:12]}", str(tmp_path))
    register(ConfigProfile(name="set", public={"a": {"b": 1}}, private={"a": {"c": 2}}))
    assert project.get_config_profile_attributes("set") == {"a": {"b": 1, "c": 2}}
    register(DatastoreProfileBasic(name="place", public="memory://x"))
    with pytest.raises(
        MLRunInvalidArgumentError, match=r"'place' .* 'basic', which has no settings"
    ):
        project.get_config_profile_attributes("place")


def test_readable_in_notebooks_without_scripts(run: Context) -> None:
    frame = pd.DataFrame({"<b>": ["<script>alert(1)</script>"]})
    artifact = run.log_dataset("frame", frame, labels={"who": "me"})
    model = run.log_model("m", b"x", model_file="m.bin", metrics={"loss": 0.5})
    pages = [artifact._repr_html_(), model._repr_html_(), artifact.to_dataitem()._repr_html_()]
    for page in pages:
        assert "<script" not in page and "<table" in page
    assert "&lt;script&gt;" in pages[0] and "loss: 0.5" in pages[1]
    assert repr(artifact) == f"DatasetArtifact({artifact.uri!r})"
    secret = get_dataitem("https://user:password@host/a.csv?token=hidden")
    shown = repr(secret) + str(secret) + secret._repr_html_()
    assert "password" not in shown and "hidden" not in shown


@pytest.mark.row("5.119", "5.207")
def test_pictures_are_seen_in_notebooks(run: Context) -> None:
    data = b"\x89PNG of some kind"
    picture = run.log_artifact(PlotArtifact("p", data))
    encoded = base64.b64encode(data).decode()
    assert f'<img src="data:image/png;base64,{encoded}"' in picture._repr_html_()
    Path(picture.get_target_path()).unlink()
    assert "<img" not in picture._repr_html_() and "p.png" in picture._repr_html_()


@pytest.mark.row("5.210", "5.316")
def test_the_data_of_a_prompt_are_its_messages(run: Context) -> None:
    messages = [{"role": "user", "content": "Hi"}]
    prompt = run.log_llm_prompt("p", messages)
    assert json.loads(get_dataitem(prompt.uri).get()) == messages


@pytest.mark.row("5.316")
def test_values_come_back_by_address(run: Context) -> None:
    from jupyter_mlrun.packagers.values import log_value

    artifact = log_value(run, "pair", (1, "two"))
    assert artifact is not None
    assert unpack_value(artifact.uri, project=run.project) == (1, "two")
    assert unpack_value(artifact.uri, list, project=run.project) == [1, "two"]
    assert run.get_store_resource(artifact.uri).key == "pair"
    assert run.get_artifact("train_pair").uid == artifact.uid


@pytest.mark.parametrize("ending", ["yaml", "json", "zip"])
def test_an_imported_artifact_has_the_tag_given(service: Live, tmp_path: Path, ending: str) -> None:
    project = mlrun.get_or_create_project("imports", str(tmp_path), save=True)
    made = project.log_artifact("note", body=b"text", format="txt")
    made.export(str(tmp_path / f"note.{ending}"))
    taken = project.import_artifact(str(tmp_path / f"note.{ending}"), f"by-{ending}", tag="v7")
    assert (taken.key, taken.tag) == (f"by-{ending}", "v7")
    assert f"/by-{ending}#0:v7@" in taken.uri and taken.uri.endswith(f"^{taken.uid}")
    assert taken.to_dataitem().get() == b"text"
