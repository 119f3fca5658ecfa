"""Masking: no value passes, however the bytes are cut."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from urllib.parse import quote

from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_mlrun.masking import MASK, Masker, of_environment

# few letters, so that values overlap, repeat themselves and begin in one another
LETTERS = st.text("ab", min_size=6, max_size=9)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


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


def test_the_environment_names_its_secrets() -> None:
    env = {"A": "value-of-a", "B": "value-of-b", "JUPYTER_MLRUN_SECRETS": "A,GONE"}
    assert of_environment(env).text("value-of-a value-of-b") == "***** value-of-b"
    assert not of_environment({})
