"""Projects in archives: ``archives.py PACKAGE make|load FOLDER PROJECT``.

``make`` exports a project as a .zip, and packs its folder as a .tar.gz; ``load`` brings in both as
the other package has made them, and runs what is in them.
"""

import importlib
import json
import pathlib
import shutil
import sys
import warnings

package, task, folder, name = sys.argv[1:]
mlrun = importlib.import_module(package)
warnings.simplefilter("ignore")
folder = pathlib.Path(folder)
FIT = """
TIMES = 5


def fit(context, n: int = 1):
    context.log_result("n", n * TIMES)
"""


def make():
    context = folder / "made"
    (context / "part").mkdir(parents=True)
    (context / "fit.py").write_text(FIT)

    (context / "part" / "note.txt").write_text("below")
    project = mlrun.new_project(name, str(context), description="Tides.", parameters={"a": 1})
    project.set_function("fit.py", "fit", kind="local", handler="fit")
    project.set_workflow("main", "fit.py", handler="fit", engine="local")
    project.metadata.labels = {"team": "sea"}
    project.set_artifact("far", target_path="s3://b/far.txt", tag="v1")
    project.save()
    project.export(str(folder / "made.zip"))
    project.export()
    shutil.make_archive(str(folder / "made"), "gztar", context)
    return {"files": sorted(each.name for each in context.iterdir())}


def load():
    found = {}
    for kind in ("zip", "tar.gz"):
        target = folder / f"of-{kind}"
        address = str(folder / f"made.{kind}")
        project = mlrun.load_project(str(target), url=address, save=False)
        read = project.to_dict()
        run = project.run_function("fit", params={"n": 2}, local=True)
        found[kind] = {
            "name": project.name, "description": read["spec"]["description"],
            "params": project.params, "labels": read["metadata"]["labels"],
            "source": project.spec.source == address,
            "functions": [{key: each[key] for key in ("name", "kind", "handler", "url")}
                          for each in read["spec"]["functions"]],
            "workflows": [each["name"] for each in read["spec"]["workflows"]],
            "artifacts": [each["metadata"]["key"] if "metadata" in each else each["key"]
                          for each in read["spec"]["artifacts"]],
            "result": run.output("n"), "below": (target / "part" / "note.txt").read_text(),
        }  # fmt: skip
    return found


found = {"make": make, "load": load}[task]()
print(json.dumps(json.loads(json.dumps(found, default=str)), sort_keys=True))
