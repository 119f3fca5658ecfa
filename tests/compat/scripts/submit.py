"""A function stored by the client and executed by the service; one is aborted while it works."""

import json
import time
from pathlib import Path

import mlrun

HANDLERS = str(Path(__file__).parent / "handlers.py")
seen = {}
project = mlrun.get_or_create_project("sent", context="./sent")
db = mlrun.get_run_db()


def submit(handler, function="plain", **parameters):
    task = mlrun.RunObject.from_dict(
        {
            "metadata": {"name": f"{function}-{handler}", "project": "sent"},
            "spec": {
                "function": f"sent/{function}:latest",
                "handler": handler,
                "parameters": parameters,
            },
        }
    )
    return db.submit_job(task)


def wait(uid, states=("completed", "error", "aborted")):
    for _ in range(600):
        run = db.read_run(uid, project="sent")
        if run["status"]["state"] in states:
            return run
        time.sleep(0.1)
    raise TimeoutError(run["status"])


plain = mlrun.new_function("plain", project="sent", kind="local")
plain.with_code(body=Path(__file__).with_name("plain.py").read_text())
plain.save(versioned=True)

sent = submit("add", a=2, b=3)
seen["sent"] = sent["status"]["state"]
state, _ = db.watch_log(sent["metadata"]["uid"], project="sent")
done = wait(sent["metadata"]["uid"])
seen["done"] = [done["status"]["state"], done["status"]["results"], state]
_, log = db.get_log(sent["metadata"]["uid"], project="sent")
seen["log"] = log.decode()
seen["artifacts"] = [
    a["metadata"]["key"] for a in db.list_artifacts(project="sent", tree=sent["metadata"]["uid"])
]
note = db.list_artifacts(project="sent", name="~note").to_objects()[0]
seen["note"] = note.to_dataitem().get().decode()

long = submit("slow", seconds=100)
wait(long["metadata"]["uid"], states=("running",))
db.abort_run(long["metadata"]["uid"], project="sent")
seen["aborted"] = wait(long["metadata"]["uid"])["status"]["state"]

broken = submit("fails")
ended = wait(broken["metadata"]["uid"])
seen["failed"] = [ended["status"]["state"], ended["status"]["error"], ended["status"]["results"]]

job = mlrun.new_function("later", project="sent", kind="serving", image="none")
job.save()
try:
    submit("add", function="later")
except Exception as error:
    seen["kind"] = [type(error).__name__, str(error)]
try:
    db.del_run(long["metadata"]["uid"], project="sent")
    seen["deleted"] = [
        r["metadata"]["name"] for r in db.list_runs(project="sent", uid=long["metadata"]["uid"])
    ]
except Exception as error:
    seen["deleted"] = str(error)
print(json.dumps(seen))
