"""A project's life."""

import json

import mlrun

seen = {}
project = mlrun.get_or_create_project("tides", context="./tides", save=True)
project.metadata.labels = {"team": "sea"}
project.spec.description = "tides of the North Sea"
project.save()
again = mlrun.get_or_create_project("tides", context="./tides")
seen["labels"] = again.metadata.labels
seen["description"] = again.spec.description
db = mlrun.get_run_db()
seen["names"] = [p if isinstance(p, str) else p.metadata.name for p in db.list_projects()]
try:
    mlrun.new_project("Bad_Name", save=True)
except Exception as error:
    seen["bad"] = [type(error).__name__, str(error)]
try:
    db.read_run("nope", project="tides")
except Exception as error:
    seen["missing"] = [type(error).__name__, str(error)]
project.log_artifact("kept", body=b"1", local_path="kept.txt")
try:
    db.delete_project("tides", deletion_strategy="restricted")
except Exception as error:
    seen["restricted"] = [type(error).__name__, str(error)]
db.delete_project("tides", deletion_strategy="cascade")
try:
    db.get_project("tides")
except Exception as error:
    seen["gone"] = type(error).__name__
print(json.dumps(seen))
