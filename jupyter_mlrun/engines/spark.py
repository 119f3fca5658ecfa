"""A run's Spark session: of the application that the run is, or of a Spark Connect server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_mlrun.errors import MLRunMissingDependencyError

REMOTE, MASTER = "SPARK_REMOTE", "MASTER"


@contextmanager
def session(context: Any) -> Iterator[dict[str, Any]]:
    """The session of the application that ``spark-submit`` started this process for."""
    builder = _builder()
    yield from _lent(context, builder.getOrCreate())


@contextmanager
def remote_session(context: Any) -> Iterator[dict[str, Any]]:
    """A session of the server that the function names."""
    builder = _builder()
    if address := os.environ.get(REMOTE):
        builder = builder.remote(address)
    elif master := os.environ.get(MASTER):
        builder = builder.master(master).appName(context.name)
    yield from _lent(context, builder.getOrCreate())


def _builder() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MLRunMissingDependencyError(
            f"pyspark is not installed in this Python: pip install 'jupyter-mlrun[spark]' ({error})"
        ) from None
    return SparkSession.builder


def _lent(context: Any, found: Any) -> Iterator[dict[str, Any]]:
    if url := _ui(found):
        context.set_status(ui_url=url)
    try:
        yield {"spark": found}
    finally:
        found.stop()


def _ui(found: Any) -> str:
    """Where the application can be looked at; a session of Spark Connect does not know."""
    if os.environ.get(REMOTE):
        return ""
    return str(found.sparkContext.uiWebUrl or "")
