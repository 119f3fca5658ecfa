"""The OpenAPI 3.1 document of the service: its routes, what they take, and what they answer."""

from __future__ import annotations

import dataclasses
import functools
import re
import types
import typing
from collections.abc import Iterator
from http.client import responses
from importlib.metadata import version
from typing import Any

from jupyter_mlrun.model.artifact import Artifact
from jupyter_mlrun.model.document import Document, Part
from jupyter_mlrun.model.function import Function
from jupyter_mlrun.model.project import Project
from jupyter_mlrun.model.run import Run

from . import MOUNT, Route, declared, signatures
from .base import ANYBODY, Handler, guarded
from .shapes import SHAPES
from .signatures import Schema, Signature

VERBS = ("get", "post", "put", "patch", "delete")
MODELS: dict[str, type[Document]] = {
    "Project": Project, "Function": Function, "Run": Run, "Artifact": Artifact,
}  # fmt: skip
# bodies whose model is checked by the store
BODIES = {
    ("post", "projects"): "Project",
    ("put", "projects/{project}"): "Project",
    ("post", "projects/{project}/functions/{name}"): "Function",
    ("post", "projects/{project}/runs/{uid}"): "Run",
    ("put", "projects/{project}/artifacts/{key}"): "Artifact",
}
KINDS = {str: "string", int: "integer", float: "number", bool: "boolean", dict: "object"}
ERROR = {
    "type": "object",
    "required": ["detail"],
    "properties": {"detail": {"type": ["string", "object", "array"]}},
}
JSON = "application/json"


class OpenApi(Handler):
    """This document."""

    @guarded("service", where=ANYBODY)
    async def get(self) -> None:
        """The OpenAPI 3.1 document of the service."""
        self.answer(await self.service.threads.slow(document))


ROUTES = [Route("openapi.json", OpenApi, "all")]


@functools.cache
def document() -> Schema:
    """The whole document."""
    paths: Schema = {}
    for resource, route in declared():
        for address in addresses(route):
            for verb, operation in operations(resource, route, address):
                paths.setdefault(address, {}).setdefault(verb, operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter-mlrun",
            "version": version("jupyter-mlrun"),
            "description": "MLRun's REST service. Paths of v1 answer without their version and "
            "below v2 as well, unless v2 has one of its own.",
        },
        "servers": [{"url": MOUNT}],
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {
                "Error": ERROR,
                **{name: model_schema(model) for name, model in MODELS.items()},
                **SHAPES,
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def addresses(route: Route) -> list[str]:
    """Where a route answers, in the form of OpenAPI."""
    versions = ("v1", "v2") if route.version == "all" else (route.version,)
    return [f"/api/{each}/{readable(route.path)}" for each in versions]


def readable(path: str) -> str:
    """A pattern as a person writes it."""
    return re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"{\1}", path)


def operations(resource: str, route: Route, address: str) -> Iterator[tuple[str, Schema]]:
    """The verbs of a route that the service answers; sockets are none of OpenAPI's."""
    if resource == "missing" or hasattr(route.handler, "on_message"):
        return
    for verb in VERBS:
        method = getattr(route.handler, verb)
        if hasattr(method, "jupyter_mlrun_guard"):
            yield verb, operation(resource, route, verb, address)


def operation(resource: str, route: Route, verb: str, address: str) -> Schema:
    """What a verb takes and answers."""
    method = getattr(route.handler, verb)
    signature = signatures.read(route.handler, verb)
    told = [text for part in (route.handler, method) if (text := first_line(part))]
    found: Schema = {
        "operationId": f"{verb}_{re.sub(r'[^a-z0-9]+', '_', address[5:].lower()).strip('_')}",
        "tags": [resource],
        "summary": " ".join(told),
        "parameters": [*path_parameters(address), *other_parameters(signature)],
        "responses": answers(signature, hasattr(method, "jupyter_mlrun_later")),
    }
    if body := request_body(signature, BODIES.get((verb, readable(route.path)))):
        found["requestBody"] = body
    return found


def path_parameters(address: str) -> list[Schema]:
    """The fields of a path."""
    text = {"type": "string", "minLength": 1}
    return [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in re.findall(r"\{(\w+)\}", address)
    ]


def other_parameters(signature: Signature) -> list[Schema]:
    """The arguments of a query, and MLRun's headers."""
    headers = {name: {"type": "string", **words} for name, words in signature.headers.items()}
    return [
        {"name": name, "in": place, "required": False, "schema": schema}
        for place, named in (("query", signature.query), ("header", headers))
        for name, schema in sorted(named.items())
    ]


def request_body(signature: Signature, model: str | None) -> Schema | None:
    """The body that is expected; None where there is none."""
    if signature.raw_body:
        return {"required": True, "content": {"application/octet-stream": {"schema": {}}}}
    if signature.body is None:
        return None
    name = signature.body or model
    schema: Schema = {"type": "object"}
    if name:
        schema = {"$ref": f"#/components/schemas/{name}"}
    return {"required": not signature.body_may_be_missing, "content": {JSON: {"schema": schema}}}


def answers(signature: Signature, later: bool) -> Schema:
    """What a verb answers, well and otherwise."""
    refusal = {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}
    if later:
        return {"501": {"description": "Not in this release", **refusal}}
    found: Schema = {}
    for status in sorted(signature.statuses or {200}):
        content: Schema = {} if status == 204 else {"content": {JSON: {"schema": {}}}}
        found[str(status)] = {"description": responses[status], **content}
    return {**found, "default": {"description": "A refusal, with its reason", **refusal}}


def model_schema(model: type[Document]) -> Schema:
    """A document of metadata, spec and status that keeps the keys it does not know."""
    parts = {"metadata": model.Metadata, "spec": model.Spec, "status": model.Status}
    properties: Schema = {name: part_schema(part) for name, part in parts.items()}
    return {"type": "object", "properties": {"kind": {"type": "string"}, **properties}}


def part_schema(part: type[Part]) -> Schema:
    """One third of a document."""
    hints = typing.get_type_hints(part)
    names = [each.name for each in dataclasses.fields(part) if each.name != "extra"]
    return {"type": "object", "properties": {name: hint_schema(hints[name]) for name in names}}


def hint_schema(hint: Any) -> Schema:
    """The schema of a type hint."""
    if isinstance(hint, types.UnionType):
        inner = [hint_schema(each) for each in typing.get_args(hint) if each is not type(None)]
        kinds = [kind for each in inner if isinstance(kind := each.get("type"), str)]
        return {"type": [*kinds, "null"]} if len(kinds) == len(inner) else {}
    origin = typing.get_origin(hint) or hint
    if origin is list:
        return {"type": "array"}
    return {"type": KINDS[origin]} if origin in KINDS else {}


def first_line(thing: Any) -> str:
    """The first paragraph of a docstring."""
    text = (thing.__doc__ or "").strip().partition("\n\n")[0]
    return " ".join(text.split())
