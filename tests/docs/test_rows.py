"""Each marker of a feature names one that there is."""

from __future__ import annotations

from tests.docs import rows


def test_every_marker_names_a_feature() -> None:
    known = {feature.id for feature in rows.features()}
    wrong = [f"{file}: {row}" for row, file in rows.marks() if row not in known]
    assert not wrong, "docs/rows.txt has no such row"


def test_ids_are_told_once() -> None:
    ids = [feature.id for feature in rows.features()]
    assert len(ids) == len(set(ids))
    assert {feature.weight for feature in rows.features()} == {"must", "should"}
