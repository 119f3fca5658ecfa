"""What the client takes from the service when it connects."""

import json

import mlrun

db = mlrun.get_run_db()
print(
    json.dumps(
        {
            "dbpath": mlrun.mlconf.dbpath,
            "kind": db.kind,
            "artifact_path": mlrun.mlconf.artifact_path,
            "server_version": db.server_version,
        }
    )
)
