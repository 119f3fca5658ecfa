"""The OpenAPI document says what the handlers take and answer, all of it and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from jupyter_mlrun_server.handlers import declared, openapi
from jupyter_mlrun_server.handlers.arguments import Arguments
from jupyter_mlrun_server.handlers.missing import Missing
from tests.server.conftest import Api
from tests.server.documents import PROJECT, UID
from tests.server.test_endpoints import VERSIONS, answering, recorded

DOCUMENT = openapi.document()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, verb and operation."""
    for path, verbs in DOCUMENT["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


def test_it_holds_every_verb_of_every_route() -> None:
    wanted = {
        (address, verb)
        for _, route in declared()
        for address in openapi.addresses(route)
        for verb in openapi.VERBS
        if hasattr(getattr(route.handler, verb), "jupyter_mlrun_guard")
        and route.handler is not Missing
        and not hasattr(route.handler, "on_message")
    }
    assert {(path, verb) for path, verb, _ in operations()} == wanted


def test_it_holds_every_endpoint_of_the_clients() -> None:
    shapes = {(verb, re.sub(r"\{\w+\}", "{}", path)) for path, verb, _ in operations()}
    for version in VERSIONS:
        for one in recorded(version):
            if answering(one):
                path = f"/api/{one.version}/{one.path}".rstrip("/")
                second = path.replace("/v2/", "/v1/")
                assert {(one.verb.lower(), path), (one.verb.lower(), second)} & shapes, one


def test_its_schemas_are_schemas_and_its_references_lead_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    for reference in re.findall(r"'\$ref': '([^']+)'", str(DOCUMENT)):
        assert reference.removeprefix("#/components/schemas/") in schemas
    identities = [operation["operationId"] for _, _, operation in operations()]
    assert len(identities) == len(set(identities))


def test_every_operation_says_what_it_is() -> None:
    for path, verb, operation in operations():
        where = f"{verb} {path}"
        assert operation["summary"] and operation["responses"], where
        named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), where
        for each in operation["parameters"]:
            Draft202012Validator.check_schema(each["schema"])
            assert isinstance(each["schema"].get("enum", []), list), where


def test_what_is_read_from_the_code() -> None:
    paths = DOCUMENT["paths"]
    runs = paths["/api/v1/projects/{project}/runs"]["get"]["parameters"]
    schemas = {each["name"]: each["schema"] for each in runs}
    assert schemas["page-size"] == {"type": "integer", "minimum": 1}
    assert schemas["label"]["type"] == "array"
    assert schemas["partition-order"] == {
        "type": "string", "enum": ["desc", "asc"], "default": "desc",
    }  # fmt: skip
    patch = paths["/api/v1/projects/{project}"]["patch"]["parameters"]
    assert [each["name"] for each in patch if each["in"] == "header"] == ["x-mlrun-patch-mode"]
    vector = paths["/api/v1/projects/{project}/feature-vectors"]["post"]
    body = vector["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/FeatureVector"}
    assert set(paths["/api/v1/hub/sources"]["post"]["responses"]) == {"201", "default"}
    assert set(paths["/api/v1/projects/{project}/load"]["post"]["responses"]) == {"501"}


async def test_it_is_served_to_those_who_may_come_in(bare_api: Api) -> None:
    assert await bare_api.ok("GET", "v1/openapi.json") == DOCUMENT
    assert (await bare_api("GET", "v1/openapi.json", token="")).status == 403


async def test_no_handler_asks_for_more(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    text, texts = Arguments.text, Arguments.texts

    def recording(self: Arguments, name: str, default: str = "") -> str:
        asked.add(name)
        return text(self, name, default)

    def recording_all(self: Arguments, *names: str) -> tuple[str, ...]:
        asked.update(names)
        return texts(self, *names)

    monkeypatch.setattr(Arguments, "text", recording)
    monkeypatch.setattr(Arguments, "texts", recording_all)
    seen = 0
    for path, verb, operation in operations():
        if verb == "delete" and path.endswith("/{project}"):
            continue
        asked.clear()
        address = path.removeprefix("/api/").replace("{project}", PROJECT).replace("{uid}", UID)
        body = {} if verb in ("post", "put", "patch") else None
        query = "?timeout=0" if path.endswith("/lab/events") else ""
        await api(verb.upper(), re.sub(r"\{\w+\}", "x", address) + query, body)
        known = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
        assert asked <= known, f"{verb} {path}"
        seen += len(asked)
    assert seen > 200
