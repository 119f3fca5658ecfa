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
@pytest.mark.parametrize("root, ended", [("SparkApplication", True), ("Job", False)])
async def test_a_limit_of_time_holds_for_applications_of_spark(
    api: Api, service: Service, root: str, ended: bool
) -> None:
    """A Job is ended by the cluster; an application knows no such limit."""
    code = function("def fit(context): pass", "fit", "spark")
    stored = await api.ok("POST", f"v1/projects/{PROJECT}/functions/fit?versioned=true", code)
    document: dict[str, Any] = run("fit")
    document["spec"] |= {
        "function": f"{PROJECT}/fit@{stored['hash_key']}", "limits": {"timeout": 5},
    }  # fmt: skip
    await api.ok("POST", f"v1/projects/{PROJECT}/runs/{UID}", document)
    launch = Launch(PROJECT, UID, "spark", "host", "boot", place="kubernetes")
    launch.handle = {"root": root}
    thresholds = service.monitor.pods.thresholds
    seen = Observation({}, "running", stage="executing", since=time.time() - 10)
    told = await service.threads.call(thresholds.exceeded, launch, seen)
    assert told.endswith("it was executing for more than 5 s") == ended
