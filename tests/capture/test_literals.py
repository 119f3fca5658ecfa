# ruff: noqa: E501 (tables of cases)
"""A value's expression reads back equal, type for type."""

from __future__ import annotations

import datetime
import decimal
import sys
from collections import OrderedDict, defaultdict, deque
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlrun.capture import data
from jupyter_mlrun.capture.equality import same
from jupyter_mlrun.capture.literals import NotLiteral, alias, format_literal

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text() | st.binary()
    | st.dates() | st.times() | st.datetimes(timezones=st.none() | st.timezones()) | st.timedeltas()
    | st.decimals() | st.fractions() | st.uuids()
)  # fmt: skip
HASHABLE = st.integers() | st.text() | st.booleans() | st.binary() | st.dates()
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(HASHABLE, inner)
        | st.sets(HASHABLE) | st.frozensets(HASHABLE) | st.lists(inner).map(deque)
        | st.dictionaries(HASHABLE, inner).map(OrderedDict)
    ),
    max_leaves=12,
)  # fmt: skip


def evaluate(text: str, modules: set[str]) -> Any:
    """What a new module would hold."""
    space: dict[str, Any] = {}
    for name in modules:
        __import__(name)
        space[alias(name)] = sys.modules[name]
    exec(f"value = {text}", space)
    return space["value"]


@settings(max_examples=120, deadline=None)
@given(VALUES)
def test_values_read_back_equal(value: Any) -> None:
    try:
        literal = format_literal(value)
    except NotLiteral:
        # a signalling NaN or a time in a gap has no faithful text: refused, never changed
        return
    assert same(value, evaluate(literal.text, literal.modules))


def test_what_changes_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    class Text(str):
        pass

    for value in (
        loop,
        deep,
        Text("x"),
        object(),
        {1: object()},
        datetime.tzinfo(),
        lambda: 1,
    ):
        with pytest.raises(NotLiteral):
            format_literal(value)


def test_types_are_told_apart() -> None:
    assert not same(1, True) and not same(1, 1.0) and not same(0.0, -0.0) and not same([1], (1,))
    assert same(float("nan"), float("nan")) and not same({1: 2, 3: 4}, {3: 4, 1: 2})
    assert not same(decimal.Decimal("1.0"), decimal.Decimal("1.00"))
    assert not same(defaultdict(list), defaultdict(int)) and not same({1}, {True})


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, None], "b": ["x", None]}),
        pd.DataFrame({"t": pd.date_range("2024-01-01", periods=2, tz="Asia/Tokyo", unit="ns")}),
        pd.DataFrame(
            {"c": pd.Categorical(["a", "b"], ordered=True)}, index=pd.Index([5, 7], name="i")
        ),
        pd.DataFrame({"v": [1.5]}, index=pd.MultiIndex.from_tuples([("a", 1)], names=["x", "y"])),
        pd.DataFrame(
            {"n": pd.array([1, None], dtype="Int16"), "s": pd.array(["a", None], dtype="string")}
        ),
        pd.Index(["a", "b"], name="letters"),
        pd.date_range("2024-03-30", periods=4, freq="D", tz="Europe/Paris"),
        pd.Series([1, 2, 3], index=pd.date_range("2024-01-01", periods=3, freq="MS", tz="UTC")),
        pd.MultiIndex.from_tuples([("a", 1)], names=["x", "y"]),
        pd.Series([1.5, None], index=["a", "b"], name=3),
    ],
)
def test_tables_read_back_equal(frame: Any) -> None:
    packed = data.pack_data(frame)
    assert packed is not None and packed.suffix == ".parquet"
    assert data.pack_data(frame.copy()).key == packed.key  # type: ignore[union-attr]


def attributed() -> pd.DataFrame:
    frame = pd.DataFrame({"a": [1]})
    frame.attrs["unit"] = "m"
    return frame


@pytest.mark.parametrize(
    "value",
    [
        pd.DataFrame({"o": [1, "x"]}, dtype=object),
        pd.DataFrame({1: [1]}),
        pd.DataFrame({"o": [(1, 2)]}),
        pd.DataFrame({"t": [1]}, index=pd.date_range("2024-01-01", periods=1, freq="D")),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.Series([1], name=("a", "b")),
        np.array([object()]),
        np.array(["x", 1], dtype=object),
    ],
)
def test_what_a_file_would_change_is_refused_or_equal(value: Any) -> None:
    try:
        packed = data.pack_data(value)
    except data.NotData as error:
        assert str(error)
    else:
        assert packed is not None


def test_attributes_and_object_columns_are_refused() -> None:
    with pytest.raises(data.NotData, match="attrs"):
        data.pack_data(attributed())
    with pytest.raises(data.NotData):
        data.pack_data(pd.DataFrame({"o": [1, "x"]}, dtype=object))


@given(
    st.lists(st.floats(allow_nan=False, width=32) | st.none(), max_size=5),
    st.sampled_from(["float64", "float32", "object"]),
)
@settings(max_examples=30, deadline=None)
def test_series_are_equal_or_refused(items: list[Any], dtype: str) -> None:
    series = pd.Series(items, dtype=dtype, name="s")
    try:
        packed = data.pack_data(series)
    except data.NotData:
        assert dtype == "object"
        return
    assert packed is not None
