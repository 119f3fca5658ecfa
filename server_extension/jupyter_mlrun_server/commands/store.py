"""The store that a command works on: the one that the service's own settings name."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from jupyter_mlrun.errors import MLRunBaseError

from ..alone import MLRunServeApp
from ..services.service import Service

DB_URL = click.option(
    "--db-url", default="", help="Database of the store; empty: as MLRunServerApp.db_url says."
)
CONFIG = click.option(
    "--config", default="", type=click.Path(), help="Configuration file to read besides the usual."
)


def on_store(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name a store."""
    return DB_URL(CONFIG(command))


@contextmanager
def opened(db_url: str, config: str) -> Iterator[Service]:
    """The service over the store, neither listening nor watching; errors become sentences."""
    argv = [f"--MLRunServerApp.db_url={db_url}"] if db_url else []
    argv += [f"--config={config}"] if config else []
    app = MLRunServeApp(log_level=logging.WARNING)
    try:
        app.initialize(argv)
        service = app.make_service()
        try:
            yield service
        finally:
            service.threads.close()
            service.database.close()
    except MLRunBaseError as error:
        raise click.ClickException(str(error)) from None
