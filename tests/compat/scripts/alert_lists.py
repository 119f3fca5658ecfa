"""Alerts as each client stores and lists them: ``alert_lists.py PACKAGE store|list NAME``."""

import importlib
import json
import sys
import warnings

warnings.simplefilter("ignore")
package, task, name = sys.argv[1:]
mlrun = importlib.import_module(package)
AlertConfig = importlib.import_module(f"{package}.alerts.alert").AlertConfig
parts = importlib.import_module(f"{package}.common.schemas.alert")
PROJECT = "alert-lists"
VERSION = tuple(int(word) for word in (getattr(mlrun, "__version__", "1.12")).split(".")[:2])
is_newest = package != "mlrun" or VERSION >= (1, 12)
db = mlrun.get_run_db()


def store():
    told = {"kind": "webhook", "name": "told", "message": "x", "severity": "info",
            "when": ["now"], "condition": "", "secret_params": {},
            "params": {"url": "https://hooks.example.org/x"}}  # fmt: skip
    more = {"cooldown_period": "1h"} if is_newest else {}
    alert = AlertConfig(
        project=PROJECT, name=name, summary=f"by {name}", severity="high",
        entities=parts.EventEntities(kind="job", project=PROJECT, ids=["*"]),
        trigger=parts.AlertTrigger(events=["failed"]),
        criteria=parts.AlertCriteria(count=5, period="1h"),
        notifications=[parts.AlertNotification(notification=told)], **more,
    )  # fmt: skip
    return db.store_alert_config(name, alert, PROJECT).summary


def list_all():
    found = db.list_alerts_configs(PROJECT)
    shown = {each.name: [type(each).__name__, each.summary, each.count] for each in found}
    if package != "mlrun" or VERSION >= (1, 8):
        shown["page"] = [each.name for each in db.list_alerts_configs(PROJECT, limit=2, offset=1)]
    if is_newest:
        shown["cooldown"] = {each.name: each.cooldown_period for each in found}
    return shown


print(json.dumps({"found": store() if task == "store" else list_all()}))
