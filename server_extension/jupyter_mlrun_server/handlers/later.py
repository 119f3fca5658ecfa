"""What MLRun's service does and this release does not yet: answered 501, with a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jupyter_mlrun.errors import MLRunNotImplementedServerError

from . import PROJECT as PROJECT_PATH
from . import Route
from .base import ANYBODY, Handler, Method, guarded

SENTENCES = {
    "workflows": "The service does not run workflows in this release: run them in the client, by "
    "project.run(engine='local')",
    "pipelines": "The service has no pipeline engine in this release: run workflows in the client, "
    "by project.run(engine='local')",
    "load": "The service does not load projects in this release: load it in the client, by "
    "mlrun.load_project",
    "ingest": "The service does not ingest features in this release: ingest in the client, by "
    "feature_set.ingest",
    "nuclio": "The service deploys no Nuclio functions in this release: use a mock server, by "
    "function.to_mock_server",
    "monitoring": "The service does not monitor models in this release: model endpoints are "
    "stored and listed only",
}

MONITORING = f"{PROJECT_PATH}/model-monitoring"
PIPELINE = f"{PROJECT_PATH}/pipelines/(?P<name>[^/]+)"
FEATURE_SET = f"{PROJECT_PATH}/feature-sets/(?P<name>[^/]+)/references/(?P<reference>[^/]+)"
TABLE: tuple[tuple[str, str, str], ...] = (
    ("post", f"{PROJECT_PATH}/workflows/(?P<name>[^/]+)/submit", "workflows"),
    ("post", f"{PIPELINE}/retry", "pipelines"),
    ("post", f"{PIPELINE}/terminate", "pipelines"),
    ("post", f"{PIPELINE}/push-notifications", "pipelines"),
    ("post", f"{PROJECT_PATH}/load", "load"),
    ("post", f"{FEATURE_SET}/ingest", "ingest"),
    ("get post", f"{PROJECT_PATH}/nuclio/(?P<name>[^/]+)/deploy", "nuclio"),
    ("put delete", MONITORING, "monitoring"),
    ("patch", f"{MONITORING}/controller", "monitoring"),
    ("delete", f"{MONITORING}/functions", "monitoring"),
    ("put", f"{MONITORING}/credentials", "monitoring"),
    # as clients before 1.8 say it
    ("post", f"{MONITORING}/enable-model-monitoring", "monitoring"),
    ("delete", f"{MONITORING}/disable-model-monitoring", "monitoring"),
    ("patch", f"{MONITORING}/model-monitoring-controller", "monitoring"),
    ("post", f"{MONITORING}/deploy-histogram-data-drift-app", "monitoring"),
    ("post", f"{MONITORING}/set-model-monitoring-credentials", "monitoring"),
)


def later(capability: str) -> Method:
    """A verb that says what is not there yet and what to do instead."""

    @guarded(capability, where=ANYBODY)
    async def refuse(self: Handler, **_: str) -> None:
        """Not in this release: answers 501."""
        raise MLRunNotImplementedServerError(SENTENCES[capability])

    refuse.__dict__["jupyter_mlrun_later"] = capability
    return refuse


def _handler(verbs: Iterable[str], capability: str) -> type[Any]:
    methods: dict[str, Any] = {verb: later(capability) for verb in verbs}
    return type("Later", (Handler,), {"__doc__": "Comes with its engine.", **methods})


ROUTES = [Route(path, _handler(verbs.split(), capability)) for verbs, path, capability in TABLE]
