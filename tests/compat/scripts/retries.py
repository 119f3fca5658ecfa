"""What MLRun's client does while the store is locked: it tries again, and nothing is lost."""

import json
import sys
import time

import mlrun

seen = {}
project = mlrun.get_or_create_project("locked", context="./locked")
db = mlrun.get_run_db()
uid = "a" * 32
body = {
    "kind": "run",
    "metadata": {"name": "kept", "project": "locked", "uid": uid},
    "status": {"state": "completed", "results": {"n": 1}},
}
db.store_run(body, uid, "locked")
print("ready", flush=True)
assert sys.stdin.readline().strip() == "locked"
began = time.monotonic()
# a PATCH: the client tries all but most POSTs again
db.update_run({"status.results.n": 2}, uid, "locked")
seen["seconds"] = time.monotonic() - began
artifact = project.log_artifact("note", body="kept while it was locked")
runs = db.list_runs(project="locked", name="kept")
seen["runs"] = [run["status"]["results"] for run in runs]
seen["artifacts"] = [each["spec"]["db_key"] for each in db.list_artifacts(project="locked")]
print(json.dumps(seen))
