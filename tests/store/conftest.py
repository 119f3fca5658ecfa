"""The store on every database: SQLite always, PostgreSQL and MariaDB by their own servers."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from jupyter_mlrun_server.store import projects
from jupyter_mlrun_server.store.database import Database
from jupyter_mlrun_server.store.migrations import HEAD
from jupyter_mlrun_server.store.schema import metadata

PROJECT = "lab"
Urls = Callable[[str], str]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def program(name: str, *folders: str) -> str:
    """The path of a database server's program."""
    found = shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", "")]))
    assert found, f"{name} is missing: install the packages of .ci/system-packages"
    return found


def as_user(name: str) -> dict[str, str]:
    """How to start a program that refuses to be root's."""
    return {"user": name, "group": name} if os.geteuid() == 0 else {}


def answers(url: str, seconds: float = 60) -> str:
    """The address, once its server answers."""
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    deadline = time.monotonic() + seconds
    while True:
        try:
            with engine.connect():
                return url
        except sa.exc.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that the database servers' own users can reach, whatever other tests do."""
    made = Path(tempfile.mkdtemp(prefix="jupyter-mlrun-databases-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


class Postgres:
    """A PostgreSQL server of the tests' own, which can be stopped and started."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self.how = as_user("postgres")
        self.user = "postgres" if self.how else pwd.getpwuid(os.geteuid()).pw_name
        self.versions = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
        self.process: subprocess.Popen[bytes] | None = None
        home.mkdir()
        if os.geteuid() == 0:
            shutil.chown(home, "postgres", "postgres")
        subprocess.run(
            [program("initdb", *self.versions), "-D", str(home / "data"), "-A", "trust",
             "-U", self.user, "--no-sync"],
            check=True, capture_output=True, cwd=home, **self.how,
        )  # fmt: skip

    def start(self) -> str:
        """The address, once the server answers."""
        self.process = subprocess.Popen(
            [program("postgres", *self.versions), "-D", str(self.home / "data"),
             "-p", str(self.port), "-k", str(self.home), "-c", "fsync=off",
             "-c", "listen_addresses=127.0.0.1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.home, **self.how,
        )  # fmt: skip
        return answers(f"postgresql+psycopg://{self.user}@127.0.0.1:{self.port}/postgres")

    def stop(self) -> None:
        """End it at once: connections are cut."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


@pytest.fixture(scope="session")
def postgresql_server(folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL server that works."""
    server = Postgres(folder / "postgresql")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgresql(postgresql_server: Postgres) -> str:
    """The address of the PostgreSQL server."""
    return answers(
        f"postgresql+psycopg://{postgresql_server.user}@127.0.0.1:{postgresql_server.port}/postgres"
    )


@pytest.fixture(scope="session")
def mysql(folder: Path) -> Iterator[str]:
    """A MariaDB server of the tests' own."""
    home, port = folder / "mysql", free_port()
    # a server that starts removes what another one keeps in the folder for temporary files
    own = home / "tmp"
    own.mkdir(parents=True)
    if os.geteuid() == 0:
        shutil.chown(home, "mysql", "mysql")
        shutil.chown(own, "mysql", "mysql")
    how = as_user("mysql") | {"env": {**os.environ, "TMPDIR": str(own)}}
    install = program("mariadb-install-db", "/usr/bin")
    subprocess.run(
        [install, "--no-defaults", f"--datadir={home / 'data'}", "--skip-test-db",
         "--auth-root-authentication-method=normal"],
        check=True, capture_output=True, cwd=home, **how,
    )  # fmt: skip
    server = subprocess.Popen(
        [program("mariadbd", "/usr/sbin"), "--no-defaults", f"--datadir={home / 'data'}",
         f"--port={port}", f"--socket={home / 'socket'}", "--bind-address=127.0.0.1",
         "--skip-grant-tables", "--skip-networking=0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home, **how,
    )  # fmt: skip
    try:
        admin = answers(f"mysql+pymysql://root@127.0.0.1:{port}/mysql")
        engine = sa.create_engine(admin)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE DATABASE mlrun"))
        engine.dispose()
        yield admin.removesuffix("/mysql") + "/mlrun"
    finally:
        server.terminate()
        server.wait(30)


def clear(database: Database) -> None:
    """Drop every table that is there."""
    with database.engine.begin() as connection:
        there = sa.MetaData()
        there.reflect(connection)
        there.drop_all(connection)


def wipe(database: Database) -> None:
    """Remove every row: a schema costs these servers more time than a test."""
    with database.engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.delete())


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.external_service),
        pytest.param("mysql", marks=pytest.mark.external_service),
    ]
)
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A store on each database, as the test before has left it."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    if request.param != "sqlite":
        url = request.getfixturevalue(request.param)
    found = Database(url, logging.getLogger("store"))
    yield found
    found.close()


@pytest.fixture
def empty(anywhere: Database) -> Database:
    """A store without a schema."""
    clear(anywhere)
    return anywhere


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite store of the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "store.sqlite"
    database = Database(f"sqlite:///{path}", logging.getLogger("store"))
    database.migrate()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def database(anywhere: Database, template: Path) -> Database:
    """A store with the project of the tests."""
    if anywhere.path is not None:
        shutil.copy(template, anywhere.path)
    elif anywhere.revision() == HEAD:
        wipe(anywhere)
    else:
        clear(anywhere)
        anywhere.migrate()
    with anywhere.write() as connection:
        projects.create(connection, {"metadata": {"name": PROJECT}})
    return anywhere
