"""Small tables as CSV: the iterations of a sweep, rows that a run collects, a DataFrame."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jupyter_mlrun.model import artifact_fields as fields

from .artifact import Artifact, Placed
from .base import Draft

if TYPE_CHECKING:
    from .producer import Producer

PREVIEW_ROWS = 200


class TableArtifact(Artifact):
    """Rows below a header, of a list of rows or of a DataFrame."""

    kind = "table"
    SPEC = fields.TABLE

    def __init__(
        self,
        key: str | None = None,
        body: Any = None,
        df: Any = None,
        viewer: str | None = None,
        visible: bool = False,
        inline: bool = False,
        format: str | None = None,
        header: Sequence[str] | None = None,
        schema: Any = None,
        **more: Any,
    ) -> None:
        super().__init__(key, body, viewer or "table", inline, format or "csv", **more)
        self._df = df
        if header is not None or df is not None:
            self.spec.header = list(header) if header else [str(name) for name in df.columns]
        if schema is not None:
            self.spec.schema = schema

    def get_body(self) -> Any:
        """The table as CSV."""
        df = getattr(self, "_df", None)
        if df is not None:
            return df.to_csv(index=False)
        if isinstance(self._body, (list, tuple)):
            return as_csv(self.spec.header, self._body)
        return self._body

    def write(self, draft: Draft, placed: Placed) -> None:
        """Write the table, and keep its first rows in the document."""
        super().write(draft, placed)
        text = self.get_body()
        if isinstance(text, str) and draft.spec.get("format") == "csv":
            keep_rows(draft, list(csv.reader(io.StringIO(text))))


def as_csv(header: Sequence[str] | None, rows: Sequence[Sequence[Any]]) -> str:
    """Rows as CSV, below the header where there is one."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()


def keep_rows(draft: Draft, table: Sequence[Sequence[Any]]) -> None:
    """Put the header, the number of rows and the first of them into the document."""
    if not table:
        return
    draft.spec.setdefault("header", list(table[0]))
    draft.spec["length"] = len(table) - 1
    draft.status.pop("preview_text", None)
    draft.status["preview"] = [list(row) for row in table[1 : PREVIEW_ROWS + 1]]


def log_table(
    context: Producer, key: str, header: Sequence[str], rows: Sequence[Sequence[Any]]
) -> Artifact:
    """Rows below a header, as a table of the run."""
    draft = Draft(context, key, "table")
    draft.target(".csv")
    draft.write(as_csv(header, rows).encode())
    keep_rows(draft, [list(header), *rows])
    draft.unpacks("PandasDataFramePackager", "pandas.DataFrame", file_format="csv")
    draft.spec["unpackaging_instructions"]["artifact_type"] = "file"
    return draft.log()
