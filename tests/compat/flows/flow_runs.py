"""Runs, logs, functions and background tasks."""

import time

import mlrun
import mlrun.errors
from harness import flow, raises

UID = "0123456789abcdef0123456789abcdef"


def run(name="train", state="completed", **labels):
    """A run document."""
    return {
        "kind": "run",
        "metadata": {"name": name, "labels": labels},
        "spec": {"parameters": {"n": 3}},
        "status": {"state": state, "results": {"accuracy": 0.5}},
    }


@flow
def runs(db, project):
    db.store_run(run(team="sea"), UID, project)
    db.update_run({"status.results": {"accuracy": 0.75}}, UID, project)
    read = db.read_run(UID, project)
    assert read["status"]["results"] == {"accuracy": 0.75}
    db.store_run(run(team="sea"), UID, project, iter=1)
    assert len(db.list_runs(project=project, name="train", iter=True)) == 2
    assert len(db.list_runs(project=project, labels=["team=sea"])) == 1
    assert db.list_runs(project=project, labels=["team=land"]) == []
    assert db.list_runs(project=project, name="~RAI").to_df()["name"][0] == "train"
    raises(mlrun.errors.MLRunNotFoundError, db.read_run, "f" * 32, project)
    db.store_run(run(state="running"), "a" * 32, project)
    text = raises(mlrun.errors.MLRunBadRequestError, db.del_run, "a" * 32, project)
    assert "Can not delete run in running state" in text
    db.update_run({"status.state": "completed"}, "a" * 32, project)
    db.del_run("a" * 32, project)
    db.del_runs(project=project, name="train", days_ago=0)
    assert db.list_runs(project=project, name="train") == []


@flow(since=(1, 8))
def runs_in_pages(db, project):
    for number in range(5):
        db.store_run(run(f"r{number}"), f"{number:032x}", project)
    page, token = db.paginated_list_runs(project=project, name="~r", page=1, page_size=2)
    assert len(page) == 2 and token
    rest, token = db.paginated_list_runs(project=project, page_token=token)
    assert len(rest) == 2 and token
    last, token = db.paginated_list_runs(project=project, page_token=token)
    assert len(last) == 1 and not token


@flow
def logs(db, project):
    db.store_run(run(state="completed"), UID, project)
    db.store_log(UID, project, b"one\n", append=False)
    db.store_log(UID, project, b"two\n", append=True)
    state, text = db.get_log(UID, project)
    assert (state, text) == ("completed", b"one\ntwo\n")
    assert db.get_log(UID, project, offset=4, size=3)[1] == b"two"
    assert db.get_log_size(UID, project) == 8
    assert db.watch_log(UID, project, watch=False)


@flow
def abort(db, project):
    db.store_run(run(state="running"), UID, project)
    task = db.abort_run(UID, project)
    assert task is None or task.status.state in ("running", "succeeded")
    assert db.read_run(UID, project)["status"]["state"] in ("aborting", "aborted")


@flow
def run_notifications(db, project):
    db.store_run(run(), UID, project)
    wanted = mlrun.model.Notification(
        kind="console", name="told", when=["completed"], severity="info", message="x"
    )
    db.set_run_notifications(project, UID, [wanted])
    assert len(db.list_runs(project=project, with_notifications=True)) == 1
    if hasattr(db, "push_run_notifications"):
        db.push_run_notifications(UID, project)


@flow
def functions(db, project):
    function = mlrun.new_function("train", project=project, kind="local")
    function.spec.description = "one"
    first = db.store_function(function.to_dict(), "train", project, versioned=True)
    function.spec.description = "two"
    second = db.store_function(function.to_dict(), "train", project, versioned=True)
    assert first != second
    assert db.get_function("train", project)["spec"]["description"] == "two"
    assert db.get_function("train", project, hash_key=first)["spec"]["description"] == "one"
    assert len(db.list_functions("train", project)) == 2
    assert len(db.list_functions("train", project, tag="latest")) == 1
    raises(mlrun.errors.MLRunNotFoundError, db.get_function, "none", project)
    text, _, *_ = db.get_builder_status(function)
    assert text == "" and function.status.state in ("", "ready")
    raises(Exception, db.function_status, project, "train", "dask", "x")
    db.delete_function("train", project)
    assert not db.list_functions("train", project)


@flow
def submit(db, project):
    function = mlrun.new_function("hello", project=project, kind="local")
    source = "def hello(context):\n    context.log_result('x', 1)\n"
    function.with_code(body=source)
    uri = db.store_function(function.to_dict(), "hello", project, versioned=True)
    task = mlrun.new_task("hello", project=project, handler="hello")
    task.spec.function = f"{project}/hello@{uri}"
    answer = db.submit_job(task)
    uid = answer["metadata"]["uid"]
    deadline = time.time() + 60
    while db.read_run(uid, project)["status"]["state"] not in ("completed", "error"):
        assert time.time() < deadline
        time.sleep(0.2)
    assert db.read_run(uid, project)["status"]["results"] == {"x": 1}


@flow
def runtime_resources(db, project):
    assert db.list_runtime_resources(project) == []
    assert project not in db.list_runtime_resources("*", group_by="job")
    assert db.list_runtime_resources(project, group_by="project") == {}
    assert db.delete_runtime_resources(project) == {}


@flow
def background_tasks(db, project):
    assert db.list_project_background_tasks(project) == []
    raises(mlrun.errors.MLRunNotFoundError, db.get_project_background_task, project, "none")
    raises(mlrun.errors.MLRunNotFoundError, db.get_background_task, "none")


@flow
def pipelines(db, project):
    for uid, state in ((UID, "completed"), ("b" * 32, "error")):
        db.store_run(run(state=state, workflow="main-1"), uid, project)
    found = db.list_pipelines(project)
    assert found.total_size == 1 and found.runs[0]["id"] == "main-1"
    assert found.runs[0]["status"] == "Failed"
    assert len(db.get_pipeline("main-1", project=project)["graph"]) == 2
    assert db.get_workflow_id(project, "main", UID, "local").workflow_id == "main-1"
    if hasattr(db, "set_run_retrying_status"):
        db.set_run_retrying_status(project, "main", UID, True)


@flow
def schedules(db, project):
    function = mlrun.new_function("hello", project=project, kind="local")
    function.with_code(body="def hello(context):\n    pass\n")
    uri = db.store_function(function.to_dict(), "hello", project, versioned=True)
    task = mlrun.new_task("hello", project=project, handler="hello")
    task.spec.function = f"{project}/hello@{uri}"
    answer = db.submit_job(task, schedule="0 3 * * *")
    assert answer["action"] == "created" and answer["name"] == "hello"
    (schedule,) = db.list_schedules(project).schedules
    assert schedule.name == "hello" and str(schedule.cron_trigger.hour) == "3"
    read = db.get_schedule(project, "hello", include_last_run=True)
    assert read.next_run_time is not None
    update = mlrun.common.schemas.ScheduleUpdate(cron_trigger={"minute": "5", "hour": "4"})
    db.update_schedule(project, "hello", update)
    assert str(db.get_schedule(project, "hello").cron_trigger.hour) == "4"
    wanted = mlrun.model.Notification(
        kind="console", name="told", when=["completed"], severity="info", message="x"
    )
    db.set_schedule_notifications(project, "hello", [wanted])
    db.invoke_schedule(project, "hello")
    db.delete_schedule(project, "hello")
    assert db.list_schedules(project).schedules == []
