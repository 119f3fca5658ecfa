# ruff: noqa: E501 (tables of cases)
"""What stands on a magic line: words, options, values, secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.grammar import values
from jupyter_mlrun.grammar.options import parse_line
from jupyter_mlrun.grammar.secrets import looks_secret, take_secrets
from jupyter_mlrun.grammar.split import join_continued, split_line
from jupyter_mlrun.grammar.table import CELL, LINE
from jupyter_mlrun.magics.task import read_wishes


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("train -p n=3", ["train", "-p", "n=3"]),
        ("-p 'layers=[1, 2]'", ["-p", "layers=[1, 2]"]),
        ("-p layers=[1, 2] -o x", ["-p", "layers=[1, 2]", "-o", "x"]),
        ('-p c={"a": 1, "b": [1, 2]}', ["-p", 'c={"a": 1, "b": [1, 2]}']),
        ('-p s="two words"', ["-p", 's="two words"']),
        ("-p s=it's", ["-p", "s=it's"]),
        ("-p s=a(b -o x", ["-p", "s=a(b", "-o", "x"]),
        ("'{\"a\": 1}'", ['{"a": 1}']),
        ("  ", []),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    assert split_line(line) == words


def test_an_open_quote_is_named() -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="quote at column 6"):
        split_line("-p s='abc def")


SPACE = {"lr": 0.1, "frame": object(), "names": ["a"], "pair": (1, 2)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3), ("3.5", 3.5), ("1e-3", 0.001), ("true", True), ("True", True), ("None", None),
        ("null", None), ("[1, 2]", [1, 2]), ("(1, 2)", [1, 2]), ('{"a": {"b": 1}}', {"a": {"b": 1}}),
        ("{'a': 1}", {"a": 1}), ("hello", "hello"), ("'quoted'", "quoted"), ('"q"', "q"), ("", ""),
        ("a b", "a b"), ("{lr}", 0.1), ("{ names }", ["a"]), ("{pair}", [1, 2]), ("007", "007"),
        ("1_000", 1000), ("2024-01-01", "2024-01-01"), ("nan", "nan"), ("x,y", "x,y"), ("'{\"a\": 1}'", {"a": 1}),
        ("'\"5\"'", "5"), ("'5'", "5"), ("\"'5'\"", "'5'"), ("'\"a\", \"b\"'", '"a", "b"'),
    ],
)  # fmt: skip
def test_values(text: str, value: Any) -> None:
    found = values.parse_value("-p", "n", text, SPACE)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("n", "write -p NAME=VALUE"), ("=3", "write -p NAME=VALUE"), ("2x=1", "is not a Python name"),
        ("class=1", "is not a Python name"), ("context=1", "the run's own context"),
        ("n={frame}", "a object is not JSON"), ("n={lrr}", "not defined in this kernel. Did you mean {lr}?"),
        ("n={a: 1}", "neither JSON nor a Python literal"), ("n=[1,", "neither JSON nor"),
        ("n={1, 2}", "a set is not JSON"), ("n=b'x'", "a bytes is not JSON"), ("n=1e999", "inf is no JSON"),
        ("n={1: 2}", "a dict is not JSON"), ("n=9223372036854775808", "exceeds int64"),
        ("n=" + "x" * 2_000_000, "too many for a parameter"),
    ],
)  # fmt: skip
def test_bad_parameters(text: str, sentence: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError) as error:
        values.parse_parameters([text], SPACE)
    assert sentence in str(error.value)


def test_no_body_takes_the_place_of_a_builtin() -> None:
    with pytest.raises(MLRunInvalidArgumentError, match=r"print is a builtin of Python.*run_print"):
        values.refuse_builtin("print")
    values.refuse_builtin("train")


def test_a_value_of_a_sweep_may_not_be_a_file() -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="-x n: 2,000,002 characters are too many"):
        values.parse_sweep(["n=1," + "x" * 2_000_000], SPACE)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON)
def test_json_passes_as_it_is(value: Any) -> None:
    text = json.dumps(value)
    assert values.parse_value("-p", "n", text, {}) == value or text.strip("{}").isidentifier()


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    for read in (
        split_line,
        lambda t: values.parse_value("-p", "n", t, {}),
        lambda t: values.parse_sweep([t], {}),
    ):
        try:
            read(text)
        except MLRunInvalidArgumentError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a=1,2,3", [1, 2, 3]), ("a='x','y'", ["x", "y"]), ("a=x,y", ["x", "y"]), ("a=[1, 2]", [1, 2]),
        ("a=0.1", [0.1]), ("a={names}", ["a"]), ("a=true,false", [True, False]), ("a=(1,2),(3,4)", [[1, 2], [3, 4]]),
        ('a="x,y",z', ["x,y", "z"]), ('a=1,[1,2],{"a":1}', [1, [1, 2], {"a": 1}]), ("a=it's,b", ["it's", "b"]),
    ],
)  # fmt: skip
def test_sweeps(text: str, found: list[Any]) -> None:
    assert values.parse_sweep([text], SPACE) == {"a": found}


def test_outputs() -> None:
    kinds = ("model", "dataset")
    assert values.parse_outputs(["a", "m:model"], kinds) == ["a", "m:model"]
    for text, sentence in (
        ("m:modle", "Did you mean model?"),
        ("a=1", "NAME or NAME:KIND"),
        ("a b", "not a Python name"),
    ):
        with pytest.raises(MLRunInvalidArgumentError) as error:
            values.parse_outputs([text], kinds)
        assert sentence in str(error.value)
    with pytest.raises(MLRunInvalidArgumentError, match="given twice"):
        values.parse_outputs(["a", "a:model"], kinds)


def test_sizes_and_times() -> None:
    assert values.parse_bytes("500M") == 500_000_000 and values.parse_bytes("2Gi") == 2**31
    assert values.parse_bytes("1.5gb") == 1_500_000_000 and values.parse_bytes("1024") == 1024
    assert values.parse_seconds("90") == 90 and values.parse_seconds("1.5h") == 5400
    for text in ("much", "-1", "0", "nan"):
        with pytest.raises(MLRunInvalidArgumentError):
            values.parse_bytes(text)
        with pytest.raises(MLRunInvalidArgumentError):
            values.parse_seconds(text)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("t --estimatrs 3", "%%mlrun has no option --estimatrs"), ("t --nam x", "Did you mean --name?"),
        ("t --wat", "Did you mean --wa"), ("", "NAME is missing"), ("t u", "one word too many"),
        ("t -p", "-p needs a value: -p NAME=VALUE"), ("t --kind", "--kind needs a value"),
        ("t --kind local --kind handler", "given twice"), ("t --wait=1", "takes no value"),
        ("t --wait --no-wait", "--no-wait contradicts --wait"), ("t -x a=1, #2", "one word too many"),
        ("t --no-watch --watch", "--watch contradicts --no-watch"), ("# t", "NAME is missing"),
        ("t --watch --no-wait", "with --no-wait it does not"),
    ],
)  # fmt: skip
def test_bad_lines(line: str, sentence: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError) as error:
        parse_line(CELL, line)
    assert sentence in str(error.value)


def test_a_line_may_have_a_comment_and_go_on_below() -> None:
    assert split_line("t -p a=#1 -p 'b=# 2' -p c=[1, #\n 2] # don't") == [
        "t", "-p", "a=#1", "-p", "b=# 2", "-p", "c=[1, #\n 2]"
    ]  # fmt: skip
    assert join_continued("t -p a=1 \\", "  -o b \\ \n\n x = 1 \\\n y") == (
        "t -p a=1 -o b ",
        " x = 1 \\\n y",
    )


def test_options_in_any_order() -> None:
    parsed = parse_line(CELL, "-o a -p n=-1 train --wait -o b --memory=2G --watch")
    assert parsed.words == ["train"] and parsed.texts("output") == ["a", "b"]
    assert parsed.get("wait") is True and parsed.get("watch") is True
    assert parsed.get("memory") == "2G"
    assert parse_line(CELL, "train --no-wait").get("wait") is False
    assert parse_line(CELL, "--help").help


def test_every_command_has_help() -> None:
    for command in (CELL, *LINE.values()):
        text = command.format_help()
        assert text.startswith("usage: %") and all(
            n in text for o in command.options for n in o.names
        )


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("api_key", "abc", True), ("apiKey", "abc", True), ("DB_PASSWORD", "x", True), ("token", "x", True),
        ("n_tokens", "x", False), ("max_tokens", 5, False), ("tokenizer", "bert", False), ("token", 5, False),
        ("use_secret", True, False), ("url", "postgres://me:pw@host/db", True), ("url", "https://host/x", False),
        ("x", "AKIA" + "ABCD" * 4, True), ("x", "ghp_" + "a1B2" * 9, True),
        ("x", "sk-proj-" + "aB3_" * 10, True), ("lib", "sk-learn", False), ("x", "sk-learn-regression-tree-model", False),
        ("x", "hf_hub", False), ("x", "AKIA", False), ("cfg", {"password": "x"}, True),
        ("keys", ["a"], False), ("primary_key", "id", False), ("key", "a", False), ("monkey", "a", False),
    ],
)  # fmt: skip
def test_secrets_are_seen(name: str, value: Any, secret: bool) -> None:
    assert looks_secret(name, value) is secret


def test_secret_values_are_refused_without_saying_them() -> None:
    for line in ("t -p api_key=s3cr3t", "t --env DB_PASSWORD=s3cr3t", "t --label token=s3cr3t",
                 "t -x password=s3cr3t,b", "t --secret TOKEN=s3cr3t", "t -i data=s3://k:s3cr3t@b/x"):  # fmt: skip
        with pytest.raises(MLRunInvalidArgumentError) as error:
            read_wishes(parse_line(CELL, line), "t", {})
        assert "s3cr3t" not in str(error.value) and "--secret" in str(error.value)


def test_secrets_come_from_the_environment() -> None:
    assert take_secrets(["A", "B"], {"A": "1"}) == ({"A": "1"}, ["B"])


def test_outputs_are_given_one_by_one() -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="-o x -o y"):
        values.parse_outputs(["x,y"], ())
