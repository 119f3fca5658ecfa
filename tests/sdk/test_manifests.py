"""Manifests of Jobs that people export: what a cluster would be sent, and what its pod does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun.errors import MLRunBadRequestError, MLRunNotFoundError
from tests.live import Live

CODE = """
import os

def fit(context, n=2, data=None):
    context.log_results({"n": n, "data": str(data), "plain": os.environ.get("PLAIN")})
    context.log_result("has_key", bool(os.environ.get("KEY")))
"""
TOKEN, SECRET = "MLRUN_HTTPDB__TOKEN", "hush-not-in-a-manifest"


def fit(image: str = "registry.local/fit:1") -> Any:
    function = mlrun.new_function("fit", kind="job", image=image)
    function.with_code(body=CODE)
    function.set_env("PLAIN", "words")
    function.set_env_from_secret("KEY", secret_key="KEY")
    function.with_requests(mem="1Gi")
    return function


def client() -> Any:
    return mlrun.get_run_db().client


def manifest(path: str, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = client().json("GET", f"lab/{path}/manifest", query)
    return found


def job_of(found: dict[str, Any]) -> dict[str, Any]:
    (job,) = (each for each in found["objects"] if each["kind"] == "Job")
    return dict(job)


def env_of(job: dict[str, Any]) -> dict[str, Any]:
    (container,) = job["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}


@pytest.fixture
def stored(service: Live, tmp_path: Path) -> Iterator[Any]:
    """The function in a project that has the secret, which other files' tests do not find there."""
    mlrun.get_or_create_project("default", context=str(tmp_path)).set_secrets({"KEY": SECRET})
    function = fit()
    function.save(versioned=True)
    yield function
    mlrun.get_run_db().delete_project_secrets("default", secrets=["KEY"])


def test_the_job_of_a_function_names_secrets_and_shows_none(service: Live, stored: Any) -> None:
    found = manifest("functions/default/fit", hash=stored.metadata.hash)
    job, text = job_of(found), json.dumps(found)
    assert (job["apiVersion"], job["metadata"]["namespace"]) == ("batch/v1", "default")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.local/fit:1"
    assert container["resources"] == {"requests": {"memory": "1Gi"}}
    env, secret = env_of(job), f"mlrun-run-{job['metadata']['name']}"
    assert env["PLAIN"] == "words" and SECRET not in text
    for name in ("KEY", TOKEN):
        assert env[name] == {"secretKeyRef": {"name": secret, "key": name}}
    assert not any(each["kind"] == "Secret" for each in found["objects"])
    (how,) = (note for note in found["notes"] if "kubectl create secret" in note)
    assert secret in how and f"--from-literal={TOKEN}=…" in how and "--from-literal=KEY=…" in how
    assert any("Pods cannot reach http://127.0.0.1" in note for note in found["notes"])
    assert any("no cluster configured" in note for note in found["notes"])
    # the same function is the same file again
    assert manifest("functions/default/fit") == found
    assert "uid" not in json.loads(env["MLRUN_EXEC_CONFIG"])["metadata"]


def test_the_job_of_a_run_does_the_same_once_more(service: Live, stored: Any) -> None:
    """A pod of the manifest records a run of its own: here its command is run as it stands."""
    done = stored.run(
        handler="fit", params={"n": 7}, inputs={"data": "memory://rows"}, name="first"
    )
    job = job_of(manifest(f"runs/default/{done.uid()}"))
    assert job["metadata"]["labels"]["mlrun/name"] == "first"
    assert "mlrun/uid" not in job["metadata"]["labels"]
    assert job["metadata"]["name"] != job_of(manifest("functions/default/fit"))["metadata"]["name"]
    given = {name: value for name, value in env_of(job).items() if isinstance(value, str)}
    given |= {"KEY": SECRET, TOKEN: service.mlrun_token(), "MLRUN_DBPATH": f"{service.url}/mlrun"}
    (container,) = job["spec"]["template"]["spec"]["containers"]
    ended = subprocess.run(
        [sys.executable, "-m", "jupyter_mlrun", *container["args"]],
        env={**os.environ, **given}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    runs = mlrun.get_run_db().list_runs(name="first", project="default").to_objects()
    (second,) = (each for each in runs if each.uid() != done.uid())
    assert second.state() == "completed" and second.spec.parameters == {"n": 7}
    assert second.status.results == done.status.results == {
        "n": 7, "data": "memory://rows", "plain": "words", "has_key": True
    }  # fmt: skip
    assert second.spec.inputs == {"data": "memory://rows"}
    assert second.metadata.labels["kind"] == "job"


def test_what_cannot_be_a_job_says_why(service: Live, stored: Any) -> None:
    plain = mlrun.new_function("plain", kind="local")
    plain.with_code(body=CODE)
    plain.save()
    with pytest.raises(MLRunBadRequestError, match=r"plain is of the kind 'local'.*'job'"):
        manifest("functions/default/plain")
    fit(image="").save()
    with pytest.raises(MLRunBadRequestError, match="names no image to run in: give --image"):
        manifest("functions/default/fit")
    for path in ("functions/default/none", f"runs/default/{'0' * 32}"):
        with pytest.raises(MLRunNotFoundError):
            manifest(path)
