"""The first rows of each group of a list: MLRun's partitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

CREATED, UPDATED = "created", "updated"
NAME, PROJECT_AND_NAME = "name", "project_and_name"


@dataclass(frozen=True)
class Partition:
    """How a list is cut: ``most`` 0 is every group."""

    by: str = PROJECT_AND_NAME
    rows: int = 1
    sort_by: str = CREATED
    order: str = "desc"
    most: int = 0


def first_ids(
    asked: Partition,
    columns: dict[str, sa.ColumnElement[Any]],
    conditions: Sequence[sa.ColumnElement[bool]],
) -> sa.Select[Any]:
    """The ids of the first rows of each group, of the groups with the newest rows.

    ``columns``: the table's ``id``, ``project``, ``name``, ``created`` and ``updated``.
    """
    names = ["name"] if asked.by == NAME else ["project", "name"]
    group = [columns[name] for name in names]
    time = columns[asked.sort_by]
    order = time.desc() if asked.order == "desc" else time.asc()
    ranked = (
        sa.select(
            columns["id"].label("id"),
            sa.func.row_number()
            .over(partition_by=group, order_by=[order, columns["id"].desc()])
            .label("rank"),
            sa.func.max(time).over(partition_by=group).label("newest"),
            *(columns[name].label(name) for name in names),
        )
        .where(*conditions)
        .subquery()
    )
    first = sa.select(ranked).where(ranked.c.rank <= asked.rows).subquery()
    if not asked.most:
        return sa.select(first.c.id)
    places = sa.select(
        first.c.id,
        sa.func.dense_rank()
        .over(order_by=[first.c.newest.desc(), *(first.c[name] for name in names)])
        .label("place"),
    ).subquery()
    return sa.select(places.c.id).where(places.c.place <= asked.most)
