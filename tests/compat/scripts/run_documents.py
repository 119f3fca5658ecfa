"""Runs of every form by whichever client this Python has, as the service has their documents."""

import json
import os
import sys

try:
    import mlrun
except ImportError:
    import jupyter_mlrun as mlrun

project = sys.argv[1]
mlrun.get_or_create_project(project, context="./project")
database = mlrun.get_run_db()
CODE = """
def fit(context, x: int = 1, data=None):
    context.log_result("y", x * 2)
    context.log_artifact("note", body="hello")
    return x


def fails(context):
    context.log_result("y", 1)
    raise ValueError("boom")
"""
with open("code.py", "w") as file:
    file.write(CODE)
with open("data.csv", "w") as file:
    file.write("a,b\n1,2\n")


def handler(context, x=1):
    context.log_result("z", x)


def read(run):
    return database.read_run(run.metadata.uid, project=project)


seen = {}
# first: MLRun gives a program the context of the last run of its process
context = mlrun.get_or_create_ctx("program", project=project)
context.log_result("a", 1)
context.set_label("k", "v")
context.get_param("p", 4)
context.commit("said", completed=True)
seen["program"] = database.read_run(context.uid, project=project)
of_file = mlrun.code_to_function(
    "fn", filename="code.py", kind="job", image="none", handler="fit", project=project
)
seen["local"] = read(
    of_file.run(
        handler="fit", params={"x": 3}, inputs={"data": os.path.abspath("data.csv")},
        returns=["ret"], local=True,
    )
)  # fmt: skip
seen["path"] = read(of_file.run(handler="fit", local=True, output_path=os.path.abspath("out")))
seen["handler"] = read(mlrun.new_function("h").run(handler=handler, params={"x": 2}))
swept = mlrun.new_function("swept").run(
    handler=handler,
    hyperparams={"x": [1, 2]},
    hyper_param_options=mlrun.model.HyperParamOptions(selector="max.z"),
)
seen["sweep"] = read(swept)
children = database.list_runs(project=project, uid=swept.metadata.uid, iter=True)
seen["child"] = next(run for run in children if run["metadata"].get("iteration") == 1)
try:
    of_file.run(handler="fails", local=True)
except Exception as error:
    seen["raised"] = [type(error).__name__, str(error)]
seen["failed"] = database.list_runs(project=project, states=["error"])[0]
task = mlrun.new_task("tasked", handler=handler, params={"x": 5}, out_path=os.path.abspath("o"))
seen["task"] = read(
    mlrun.new_function("t").run(
        task.set_label("who", "me"), handler=handler, verbose=True,
        state_thresholds={"executing": "2h"},
    )
)  # fmt: skip
print(json.dumps(seen, default=str))
