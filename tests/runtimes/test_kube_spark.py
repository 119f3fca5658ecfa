"""Spark on a cluster: what the operator is told, and Spark itself without it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun.errors import (
    MLRunBadRequestError,
)
from jupyter_mlrun_runtimes.kube import pod, spark_submit
from tests.runtimes.kube_task import (
    build,
    settings,
    task,
)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, None),
        ({"enabled": False, "exporter_jar": "/a.jar"}, None),
        ({"enabled": True}, {"exposeDriverMetrics": True, "exposeExecutorMetrics": True}),
        ({"enabled": True, "port": 8090}, "names no exporter_jar"),
        ({"enabled": True, "exporter_jar": "/a.jar", "port": "x"}, "give a number from 1"),
    ],
)
def test_what_prometheus_is_shown_of_spark(given: dict[str, Any], shown: Any) -> None:
    asked = task({"monitoring": given}, "spark")
    if isinstance(shown, str):
        for operators in (True, False):
            with pytest.raises(MLRunBadRequestError, match=shown):
                build(asked, settings(), "spark", operators)
        return
    assert build(asked, settings(), "spark").root["spec"].get("monitoring") == shown
    files = build(asked, settings(), "spark", operators=False).before[-1]["data"]
    assert ("spark.ui.prometheus.enabled=true" in files["spark.properties"]) == bool(shown)


def test_numbers_of_spark_that_are_empty_or_whole_floats() -> None:
    parts = ("replicas", "executor_cores", "driver_cores", "termination_grace_period_seconds")
    for given, count in (("", 1), (2.0, 2), ("2", 2)):
        asked = task(dict.fromkeys(parts, given), "spark")
        executor = build(asked, settings(), "spark").root["spec"]["executor"]
        assert repr((executor["instances"], executor["cores"])) == repr((count, count))
        files = build(asked, settings(), "spark", operators=False).before[-1]["data"]
        for part in ("instances", "cores"):
            assert f"spark.executor.{part}={count}\n" in files["spark.properties"]


def test_spark_functions_can_run_in_the_image_that_was_built_for_all() -> None:
    asked = {"image": "", "use_default_image": True, "build": {}}
    gpu = {"executor_resources": {"limits": {"nvidia.com/gpu": 1}}}
    where = settings(images={"MLRUN_HTTPDB__BUILDER__DOCKER_REGISTRY": "reg.local"})
    for more, name in (({}, "spark-job-default-image"), (gpu, "spark-job-default-image-cuda")):
        found = pod.image_of(task({**asked, **more}, "spark"), where)
        assert found.startswith(f"reg.local/{name}") and ("cuda" in found) == bool(more)
    own = task({**asked, "image": "lab/spark:1"}, "spark")
    assert pod.image_of(own, settings()) == "lab/spark:1"


@pytest.mark.parametrize("shown, ip", [("10.0.0.7", "10.0.0.7"), ("[fd00::7]", "fd00::7")])
def test_spark_is_told_addresses_as_it_reads_them(tmp_path: Path, shown: str, ip: str) -> None:
    submit = tmp_path / "spark-submit"
    submit.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    submit.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}", "KUBERNETES_SERVICE_HOST": ip,
        "KUBERNETES_SERVICE_PORT": "443", "MLRUN_POD_IP": ip, "MLRUN_POD_NAME": "train",
    }  # fmt: skip
    argv = ["/bin/sh", "-c", spark_submit.DRIVE, "mlrun-spark", "/folder"]
    said = subprocess.run(argv, env=environment, check=True, capture_output=True, text=True).stdout
    assert f"\nk8s://https://{shown}:443\n" in said
    assert f"spark.driver.host={shown}\n" in said
    assert f"spark.driver.bindAddress={shown}\n" in said
