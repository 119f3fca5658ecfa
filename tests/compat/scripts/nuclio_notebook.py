"""A function of a notebook with ``%nuclio`` magics: ``nuclio_notebook.py PACKAGE FILE KIND``."""

import importlib
import json
import sys
import warnings

warnings.simplefilter("ignore")
package, file, kind = sys.argv[1:]
mlrun = importlib.import_module(package)
function = mlrun.code_to_function(
    "from-notebook", filename=file, kind=kind, project="notebooks", handler="train"
)
document = function.to_dict()
spec = document["spec"]
build = {key: value for key, value in spec["build"].items() if key != "functionSourceCode"}
print(
    json.dumps(
        {
            "kind": document["kind"],
            "env": spec.get("env") or [],
            "image": spec.get("image") or "",
            "build": {
                k: v for k, v in build.items() if k in ("commands", "base_image", "secret", "extra")
            },
            "handlers": sorted(spec.get("entry_points") or {}),
        }
    )
)
