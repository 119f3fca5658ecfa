"""One script for both packages: ``documents.py PACKAGE make|load FOLDER PROJECT``.

``make`` writes a project and functions as files and prints their documents; ``load`` reads files
that the other package has written and prints what it found.
"""

import importlib
import json
import pathlib
import sys
import warnings

package, task, folder, name = sys.argv[1:]
mlrun = importlib.import_module(package)
warnings.simplefilter("ignore")
folder = pathlib.Path(folder)
TRAINER = '''
import pandas as pd


def fit(context, df: pd.DataFrame, n: int = 3, mode="fast") -> dict:
    """Fits a model.

    :param df: the data
    :param n:  how often
    :returns: the model
    """
    return {"n": n}


def _inner():
    pass
'''


def make():
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.py").write_text(TRAINER)
    (folder / "requirements.txt").write_text("# all\npandas>=2  # tables\nnumpy\n")
    art = {"kind": "", "metadata": {"key": "far"}, "spec": {"target_path": "s3://b/far.txt"}}
    (folder / "far.yaml").write_text(json.dumps(art))
    project = mlrun.new_project(name, str(folder), description="Tides.", parameters={"a": 1})
    project.metadata.labels = {"team": "sea"}
    project.spec.goals = "calm"
    project.set_function("train.py", "train", kind="job", image="mlrun/mlrun", handler="fit")
    project.set_function("train.py", "built", image="a/b", requirements=["numpy"], tag="v1")
    project.set_function(name="mod", kind="job", image="x/y", handler="pkg.mod.run", func="")
    function = mlrun.new_function("obj", kind="job", image="x/y", project=name)
    function.with_code(body="def f(context):\n    return 1\n")
    function.set_env("A", "1").with_requirements(requirements_file=str(folder / "requirements.txt"))
    function.metadata.categories = ["sea"]
    project.set_function(function)
    project.set_artifact("far", "far.yaml", tag="v1")
    project.set_workflow("main", "train.py", handler="fit", engine="local")
    project.set_default_image("team/base")
    project.save()
    function.export(str(folder / "function.yaml"))
    made = mlrun.code_to_function(
        "made", filename=str(folder / "train.py"), kind="job", image="mlrun/mlrun", handler="fit",
        requirements=["numpy"], categories=["sea"], labels={"who": "me"}, description="Trains.",
    )  # fmt: skip
    made.export(str(folder / "made.yaml"), strip=False)
    return {
        "project": project.to_dict(),
        "functions": {f: project.get_function(f).to_dict() for f in project.get_function_names()},
        "made": made.to_dict(),
        "doc": made.spec.entry_points,
    }


def load():
    project = mlrun.load_project(str(folder), name=name, save=False)
    function = mlrun.import_function(str(folder / "function.yaml"))
    made = mlrun.import_function(str(folder / "made.yaml"))
    return {
        "project": project.to_dict(),
        "functions": {f: project.get_function(f).to_dict() for f in project.get_function_names()},
        "exported": function.to_dict(),
        "made": made.to_dict(),
    }


found = make() if task == "make" else load()
print(json.dumps(json.loads(json.dumps(found, default=str)), sort_keys=True))
