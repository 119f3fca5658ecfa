"""A secret of the project, stored by the client and taken by functions that it stores."""

import json
import time

import mlrun

CODE = """
import os

def train(context):
    word = os.environ["DB_PASSWORD"]
    print("the word is", word)
    context.log_result("word", word)
    context.log_result("length", len(word))
    context.log_result("same", context.get_secret("PASSWORD") == word)
"""
VALUE = "correct-horse-battery"
seen = {}
project = mlrun.get_or_create_project("vaults", context="./vaults")
project.set_secrets({"PASSWORD": VALUE, "OTHER": "another-value"})
db = mlrun.get_run_db()
seen["names"] = db.list_project_secret_keys("vaults", provider="kubernetes").secret_keys

job = mlrun.new_function("taker", project="vaults", kind="job", image="none")
job.set_env_from_secret("DB_PASSWORD", secret_key="PASSWORD")
env = [each if isinstance(each, dict) else each.to_dict() for each in job.to_dict()["spec"]["env"]]
seen["env"] = env
function = mlrun.new_function("taker", project="vaults", kind="local")
function.with_code(body=CODE)
document = function.to_dict()
document["spec"]["env"] = env
db.store_function(document, "taker", "vaults", tag="latest", versioned=True)

task = mlrun.new_task(name="take", project="vaults", handler="train")
task.with_secrets("kubernetes", ["PASSWORD"])
task.spec.function = "vaults/taker:latest"
sent = db.submit_job(task)
uid = sent["metadata"]["uid"]
for _ in range(600):
    run = db.read_run(uid, project="vaults")
    if run["status"]["state"] in ("completed", "error", "aborted"):
        break
    time.sleep(0.1)
seen["run"] = [run["status"]["state"], run["status"].get("results"), run["status"].get("error")]
seen["log"] = db.get_log(uid, project="vaults")[1].decode()
seen["shown"] = VALUE in json.dumps(run)
print(json.dumps(seen, default=str))
