"""Names, addresses, states, settings, paths and errors: the words that every storey shares."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlrun import config, errors, names, paths, states, uris

NAME = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
KEY = st.from_regex(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,20}[A-Za-z0-9])?", fullmatch=True)
HEX = st.from_regex(r"[0-9a-f]{8,40}", fullmatch=True)


@given(NAME, KEY)
def test_good_names(name: str, key: str) -> None:
    assert names.validate_project(name) == names.validate_function(name) == name
    assert (
        names.validate_artifact_key(key)
        == names.validate_run(key)
        == names.validate_tag(key)
        == key
    )


@pytest.mark.parametrize("name", ["Bad_Name", "", "-a", "a-", "a b", "a\n", "ä", "a/b", "..", "A"])
def test_bad_project_names_are_refused_with_mlruns_text(name: str) -> None:
    with pytest.raises(errors.MLRunInvalidArgumentError) as caught:
        names.validate_project(name)
    assert str(caught.value) == (
        f"Field 'project.metadata.name' is malformed. '{name}' does not match required pattern: "
        "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
    )


@pytest.mark.parametrize("value", [None, 3, ["a"], b"a"])
def test_a_name_is_text(value: object) -> None:
    with pytest.raises(errors.MLRunInvalidArgumentError, match="must be text"):
        names.validate_project(value)


def test_long_names_are_refused_but_keys_have_no_bound() -> None:
    with pytest.raises(errors.MLRunInvalidArgumentError, match="longer than 63"):
        names.validate_project("a" * 64)
    assert names.validate_artifact_key("a" * 500)


def test_near_names() -> None:
    assert names.near("wether", ["weather", "sales"]) == " Did you mean 'weather'?"
    assert names.near("x", ["weather"]) == ""


@given(
    st.sampled_from(uris.STORE_KINDS),
    KEY,
    NAME,
    st.none() | st.integers(0, 999),
    KEY | st.just(""),
    HEX | st.just(""),
    HEX | st.just(""),
)
def test_store_addresses_are_inverse(
    kind: str, key: str, project: str, iteration: int | None, tag: str, tree: str, uid: str
) -> None:
    parts = uris.StoreUri(kind, key, project, iteration, tag, tree, uid)
    assert uris.parse_store(uris.format_store(parts)) == parts


@given(NAME, NAME | st.just(""), KEY | st.just(""), HEX | st.just(""))
def test_function_and_run_addresses_are_inverse(
    name: str, project: str, tag: str, version: str
) -> None:
    function = uris.FunctionUri(name, project, tag, version)
    assert uris.parse_function(uris.format_function(function)) == function
    run = uris.RunUri(name, project, 3)
    assert uris.parse_run(uris.format_run(run)) == run


@pytest.mark.parametrize("uri", ["", "store://", "http://x", "store://artifacts/", "store://a/b#x"])
def test_what_is_no_store_address_is_refused(uri: str) -> None:
    with pytest.raises(errors.MLRunInvalidArgumentError, match="is not a store address"):
        uris.parse_store(uri)


def test_ended_runs_stay_ended() -> None:
    for current, seen in itertools.product(states.TERMINAL, states.ALL):
        is_retry = (current, seen) == (states.ERROR, states.PENDING_RETRY)
        assert states.advance(current, seen) == (seen if is_retry else current)


def test_every_way_leads_to_an_end() -> None:
    for start in states.ALL:
        reached, todo = set(), [start]
        while todo:
            state = todo.pop()
            if state not in reached:
                reached.add(state)
                todo.extend(states.TRANSITIONS[state])
        assert reached & states.TERMINAL


def test_late_and_strange_reports() -> None:
    assert states.advance("running", "pending") == "running"
    assert states.advance("aborting", "running") == "aborting"
    assert states.advance("running", "Weird") == "unknown"
    assert states.advance(None, "running") == "running"


def test_an_error_without_a_message_says_its_docstring() -> None:
    assert "start a Jupyter server" in str(errors.MLRunServiceUnreachableError())
    assert str(errors.MLRunNotFoundError("x")) == "x"


def test_every_status_has_its_class_both_ways() -> None:
    for status, kind in errors.STATUS_ERRORS.items():
        assert kind.status_code == status
        assert type(errors.from_status(status, "x")) is kind
    odd = errors.from_status(418, "teapot")
    assert (odd.status_code, str(odd)) == (418, "teapot")


def test_causes_are_one_line() -> None:
    first, second = ValueError("a"), KeyError()
    first.__cause__ = second
    second.__cause__ = first
    assert errors.describe(first) == "a, caused by: KeyError()"
    assert errors.err_to_str(first) == errors.describe(first)
    assert (errors.err_to_str("a"), errors.err_to_str(None)) == ("a", "")


def test_of_a_long_error_the_middle_is_left_out() -> None:
    said = errors.describe(ValueError("a" * 16_000 + "b" * 9 + "c" * 16_000))
    assert said == "a" * 16_000 + "...truncated..." + "c" * 16_000


def test_an_answer_with_an_error_is_raised_as_its_class() -> None:
    errors.raise_for_status(SimpleNamespace(status_code=204))
    refused = SimpleNamespace(status_code=409, reason="Conflict", url="http://x/y")
    with pytest.raises(errors.MLRunConflictError, match="409 Conflict for http://x/y"):
        errors.raise_for_status(refused)
    with pytest.raises(errors.MLRunMethodNotAllowedError, match=r"^no$") as caught:
        errors.raise_for_status(SimpleNamespace(status=405), "no")
    assert caught.value.response.status_code == 405
    assert "does not take this verb" in str(errors.err_for_status_code(405))


def test_settings_come_from_the_environment() -> None:
    given = {"MLRUN_DBPATH": "http://x/mlrun/", "JUPYTER_MLRUN_CAPTURE_LIMIT": "7", "OTHER": "1"}
    settings = config.load(given)
    assert (settings.dbpath, settings.capture_limit, settings.project) == (
        "http://x/mlrun",
        7,
        "default",
    )
    with pytest.raises(
        errors.MLRunInvalidArgumentError, match="JUPYTER_MLRUN_CAPTURE_LIMIT='64MB'"
    ):
        config.load({"JUPYTER_MLRUN_CAPTURE_LIMIT": "64MB"})


def test_the_data_folder_is_jupyters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_core.paths import jupyter_data_dir

    for name in (
        "JUPYTER_MLRUN_HOME",
        "JUPYTER_DATA_DIR",
        "XDG_DATA_HOME",
        "JUPYTER_PLATFORM_DIRS",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert paths.data_dir() == Path(jupyter_data_dir()) / "mlrun"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert paths.data_dir() == Path(jupyter_data_dir()) / "mlrun"
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "j"))
    assert paths.data_dir() == Path(jupyter_data_dir()) / "mlrun"
    monkeypatch.setenv("JUPYTER_MLRUN_HOME", str(tmp_path / "own"))
    assert paths.data_dir() == tmp_path / "own"


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/etc", "a\0", "-x"])
def test_no_name_leaves_its_folder(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a folder"):
        paths.run_folder("p", name)
