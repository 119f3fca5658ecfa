"""The cluster of a Dask function, started and asked for by MLRun's own client."""

import json
import sys

import mlrun

project = sys.argv[1]
mlrun.get_or_create_project(project, context="./", user_project=False)
function = mlrun.new_function("official", kind="dask", project=project, image="mlrun/mlrun")
function.spec.replicas = 1
function._start()
status = function.status.to_dict()
running = function.get_status()
db = mlrun.get_run_db()
listed = db.list_runtime_resources(project, kind="dask", object_id="official")
db.delete_runtime_resources(project, kind="dask", object_id="official", force=True)
try:
    after = function.get_status()
except Exception as error:
    after = type(error).__name__
print(
    json.dumps(
        {
            "status": status,
            "running": running,
            "resources": [json.loads(each.json()) for each in listed],
            "after": after,
        },
        default=str,
    )
)
