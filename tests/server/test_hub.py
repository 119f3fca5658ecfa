"""Hubs: their sources in order, and catalogs read through the service's door."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from jupyter_mlrun_server.services import hub as services_hub
from jupyter_mlrun_server.services.hub import TOKEN
from jupyter_mlrun_server.services.outgoing import Door
from jupyter_mlrun_server.services.service import Service
from tests.server.conftest import Api

CATALOG = {
    "aggregate": {
        "latest": {"description": "Groups", "version": "1.2.0", "kind": "job",
                   "assets": {"docs": "static/documentation.html", "out": "../../secret",
                              "code": "src/function.yaml"},
                   "spec": {"image": "mlrun/mlrun"}},
        "1.0.0": {"version": "1.0.0", "assets": {}},
    },
    "sql_to_file": {"latest": {"version": "0.3.0", "labels": {"x": "y"}}},
}  # fmt: skip
FILES = {
    "/hub/functions/main/catalog.json": json.dumps(CATALOG).encode(),
    "/hub/functions/main/aggregate/latest/static/documentation.html": b"<h1>Aggregate</h1>",
    "/hub/functions/broken/catalog.json": b"[1]",
    "/hub/modules/main/catalog.json": b"{}",
}


@dataclass
class StaticHub:
    """A hub of files behind http, and what it was asked."""

    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def hub() -> Iterator[StaticHub]:
    found = StaticHub()

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.path, self.headers.get("Authorization", "")))
            body = FILES.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            """Nothing on the console."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        found.url = f"http://127.0.0.1:{server.server_port}/hub"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


def source(name: str, url: str, index: int = -1, **spec: Any) -> dict[str, Any]:
    """A source with its place."""
    return {
        "index": index,
        "source": {
            "kind": "HubSource",
            "metadata": {"name": name, "description": "ours"},
            "spec": {"path": url, "channel": "main", **spec},
        },
    }


@pytest.fixture
def allowed(service: Service) -> None:
    """A door that lets requests to this machine out."""
    service.hub.door = Door(["127.0.0.1"])


async def order(api: Api) -> list[tuple[str, int]]:
    listed = await api.ok("GET", "v1/hub/sources")
    return [(each["source"]["metadata"]["name"], each["index"]) for each in listed]


async def test_sources_have_an_order_and_the_default_is_last(bare_api: Api) -> None:
    api = bare_api
    assert await order(api) == [("default", -1)]
    url = "https://hub.example.org"
    for name, index in (("a", -1), ("b", -1), ("c", 1)):
        made = await api("POST", "v1/hub/sources", source(name, url, index))
        assert made.status == 201
    assert await order(api) == [("c", 1), ("a", 2), ("b", 3), ("default", -1)]
    await api.ok("PUT", "v1/hub/sources/c", source("c", url, 3))
    assert await order(api) == [("a", 1), ("b", 2), ("c", 3), ("default", -1)]
    await api.ok("PUT", "v1/hub/sources/new", source("new", url, 2))
    assert await order(api) == [("a", 1), ("new", 2), ("b", 3), ("c", 4), ("default", -1)]
    assert (await api("DELETE", "v1/hub/sources/new")).status == 204
    assert (await api("DELETE", "v1/hub/sources/new")).status == 204
    assert await order(api) == [("a", 1), ("b", 2), ("c", 3), ("default", -1)]
    assert (await api("POST", "v1/hub/sources", source("a", url))).status == 409
    for index in (0, 5, -2):
        assert (await api("POST", "v1/hub/sources", source("d", url, index))).status == 400
    assert (await api("PUT", "v1/hub/sources/x", source("y", url))).status == 400
    assert (await api("GET", "v1/hub/sources/none")).status == 404
    assert (await api("DELETE", "v1/hub/sources/default")).status == 400
    assert (await api("PUT", "v1/hub/sources/default", source("default", url))).status == 400
    assert (await api.ok("GET", "v1/hub/sources/a"))["source"]["spec"]["path"] == url


async def test_older_clients_read_another_shape(bare_api: Api) -> None:
    for client, kind, text in (
        ("1.8.0", "functions", "MLRun global function hub"),
        ("1.12.1", None, "MLRun hub"),
    ):
        headers = {"x-mlrun-client-version": client}
        (default,) = await bare_api.ok("GET", "v1/hub/sources", headers=headers)
        assert default["source"]["spec"].get("object_type") == kind
        assert default["source"]["metadata"]["description"] == text


async def test_an_administrator_may_want_no_default(bare_api: Api, service: Service) -> None:
    service.hub.default_url = ""
    assert await bare_api.ok("GET", "v1/hub/sources") == []


async def test_items_and_their_files(
    bare_api: Api, service: Service, hub: StaticHub, allowed: None
) -> None:
    api = bare_api
    service.hub.default_url = ""
    await api.ok("POST", "v1/hub/sources", source("ours", hub.url))
    items = "v1/hub/sources/ours/items"
    catalog = await api.ok("GET", items)
    assert catalog["kind"] == "HubCatalog" and catalog["channel"] == "main"
    names = [(i["metadata"]["name"], i["metadata"]["tag"]) for i in catalog["catalog"]]
    assert names == [("aggregate", "latest"), ("aggregate", "1.0.0"), ("sql-to-file", "latest")]
    assert len((await api.ok("GET", f"{items}?tag=latest"))["catalog"]) == 2
    assert (await api.ok("GET", f"{items}?object_type=modules"))["catalog"] == []
    item = await api.ok("GET", f"{items}/sql_to_file")
    assert item["spec"]["item_uri"] == f"{hub.url}/functions/main/sql_to_file/latest/"
    assert item["metadata"]["labels"] == {"x": "y"}
    one = await api.ok("GET", f"{items}/aggregate?version=1.0.0&item_type=functions")
    assert one["metadata"]["tag"] == "1.0.0"
    assert len(hub.asked) == 2, "a catalog is kept"
    await api.ok("GET", f"{items}?force-refresh=true")
    assert len(hub.asked) == 3
    page = await api("GET", f"{items}/aggregate/assets/docs")
    assert page.body == b"<h1>Aggregate</h1>"
    assert page.headers["Content-Security-Policy"] == "sandbox"
    assert page.headers["Content-Type"].startswith("text/html")
    for path, status in (
        ("none", 404), ("aggregate?version=9", 404), ("aggregate/assets/none", 404),
        ("aggregate/assets/out", 400), ("aggregate/assets/code", 404),
    ):  # fmt: skip
        assert (await api("GET", f"{items}/{path}")).status == status, path
    assert (await api("GET", f"{items}?item-type=x")).status == 422
    holds = "v1/hub/sources?item-type=functions&item-name="
    assert len(await api.ok("GET", f"{holds}aggregate")) == 1
    assert await api.ok("GET", f"{holds}none") == []


async def test_a_refresh_is_one_request_for_many(
    bare_api: Api, hub: StaticHub, allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bare_api.ok("POST", "v1/hub/sources", source("ours", hub.url))
    path = "v1/hub/sources/ours/items?force-refresh=true"
    await asyncio.gather(*(bare_api.ok("GET", path) for _ in range(12)))
    together = len(hub.asked)
    assert together < 6, "those that wait take what another brings"
    for _ in range(20):
        await bare_api.ok("GET", path)
    assert len(hub.asked) == 1 + services_hub.MOST_REFRESHES
    monkeypatch.setattr(services_hub, "MINUTE", 0.0)
    await bare_api.ok("GET", path)
    assert len(hub.asked) == 2 + services_hub.MOST_REFRESHES


async def test_a_token_is_sealed_and_sent_to_its_hub_only(
    bare_api: Api, service: Service, hub: StaticHub, allowed: None
) -> None:
    body = source("ours", hub.url, credentials={TOKEN: "very-hidden"})
    stored = await bare_api("POST", "v1/hub/sources", body)
    assert stored.json["source"]["spec"] == {
        "path": hub.url, "channel": "main", "credentials": {},
    }  # fmt: skip
    await bare_api.ok("GET", "v1/hub/sources/ours/items")
    assert hub.asked[-1][1] == "token very-hidden"
    with service.database.read() as connection:
        text = connection.exec_driver_sql("SELECT document FROM hub_sources").scalar_one()
    assert "very-hidden" not in text


async def test_the_door_is_closed_to_this_machine(bare_api: Api, hub: StaticHub) -> None:
    await bare_api.ok("POST", "v1/hub/sources", source("ours", hub.url))
    answer = await bare_api("GET", "v1/hub/sources/ours/items")
    assert answer.status == 400 and "not a public address" in answer.detail
    assert hub.asked == []


@pytest.mark.parametrize(
    "path", ["file:///etc", "s3://bucket/x", "http://", "hub", "https://ann:word@hub.example.org"]
)
async def test_bad_addresses(bare_api: Api, path: str) -> None:
    answer = await bare_api("POST", "v1/hub/sources", source("x", path))
    assert answer.status == 400 and "http or https address" in answer.detail
    assert await order(bare_api) == [("default", -1)]


async def test_a_hub_that_misbehaves(bare_api: Api, hub: StaticHub, allowed: None) -> None:
    for name, channel, status in (("broken", "broken", 503), ("gone", "none", 404)):
        body = source(name, hub.url) | {}
        body["source"]["spec"]["channel"] = channel
        await bare_api.ok("POST", "v1/hub/sources", body)
        answer = await bare_api("GET", f"v1/hub/sources/{name}/items")
        assert answer.status == status and isinstance(answer.detail, str)
