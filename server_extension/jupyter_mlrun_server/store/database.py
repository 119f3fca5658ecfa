"""The connection to the store: engine, transactions, and the schema brought up to date."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunServiceUnavailableError

from . import checkpoints, journal
from .checkpoints import Checkpoints
from .migrations import HEAD
from .prepared import begin

TURN = 7_210_413
PATIENCE = 10
BUSY = 15_000
AWAY = re.compile(
    "connect|refused|starting up|shutting down|terminat|gone away|unable to open|closed", re.I
)
# what SQLite calls operational and is a fault of ours: trying again would not help
FAULT = re.compile("no such (table|column|function)|syntax error|ambiguous column", re.I)
FULL = re.compile(
    "disk (is )?full|No space left|disk quota|table .* is full|database or disk", re.I
)


class Database:
    """The store's engine: ``read()`` and ``write()`` give a connection in a transaction.

    Writers of one process queue on a lock, those of other processes on the database's own.
    A ``discreet`` one tells those who ask nothing of its address: many do.
    """

    discreet = False

    def __init__(self, url: str, log: logging.Logger) -> None:
        self.url = sa.make_url(url)
        self.log = log
        self.backend = self.url.get_backend_name()
        self.is_sqlite = self.backend == "sqlite"
        self._write_lock = threading.Lock()
        self.engine = self._engine()
        self._checkpoints = Checkpoints(self.path)

    @property
    def path(self) -> Path | None:
        """The file of a SQLite store."""
        if self.is_sqlite and self.url.database not in (None, "", ":memory:"):
            return Path(str(self.url.database))
        return None

    def _engine(self) -> Engine:
        if not self.is_sqlite:
            return sa.create_engine(
                self.url, hide_parameters=True, pool_pre_ping=True, pool_size=8,
                pool_timeout=PATIENCE,
                connect_args={"connect_timeout": PATIENCE},
            )  # fmt: skip
        if self.path is None:
            raise ValueError("The store needs a file: sqlite:///absolute/path/store.sqlite")
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = sa.create_engine(
            self.url, hide_parameters=True, poolclass=QueuePool, pool_size=8, max_overflow=8,
            pool_timeout=PATIENCE,
            connect_args={"check_same_thread": False},
        )  # fmt: skip
        mode = journal.mode_of(self.path, self.log)

        @event.listens_for(engine, "connect")
        def _on_connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            connection.create_function("mlrun_lower", 1, _lower, deterministic=True)
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={BUSY}")
            journal.put(cursor, mode, BUSY / 1000)
            for pragma in ("synchronous=NORMAL", "temp_store=MEMORY", "cache_size=-8000",
                           f"wal_autocheckpoint={checkpoints.LATEST}"):  # fmt: skip
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        return engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the store."""
        with self._explained(), self.engine.begin() as connection:
            if self.is_sqlite:
                begin(connection, "BEGIN")
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection whose changes are kept together when the block ends, or not at all."""
        with (
            self._explained(),
            self._write_lock,
            self.engine.connect() as connection,
            self._turn(connection),
            connection.begin(),
        ):
            if self.is_sqlite:
                begin(connection, "BEGIN IMMEDIATE")
            elif self.backend == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")
            yield connection
        self._checkpoints.count()

    @property
    def where(self) -> str:
        """The file or address of the store, without its password."""
        return str(self.path or self.url.render_as_string(hide_password=True))

    @property
    def _named(self) -> str:
        return "of this service" if self.discreet else self.where

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """A database that is away, locked or full as a sentence; the client tries again."""
        try:
            yield
        except sa.exc.TimeoutError as error:
            raise MLRunServiceUnavailableError(
                f"The store {self._named} is busy: every connection is in use, try again"
            ) from error
        except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
            if FAULT.search(_cause(error)):
                raise
            self.log.warning("The store %s: %s", self.where, _cause(error))
            raise MLRunServiceUnavailableError(self._sentence(error)) from error
        except sa.exc.DataError as error:
            raise MLRunInvalidArgumentError(
                f"A value does not fit the store ({_cause(error)}): shorten it, write no NUL"
            ) from error
        except sa.exc.DBAPIError as error:
            if not error.connection_invalidated:
                raise
            raise MLRunServiceUnavailableError(self._sentence(error)) from error

    def _sentence(self, error: sa.exc.DBAPIError) -> str:
        """What went wrong, for whoever asked."""
        why = "its administrators find why in its log" if self.discreet else _cause(error)
        return _explain(error, self._named, why)

    @contextmanager
    def _turn(self, connection: Connection) -> Iterator[None]:
        """Writers of all processes one after the other, so that events' ids come in order.

        SQLite and PostgreSQL do so within the transaction itself.
        """
        if self.backend not in ("mysql", "mariadb"):
            yield
            return
        ours = connection.exec_driver_sql(f"SELECT GET_LOCK('{TURN}', 60)").scalar()
        connection.rollback()
        if ours != 1:
            raise MLRunServiceUnavailableError(
                f"The store {self._named} is busy: another server writes for long, try again"
            )
        try:
            yield
        finally:
            connection.exec_driver_sql(f"SELECT RELEASE_LOCK('{TURN}')")

    def migrate(self) -> None:
        """Bring the schema to this release's; Alembic is loaded only where there is work."""
        revision = self.revision()
        if revision is None and self.is_sqlite:
            from .migrations.fresh import create

            create(self)
            revision = self.revision()
        if revision != HEAD:
            from .migrations.upgrade import upgrade

            upgrade(self)
        if self.path is not None:
            os.chmod(self.path, 0o600)

    def revision(self) -> str | None:
        """The schema's revision; None for an empty store."""
        with self.engine.connect() as connection:
            # a store that is locked or away is none without a schema
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    def close(self) -> None:
        """Give back every connection."""
        self._checkpoints.close()
        self.engine.dispose()


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


def _cause(error: sa.exc.DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0][:200]


def _explain(error: sa.exc.DBAPIError, where: str, why: str) -> str:
    cause = _cause(error)
    if error.connection_invalidated or AWAY.search(cause):
        return f"The store {where} is away ({why}): try again in a moment"
    if FULL.search(cause):
        return f"The disk of the store {where} is full: free some space and try again"
    if "readonly" in cause or "read-only" in cause:
        return f"The store {where} cannot be written: check its file's permissions"
    if "locked" in cause or "eadlock" in cause or "Lock wait" in cause:
        return f"The store {where} is locked by another program: try again"
    return f"The store {where} did not do it ({why}): try again"


def opened(url: str, log: logging.Logger) -> Database:
    """The store of an address, brought up to date; what is wrong with it is one sentence."""
    try:
        database = Database(url, log)
        database.migrate()
    except (sa.exc.SQLAlchemyError, ValueError, ModuleNotFoundError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise MLRunServiceUnavailableError(
            f"The store {_shown(url)} cannot be opened ({reason}): check MLRunServerApp.db_url, "
            "and that its server is there"
        ) from error
    return database


def _shown(url: str) -> str:
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        return "of MLRunServerApp.db_url"
