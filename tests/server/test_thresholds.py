"""How long runs may stay in a state where the cluster itself has no word for it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from jupyter_mlrun_runtimes.contract import Observation
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store.launches import Launch
from tests.server.conftest import Api
from tests.server.documents import PROJECT, UID, function, run


@pytest.mark.row("3.015")
@pytest.mark.parametrize(
    "root, thresholds, limit",
    [
        ("SparkApplication", {}, "5"),
        ("Job", {}, ""),
        ("SparkApplication", {"executing": "3s"}, "3"),
        ("SparkApplication", {"executing": "8s"}, "5"),
        ("SparkApplication", {"executing": "-1"}, "5"),
    ],
)
async def test_a_limit_of_time_holds_for_applications_of_spark(
    api: Api, service: Service, root: str, thresholds: dict[str, str], limit: str
) -> None:
    """A Job is ended by the cluster; an application knows no such limit. The stricter one holds."""
    code = function("def fit(context): pass", "fit", "spark")
    stored = await api.ok("POST", f"v1/projects/{PROJECT}/functions/fit?versioned=true", code)
    document: dict[str, Any] = run("fit")
    document["spec"] |= {
        "function": f"{PROJECT}/fit@{stored['hash_key']}", "limits": {"timeout": 5},
        "state_thresholds": thresholds,
    }  # fmt: skip
    await api.ok("POST", f"v1/projects/{PROJECT}/runs/{UID}", document)
    launch = Launch(PROJECT, UID, "spark", "host", "boot", place="kubernetes")
    launch.handle = {"root": root}
    seen = Observation({}, "running", stage="executing", since=time.time() - 10)
    told = await service.threads.call(service.monitor.pods.thresholds.exceeded, launch, seen)
    assert told.endswith(f"it was executing for more than {limit} s") == bool(limit), told
    assert bool(told) == bool(limit)
