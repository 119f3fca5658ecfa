"""Alerts, their templates and activations, and events."""

import mlrun
import mlrun.errors
from harness import flow, raises


@flow
def alerts(db, project):
    objects = mlrun.common.schemas.alert
    entity = objects.EventEntities(kind="job", project=project, ids=["*"])
    told = mlrun.common.schemas.Notification(
        kind="webhook", name="told", message="x", severity="info", when=["now"], condition="failed",
        params={"url": "https://hooks.example.org/x"}, secret_params={},
    )  # fmt: skip
    alert = mlrun.alerts.alert.AlertConfig(
        project=project,
        name="broken",
        summary="a job has failed",
        severity="high",
        entities=entity,
        trigger=objects.AlertTrigger(events=["failed"]),
        criteria=objects.AlertCriteria(count=5, period="1h"),
        notifications=[objects.AlertNotification(notification=told)],
    )
    stored = db.store_alert_config("broken", alert, project)
    assert stored.name == "broken" and stored.count == 0
    assert db.get_alert_config("broken", project).summary == "a job has failed"
    assert [each.name for each in db.list_alerts_configs(project)] == ["broken"]
    event = mlrun.common.schemas.Event(kind="failed", entity=entity)
    db.generate_event("failed", event, project)
    db.reset_alert_config("broken", project)
    db.delete_alert_config("broken", project)
    raises(mlrun.errors.MLRunNotFoundError, db.get_alert_config, "broken", project)


@flow
def alert_templates(db, project):
    names = [each.template_name for each in db.list_alert_templates()]
    assert names[0] == "JobFailed" and len(names) >= 3
    assert db.get_alert_template("JobFailed").template_name == "JobFailed"


@flow(since=(1, 8))
def alert_activations(db, project):
    assert list(db.list_alert_activations(project=project)) == []
    raises(mlrun.errors.MLRunNotFoundError, db.get_alert_activation, project, 1)
