"""Addresses of artifacts: ``addresses.py PACKAGE log PROJECT`` or ``PACKAGE read PROJECT FILE``.

``log`` leaves artifacts of a project and of a run, and prints how each is told; ``read`` reads
each address in a file and prints what it names.
"""

import importlib
import json
import os
import sys
import warnings

warnings.simplefilter("ignore")
package, task, name, *rest = sys.argv[1:]
mlrun = importlib.import_module(package)


def train(context):
    """Leaves an artifact of each way of being told."""
    import pandas as pd

    found = {}
    found["plain"] = context.log_artifact("plain", body=b"a", format="txt")
    found["named"] = context.log_artifact("named", body=b"b", format="txt", tag="v1")
    found["table"] = context.log_dataset("table", df=pd.DataFrame({"x": [1, 2]}), format="csv")
    found["model"] = context.log_model("model", body=b"m", model_file="m.bin", tag="v2")
    context.log_result("told", {key: item.uri for key, item in found.items()})


def shape(uri):
    """An address whose tree and uid are told by their length alone."""
    rest, up, uid = uri.partition("^")
    head, at, tree = rest.partition("@")
    return f"{head}{at}{len(tree) if at else ''}{up}{len(uid) if up else ''}"


def first_of(uri):
    """The first letter of the data at an address; of a model, of its file."""
    if uri.startswith("store://models/"):
        path, _, _ = mlrun.artifacts.get_model(uri)
        with open(path) as file:
            return file.read(1)
    return mlrun.get_dataitem(uri).get()[:1].decode()


def log():
    project = mlrun.get_or_create_project(name, "./", allow_cross_project=True)
    one = project.log_artifact("first", body=b"1", format="txt", artifact_path=os.getcwd())
    two = project.log_artifact(
        "second", body=b"2", format="txt", tag="v1", artifact_path=os.getcwd()
    )
    function = mlrun.new_function("trainer", kind="local", project=name)
    run = function.run(handler=train, local=True, output_path=os.getcwd())
    told = run.status.results["told"]
    uris = {
        "first": one.uri, "second": two.uri, "of second": two.get_store_url(with_tree=False),
        **told,
    }  # fmt: skip
    outputs = {key: run.outputs[key] for key in ("plain", "named", "table", "model")}
    listed = {each["metadata"]["key"]: each for each in project.list_artifacts(tag="v1")}
    read = mlrun.artifacts.dict_to_artifact(listed["second"])
    uris |= {"read": read.uri, "made": project.get_artifact_uri("first", tag="latest")}
    uris |= {f"output {key}": uri for key, uri in outputs.items()}
    return {
        "uris": uris,
        "shapes": {key: shape(uri) for key, uri in uris.items()},
        "recorded": {key: shape(uri) for key, uri in run.status.artifact_uris.items()},
        "one": {key: run.output(key) == uri for key, uri in outputs.items()},
        "data": {key: first_of(uri) for key, uri in uris.items()},
    }


def read():
    with open(rest[0]) as file:
        uris = json.load(file)
    mlrun.get_or_create_project(name, "./", allow_cross_project=True)
    found = {}
    for key, uri in uris.items():
        artifact = mlrun.datastore.get_store_resource(uri)
        found[key] = [artifact.metadata.key, artifact.metadata.uid, first_of(uri)]
    return {"found": found}


print(json.dumps(log() if task == "log" else read()))
