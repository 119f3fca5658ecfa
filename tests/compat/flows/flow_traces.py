"""What users type, and the calls that it makes: one flow for each trace of the clients."""

import os
import time
from pathlib import Path

import mlrun
import mlrun.feature_store as fstore
import pandas as pd
from harness import CALLS, flow

HANDLERS = str(Path(__file__).with_name("handlers.py"))


def opened(project):
    """The project as users get it."""
    kept = mlrun.get_or_create_project(project, context=f"./{project}", allow_cross_project=True)
    kept.set_function(HANDLERS, name="traced", kind="job", image="x", handler="train")
    return kept


def calls_of(word):
    """The statuses of the calls whose address holds a word."""
    return [status for _, url, status in CALLS if word in url]


@flow
def local_run(db, project):
    kept = opened(project)
    CALLS.clear()
    run = kept.run_function("traced", params={"n": 3}, local=True)
    assert run.status.state == "completed" and run.status.results == {"total": 3}
    assert {status for _, _, status in CALLS} == {200}
    assert len(calls_of("/artifacts/traced-train_frame")) == 1, CALLS
    assert len(calls_of("/functions/")) == 1, CALLS
    assert len(db.list_runs(project=project, uid=run.metadata.uid)) == 1
    frame = run.artifact("frame").as_df()
    assert list(frame["x"]) == [0, 1, 2]


@flow
def hyper_parameters(db, project):
    kept = opened(project)
    run = kept.run_function(
        "traced", hyperparams={"n": [1, 5, 3]}, selector="max.total", local=True
    )
    assert run.status.state == "completed" and run.status.results["best_iteration"] == 2
    read = db.read_run(run.metadata.uid, project)
    assert [row[2] for row in read["status"]["iterations"][1:]] == [1, 5, 3]
    uid = run.metadata.uid
    iterations = db.list_runs(project=project, uid=uid, iter=True)
    assert sorted(each["metadata"]["iteration"] for each in iterations) == [0, 1, 2, 3]
    best = db.list_artifacts("~frame", project, best_iteration=True)
    assert {each["metadata"]["iter"] for each in best} == {2}, best


@flow
def logged_things(db, project):
    kept = opened(project)
    kept.log_dataset("numbers", df=pd.DataFrame({"x": [1, 2]}), format="parquet")
    Path("weights.bin").write_bytes(b"weights")
    kept.log_model("clf", body=b"weights", model_file="clf.bin", framework="none")
    assert list(mlrun.get_dataitem(kept.get_artifact_uri("numbers", "dataset")).as_df()["x"]) == [
        1,
        2,
    ]
    assert [a["metadata"]["key"] for a in db.list_artifacts(project=project, kind="model")] == [
        "clf"
    ]


@flow
def context_of_a_script(db, project):
    # as in a process of its own: nothing is left of the runs before
    os.environ.pop("MLRUN_EXEC_CONFIG", None)
    mlrun.runtimes.utils.global_context.set(None)
    context = mlrun.get_or_create_ctx("script", project=project)
    context.log_result("answer", 42)
    context.commit(completed=True)
    read = db.read_run(context.uid, project)
    assert read["status"]["results"] == {"answer": 42} and read["status"]["state"] == "completed"


@flow
def remote_run(db, project):
    kept = mlrun.get_or_create_project(project, context=f"./{project}", allow_cross_project=True)
    function = mlrun.code_to_function(
        "far", project=project, filename=HANDLERS, kind="job", image="x", handler="train"
    )
    function.kind = "local"
    document = function.to_dict() | {"kind": "local"}
    hash_key = db.store_function(document, "far", project, tag="latest", versioned=True)
    task = mlrun.new_task("far", project=project, handler="add", params={"a": 2, "b": 3})
    task.spec.function = f"{kept.name}/far@{hash_key}"
    uid = db.submit_job(task)["metadata"]["uid"]
    state = db.watch_log(uid, project, watch=True)
    deadline = time.time() + 60
    while db.read_run(uid, project)["status"]["state"] not in ("completed", "error"):
        assert time.time() < deadline, state
        time.sleep(0.2)
    read = db.read_run(uid, project)
    assert read["status"]["results"] == {"sum": 5}, read["status"]


@flow
def ingested_features(db, project):
    opened(project)
    stocks = fstore.FeatureSet("stocks", entities=[fstore.Entity("ticker")], engine="pandas")
    stocks.metadata.project = project
    frame = pd.DataFrame({"ticker": ["A", "B"], "bid": [1.5, 2.5]})
    target = mlrun.datastore.ParquetTarget(path=str(Path.cwd() / f"{project}.parquet"))
    CALLS.clear()
    stocks.ingest(frame, targets=[target])
    assert 200 in calls_of("authorization/verifications")
    assert len([c for c in CALLS if c[0] == "PUT" and "feature-sets/stocks" in c[1]]) >= 2
    stored = db.get_feature_set("stocks", project)
    assert {feature.name for feature in stored.spec.features} == {"bid"}
    assert stored.status.targets[0].path.endswith(".parquet")
    vector = fstore.FeatureVector("view", [f"{project}/stocks.bid"])
    vector.metadata.project = project
    entities = pd.DataFrame({"ticker": ["B"]})
    joined = vector.get_offline_features(entity_rows=entities, engine="local").to_dataframe()
    assert list(joined["bid"]) == [2.5]


@flow
def workflow_in_the_client(db, project):
    kept = opened(project)
    code = Path(f"{project}.py").absolute()
    code.write_text(
        "import mlrun\n"
        "def pipeline():\n"
        "    project = mlrun.get_current_project()\n"
        "    project.run_function('traced', params={'n': 2}, local=True)\n"
    )
    kept.set_workflow("main", str(code), handler="pipeline", engine="local")
    CALLS.clear()
    status = kept.run("main", engine="local")
    assert status.state.lower() in ("succeeded", "completed"), status
    assert calls_of("/pipelines") == []
    (found,) = db.list_pipelines(project).runs
    assert found["status"] == "Succeeded" and found["id"] == status.run_id
