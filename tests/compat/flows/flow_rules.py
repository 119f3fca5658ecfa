"""The rules behind the calls: names, versions, tags, iterations, partitions, pages, deletion."""

import os
import time
from datetime import UTC, datetime, timedelta

import mlrun
import mlrun.errors
from harness import flow, raises

TREE = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32


def run(name, uid, state="completed", **more):
    """A run document."""
    metadata = {"name": name, "uid": uid, "labels": more.pop("labels", {"kind": "local"})}
    status = {"state": state, "results": more.pop("results", {}), **more.pop("status", {})}
    return {"metadata": metadata, "spec": more, "status": status}


def store(db, project, key, tree=TREE, tag=None, iteration=0, kind="artifact", **spec):
    """A stored artifact."""
    document = {
        "kind": kind,
        "metadata": {"key": key, "tree": tree, "iter": iteration, "project": project},
        "spec": {"db_key": key, **spec},
    }
    return db.store_artifact(
        key, document, iter=iteration, tag=tag, project=project, tree=tree
    )  # fmt: skip


def named(artifacts):
    """Key and tag of each entry."""
    return sorted((a["metadata"]["key"], a["metadata"].get("tag") or "") for a in artifacts)


@flow
def names_and_texts(db, project):
    bad = raises(
        mlrun.errors.MLRunBadRequestError, db.create_project, {"metadata": {"name": "Bad_Name"}}
    )
    assert "Field 'project.metadata.name' is malformed. 'Bad_Name' does not match" in bad
    assert r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" in bad
    key = raises(mlrun.errors.MLRunBadRequestError, store, db, project, "a b")
    assert "Field 'artifact.key' is malformed" in key
    gone = raises(mlrun.errors.MLRunNotFoundError, db.read_run, "nope", project)
    assert f"Run uid nope of project {project} not found" in gone
    db.store_run(run("train", TREE, "running"), TREE, project)
    live = raises(mlrun.errors.MLRunBadRequestError, db.del_run, TREE, project)
    assert "Can not delete run in running state, consider aborting the run first" in live
    db.update_run({"status.state": "completed"}, TREE, project)
    renamed = raises(
        mlrun.errors.MLRunBadRequestError, db.store_run, run("other", TREE), TREE, project
    )
    assert "train" in renamed
    raises(mlrun.errors.MLRunNotFoundError, store, db, "no-such-project", "key")
    raises(mlrun.errors.MLRunNotFoundError, db.store_run, run("a", OTHER), OTHER, "no-such-project")
    raises(mlrun.errors.MLRunConflictError, db.create_project, {"metadata": {"name": project}})
    function = mlrun.new_function("My_Fn", project=project, kind="local", command="x.py")
    function.save()
    assert db.get_function("My_Fn", project)["metadata"]["name"] == "my-fn"


@flow
def versions_and_tags(db, project):
    first = store(db, project, "model", tag="v1", size=1)
    second = store(db, project, "model", tree=OTHER, tag="v2", size=2)
    assert named(db.list_artifacts("model", project)) == [
        ("model", "latest"), ("model", "v1"), ("model", "v2"),
    ]  # fmt: skip
    assert sorted(db.list_artifact_tags(project)) == ["latest", "v1", "v2"]
    assert db.read_artifact("model", "v1", project=project)["spec"]["size"] == 1
    assert db.read_artifact("model", project=project)["spec"]["size"] == 2
    assert db.read_artifact("model", tree=TREE, tag="v1", project=project)["spec"]["size"] == 1
    again = store(db, project, "model", tag="v3", size=1)
    assert named(db.list_artifacts("model", project, tag="v3")) == [("model", "v3")]
    if "metadata" in (again or {}):
        assert again["metadata"]["uid"] == first["metadata"]["uid"] != second["metadata"]["uid"]
        uid = first["metadata"]["uid"]
        assert db.read_artifact("model", uid=uid, project=project)["spec"]["size"] == 1
        raises(mlrun.errors.MLRunBadRequestError, db.del_artifact, "model", "v1", project, uid=uid)
    db.del_artifact("model", tag="v1", project=project)
    assert named(db.list_artifacts("model", project)) == [("model", "latest"), ("model", "v2")]
    hashes = []
    for number in range(2):
        body = {"kind": "local", "metadata": {"name": "f"}, "spec": {"description": str(number)}}
        hashes.append(db.store_function(body, "f", project, tag="t", versioned=True))
    listed = db.list_functions("f", project)
    tags = sorted((f["metadata"]["tag"], f["metadata"]["hash"]) for f in listed)
    assert tags == [("", hashes[0]), ("t", hashes[1])]
    assert db.get_function("f", project, hash_key=hashes[0])["spec"]["description"] == "0"
    assert len(db.list_functions("f", project, tag="t")) == 1


@flow
def iterations_and_links(db, project):
    for number in (1, 2, 3):
        store(db, project, "model", tag="best", iteration=number, kind="model", size=number)
    link = {
        "kind": "link",
        "metadata": {"key": "model", "tree": TREE, "project": project, "iter": 0},
        "spec": {"link_iteration": 2, "link_key": "model", "link_tree": TREE},
    }
    db.store_artifact("model", link, project=project, tree=TREE, tag="best")
    found = db.list_artifacts("model", project, tag="best")
    assert sorted(a["metadata"]["iter"] for a in found) == [1, 2, 3]
    best = db.list_artifacts("model", project, tag="best", best_iteration=True)
    assert [a["metadata"]["iter"] for a in best] == [2]
    assert db.read_artifact("model", "best", project=project)["metadata"]["iter"] == 2
    assert db.read_artifact("model", "best", iter=3, project=project)["metadata"]["iter"] == 3
    assert len(db.list_artifacts("model", project, iter=1, tag="best")) == 1
    raises(mlrun.errors.MLRunHTTPError, db.list_artifacts, "model", project, iter=1,
           best_iteration=True)  # fmt: skip
    for number in range(3):
        db.store_run(run("sweep", TREE), TREE, project, iter=number)
    assert len(db.list_runs(project=project, name="sweep")) == 1
    assert len(db.list_runs(project=project, name="sweep", iter=True)) == 3
    db.del_run(TREE, project)
    assert len(db.list_runs(project=project, name="sweep", iter=True)) == 0


@flow
def partitions_and_windows(db, project):
    now = datetime.now(UTC)
    for number in range(6):
        began = (now - timedelta(hours=number)).isoformat()
        document = run(f"train-{number % 2}", f"{number:032x}", status={"start_time": began})
        db.store_run(document, f"{number:032x}", project)
    old = run("old", OTHER, status={"start_time": (now - timedelta(days=30)).isoformat()})
    db.store_run(old, OTHER, project)
    newest = db.list_runs(project=project)
    assert [r["metadata"]["name"] for r in newest] == ["train-0", "train-1"]
    two = db.list_runs(project=project, partition_by="name", rows_per_partition=2,
                       partition_sort_by="created", name="~train")  # fmt: skip
    assert [int(r["metadata"]["uid"], 16) for r in two] == [0, 1, 2, 3]
    one = db.list_runs(project=project, partition_by="name", partition_sort_by="created",
                       max_partitions=1, name="~train")  # fmt: skip
    assert [int(r["metadata"]["uid"], 16) for r in one] == [0]
    oldest = db.list_runs(project=project, partition_by="name", partition_sort_by="created",
                          partition_order="asc", name="~train")  # fmt: skip
    assert sorted(int(r["metadata"]["uid"], 16) for r in oldest) == [4, 5]
    assert len(db.list_runs(project=project, start_time_to=now - timedelta(days=7))) == 1
    recent = db.list_runs(project=project, start_time_from=now - timedelta(minutes=150))
    assert len(recent) == 3
    assert len(db.list_runs(project="*", name="~TRAIN-1", uid=[f"{1:032x}"])) >= 1
    raises(mlrun.errors.MLRunHTTPError, db.list_runs, project=project, partition_by="name",
           partition_sort_by="size")  # fmt: skip


@flow
def labels_and_states(db, project):
    for number, labels in enumerate(({"Stadt": "Köln", "team": "sea"}, {"team": "lake"}, {})):
        state = ("completed", "error", "running")[number]
        document = run(f"fit-{number}", f"{number:032x}", state, labels=labels)
        db.store_run(document, f"{number:032x}", project)
        store(db, project, f"a{number}")

    def found(**asked):
        return sorted(r["metadata"]["name"] for r in db.list_runs(project=project, **asked))

    assert found(labels=["team"]) == ["fit-0", "fit-1"]
    if not mlrun.__version__.startswith("1.7"):
        assert found(labels={"team": "sea"}) == ["fit-0"]
    assert found(labels=["team=sea"]) == ["fit-0"]
    assert found(labels=["team=~LA"]) == ["fit-1"]
    assert found(labels=["~stadt=~KÖ", "team"]) == ["fit-0"]
    assert found(states=["error", "running"]) == ["fit-1", "fit-2"]
    db.update_run({"status.results.x": 1}, f"{0:032x}", project)
    assert found(labels=["team=sea"]) == ["fit-0"], "a commit without labels leaves them"
    db.update_run({"metadata.labels": {"team": "air"}}, f"{0:032x}", project)
    assert found(labels=["team=sea"]) == [] and found(labels=["team=air"]) == ["fit-0"]
    db.del_runs(project=project, labels=["team=air"])
    db.del_runs(project=project, state="error", days_ago=1)
    assert found(name="~fit") == ["fit-2"], "the last one still runs"


@flow
def pages(db, project):
    for number in range(7):
        db.store_run(run("train", f"{number:032x}"), f"{number:032x}", project)
        store(db, project, f"a{number}")
        body = {"kind": "local", "metadata": {"name": f"f{number}"}, "spec": {}}
        db.store_function(body, f"f{number}", project)
    for kind in ("runs", "artifacts", "functions"):
        call = getattr(db, f"paginated_list_{kind}", None)
        if call is None:
            continue
        asked = {"name": "train"} if kind == "runs" else {}
        sizes, token = [], None
        page, token = call(project=project, page=1, page_size=3, **asked)
        sizes.append(len(page))
        while token:
            page, token = call(project=project, page_token=token)
            sizes.append(len(page))
        assert sum(sizes) == 7 and max(sizes) == 3, (kind, sizes)
        second, _ = call(project=project, page=2, page_size=5, **asked)
        assert len(second) == 2, kind
        raises(mlrun.errors.MLRunNotFoundError, call, project=project, page_token="rubbish")
    assert len(db.list_runs(project=project, name="train")) == 7
    assert len(db.list_artifacts(project=project)) == 7
    assert len(db.list_functions(project=project)) == 7


@flow
def deletion_of_projects(db, project):
    name = f"{project}-gone"
    db.create_project({"metadata": {"name": name}})
    created = db.get_project(name).metadata.created
    store(db, name, "model", tag="v1")
    db.store_run(run("train", TREE), TREE, name)
    db.store_log(TREE, name, b"first life")
    for strategy in ("restrict", "check"):
        text = raises(mlrun.errors.MLRunPreconditionFailedError, db.delete_project, name, strategy)
        assert f"Project {name} can not be deleted since related resources found" in text
    malformed = raises(mlrun.errors.MLRunHTTPError, db.delete_project, name, "all")
    assert "enum" in malformed
    began = time.monotonic()
    db.delete_project(name, "cascade")
    assert time.monotonic() - began < 20
    raises(mlrun.errors.MLRunNotFoundError, db.get_project, name)
    db.delete_project(name, "cascade")
    db.create_project({"metadata": {"name": name}})
    assert str(db.get_project(name).metadata.created) > str(created)
    assert db.list_artifacts(project=name) == [] and len(db.list_runs(project=name)) == 0
    raises(mlrun.errors.MLRunNotFoundError, db.get_log, TREE, name)
    db.delete_project(name)


@flow
def patches(db, project):
    from mlrun.common.schemas import PatchMode

    db.patch_project(project, {"spec": {"tags": ["a"], "params": {"x": 1}}})
    db.patch_project(project, {"spec": {"tags": ["b"], "params": {"y": 2}}}, PatchMode.additive)
    kept = db.api_call("GET", f"projects/{project}").json()["spec"]
    assert kept["tags"] == ["a", "b"] and kept["params"] == {"x": 1, "y": 2}
    db.patch_project(project, {"spec": {"tags": ["c"]}}, PatchMode.replace)
    kept = db.api_call("GET", f"projects/{project}").json()["spec"]
    assert kept["tags"] == ["c"] and kept["params"] == {"x": 1, "y": 2}
    raises(mlrun.errors.MLRunHTTPError, db.patch_project, project, {}, "append")
    assert project in db.list_projects()
    db.patch_project(project, {"metadata": {"labels": {"team": project}}})
    assert db.list_projects(labels=[f"team={project}"]) == [project]


@flow
def logs_and_sizes(db, project):
    text = "".join(f"line {n} ü\n" for n in range(2000)).encode()
    db.store_run(run("train", TREE, "running"), TREE, project)
    db.store_log(TREE, project, text[:100])
    db.store_log(TREE, project, text[100:], append=True)
    state, whole = db.get_log(TREE, project)
    assert (state, whole) == ("running", text)
    assert db.get_log(TREE, project, offset=10, size=20)[1] == text[10:30]
    assert db.get_log(TREE, project, offset=len(text))[1] == b""
    if hasattr(db, "get_log_size"):
        assert db.get_log_size(TREE, project) == len(text)
    db.update_run({"status.state": "completed"}, TREE, project)
    state, offset = db.watch_log(TREE, project, watch=True)
    assert (state, offset) == ("completed", len(text))
    db.store_log(TREE, project, b"anew", append=False)
    assert db.get_log(TREE, project)[1] == b"anew"
    raises(mlrun.errors.MLRunNotFoundError, db.get_log, OTHER, project)


@flow
def large_and_odd_documents(db, project):
    odd = "nul \u0000 \U0001f30a ' \" \\ % _ <b> ﷽"
    document = run("train", TREE, odd=odd, large="ü" * 4_000_000)
    db.store_run(document, TREE, project)
    kept = db.read_run(TREE, project)
    assert kept["spec"]["large"] == document["spec"]["large"] and kept["spec"]["odd"] == odd
    db.update_run({"status.results": {"größe": 3, "a.b": 1}}, TREE, project)
    assert db.read_run(TREE, project)["status"]["results"] == {"größe": 3, "a.b": 1}
    store(db, project, "note", description=odd)
    assert db.read_artifact("note", project=project)["spec"]["description"] == odd


@flow
def data_goes_with_artifacts(db, project):
    base = db.api_call("GET", "client-spec").json()["artifact_path"]
    folder = base.replace("{{project}}", project).replace("{{run.project}}", project)
    if project not in folder:
        folder = os.path.join(folder, project)
    os.makedirs(folder, exist_ok=True)
    for key in ("kept", "gone"):
        with open(os.path.join(folder, key), "w") as file:
            file.write("data")
        store(db, project, key, target_path=os.path.join(folder, key))
    db.del_artifact("kept", project=project)
    db.del_artifact("gone", project=project, deletion_strategy="data-force")
    assert sorted(os.listdir(folder)) == ["kept"]
    store(db, project, "far", target_path="/etc/hostname")
    raises(mlrun.errors.MLRunBadRequestError, db.del_artifact, "far", project=project,
           deletion_strategy="data-force")  # fmt: skip
    db.del_artifact("far", project=project, deletion_strategy="data-optional")
    assert db.list_artifacts(project=project) == [] and os.path.exists("/etc/hostname")
