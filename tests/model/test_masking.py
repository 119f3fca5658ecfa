"""Masking: no value passes, however the bytes are cut."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from urllib.parse import quote

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jupyter_mlrun.masking import MASK, Masker, of_environment

# few letters, so that values overlap, repeat themselves and begin in one another
LETTERS = st.text("ab", min_size=6, max_size=9)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


# a machine that does much else is slow, and nothing is wrong with that
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(LETTERS, min_size=1, max_size=4),
    st.text("ab\n", max_size=60),
    st.lists(st.integers(0, 1000), max_size=12),
)
@example(["aaabbb", "aaabbbab"], "aaabbbaa", [3, 6])
def test_a_stream_is_masked_as_a_whole(values: list[str], text: str, cuts: list[int]) -> None:
    masker = Masker(values)
    stream = masker.stream()
    shown = b"".join(stream.feed(piece) for piece in pieces(text.encode(), cuts))
    # what has left so far is never more than what will be shown
    assert masker.text(text).encode().startswith(shown)
    shown += stream.close()
    assert shown == masker.text(text).encode()
    assert not any(value.encode() in shown for value in values)


@given(st.text(min_size=6, max_size=40), st.binary(max_size=50), st.binary(max_size=50))
def test_any_value_in_any_bytes(value: str, before: bytes, after: bytes) -> None:
    try:
        raw = value.encode()
    except UnicodeEncodeError:
        return
    stream = Masker([value]).stream()
    shown = b"".join(stream.feed(bytes([byte])) for byte in before + raw + after) + stream.close()
    if raw not in MASK.encode() * 10:
        assert raw not in shown


def test_what_is_no_beginning_is_shown_at_once() -> None:
    stream = Masker(["tiger-42"]).stream()
    assert stream.feed(b"password: ") == b"password: "
    assert stream.feed(b"tig") == b""
    assert stream.feed(b"ht\ntiger-4") == b"tight\n"
    assert stream.feed(b"2!") == b"*****!"
    assert stream.close() == b""


def test_short_values_are_left_alone() -> None:
    masker = Masker(["", "a", "abcde"])
    assert not masker
    assert masker.text("a abcde") == "a abcde"
    assert masker.stream().feed(b"abcde") == b"abcde"


def test_encodings_of_a_value_are_masked() -> None:
    value = 'p"ä\n/ss w0rd\\'
    masker = Masker([value])
    for text in (
        value, json.dumps({"x": value}), repr(value), quote(value, safe=""),
        base64.b64encode(value.encode()).decode(), 'p"ä\r\n/ss w0rd\\',
    ):  # fmt: skip
        shown = masker.text(text)
        assert MASK in shown and "w0rd" not in shown and "%2Fss" not in shown, shown


def test_documents_keep_what_they_are_found_by() -> None:
    masker = Masker(["default", "s3cr3t-value"])
    document = {
        "kind": "run",
        "metadata": {"name": "default", "project": "default", "labels": {"a": "s3cr3t-value"}},
        "spec": {"parameters": {"list": ["x s3cr3t-value y", 1, None]}},
        "status": {"error": "failed: s3cr3t-value", "s3cr3t-value": True},
    }
    shown = masker.document(document)
    assert shown["metadata"] == {"name": "default", "project": "default", "labels": {"a": MASK}}
    assert shown["spec"]["parameters"]["list"] == [f"x {MASK} y", 1, None]
    assert shown["status"] == {"error": f"failed: {MASK}", MASK: True}
    assert "s3cr3t" not in json.dumps(shown)
    assert document["status"]["error"] == "failed: s3cr3t-value"


FREE = (
    "spec.parameters", "spec.inputs", "spec.env", "spec.hyperparams", "spec.labels",
    "spec.params", "spec.extra_data", "spec.metrics", "spec.notifications.params",
    "status.results", "status.iterations", "status.stats", "status.header",
    "metadata.labels", "metadata.annotations", "metadata.name", "labels", "annotations",
    "parameters", "value_dict",
)  # fmt: skip
CARRIERS = ("", "task", "function", "scheduled_object", "scheduled_object.task", "source")
# the words that stay somewhere else, and those that begin a document
WORDS = (
    "kind", "name", "project", "uid", "tag", "hash", "key", "db_key", "tree", "state",
    "function", "handler", "artifact_uris", "secrets", "secret_sources", "metadata", "spec",
    "status", "task", "env", "notifications", "identifiers", "x.key", "metadata.name",
    "status.state",
)  # fmt: skip


def placed(path: list[str], value: object) -> object:
    for key in reversed(path):
        value = {key: value}
    return value


@given(
    st.sampled_from(CARRIERS),
    st.sampled_from(FREE),
    st.lists(st.sampled_from(WORDS) | st.text(max_size=8), min_size=1, max_size=4),
    st.booleans(),
    st.sampled_from(["{}", "before {} after", ["{}"], {"key": "{}"}, [{"name": "{}"}]]),
    st.booleans(),
)
@example("", "status.results", ["key"], True, "{}", False)
@example("task", "spec.parameters", ["state"], False, "{}", True)
def test_what_a_user_names_is_masked_by_any_name(
    carrier: str, free: str, keys: list[str], dotted: bool, shape: object, listed: bool
) -> None:
    value = json.loads(json.dumps(shape).replace("{}", "s3cr3t-value"))
    places = [*(carrier.split(".") if carrier else []), *free.split(".")]
    path = [".".join([*places, *keys])] if dotted else [*places, *keys]
    document = placed(path, value)
    shown = Masker(["s3cr3t-value"]).document([document] if listed else document)
    assert "s3cr3t" not in json.dumps(shown)
    assert MASK in json.dumps(shown)


@given(
    st.sampled_from(CARRIERS),
    st.sampled_from(
        [
            "kind", "metadata.name", "metadata.project", "metadata.uid", "metadata.tag",
            "metadata.hash", "metadata.key", "metadata.tree", "spec.function", "spec.handler",
            "spec.db_key", "spec.desired_state", "spec.producer.name", "status.state",
            "status.artifact_uris.model", "name", "project", "key", "secrets.API_KEY",
        ]
    ),
    st.booleans(),
    st.booleans(),
)  # fmt: skip
def test_an_address_stays_in_its_place(
    carrier: str, place: str, dotted: bool, listed: bool
) -> None:
    path = [*(carrier.split(".") if carrier else []), *place.split(".")]
    document = placed([".".join(path)] if dotted else path, "s3cr3t-value")
    given_one = [document] if listed else document
    assert Masker(["s3cr3t-value"]).document(given_one) == given_one


def test_addresses_within_lists() -> None:
    value = "s3cr3t-value"
    reference = {"secretKeyRef": {"name": value, "key": value}}
    document = {
        "spec": {
            "env": [{"name": value, "value": value}, {"name": "KEY", "valueFrom": reference}],
            "notifications": [{"kind": value, "name": value, "message": value}],
            "secrets": [value],
        },
        "status": {"artifacts": [{"metadata": {"key": value, "labels": {"key": value}}}]},
        "identifiers": [{"key": value}],
    }
    shown = Masker([value]).document(document)
    assert shown["spec"]["env"][0] == {"name": value, "value": MASK}
    assert shown["spec"]["env"][1] == {"name": "KEY", "valueFrom": reference}
    assert shown["spec"]["notifications"] == [{"kind": value, "name": value, "message": MASK}]
    assert shown["spec"]["secrets"] == [value] and shown["identifiers"] == [{"key": value}]
    (artifact,) = shown["status"]["artifacts"]
    assert artifact["metadata"] == {"key": value, "labels": {"key": MASK}}


def test_the_environment_names_its_secrets() -> None:
    env = {"A": "value-of-a", "B": "value-of-b", "JUPYTER_MLRUN_SECRETS": "A,GONE"}
    assert of_environment(env).text("value-of-a value-of-b") == "***** value-of-b"
    assert not of_environment({})
