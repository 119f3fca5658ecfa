"""What the SDK asks of the service beyond runs, under MLRun's names."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import errors, session
from jupyter_mlrun.client import projects
from jupyter_mlrun.runs import RunObject
from tests.live import Live

CODE = "import os\ndef f(context, n=1):\n    print(os.environ.get('KEY'))\n    return n * 2"
ENTITY = {"kind": "job", "project": "default", "ids": ["*"]}
ALERT = {
    "project": "default",
    "name": "failures",
    "summary": "a run failed",
    "severity": "high",
    "entities": ENTITY,
    "trigger": {"events": ["failed"]},
    "criteria": {"count": 1},
    "notifications": [
        {"notification": {"kind": "slack", "name": "told", "message": "failed",
                          "secret_params": {"webhook": "https://hooks.slack.com/x"}}}
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def live(service: Live) -> Live:
    projects.get_or_create(session.client(), "default")
    return service


@pytest.fixture
def db() -> Any:
    return mlrun.get_run_db()


def when_ended(delete: Callable[..., None], *arguments: Any) -> None:
    """Delete as soon as the processes of runs that are completed have gone."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return delete(*arguments)
        except (errors.MLRunBadRequestError, errors.MLRunPreconditionFailedError) as error:
            working = "has not ended yet" in str(error) or "works: abort it" in str(error)
            if not working or time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def make(name: str) -> Any:
    return mlrun.new_function(name, kind="local").with_code(body=CODE)


def test_secrets_by_name(db: Any) -> None:
    db.create_project_secrets("default", secrets={"TEST_KEY": "a-long-value", "OTHER": "another1"})
    assert {"TEST_KEY", "OTHER"} <= set(db.list_project_secret_keys("default"))
    function = make("keyed").set_env("MODE", "x").set_env_from_secret("KEY", secret_key="TEST_KEY")
    run = function.run(handler="f")
    log = b"".join(run.read_log()).decode()
    assert run.outputs == {"return": 2} and "None" not in log and "a-long-value" not in log
    with pytest.raises(errors.MLRunInvalidArgumentError, match="a process of their own"):
        function.run(handler="f", local=True)
    assert sorted(db.list_project_secret_keys("default").secret_keys) == ["OTHER", "TEST_KEY"]
    db.delete_project_secrets("default", secrets=["TEST_KEY"])
    assert "TEST_KEY" not in db.list_project_secret_keys("default")
    with pytest.raises(errors.MLRunBadRequestError, match="no secret 'TEST_KEY'"):
        function.run(handler="f")


@pytest.mark.row("4.701", "4.703")
def test_schedules(db: Any) -> None:
    made = make("often").run(handler="f", params={"n": 21}, schedule="*/30 * * * *")
    assert (made["action"], made["name"]) == ("created", "often-f")
    shown = db.get_schedule("default", "often-f")
    assert shown["next_run_time"] and [s["name"] for s in db.list_schedules("default", "often-f")]
    (same,) = db.list_schedules("default", "often-f").schedules
    assert (same.name, same.project) == ("often-f", "default") and same.cron_trigger.minute
    run = RunObject.from_dict(db.invoke_schedule("default", "often-f"), db.client)
    assert run.outputs == {"return": 42}
    last = db.get_schedule("default", "often-f", include_last_run=True)["last_run"]
    assert last["metadata"]["uid"] == run.uid()
    db.delete_schedule("default", "often-f")
    with pytest.raises(errors.MLRunNotFoundError):
        db.get_schedule("default", "often-f")
    with pytest.raises(errors.MLRunInvalidArgumentError, match="local function execution"):
        make("often").run(handler="f", schedule="0 * * * *", local=True)


def test_projects_functions_runs_and_artifacts(db: Any) -> None:
    name = f"made-{uuid.uuid4().hex[:8]}"
    db.create_project(name)
    assert name in db.list_projects()
    db.patch_project(name, {"spec": {"description": "a room"}})
    assert db.get_project(name).description == "a room"
    run = make("one").run(handler="f", returns=["out : artifact"], project=name)
    assert db.read_run(run.uid(), name)["metadata"]["name"] == "one-f"
    assert [r["metadata"]["uid"] for r in db.list_runs(project=name)] == [run.uid()]
    state, log = db.get_log(run.uid(), name)
    assert state == "completed" and log.startswith(b"None\n")
    (found,) = db.list_artifacts(project=name, tag="latest")
    db.tag_artifacts(found, name, "good")
    assert db.read_artifact("one-f_out", tag="good", project=name)["metadata"]["tag"] == "good"
    db.delete_artifacts_tags([found], name, "good")
    with pytest.raises(errors.MLRunNotFoundError):
        db.read_artifact("one-f_out", tag="good", project=name)
    with pytest.raises(errors.MLRunPreconditionFailedError):
        db.delete_project(name)
    when_ended(db.delete_project, name, "cascade")
    assert name not in db.list_projects()


def test_calls_by_position(db: Any) -> None:
    name = f"made-{uuid.uuid4().hex[:8]}"
    db.create_project({"metadata": {"name": name, "labels": {"made": name}}})
    assert db.list_projects(None, "name_only", {"made": name}) == [name]
    document = make("stored").to_dict()
    assert db.store_function(document, "stored", name, "v1")
    (found,) = db.list_functions("stored", name, "v1", kind="local", format_="minimal")
    assert found["metadata"]["name"] == "stored" and not db.list_functions("stored", name, "v2")
    run = make("many").run(handler="f", hyperparams={"n": [1, 2]}, project=name)
    assert len(db.list_runs("many-f", run.uid(), name, None, ["completed"], True, True)) == 3
    db.del_run(run.uid(), name, 2)
    found = db.list_runs("many-f", project=name, iter=True)
    assert {each["metadata"].get("iteration") or 0 for each in found} == {0, 1}
    when_ended(db.del_run, run.uid(), name)
    assert db.list_runs("many-f", project=name, iter=True) == []
    run = make("one").run(handler="f", returns=["out : artifact"], project=name)
    (artifact,) = db.list_artifacts("one-f_out", name, "latest", tree=run.uid())
    db.del_artifact("one-f_out", "latest", name, artifact["metadata"]["tree"])
    assert db.list_artifacts("one-f_out", name) == []
    assert db.read_run(run.uid(), name, 0, "standard")["metadata"]["uid"] == run.uid()
    with pytest.raises(errors.MLRunInvalidArgumentError, match="'iter' cannot be given"):
        db.abort_run(run.uid(), name, 1)
    when_ended(db.delete_project, name, "cascade")


@pytest.mark.row("4.605")
def test_alerts_and_notifications(db: Any) -> None:
    stored = db.store_alert_config("failures", ALERT)
    assert stored.state == "inactive" and stored.entities.ids == ["*"]
    assert [a.name for a in db.list_alerts_configs()] == ["failures"]
    db.reset_alert_config("failures")
    assert db.list_alert_activations() == [] and len(db.list_alert_templates()) >= 3
    db.delete_alert_config("failures")
    with pytest.raises(errors.MLRunNotFoundError):
        db.get_alert_config("failures")
    run = make("quiet").run(handler="f")
    told = {"kind": "console", "name": "end", "message": "done", "when": ["completed"]}
    db.set_run_notifications("default", run.uid(), [told])
    assert db.read_run(run.uid())["spec"]["notifications"][0]["name"] == "end"
    assert isinstance(db.list_project_background_tasks("default"), list)


def test_alerts_of_a_project_are_objects(tmp_path: Path) -> None:
    project = mlrun.get_or_create_project(f"told-{uuid.uuid4().hex[:8]}", str(tmp_path))
    schemas = mlrun.common.schemas.alert
    told = schemas.AlertNotification(
        notification=mlrun.model.Notification(
            kind="webhook", name="told", secret_params={"url": "http://127.0.0.1:9/never"}
        ).to_dict()
    )
    alert = mlrun.alerts.AlertConfig(
        name="rings", template="JobFailed", notifications=[told],
        entities=schemas.EventEntities(
            kind=schemas.EventEntityKind.JOB, project=project.name, ids=["rings-f"]
        ),
        criteria=schemas.AlertCriteria(count=1, period="1h"), reset_policy="manual",
    )  # fmt: skip
    assert alert.summary == "A job has failed" and alert.severity is schemas.AlertSeverity.MEDIUM
    assert alert.trigger == schemas.AlertTrigger(events=[schemas.EventKind.FAILED])
    stored = project.store_alert_config(alert)
    assert (stored.state, stored.project, stored.criteria.period) == (
        "inactive", project.name, "1h"
    )  # fmt: skip
    failing = mlrun.new_function("rings", kind="local").with_code(body="def f():\n    1 / 0")
    with pytest.raises(mlrun.errors.MLRunRuntimeError, match="division by zero"):
        failing.run(handler="f", project=project.name)
    deadline = time.monotonic() + 30
    while not (rang := stored.list_activations()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert [(each.name, each.number_of_events, each.event_kind) for each in rang] == [
        ("rings", 1, "failed")
    ]
    assert rang.aggregate_by(["entity_kind", "severity"], len) == {("job", "medium"): 1}
    assert project.list_alert_activations(severity=["low"]).activations == []
    assert project.get_alert_config("rings").state == schemas.AlertActiveState.ACTIVE
    project.reset_alert_config(alert_name="rings")
    (again,) = project.list_alerts_configs()
    assert again.state == "inactive" and again.created <= again.updated
    page, token = project.paginated_list_alert_activations(page_size=5)
    assert len(page) == 1 and token is None
    project.delete_alert_config(again)
    assert project.list_alerts_configs() == []


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: mlrun.alerts.AlertConfig(severity="grave"), "'severity' is one of low, medium"),
        (lambda: mlrun.alerts.AlertTrigger(events=["faild"]), "Did you mean 'failed'"),
        (lambda: mlrun.alerts.EventEntities(kind="job", project="p", ids=["a", "b"]), "one name"),
        (lambda: mlrun.alerts.EventEntities(kind="job", project="p"), "needs 'ids'"),
        (lambda: mlrun.alerts.AlertCriteria(counts=1), "no field 'counts'"),
        (lambda: mlrun.alerts.AlertConfig(name="a").with_entities({}), "must be of type"),
        (lambda: mlrun.alerts.AlertConfig(name="a").to_dict(), "Alert entity field is missing"),
        (lambda: mlrun.MlrunProject({"name": "default"}).delete_alert_config(),
         "At least one of alert_data or alert_name"),
    ],
)  # fmt: skip
def test_an_alert_that_cannot_be(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(errors.MLRunHTTPStatusError, match=said):
        make()


def test_an_alert_is_shown_copied_and_read_before_it_is_whole() -> None:
    alert = mlrun.alerts.AlertConfig(name="a", template={
        "template_name": "Slow", "severity": "low", "trigger": {"events": ["failed"]},
    })  # fmt: skip
    assert alert.severity == "low" and alert.trigger.events == ["failed"]
    assert "name='a'" in repr(alert) and "'severity': 'low'" in str(alert)
    client = mlrun.get_run_db().client
    alert._client = client
    other = alert.copy()
    other.trigger.events.append("more")
    assert other.client is client and alert.trigger.events == ["failed"]
    assert alert["name"] == alert.get("name") == "a" and alert["state"] is None
    assert alert.get("trigger")["events"] == ["failed"] and alert.get("other", 1) == 1
    with pytest.raises(KeyError, match="stat"):
        alert["stat"]


def test_words_of_a_newer_service_are_read() -> None:
    new: dict[str, Any] = {"severity": "grave", "trigger": {"events": ["melted", "failed"]}}
    found = [{"name": "a", "entities": {"kind": "robot", "project": "p", "ids": ["x"]}, **new}]
    alert = mlrun.alerts.AlertConfig.from_dict(found[0])
    assert (alert.severity, alert.entities.kind) == ("grave", "robot")
    assert alert.trigger.events == ["melted", "failed"]
    template = mlrun.alerts.AlertTemplate.from_dict({"template_name": "t", **new})
    assert template.trigger.events == ["melted", "failed"]
    with pytest.raises(errors.MLRunInvalidArgumentError, match="'events' is one of"):
        mlrun.alerts.AlertTrigger(events=["melted"])
