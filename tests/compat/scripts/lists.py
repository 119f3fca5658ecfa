"""Lists: pages, filters and what a list becomes."""

import json

import mlrun

seen = {}
db = mlrun.get_run_db()
project = mlrun.get_or_create_project("many", context="./many")
seen["all"] = len(db.list_runs(project="many", name="~sweep"))
page, token = db.paginated_list_runs(project="many", name="~sweep", page=1, page_size=50)
seen["page"] = [len(page), bool(token)]
following, token = db.paginated_list_runs(project="many", page_token=token)
first = {run["metadata"]["uid"] for run in page}
seen["following"] = [len(following), bool(first & {run["metadata"]["uid"] for run in following})]
seen["errors"] = len(db.list_runs(project="many", states=["error"]))
seen["labelled"] = len(db.list_runs(project="many", labels=["team=sea"]))
seen["one"] = [run["metadata"]["name"] for run in db.list_runs(project="many", name="sweep-7")]
# without a filter: the last run of each name of the last week
seen["latest"] = len(db.list_runs(project="many"))
seen["frame"] = project.list_runs(name="sweep-7").to_df()["results"][0]

for name, labels in (("a", {"team": "sea"}), ("b", None)):
    project.log_artifact(name, body=name.encode(), local_path=f"{name}.txt", labels=labels)
project.log_dataset("frame", df=__import__("pandas").DataFrame({"x": [1]}), format="parquet")
project.log_artifact("a", body=b"again", local_path="a.txt", tag="v2")


def keys(found):
    return sorted((a["metadata"]["key"], a["metadata"].get("tag") or "") for a in found)


seen["latest_artifacts"] = keys(db.list_artifacts(project="many", tag="latest"))
seen["versions"] = keys(db.list_artifacts(project="many", name="a"))
seen["datasets"] = keys(db.list_artifacts(project="many", kind="dataset"))
seen["by_label"] = keys(db.list_artifacts(project="many", labels=["team=sea"]))
seen["tags"] = db.list_artifact_tags("many")
seen["read"] = mlrun.get_dataitem("store://artifacts/many/a:v2").get().decode()
seen["rows"] = len(mlrun.get_dataitem("store://datasets/many/frame").as_df())
db.del_artifact("b", project="many")
seen["left"] = keys(db.list_artifacts(project="many", name="b"))
db.del_runs(project="many", name="sweep-7")
seen["gone"] = len(db.list_runs(project="many", name="sweep-7"))
print(json.dumps(seen))
