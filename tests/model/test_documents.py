"""Documents: unknown keys kept, strict JSON, and a hash that changes with the function alone."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model.artifact import Artifact, artifact_uid, artifact_uri, get_artifact_target
from jupyter_mlrun.model.document import Document, apply_dotted, canonical, dumps, strict
from jupyter_mlrun.model.function import Function, decode_source, encode_source, function_hash
from jupyter_mlrun.model.project import Project
from jupyter_mlrun.model.run import Run

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
PART = st.dictionaries(st.text(max_size=8), JSON, max_size=4)
DOCUMENT = st.fixed_dictionaries(
    {"metadata": PART, "spec": PART, "status": PART}, optional={"later": JSON, "verbose": JSON}
)
NOUNS: list[type[Document]] = [Artifact, Function, Project, Run]


@pytest.mark.parametrize("noun", NOUNS)
@given(value=DOCUMENT)
def test_what_comes_in_goes_out(noun: type[Document], value: dict[str, Any]) -> None:
    before = copy.deepcopy(value)
    out = noun.from_dict(value).to_dict()
    assert value == before
    for part in ("metadata", "spec", "status"):
        for key, item in value[part].items():
            if item is not None:
                assert out[part][key] == item
    for key in value.keys() - {"metadata", "spec", "status"}:
        assert out[key] == value[key]
    assert noun.from_dict(out).to_dict() == out


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize(
    "value", [None, [], "text", {"metadata": 3}, {"spec": []}, {"status": "x"}]
)
def test_what_is_no_document_is_refused(noun: type[Document], value: Any) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="must be an object"):
        noun.from_dict(value)


@given(st.recursive(JSON | st.floats(), lambda inner: st.lists(inner) | st.tuples(inner, inner)))
def test_json_is_strict(value: Any) -> None:
    json.dumps(strict(value), allow_nan=False)
    parsed = json.loads(dumps(value), parse_constant=lambda name: pytest.fail(name))
    assert canonical(parsed) == canonical(strict(value))


def test_numbers_without_an_end_are_words() -> None:
    value = {"a": math.nan, "b": [math.inf, (-math.inf,)]}
    assert strict(value) == {"a": "nan", "b": ["inf", ["-inf"]]}


def function(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "kind": "local",
        "metadata": {"name": "train", "project": "p", "labels": {}},
        "spec": {"build": {"functionSourceCode": encode_source("x = 1")}, "default_handler": "f"},
    }
    for path, value in changes.items():
        apply_dotted(document, {path.replace("__", "."): value})
    return document


@given(PART)
def test_order_of_keys_is_no_change(part: dict[str, Any]) -> None:
    one = function(spec__more=part)
    other = function(spec__more=dict(reversed(part.items())))
    assert function_hash(one) == function_hash(dict(reversed(other.items())))


@pytest.mark.parametrize(
    "changes",
    [
        {"metadata__tag": "v1"},
        {"metadata__hash": "0" * 40},
        {"metadata__updated": "2026"},
        {"status__state": "ready"},
    ],
)
def test_what_is_no_part_of_the_version(changes: dict[str, Any]) -> None:
    assert function_hash(function(**changes)) == function_hash(function())


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "job"},
        {"metadata__name": "other"},
        {"metadata__labels": {"a": "b"}},
        {"spec__build__functionSourceCode": encode_source("x = 2")},
        {"spec__default_handler": "g"},
        {"spec__env": [{"name": "A", "value": "1"}]},
    ],
)
def test_any_change_of_the_function_is_a_version(changes: dict[str, Any]) -> None:
    assert function_hash(function(**changes)) != function_hash(function())
    assert len(function_hash(function(**changes))) == 40


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_source_is_carried_whole(source: str) -> None:
    document = {"spec": {"build": {"functionSourceCode": encode_source(source)}}}
    assert decode_source(document) == source


def test_source_that_is_broken_is_a_sentence() -> None:
    document = {
        "metadata": {"name": "train"},
        "spec": {"build": {"functionSourceCode": "no base64!"}},
    }
    with pytest.raises(
        MLRunInvalidArgumentError, match="The code of function 'train' is not base64"
    ):
        decode_source(document)


def artifact(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "kind": "dataset",
        "metadata": {"key": "df", "project": "p", "iter": 0, "tree": "u", "hash": "h"},
        "spec": {"target_path": "/a/df.parquet", "db_key": "train_df"},
        "status": {"state": "created"},
    }
    for path, value in changes.items():
        apply_dotted(document, {path.replace("__", "."): value})
    return document


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"metadata__tag": "v1"}, True),
        ({"metadata__labels": {"a": "b"}}, True),
        ({"spec__db_key": "x"}, True),
        ({"spec__schema": {}}, True),
        ({"status__preview": [1]}, True),
        ({"metadata__hash": "i"}, False),
        ({"metadata__iter": 1}, False),
        ({"metadata__tree": "v"}, False),
        ({"spec__target_path": "/b"}, False),
    ],
)
def test_an_artifact_is_its_content_and_its_producer(
    changes: dict[str, Any], is_same: bool
) -> None:
    assert (artifact_uid(artifact(**changes)) == artifact_uid(artifact())) == is_same


def test_an_artifact_has_its_address() -> None:
    assert artifact_uri(artifact()) == "store://datasets/p/train_df#0@u"
    stored = artifact(metadata__uid="i", metadata__tag="v1")
    assert artifact_uri(stored) == "store://datasets/p/train_df#0:v1@u^i"
    assert artifact_uri(stored, with_tag=False) == "store://datasets/p/train_df#0@u^i"
    assert get_artifact_target(stored) == "store://datasets/p/train_df:v1@u^i"


def test_dotted_updates() -> None:
    document: dict[str, Any] = {"status": {"results": {"a": 1}}}
    apply_dotted(document, {"status.state": "running", "status.results.b\\.c": 2, "new.part": 3})
    assert document == {
        "status": {"state": "running", "results": {"a": 1, "b.c": 2}},
        "new": {"part": 3},
    }
