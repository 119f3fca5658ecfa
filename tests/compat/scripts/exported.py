"""Runs what examples/train.ipynb was exported to: ``exported.py FOLDER PROJECT SHAPE FRAME``.

The last two are addresses of a model and a dataset that cells logged in a kernel.
"""

import json
import sys
from pathlib import Path

import mlrun

folder, name, shape, frame = sys.argv[1:]
project = mlrun.get_or_create_project(name, context="./project")
db = mlrun.get_run_db()
# MLRun itself packs no figures
LOGGED = {
    "train": ["accuracy", "model", "importances:object"],
    "evaluate": ["auc", "report"],
    "scaled": ["scaled"],
    "takes": ["kinds"],
}


def run(function, handler, **given):
    """The state, results and kinds of artifacts of a run here, as the service has them."""
    done = function.run(handler=handler, returns=LOGGED[handler], project=name, local=True, **given)
    stored = db.read_run(done.metadata.uid, project=name)
    kinds = {each["metadata"]["key"]: each["kind"] for each in done.status.artifacts}
    return {
        "state": stored["status"]["state"], "results": stored["status"]["results"], "kinds": kinds,
    }, done  # fmt: skip


yaml, module = Path(folder, "train.yaml"), Path(folder, "train.py")
function = mlrun.import_function(str(yaml))
trained, first = run(function, "train")
again, _ = run(function, "train", params={"n_estimators": 10, "max_depth": 2})
own, evaluated = run(function, "evaluate", inputs={"model": first.outputs["model"]})
taken, _ = run(function, "takes", inputs={"shape": shape, "frame": frame, "text": __file__})
report = evaluated.artifact("report").as_df()
# the file beside it, as code of one's own
of_file = mlrun.code_to_function("of-file", kind="job", image="x", filename=str(module))
filed, _ = run(of_file, "train")
scaled, _ = run(function, "scaled", params={"factor": 3})
print(
    json.dumps(
        {
            "trained": trained, "again": again, "own": own, "taken": taken, "filed": filed,
            "scaled": scaled, "report": report.reset_index().to_dict(orient="list"),
        },
        default=str,
    )
)  # fmt: skip
