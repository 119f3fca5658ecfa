"""A function that runs by a schedule: made, listed, paused, invoked and deleted."""

import json
import time
from pathlib import Path

import mlrun
import mlrun.common.schemas as schemas

seen = {}
project = mlrun.get_or_create_project("planned", context="./planned")
db = mlrun.get_run_db()

plain = mlrun.new_function("plain", project="planned", kind="local")
plain.with_code(body=Path(__file__).with_name("plain.py").read_text())
plain.save(versioned=True)


def task(name):
    return mlrun.RunObject.from_dict(
        {
            "metadata": {"name": name, "project": "planned", "labels": {"team": "sea"}},
            "spec": {
                "function": "planned/plain:latest", "handler": "add",
                "parameters": {"a": 2, "b": 3},
            },
        }
    )  # fmt: skip


def refused(call, *arguments, **more):
    try:
        call(*arguments, **more)
    except mlrun.errors.MLRunHTTPError as error:
        return [type(error).__name__, str(error)]
    return None


def wait(name, known=""):
    for _ in range(600):
        found = db.get_schedule("planned", name, include_last_run=True)
        state = (found.last_run or {}).get("status", {}).get("state")
        if found.last_run_uri and found.last_run_uri != known and state == "completed":
            return found
        time.sleep(0.2)
    raise TimeoutError(found)


every_second = schemas.ScheduleCronTrigger(second="*", minute="*", hour="*")
seen["made"] = db.submit_job(task("ticks"), schedule=every_second)["action"]
ticks = wait("ticks")
run = db.read_run(ticks.last_run["metadata"]["uid"], project="planned")
seen["run"] = [run["status"]["results"], run["metadata"]["labels"]["team"]]
seen["label"] = run["metadata"]["labels"]["mlrun/schedule-name"]
seen["again"] = db.submit_job(task("ticks"), schedule="0 */2 * * *")["action"]
found = db.get_schedule("planned", "ticks")
seen["cron"] = found.cron_trigger.to_crontab()
seen["next"] = str(found.next_run_time)
seen["kept"] = [found.concurrency_limit, found.labels, found.kind.value]

db.submit_job(task("nightly"), schedule="30 2 * * mon")
seen["listed"] = [each.name for each in db.list_schedules("planned").schedules]
seen["named"] = [each.name for each in db.list_schedules("planned", name="~NIGHT").schedules]
seen["invoked"] = refused(db.invoke_schedule, "planned", "nightly")
seen["result"] = wait("nightly").last_run["status"]["results"]
db.update_schedule(
    "planned", "nightly",
    schemas.ScheduleUpdate(cron_trigger="0 5 * * *", labels={"a": "b"}, desired_state="paused"),
)  # fmt: skip
found = db.get_schedule("planned", "nightly")
seen["paused"] = [found.state, found.next_run_time, found.labels, found.cron_trigger.to_crontab()]
db.update_schedule("planned", "nightly", schemas.ScheduleUpdate(desired_state="active"))
seen["resumed"] = str(db.get_schedule("planned", "nightly").next_run_time)
seen["cron_error"] = refused(db.submit_job, task("x"), schedule="61 * * * *")
seen["missing"] = refused(db.get_schedule, "planned", "nobody")
for name in ("ticks", "nightly", "nobody"):
    db.delete_schedule("planned", name)
seen["left"] = len(db.list_schedules("planned").schedules)
print(json.dumps(seen, default=str))
