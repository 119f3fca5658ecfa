"""Kinds for which the cluster lacks something are refused before anything is recorded."""

from __future__ import annotations

import pytest

from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster.conftest import ClusterLive, body_of


def test_spark_without_operator_or_account(live: ClusterLive, connection: Connection) -> None:
    groups = connection.request("GET", "/apis")["groups"]
    if any(group["name"] == "sparkoperator.k8s.io" for group in groups):
        pytest.skip("the cluster has a Spark operator")
    body = body_of("def handler(context): pass", {"kind": "spark"})
    with pytest.raises(AssertionError, match=r"400.*apply -f spark-role.yaml"):
        live.call("POST", "mlrun/api/v1/submit_job", body)
    assert live.call("GET", "mlrun/api/v1/projects/sea/runs")["runs"] == []
