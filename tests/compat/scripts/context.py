"""A script that is its own run, by get_or_create_ctx."""

import json
import math

import mlrun

mlrun.get_or_create_project("scripts", context="./scripts")
context = mlrun.get_or_create_ctx("by-hand", project="scripts")
context.log_result("answer", 42)
context.log_results({"nan": math.nan, "inf": math.inf})
context.set_label("team", "sea")
context.log_artifact("page", body="<b>hello</b>", local_path="page.html", format="html")
context.commit(completed=True)

read = mlrun.get_run_db().read_run(context.uid, project="scripts")
page = mlrun.get_dataitem(context.artifacts[0]["spec"]["target_path"]).get()
print(
    json.dumps(
        {
            "uid": context.uid,
            "state": read["status"]["state"],
            "results": read["status"]["results"],
            "labels": read["metadata"]["labels"],
            "page": page.decode(),
        }
    )
)
