"""Pieces of Kubernetes objects as plain dicts: pure, each reads like the YAML that it becomes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

Body = dict[str, Any]

LABEL = 63
# the name of a Job is also a label of its pods, and gets five letters more there
LONGEST_NAME = 56
ENV_LIMIT = 96_000
CONFIG_MAP_LIMIT = 1_000_000
CONFIG_FOLDER = "/etc/config/mlrun"


def name_of(text: str, unique: str, longest: int = LONGEST_NAME) -> str:
    """A DNS label for what belongs to ``unique``: always valid, readable, the same each time."""
    mark = hashlib.sha1(unique.encode()).hexdigest()[:10]
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "run"
    slug = slug if slug[0].isalpha() else f"r-{slug}"
    return f"{slug[: longest - 11].rstrip('-')}-{mark}"


def label_value(text: object) -> str:
    """The text as a label can hold it; an over-long one is cut and stays one of its kind."""
    value = re.sub(r"[^A-Za-z0-9._-]", "-", str(text))
    if len(value) > LABEL:
        value = f"{value[: LABEL - 11]}-{hashlib.sha1(value.encode()).hexdigest()[:10]}"
    return value.strip("-._")


def metadata(
    name: str,
    namespace: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str] | None = None,
) -> Body:
    """The metadata of an object."""
    found: Body = {"name": name, "namespace": namespace, "labels": dict(labels)}
    if annotations:
        found["annotations"] = dict(annotations)
    return found


def secret(meta: Body, values: Mapping[str, str]) -> Body:
    """A Secret of texts."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": meta,
        "type": "Opaque",
        "stringData": dict(values),
    }


def config_map(meta: Body, values: Mapping[str, str]) -> Body:
    """A ConfigMap of texts."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": dict(values)}


def owned(body: Body, owner: Mapping[str, Any]) -> Body:
    """The object as one that goes when its owner goes."""
    reference = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": False,
        "blockOwnerDeletion": False,
    }
    return {**body, "metadata": {**body["metadata"], "ownerReferences": [reference]}}


def quantities(resources: Mapping[str, Any]) -> Body:
    """Requests and limits as texts: the objects of operators take no number."""
    return {
        part: {str(name): str(value) for name, value in (values or {}).items() if value is not None}
        for part, values in resources.items()
    }


def value_env(values: Mapping[str, object]) -> list[Body]:
    """Variables with values."""
    return [{"name": name, "value": str(value)} for name, value in values.items()]


def secret_env(names: Iterable[str], secret_name: str) -> list[Body]:
    """Variables whose values are read from a Secret that has them under the same names."""
    return [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": secret_name, "key": name}}}
        for name in names
    ]


def field_env(name: str, path: str) -> Body:
    """A variable with a field of the pod's own metadata."""
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def merge_env(*parts: Iterable[Body]) -> list[Body]:
    """The variables in order; of those with one name the last stands, in the place of the first."""
    found: dict[str, Body] = {}
    for part in parts:
        for each in part:
            found[each["name"]] = each
    return list(found.values())


def merge_named(*parts: Iterable[Mapping[str, Any]], key: str = "name") -> list[Body]:
    """Objects of lists, of those with one key the last."""
    found: dict[str, Body] = {}
    for part in parts:
        for each in part:
            found[str(each.get(key))] = dict(each)
    return list(found.values())


def without_empty(body: Mapping[str, Any]) -> Body:
    """The fields that say something; numbers and False do."""
    return {
        key: value
        for key, value in body.items()
        if value is not None and value != "" and value != {} and value != []
    }


def config_volume(name: str, config_map_name: str) -> tuple[Body, Body]:
    """A volume with a ConfigMap's texts, and where a container sees it."""
    return (
        {"name": name, "configMap": {"name": config_map_name}},
        {"name": name, "mountPath": CONFIG_FOLDER, "readOnly": True},
    )
