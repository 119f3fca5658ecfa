"""What a user of a shared service may do: its owner, or somebody who may read only."""

import json
import sys
from pathlib import Path

import mlrun

PLAIN = str(Path(__file__).with_name("plain.py"))
seen = {}
db = mlrun.get_run_db()


def tried(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except Exception as error:
        return [type(error).__name__, str(error)]
    return ["", ""]


if sys.argv[1] == "owner":
    project = mlrun.get_or_create_project("tides", context="./tides")
    project.set_function(PLAIN, name="plain", kind="job", image="none", handler="add")
    run = project.run_function("plain", params={"a": 20, "b": 22}, local=True)
    seen["results"] = run.status.results
    seen["remote"] = tried(project.run_function, "plain", local=False, watch=False)
else:
    runs = db.list_runs(project="tides")
    seen["projects"] = db.list_projects(format_="name_only")
    seen["runs"] = [run["status"]["results"] for run in runs]
    seen["log"] = db.get_log(runs[0]["metadata"]["uid"], "tides")[1].decode()
    body = {"kind": "job", "metadata": {"name": "f"}}
    seen["write"] = tried(db.store_function, body, "f", "tides")
    seen["delete"] = tried(db.delete_project, "tides")
    seen["secrets"] = tried(db.list_project_secret_keys, "tides", provider="kubernetes")
    seen["others"] = tried(mlrun.get_or_create_project, "shut", context="./shut")
print(json.dumps(seen, default=str))
