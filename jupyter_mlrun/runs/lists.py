"""Lists of documents as MLRun gives them: rows, frames, tables in a notebook, objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.display.render import name_classes
from jupyter_mlrun.display.table import build_table, build_text
from jupyter_mlrun.errors import MLRunMissingDependencyError

from .run import RunObject

if TYPE_CHECKING:
    import pandas as pd

Document = dict[str, Any]


class DocumentList(list[Document]):
    """Documents of one noun, newest first."""

    NOUN: ClassVar[str] = "documents"
    TIMES: ClassVar[tuple[str, ...]] = ()
    FLAT: ClassVar[Mapping[str, str]] = {}
    # the columns of its text
    TOLD: ClassVar[tuple[str, ...]] = ()

    def __init__(self, documents: Iterable[Document] = (), client: Client | None = None) -> None:
        super().__init__(documents)
        self._client = client

    def to_rows(self) -> list[list[Any]]:
        """The header, then one row for each document."""
        return [list(self._header()), *(self._row(document) for document in self)]

    def to_df(self, flat: bool = False) -> pd.DataFrame:
        """A DataFrame; ``flat`` gives the keys of some columns columns of their own."""
        return _frame(self.to_rows(), self.TIMES, self.FLAT if flat else {})

    def show(self, display: bool = True, classes: Any = None) -> str | None:
        """Show them as a table in a notebook; its HTML, where ``display`` is off."""
        return _show(self._repr_html_(), repr(self), display, classes)

    def _header(self) -> Sequence[str]:
        raise NotImplementedError

    def _row(self, document: Document) -> list[Any]:
        raise NotImplementedError

    def _repr_html_(self) -> str:
        header, *rows = self.to_rows()
        return build_table(header, rows, self._title())

    def _title(self) -> str:
        return f"{len(self)} {self.NOUN if len(self) != 1 else self.NOUN.removesuffix('s')}"

    def _shown(self) -> list[list[Any]]:
        """The rows as people see them."""
        return self.to_rows()

    def __repr__(self) -> str:
        header, *rows = self._shown()
        told = [header.index(name) for name in self.TOLD]
        return build_text(self.TOLD, [[row[n] for n in told] for row in rows], self._title())


_RUN = ("project", "uid", "iter", "start", "end", "state", "kind", "name", "labels", "inputs",
        "parameters", "results", "artifacts", "artifact_uris", "error")  # fmt: skip
_SHORT = ("uid", "iter", "start", "state", "name", "parameters", "results")


class RunList(DocumentList):
    """Runs, newest first."""

    NOUN = "runs"
    TIMES = ("start", "end")
    FLAT = {"labels": "", "parameters": "param.", "results": "output."}
    TOLD = ("uid", "iter", "start", "state", "name", "parameters", "results", "error")
    _frames: dict[tuple[bool, bool], Any]

    def to_rows(self, extend_iterations: bool = False) -> list[list[Any]]:
        """The header, then a row for each run, or with ``extend_iterations`` each iteration."""
        rows: list[list[Any]] = [list(_RUN)]
        for run in self:
            row = self._row(run)
            table = (run.get("status") or {}).get("iterations")
            rows += _iterations(row, table) if extend_iterations and table else [row]
        return rows

    def to_df(
        self, flat: bool = False, extend_iterations: bool = False, cache: bool = True
    ) -> pd.DataFrame:
        """A DataFrame of the runs; ``flat`` gives labels, parameters and results columns.

        ``cache`` keeps the frame for the next call with the same arguments.
        """
        kept = self.__dict__.setdefault("_frames", {})
        if not cache or (flat, extend_iterations) not in kept:
            rows = self.to_rows(extend_iterations)
            kept[flat, extend_iterations] = _frame(rows, self.TIMES, self.FLAT if flat else {})
        return kept[flat, extend_iterations]

    def show(
        self,
        display: bool = True,
        classes: Any = None,
        short: bool = False,
        extend_iterations: bool = False,
    ) -> str | None:
        """Show them as a table in a notebook; its HTML, where ``display`` is off."""
        return _show(self._html(short, extend_iterations), repr(self), display, classes)

    def to_objects(self) -> list[RunObject]:
        """The runs as objects."""
        return [RunObject.from_dict(run, self._client) for run in self]

    def compare(
        self,
        hide_identical: bool = True,
        exclude: list[str] | None = None,
        show: bool | None = None,
        extend_iterations: bool = True,
        filename: str | None = None,
        colorscale: str | None = None,
    ) -> str | None:
        """Parallel coordinates above a table, shown in a notebook; their HTML elsewhere."""
        from .compare import compare_runs

        return compare_runs(
            self, hide_identical, exclude, show, extend_iterations, filename, colorscale
        )

    def _header(self) -> Sequence[str]:
        return _RUN

    def _row(self, document: Document) -> list[Any]:
        metadata, spec = document.get("metadata") or {}, document.get("spec") or {}
        status = document.get("status") or {}
        return [
            metadata.get("project", ""), metadata.get("uid", ""), metadata.get("iteration", ""),
            status.get("start_time", ""), status.get("end_time", ""), status.get("state", ""),
            document.get("step_kind") or document.get("kind", ""), metadata.get("name", ""),
            metadata.get("labels", ""), spec.get("inputs", ""), spec.get("parameters", ""),
            status.get("results", ""), status.get("artifacts", []),
            status.get("artifact_uris", {}), status.get("error", ""),
        ]  # fmt: skip

    def _html(self, short: bool, extend_iterations: bool) -> str:
        header, *rows = self.to_rows(extend_iterations)
        hidden = {"project", "kind", "artifacts"}
        shown = [n for n, name in enumerate(header)
                 if (name in _SHORT if short else name not in hidden)]  # fmt: skip
        cells = [[row[place] for place in shown] for row in rows]
        return build_table([header[place] for place in shown], cells, self._title())

    def _repr_html_(self) -> str:
        return self._html(short=False, extend_iterations=False)


def _iterations(row: list[Any], table: Sequence[Sequence[Any]]) -> list[list[Any]]:
    header = [str(name) for name in table[0]]
    prefixes = {_RUN.index("parameters"): "param.", _RUN.index("results"): "output."}
    groups = {
        place: {n: name.removeprefix(p) for n, name in enumerate(header) if name.startswith(p)}
        for place, p in prefixes.items()
    }
    found = []
    for line in table[1:]:
        one = list(row)
        one[_RUN.index("state")], one[_RUN.index("iter")] = line[0], line[1]
        for place, names in groups.items():
            one[place] = {name: line[n] for n, name in names.items()}
        found.append(one)
    return found


_ARTIFACT = {
    "tree": "metadata.tree", "key": "metadata.key", "iter": "metadata.iter", "kind": "kind",
    "path": "spec.target_path", "hash": "metadata.hash", "viewer": "spec.viewer",
    "updated": "metadata.updated", "description": "metadata.description",
    "producer": "spec.producer", "sources": "spec.sources", "labels": "metadata.labels",
}  # fmt: skip


class ArtifactList(DocumentList):
    """Artifacts, newest first."""

    NOUN = "artifacts"
    TIMES = ("updated",)
    FLAT = {"producer": "prod_", "sources": "src_"}
    TOLD = ("key", "tag", "kind", "iter", "path", "updated", "labels")

    def __init__(self, documents: Iterable[Document] = (), client: Client | None = None) -> None:
        super().__init__(documents, client)
        self.tag = ""

    def to_objects(self) -> list[Any]:
        """The artifacts as objects of their kinds."""
        from jupyter_mlrun.artifacts.kinds import dict_to_artifact

        return [dict_to_artifact(artifact, self._client) for artifact in self]

    def dataitems(self) -> list[Any]:
        """The data of the artifacts that have some."""
        from jupyter_mlrun.datastore.resolve import get_dataitem

        addresses = [_address(artifact) for artifact in self if _at(artifact, "spec.target_path")]
        return [get_dataitem(address, db=self._client) for address in addresses]

    def _header(self) -> Sequence[str]:
        return [*_ARTIFACT, "uri"]

    def _row(self, document: Document) -> list[Any]:
        return [*(_at(document, path) for path in _ARTIFACT.values()), _address(document)]

    def _shown(self) -> list[list[Any]]:
        # of versions and tags there are rows that nothing else tells apart
        tags = ["tag", *(_at(document, "metadata.tag") for document in self)]
        place = self._header().index("key") + 1
        return [
            [*row[:place], tag, *row[place:]] for row, tag in zip(self.to_rows(), tags, strict=True)
        ]

    def _repr_html_(self) -> str:
        header, *rows = self._shown()
        hidden = {"hash", "sources", "viewer"} | ({"tree"} if self.tag != "*" else set())
        shown = [place for place, name in enumerate(header) if name not in hidden]
        cells = [[row[place] for place in shown] for row in rows]
        return build_table([header[place] for place in shown], cells, self._title())


_FUNCTION = {
    "name": "metadata.name", "kind": "kind", "tag": "metadata.tag", "state": "status.state",
    "image": "spec.image", "handler": "spec.default_handler", "updated": "metadata.updated",
    "hash": "metadata.hash", "labels": "metadata.labels", "description": "spec.description",
}  # fmt: skip


class FunctionList(DocumentList):
    """Functions, one for each version and tag."""

    NOUN = "functions"
    TIMES = ("updated",)
    FLAT = {"labels": ""}
    TOLD = ("name", "kind", "tag", "state", "image", "handler", "updated", "hash")

    def to_objects(self) -> list[Any]:
        """The functions as objects of their kinds."""
        from importlib import import_module

        # functions are made a storey above, where runs are made too
        make = import_module("jupyter_mlrun.functions.load").new_function
        return [make(runtime=function) for function in self]

    def _header(self) -> Sequence[str]:
        return list(_FUNCTION)

    def _row(self, document: Document) -> list[Any]:
        return [_at(document, path) for path in _FUNCTION.values()]


def _at(document: Document, path: str) -> Any:
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return "" if value is None else value


def _address(artifact: Document) -> str:
    from jupyter_mlrun.model.artifact import artifact_uri

    return artifact_uri(artifact)


def _frame(
    rows: Sequence[Sequence[Any]], times: Sequence[str], flat: Mapping[str, str]
) -> pd.DataFrame:
    try:
        import pandas as pd
    except ImportError:
        raise MLRunMissingDependencyError(
            "to_df() needs pandas: pip install pandas; to_rows() gives the rows without it"
        ) from None
    frame = pd.DataFrame(list(rows[1:]), columns=list(rows[0]))
    for name in times:
        frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601", errors="coerce")
    for name, prefix in flat.items():
        values = [value if isinstance(value, Mapping) else {} for value in frame.pop(name)]
        for key in dict.fromkeys(key for value in values for key in value):
            frame[f"{prefix}{key}"] = pd.Series([v.get(key, "") for v in values], dtype=object)
    return frame.infer_objects() if flat else frame


def _show(html: str, text: str, display: bool, classes: Any) -> str | None:
    html = name_classes(html, classes)
    if not display:
        return html
    from jupyter_mlrun.display.show import show

    show({"text/html": html, "text/plain": text})
    return None
