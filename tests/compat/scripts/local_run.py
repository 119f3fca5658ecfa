"""Runs in the client's own process, recorded by the service, read back from it."""

import json
from pathlib import Path

import mlrun

HANDLERS = str(Path(__file__).parent / "handlers.py")
seen = {}
project = mlrun.get_or_create_project("lines", context="./lines")
project.set_function(HANDLERS, name="lines", kind="job", image="none", handler="train")
run = project.run_function("lines", params={"slope": 3.0}, local=True, returns=["rows"])
db = mlrun.get_run_db()

read = db.read_run(run.metadata.uid, project="lines")
seen["state"] = read["status"]["state"]
seen["results"] = read["status"]["results"]
seen["outputs"] = sorted(run.outputs)
seen["kinds"] = {
    a["metadata"]["key"]: a["kind"]
    for a in db.list_artifacts(project="lines", tree=run.metadata.uid)
}
state, log = db.get_log(run.metadata.uid, project="lines")
seen["log"] = [state, log.decode()]

frame = mlrun.get_dataitem(run.outputs["points"]).as_df()
seen["points"] = [len(frame), float(frame["y"].max())]
seen["note"] = run.artifact("note").get().decode()
path, spec, _ = mlrun.artifacts.get_model(run.outputs["line"])
seen["model"] = [Path(path).name, spec.spec.framework]

listed = db.list_runs(project="lines", name="lines-train")
seen["listed"] = [r["metadata"]["uid"] == run.metadata.uid for r in listed]
functions = db.list_functions(project="lines")
seen["functions"] = sorted({f["metadata"]["name"] for f in functions})
stored = db.get_function("lines", project="lines")
seen["hash"] = [stored["metadata"]["hash"] == read["spec"]["function"].split("@")[1]]

try:
    project.run_function("lines", handler="fails", local=True)
except Exception as error:
    seen["failed"] = [type(error).__name__, str(error)]
failed = db.list_runs(project="lines", states=["error"])[0]
seen["failed_run"] = [
    failed["status"]["state"],
    failed["status"]["error"],
    failed["status"]["results"],
]

swept = project.run_function(
    "lines",
    local=True,
    hyperparams={"slope": [1.0, 5.0, 3.0]},
    selector="max.slope",
    returns=["rows"],
)
seen["swept"] = [swept.status.results.get("best_iteration"), sorted(swept.outputs)]
children = db.list_runs(project="lines", uid=swept.metadata.uid, iter=True)
seen["iterations"] = sorted(child["metadata"].get("iteration", 0) for child in children)

everything = project.list_runs()
seen["columns"] = list(everything.to_df().columns)
print(json.dumps(seen))
