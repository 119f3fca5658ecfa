"""Small tables as CSV: the iterations of a sweep, or rows that a run collects."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .base import Artifact, Draft

if TYPE_CHECKING:
    from ..context import Context

PREVIEW_ROWS = 200


def log_table(
    context: Context, key: str, header: Sequence[str], rows: Sequence[Sequence[Any]]
) -> Artifact:
    """Rows below a header, as a table of the run."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows(rows)
    draft = Draft(context, key, "table")
    draft.target(".csv")
    draft.write(stream.getvalue().encode())
    draft.spec["header"] = list(header)
    draft.spec["length"] = len(rows)
    draft.status.pop("preview_text", None)
    draft.status["preview"] = [list(row) for row in rows[:PREVIEW_ROWS]]
    draft.unpacks("PandasDataFramePackager", "pandas.DataFrame", file_format="csv")
    return draft.log()
