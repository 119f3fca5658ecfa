"""The class of functions for each kind, imported when the first of its kind is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.names import near

if TYPE_CHECKING:
    from .function import Function

KINDS = {
    "": "function:Function",
    "handler": "function:Function",
    "local": "function:Function",
    "dask": "dask:DaskCluster",
    "job": "job:KubejobRuntime",
    "mpijob": "mpi:MpiRuntimeV1",
    "remote-spark": "remote_spark:RemoteSparkRuntime",
    "spark": "spark:Spark3Runtime",
}
# kinds whose documents are made, kept and exchanged; their engines come with their own classes
_LATER = (
    "remote",
    "nuclio",
    "serving",
    "application",
    "databricks",
)
ENTRY_POINTS = "jupyter_mlrun.functions"


def get_class(kind: str) -> type[Function]:
    """The class of a kind's functions: ours, an installed distribution's, else the plain one."""
    place = KINDS.get(kind)
    if place is None:
        found = _installed().get(kind)
        if found is not None:
            return found.load()  # type: ignore[no-any-return]
        if kind not in known_kinds():
            raise MLRunInvalidArgumentError(
                f"There is no kind '{kind}' of functions.{near(kind, known_kinds())}"
            )
        place = KINDS[""]
    module, _, name = place.partition(":")
    return getattr(import_module(f".{module}", __package__), name)  # type: ignore[no-any-return]


def build(document: Mapping[str, Any], handler: Callable[..., Any] | None = None) -> Function:
    """The function of a document, by the class of its kind."""
    return get_class(str(document.get("kind") or ""))(document, handler)


@cache
def _installed() -> dict[str, Any]:
    from importlib.metadata import entry_points

    return {each.name: each for each in entry_points(group=ENTRY_POINTS)}


def known_kinds() -> set[str]:
    """The kinds that functions can be of."""
    return {*KINDS, *_LATER, *_installed(), *_runtimes()}


@cache
def _runtimes() -> frozenset[str]:
    from importlib.metadata import entry_points

    return frozenset(each.name for each in entry_points(group="jupyter_mlrun.runtimes"))
