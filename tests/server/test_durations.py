"""Lengths of time as people write them."""

from __future__ import annotations

import pytest

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun_server.services.durations import parse_duration


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("30s", 30), ("1h", 3600), ("1 day 3h", 97_200), ("-1", -1), (90, 90), ("1.5 hours", 5400),
        ("2 mins, 5 secs", 125), ("1 week", 604_800),
    ],
)  # fmt: skip
def test_lengths(text: object, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "100ms", "1h later", "-5", "h"])
def test_what_is_no_length(text: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="no length of time"):
        parse_duration(text)
