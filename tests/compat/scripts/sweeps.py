"""Hyper-runs by whichever client this Python has: MLRun's own, or ours under the same name."""

import json
import math
import sys

try:
    import mlrun
except ImportError:
    import jupyter_mlrun as mlrun

project = sys.argv[1]
mlrun.get_or_create_project(project, context="./")


def handler(context, x, y=0, fixed=1):
    context.log_result("z", x * 2 + y)
    if x == 5:
        raise ValueError("boom")
    context.log_artifact("note", body=f"x is {x}")
    return x + fixed


def plain(value):
    # an output that an iteration does not have is "nan" in a frame
    if value == "nan":
        return None
    if isinstance(value, float) and (math.isnan(value) or value.is_integer()):
        return None if math.isnan(value) else int(value)
    return value


def shown(run):
    status = run["status"]
    return {
        "state": status["state"],
        "error": status.get("error"),
        "iterations": [[plain(v) for v in row] for row in status.get("iterations") or []],
        "results": {key: plain(value) for key, value in (status.get("results") or {}).items()},
        # the chart needs plotly in MLRun's client
        "artifacts": sorted(set(status.get("artifact_uris") or {}) - {"parallel_coordinates"}),
    }


def sweep(name, hyperparams=None, fixed=None, **options):
    function = mlrun.new_function(name, project=project)
    task = mlrun.new_task(name=name, params=fixed, hyper_params=hyperparams, handler=handler)
    try:
        function.run(
            task, handler=handler, hyper_param_options=mlrun.model.HyperParamOptions(**options)
        )
    except Exception as error:
        if not hasattr(mlrun.get_run_db(), "list_runs"):
            raise
        print(type(error).__name__, error, file=sys.stderr)
    (found,) = mlrun.get_run_db().list_runs(name=name, project=project)
    return shown(mlrun.get_run_db().read_run(found["metadata"]["uid"], project))


def file(name, text):
    with open(name, "w") as stream:
        stream.write(text)
    return name


seen = {
    "fails": sweep("fails", {"x": [1, 5, 3]}, selector="max.z"),
    "best": sweep("best", {"x": [1, 2, 3]}, selector="min.z"),
    "grid": sweep("grid", {"x": [1, 2], "y": [10, 20]}, {"fixed": 3}),
    "list": sweep("list", {"x": [1, 2], "y": [10, 20]}, strategy="list", selector="z"),
    "stops": sweep("stops", {"x": [1, 2, 3, 4]}, stop_condition="z>=4"),
    "errors": sweep("errors", {"x": [5, 5, 5, 1]}, max_errors=1),
    "csv": sweep("csv", param_file=file("rows.csv", "x,y\n1,10\n2,20\n")),
    "json": sweep("json", param_file=file("grid.json", '{"x": [1, 2], "y": [3]}')),
}
print(json.dumps(seen))
