"""Every endpoint that MLRun's clients call has a route that answers it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from jupyter_mlrun_server import handlers
from jupyter_mlrun_server.handlers.missing import Missing
from tests.compat.endpoints import Endpoint, recorded
from tests.server.conftest import Api
from tests.server.documents import PROJECT

VERSIONS = ("1.12.1", "1.8.0", "1.7.2")
ROUTES = [(re.compile(f"{pattern}$"), handler) for pattern, handler in handlers.routes()]


def handler_of(path: str) -> type[Any]:
    """Who answers a path below the mount."""
    return next(handler for pattern, handler in ROUTES if pattern.match(f"/mlrun/{path}"))


def answering(endpoint: Endpoint) -> Any:
    """The method that answers; None where the service has none."""
    path = endpoint.path.replace("{}", "1")
    handler = handler_of(f"api/{endpoint.version}/{path}")
    method = getattr(handler, endpoint.verb.lower())
    known = handler is not Missing and hasattr(method, "jupyter_mlrun_guard")
    return method if known else None


@pytest.mark.parametrize("version", VERSIONS)
def test_every_endpoint_of_a_client_is_answered(version: str) -> None:
    missing = {
        f"{one.verb} {one.version} {one.path}" for one in recorded(version) if not answering(one)
    }
    assert missing == set()


# The engines that come later, as the design names them; nothing else answers 501.
LATER = {
    "POST projects/{}/workflows/{}/submit", "POST projects/{}/pipelines",
    "POST projects/{}/pipelines/{}/retry", "POST projects/{}/pipelines/{}/terminate",
    "POST projects/{}/pipelines/{}/push-notifications", "POST projects/{}/load",
    "POST projects/{}/nuclio/{}/deploy", "GET projects/{}/nuclio/{}/deploy",
    "PUT projects/{}/model-monitoring/",
    "DELETE projects/{}/model-monitoring/", "PATCH projects/{}/model-monitoring/controller",
    "DELETE projects/{}/model-monitoring/functions",
    "PUT projects/{}/model-monitoring/credentials",
}  # fmt: skip


def test_only_what_has_no_engine_yet_answers_501() -> None:
    later = {
        f"{one.verb} {one.path}"
        for one in recorded("1.12.1")
        if hasattr(answering(one), "jupyter_mlrun_later")
    }
    assert later == LATER


@pytest.mark.parametrize("alias", ["v1/", "v2/", ""])
async def test_it_says_what_to_do_instead(api: Api, alias: str) -> None:
    for line in sorted(LATER):
        verb, path = line.split()
        answer = await api(verb, alias + path.replace("{}", PROJECT))
        assert answer.status == 501, line
        assert "in this release: " in answer.detail


def test_version_1_answers_under_every_alias() -> None:
    for one in recorded("1.12.1"):
        if one.version == "v1":
            for alias in ("", "v1/", "v2/"):
                path = one.path.replace("{}", "1")
                handler = handler_of(f"api/{alias}{path}")
                known = hasattr(getattr(handler, one.verb.lower()), "jupyter_mlrun_guard")
                assert known and handler is not Missing, f"{one.verb} {alias}{path}"
