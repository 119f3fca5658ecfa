"""Engines inside a run: what its kind promises the handler, made before it and ended after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

KINDS = {
    "dask": "dask:client",
    "remote-spark": "spark:remote_session",
    "spark": "spark:session",
}
# the names under which the handler, or a cell, finds it
GIVEN = {"dask": ("dask_client",), "remote-spark": ("spark",), "spark": ("spark",)}


def kind_of_process() -> str:
    """The kind whose engine works in this process; empty outside of a run of such a kind."""
    kind = os.environ.get("MLRUN_RUNTIME_KIND", "")
    return kind if kind in KINDS else ""


@contextmanager
def engine(context: Any) -> Iterator[None]:
    """Have the run's engine while the block works; nothing for kinds without one.

    A run whose requirements were installed for it records them first.
    """
    if os.environ.get("JUPYTER_MLRUN_INSTALLED"):
        from ..requirements import tell

        tell(context)
    kind = kind_of_process()
    if not kind:
        yield
        return
    module, _, name = KINDS[kind].partition(":")
    make = getattr(import_module(f".{module}", __package__), name)
    with make(context) as given:
        context.given.update(given)
        yield
