"""Which parameters are tried, which iteration is best, when a sweep stops."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlrun import hyperparams
from jupyter_mlrun.errors import MLRunInvalidArgumentError

VALUES = st.dictionaries(
    st.text(min_size=1), st.lists(st.integers(), min_size=1, max_size=4), max_size=3
)


@given(VALUES)
def test_a_grid_is_every_combination(values: dict[str, list[int]]) -> None:
    sets = hyperparams.parameter_sets(values)
    count = 1
    for items in values.values():
        count *= len(items)
    assert len(sets) == count
    assert all(set(one) == set(values) for one in sets)


def test_the_first_name_of_a_grid_changes_first() -> None:
    sets = hyperparams.parameter_sets({"a": [1, 2], "b": ["x", "y"]})
    assert sets == [
        {"a": 1, "b": "x"},
        {"a": 2, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "y"},
    ]


def test_rows_go_together() -> None:
    assert hyperparams.parameter_sets({"a": [1, 2], "b": [3, 4]}, "list") == [
        {"a": 1, "b": 3},
        {"a": 2, "b": 4},
    ]
    with pytest.raises(MLRunInvalidArgumentError, match="a has 1, b has 2"):
        hyperparams.parameter_sets({"a": [1], "b": [3, 4]}, "list")


def test_a_random_sample_has_its_size() -> None:
    sets = hyperparams.parameter_sets({"a": [1, 2]}, "random")
    assert len(sets) == 10
    assert len(hyperparams.parameter_sets({"a": [1, 2]}, "random", 25)) == 25


@pytest.mark.parametrize(
    ("values", "strategy", "text"),
    [
        ({"a": []}, "grid", "must be a list that is not empty"),
        ({"a": 3}, "grid", "must be a list"),
        ({"a": [1]}, "best", "There is no strategy 'best'"),
        ({str(n): list(range(100)) for n in range(4)}, "grid", "100000000 combinations"),
    ],
)
def test_what_cannot_be_tried_is_a_sentence(values: dict, strategy: str, text: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match=text):
        hyperparams.parameter_sets(values, strategy)


@pytest.mark.parametrize(
    ("selector", "best"),
    [("max.acc", 2), ("min.acc", 3), ("acc", 2), ("max.other", 0), ("", 0)],
)
def test_best(selector: str, best: int) -> None:
    results = {1: {"acc": 0.5}, 2: {"acc": 0.9}, 3: {"acc": -1}, 4: {"acc": "nan"}, 5: {}}
    assert hyperparams.best_iteration(selector, results) == best


def test_a_selector_without_a_result_is_refused() -> None:
    with pytest.raises(MLRunInvalidArgumentError, match=r"write max\.RESULT"):
        hyperparams.parse_selector("max.")


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("accuracy>=0.9", True),
        ("accuracy>0.9", False),
        ("accuracy>=0.9 and loss<0.1", False),
        ("not accuracy<0.5 or loss==0", True),
        ("0.1 < accuracy <= 0.9", True),
        ("accuracy*2-loss/2 > -1", True),
        ("missing>1", False),
        ("word>1", False),
        ("1/zero>1", False),
    ],
)
def test_conditions(text: str, met: bool) -> None:
    results = {"accuracy": 0.9, "loss": 0.3, "word": "x", "zero": 0}
    assert hyperparams.is_met(hyperparams.parse_condition(text), results) == met


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "a.b>1",
        "[x for x in y]",
        "lambda: 1",
        "a[0]>1",
        "f'{a}'",
        "a**9>1",
        "a>",
    ],
)
def test_conditions_are_no_code(text: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="The stop condition"):
        hyperparams.parse_condition(text)
