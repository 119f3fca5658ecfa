"""Runs a stored or an exported function: ``stored.py ADDRESS HANDLER PARAMETERS PROJECT``."""

import json
import sys

import mlrun

address, handler, parameters, name = sys.argv[1:]
mlrun.get_or_create_project(name, context="./project")
function = mlrun.import_function(address)
run = function.run(
    handler=handler,
    params=json.loads(parameters),
    project=name,
    local=True,
    returns=["size", "people"] if handler == "grow" else ["answer"],
)
stored = mlrun.get_run_db().read_run(run.metadata.uid, project=name)
print(
    json.dumps(
        {
            "state": stored["status"]["state"],
            "results": stored["status"]["results"],
            "function": stored["spec"]["function"],
            "name": function.metadata.name,
        }
    )
)
