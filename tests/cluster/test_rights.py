"""The service with the Role that ships, and with less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from jupyter_mlrun_runtimes import kube
from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster.conftest import ClusterLive, body_of, ended, log_of

ROLE = Path(str(kube.__file__)).with_name("role.yaml")
QUICK = "def handler(context):\n    print('on')\n    context.log_result('n', 1)\n"


def grant(connection: Connection, namespace: str, name: str, rules: list[Any]) -> str:
    """The token of an account with these rights in the namespace."""
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    meta = {"name": name, "namespace": namespace}
    account = f"/api/v1/namespaces/{namespace}/serviceaccounts"
    connection.request("POST", account, body={"metadata": meta})
    connection.request("POST", f"{rbac}/roles", body={"metadata": meta, "rules": rules})
    binding = {
        "metadata": meta,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
    }
    connection.request("POST", f"{rbac}/rolebindings", body=binding)
    asked = {"spec": {"expirationSeconds": 3600}}
    answer = connection.request("POST", f"{account}/{name}/token", body=asked)
    return str(answer["status"]["token"])


@pytest.fixture
def limited(
    connection: Connection, namespace: str, host: str, tmp_path: Path,
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ClusterLive]:  # fmt: skip
    """A service whose account has the shipped rights without the verbs that the test names."""
    name, resource, verbs = request.param
    rules = yaml.safe_load(ROLE.read_text())["rules"]
    for rule in rules:
        if resource in rule["resources"]:
            rule["verbs"] = [verb for verb in rule["verbs"] if verb not in verbs]
    token = grant(connection, namespace, name, rules)
    text = yaml.safe_load(Path(_own_kubeconfig()).read_text())
    text["users"] = [{"name": name, "user": {"token": token}}]
    text["contexts"] = [
        {"name": name, "context": {"cluster": text["clusters"][0]["name"], "user": name}}
    ]
    text["current-context"] = name
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(text))
    monkeypatch.setenv("KUBECONFIG", str(file))
    server = ClusterLive(tmp_path / "service", namespace, host, ())
    (tmp_path / "service").mkdir(exist_ok=True)
    server.start()
    server.call("PUT", "mlrun/api/v1/projects/sea", {"metadata": {"name": "sea"}, "spec": {}})
    yield server
    server.stop()


def _own_kubeconfig() -> str:
    import os

    return os.environ["KUBECONFIG"]


def send(live: ClusterLive) -> str:
    """The uid of a short job."""
    answer = live.call("POST", "mlrun/api/v1/submit_job", body_of(QUICK))
    return str(answer["data"]["metadata"]["uid"])


@pytest.mark.parametrize("limited", [("full", "", ())], indirect=True)
def test_the_role_that_ships_is_enough(limited: ClusterLive) -> None:
    uid = send(limited)
    assert ended(limited, uid)["status"]["state"] == "completed"
    assert log_of(limited, uid) == "on\n"


@pytest.mark.parametrize("limited", [("less", "secrets", ("create",))], indirect=True)
def test_a_missing_verb_is_named(limited: ClusterLive) -> None:
    status = ended(limited, send(limited))["status"]
    assert status["state"] == "error"
    assert "lacks the verb 'create' for 'secrets'" in status["error"]


@pytest.mark.parametrize("limited", [("idle", "jobs", ("create", "delete"))], indirect=True)
def test_a_run_ends_where_the_cluster_refuses_its_removal_too(limited: ClusterLive) -> None:
    status = ended(limited, send(limited), 30)["status"]
    assert status["state"] == "error"
    assert "lacks the verb 'create' for 'jobs'" in status["error"]
