"""A job that fails is told to a webhook, by its own notification and by an alert of a template."""

import json
import sys
import time
from pathlib import Path

import mlrun
import mlrun.alerts
import mlrun.common.schemas.alert as alert_objects
from mlrun.model import Notification

url = sys.argv[1]
seen = {}
project = mlrun.get_or_create_project("told", context="./told")
db = mlrun.get_run_db()
plain = mlrun.new_function("plain", project="told", kind="local")
plain.with_code(body=Path(__file__).with_name("plain.py").read_text())
plain.save(versioned=True)


def until(true):
    for _ in range(300):
        if found := true():
            return found
        time.sleep(0.2)
    raise TimeoutError


def hook(name, **more):
    return Notification(kind="webhook", name=name, secret_params={"url": url}, **more)


alert = mlrun.alerts.AlertConfig(project="told", name="fails", template="JobFailed")
alert.with_entities(
    alert_objects.EventEntities(kind="job", project="told", ids=["plain-fails"])
)  # fmt: skip
alert.with_notifications(
    [alert_objects.AlertNotification(notification=hook("desk", message="look").to_dict())]
)  # fmt: skip
project.store_alert_config(alert)
seen["templates"] = [each.template_name for each in project.list_alert_templates()]
seen["listed"] = [each.name for each in project.list_alerts_configs()]

task = mlrun.RunObject.from_dict(
    {
        "metadata": {"name": "plain-fails", "project": "told"},
        "spec": {"function": "told/plain:latest", "handler": "fails"},
    }
)
task.spec.notifications = [hook("own", when=["error"]), hook("never", when=["completed"])]
uid = db.submit_job(task)["metadata"]["uid"]
run = until(
    lambda: (
        (db.read_run(uid, project="told")["status"].get("notifications") or {})
        .get("own", {})
        .get("sent_time")
        and db.read_run(uid, project="told")
    )
)
seen["status"] = {k: v["status"] for k, v in run["status"]["notifications"].items()}
seen["masked"] = url not in json.dumps(run)
found = db.list_alert_activations(project="told")
seen["activation"] = [found[0].name, found[0].entity_id, str(found[0].severity.value)]
seen["again"] = len(db.list_alert_activations(project="told", name="other").activations)
one = until(
    lambda: [
        each for each in db.get_alert_activation("told", found[0].id).notifications
        if each.summary.succeeded
    ]
)  # fmt: skip
seen["told"] = [one[0].kind, one[0].err]
seen["count"] = db.get_alert_config("fails", "told").count
db.push_run_notifications(uid, "told")
db.reset_alert_config("fails", "told")
db.delete_alert_config("fails", "told")
seen["left"] = len(db.list_alerts_configs("told"))
seen["tasks"] = [each.status.state.value for each in db.list_project_background_tasks("told")]
print(json.dumps(seen))
