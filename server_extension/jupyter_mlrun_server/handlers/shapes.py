"""Bodies of the smaller nouns as JSON schemas: what they must hold, and what OpenAPI prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jupyter_mlrun.errors import MLRunUnprocessableEntityError

Schema = dict[str, Any]
Loc = tuple[str | int, ...]


def text(**more: Any) -> Schema:
    """A text."""
    return {"type": "string", **more}


def obj(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """An object that keeps the keys it does not know."""
    return {"type": "object", "properties": properties, "required": list(required)}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def many(schema: Schema) -> Schema:
    """A list of them; null is an empty one."""
    return {"type": ["array", "null"], "items": schema}


MAP = {"type": ["object", "null"]}
WHOLE = {"type": "integer"}
NUMBER = {"type": "number"}
METADATA = obj(
    ("name",), name=text(), project=maybe(text()), tag=maybe(text()), uid=maybe(text()), labels=MAP,
)  # fmt: skip
COLUMN = obj(("name", "value_type"), name=text(), value_type=text(), labels=MAP)
STATUS = obj(state=maybe(text()))
GATEWAY_MODES = ["none", "basicAuth", "accessKey", "iguazio"]

SHAPES: dict[str, Schema] = {
    "FeatureSet": obj(
        ("metadata", "spec", "status"),
        kind=text(const="FeatureSet"),
        metadata=METADATA,
        spec=obj(entities=many(COLUMN), features=many(COLUMN), engine=maybe(text())),
        status=STATUS,
    ),
    "FeatureVector": obj(
        ("metadata", "spec", "status"),
        kind=text(const="FeatureVector"),
        metadata=METADATA,
        spec=obj(),
        status=STATUS,
    ),
    "APIGateway": obj(
        ("metadata", "spec"),
        metadata=obj(
            ("name",), name=text(), namespace=maybe(text()), labels=MAP, annotations=MAP
        ),
        spec=obj(
            ("name", "upstreams"),
            name=text(),
            description=maybe(text()),
            path=maybe(text()),
            host=maybe(text()),
            authenticationMode=maybe(text(enum=GATEWAY_MODES)),
            authentication=MAP,
            upstreams={
                "type": "array",
                "items": obj(
                    ("nucliofunction",),
                    kind=maybe(text()),
                    nucliofunction={"type": "object", "additionalProperties": text()},
                    percentage=maybe(WHOLE),
                    port=maybe(WHOLE),
                ),
            },
        ),
        status=maybe(obj(name=maybe(text()), state=maybe(text()))),
    ),
    "DatastoreProfile": obj(
        ("name", "type", "object", "project"),
        name=text(), type=text(), object=text(), project=text(), private=maybe(text()),
    ),
    "ModelEndpoint": obj(
        ("metadata", "spec", "status"),
        kind=text(const="model-endpoint"),
        metadata=obj(
            ("name", "project"),
            name=text(pattern=r"^[a-zA-Z0-9_-]+$"),
            project=text(),
            uid=maybe(text(pattern=r"^[a-zA-Z0-9_-]+$")),
            labels=MAP,
            endpoint_type=maybe({"type": "integer", "enum": [1, 2, 3, 4, 5]}),
            mode=maybe({"type": "integer", "enum": [0, 1, 2]}),
        ),
        spec=obj(
            model_class=maybe(text()),
            model_name=maybe(text()),
            model_path=maybe(text()),
            model_uri=maybe(text()),
            model_tags=many(text()),
            function_name=maybe(text()),
            function_tag=maybe(text()),
            function_uri=maybe(text()),
            feature_names=many(text()),
            label_names=many(text()),
            feature_stats=MAP,
            children=many(text()),
            children_uids=many(text()),
        ),
        status=obj(
            state=maybe(text()),
            monitoring_mode=maybe(text(enum=["enabled", "disabled"])),
            first_request=maybe(text()),
            last_request=maybe(text()),
            sampling_percentage=maybe(NUMBER),
            error_count=maybe(WHOLE),
        ),
    ),
    "HubSource": obj(
        ("metadata", "spec"),
        kind=text(const="HubSource"),
        metadata=obj(("name",), name=text(), description=maybe(text()), labels=MAP),
        spec=obj(("path", "channel"), path=text(), channel=text(), credentials=MAP),
        status=maybe(STATUS),
    ),
    "IndexedHubSource": obj(
        ("source",), index=WHOLE, source={"$ref": "#/components/schemas/HubSource"}
    ),
    "FunctionStatusInput": obj(
        ("kind",), kind=text(), selector={}, project=maybe(text()), name=maybe(text())
    ),
}  # fmt: skip


def shaped(body: Any, name: str) -> dict[str, Any]:
    """The body, when it has the named shape; else a refusal that lists everything wrong with it."""
    if wrong := list(faults(body, SHAPES[name], ("body",))):
        raise MLRunUnprocessableEntityError(wrong)
    assert isinstance(body, dict)
    return body


def faults(value: Any, schema: Schema, loc: Loc) -> Iterator[dict[str, Any]]:
    """What is wrong with a value, each as MLRun's clients know it."""
    if "$ref" in schema:
        schema = SHAPES[schema["$ref"].rpartition("/")[2]]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if value is None:
        if "null" not in kinds:
            yield _fault(loc, "none is not an allowed value", "type_error.none.not_allowed")
    elif not isinstance(value, _TYPES[kinds[0]]) or isinstance(value, bool):
        yield _fault(loc, *_REFUSALS[kinds[0]])
    elif kinds[0] == "object":
        yield from _object_faults(value, schema, loc)
    elif kinds[0] == "array":
        for number, item in enumerate(value):
            yield from faults(item, schema["items"], (*loc, number))
    else:
        yield from _scalar_faults(value, schema, loc)


def _object_faults(value: dict[str, Any], schema: Schema, loc: Loc) -> Iterator[dict[str, Any]]:
    known = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in value:
            yield _fault((*loc, key), "field required", "value_error.missing")
    for key, item in value.items():
        of_key = known.get(key) or schema.get("additionalProperties")
        if of_key:
            yield from faults(item, of_key, (*loc, key))


def _scalar_faults(value: Any, schema: Schema, loc: Loc) -> Iterator[dict[str, Any]]:
    if "const" in schema and value != schema["const"]:
        yield _fault(
            loc, f"unexpected value; permitted: '{schema['const']}'", "value_error.const",
            given=value, permitted=[schema["const"]],
        )  # fmt: skip
    if "enum" in schema and value not in schema["enum"]:
        words = ", ".join(map(repr, schema["enum"]))
        yield _fault(
            loc, f"value is not a valid enumeration member; permitted: {words}", "type_error.enum",
            enum_values=schema["enum"],
        )  # fmt: skip
    if "pattern" in schema and not re.search(schema["pattern"].replace("$", r"\Z"), value):
        yield _fault(
            loc, f'string does not match regex "{schema["pattern"]}"', "value_error.str.regex",
            pattern=schema["pattern"],
        )  # fmt: skip


_TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
}  # fmt: skip
_REFUSALS = {
    "object": ("value is not a valid dict", "type_error.dict"),
    "array": ("value is not a valid list", "type_error.list"),
    "string": ("str type expected", "type_error.str"),
    "integer": ("value is not a valid integer", "type_error.integer"),
    "number": ("value is not a valid float", "type_error.float"),
}


def _fault(loc: Loc, message: str, kind: str, **context: Any) -> dict[str, Any]:
    found = {"loc": list(loc), "msg": message, "type": kind}
    return found | ({"ctx": context} if context else {})
