"""Clusters of functions as MLRun's own client starts and stops them."""

import pytest

pytestmark = pytest.mark.compat


@pytest.mark.row("3.401", "3.020")
def test_the_cluster_of_a_dask_function(mlrun_client) -> None:
    pytest.importorskip("distributed")
    said = mlrun_client("dask_cluster.py", "clusters")
    assert said["running"] == "running"
    assert said["status"]["scheduler_address"].startswith("tls://127.0.0.1:")
    assert said["status"]["cluster_name"].startswith("mlrun-official-")
    assert set(said["status"]["node_ports"]) == {"scheduler", "dashboard"}
    (resource,) = said["resources"]
    assert resource["kind"] == "dask"
    # the client makes an OSError of every refusal here
    assert said["after"] == "OSError"
