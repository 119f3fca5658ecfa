"""Secrets of projects as Secrets of the cluster: their values pass by the service only once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster.conftest import ClusterLive, ended, log_of

Submit = Callable[..., str]

SOURCE = """
import os
def handler(context):
    print("word:", os.environ["WORD"])
    context.log_result("length", len(context.get_secret("WORD")))
"""


@pytest.fixture(scope="module")
def options() -> tuple[str, ...]:
    return ("--MLRunServerApp.secret_provider=kubernetes",)


@pytest.mark.row("3.017")
def test_pods_get_secrets_by_reference(
    live: ClusterLive, submit: Submit, connection: Connection
) -> None:
    path = "mlrun/api/v1/projects/sea/secrets"
    values = {"WORD": "hush-hush-7", "OTHER": "another-word"}
    live.call("POST", path, {"provider": "kubernetes", "secrets": values})
    keys = live.call("GET", "mlrun/api/v1/projects/sea/secret-keys?provider=kubernetes")
    assert keys["secret_keys"] == ["WORD", "OTHER"]
    uid = submit(SOURCE, secret_sources=[{"kind": "kubernetes", "source": ["WORD"]}])
    status = ended(live, uid)["status"]
    assert (status["state"], status["results"]) == ("completed", {"length": 11})
    assert "hush-hush-7" not in log_of(live, uid)
    where = f"/api/v1/namespaces/{live.namespace}"
    text = str(connection.request("GET", f"{where}/pods"))
    assert "mlrun-project-secrets-sea" in text and "hush-hush-7" not in text
    live.call("DELETE", f"{path}?secret=OTHER")
    found = connection.request("GET", f"{where}/secrets/mlrun-project-secrets-sea")
    assert list(found["data"]) == ["WORD"]
