"""Bring a store to the newest revision: the only module that loads Alembic at run time."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from filelock import FileLock

from jupyter_mlrun.errors import MLRunPreconditionFailedError

if TYPE_CHECKING:
    from ..database import Database


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
                f"The store {database.path or database.url} was written by a newer release "
                f"(revision {current}): upgrade jupyter-mlrun, or name another store by "
                "MLRunServerApp.db_url"
            )
        with database.write() as connection:
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")


def _lock(database: Database) -> contextlib.AbstractContextManager[object]:
    if database.path is None:
        return contextlib.nullcontext()
    return FileLock(f"{database.path}.migrate.lock", timeout=60)
