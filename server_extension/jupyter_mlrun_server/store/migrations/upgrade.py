"""Bring a store to the newest revision: the only module that loads Alembic at run time."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout

from jupyter_mlrun.errors import MLRunPreconditionFailedError, MLRunServiceUnavailableError

from . import HEAD

if TYPE_CHECKING:
    from ..database import Database

PATIENCE = 600.0


def config() -> Config:
    """Alembic's settings for this package's revisions."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return settings


def upgrade(database: Database) -> None:
    """Run what is missing; a store of a newer release is refused with a sentence."""
    settings = config()
    with _lock(database):
        current = database.revision()
        scripts = ScriptDirectory.from_config(settings)
        known = {script.revision for script in scripts.walk_revisions()}
        if current is not None and current not in known:
            raise MLRunPreconditionFailedError(
                f"The store {database.where} was written by a newer release "
                f"(revision {current}): upgrade jupyter-mlrun, or name another store by "
                "MLRunServerApp.db_url"
            )
        with database.write() as connection:
            # nobody writes from here on: the copy holds all that the upgrade finds
            if current is not None and current != HEAD:
                _back_up(database, current)
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")


def _back_up(database: Database, revision: str) -> None:
    """A copy of a SQLite store beside it, before its schema changes."""
    if database.path is None:
        return
    copy = database.path.with_name(f"{database.path.name}.{revision}.backup")
    database.log.info("The store %s is kept as %s before it is upgraded", database.path, copy)
    part = copy.with_name(f"{copy.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600))
        with (
            contextlib.closing(sqlite3.connect(database.path)) as source,
            contextlib.closing(sqlite3.connect(part)) as target,
        ):
            source.backup(target)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise MLRunServiceUnavailableError(
            f"The store {database.path} could not be kept as {copy} ({error}), so it was not "
            "upgraded: free as much space as it has"
        ) from error
    os.replace(part, copy)


@contextlib.contextmanager
def _lock(database: Database) -> Iterator[None]:
    """Of programs that upgrade a SQLite store one does, and the others wait for it."""
    if database.path is None:
        yield
        return
    try:
        lock = FileLock(f"{database.path}.migrate.lock", timeout=PATIENCE).acquire()
    except Timeout:
        raise MLRunServiceUnavailableError(
            f"The store {database.path} is being upgraded by another program for more than "
            f"{PATIENCE} s: wait for its end and start again"
        ) from None
    with lock:
        yield
