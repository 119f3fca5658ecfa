"""The store on every database: SQLite always, PostgreSQL and MariaDB by their own servers."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from jupyter_mlrun_server.store import projects
from jupyter_mlrun_server.store.database import Database

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
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the database servers' own users can reach."""
    made = tmp_path_factory.mktemp("databases")
    for part in (made, *made.parents):
        if part == Path("/tmp"):
            break
        part.chmod(0o755)
    return made


@pytest.fixture(scope="session")
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL server of the tests' own."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    initdb = program("initdb", *map(str, versions))
    home, port = folder / "postgresql", free_port()
    home.mkdir()
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    how = as_user("postgres")
    user = "postgres" if how else pwd.getpwuid(os.geteuid()).pw_name
    subprocess.run(
        [initdb, "-D", str(home / "data"), "-A", "trust", "-U", user, "--no-sync"],
        check=True, capture_output=True, cwd=home, **how,
    )  # fmt: skip
    server = subprocess.Popen(
        [program("postgres", *map(str, versions)), "-D", str(home / "data"), "-p", str(port),
         "-k", str(home), "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home, **how,
    )  # fmt: skip
    try:
        yield answers(f"postgresql+psycopg://{user}@127.0.0.1:{port}/postgres")
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="session")
def mysql(folder: Path) -> Iterator[str]:
    """A MariaDB server of the tests' own."""
    home, port = folder / "mysql", free_port()
    home.mkdir()
    if os.geteuid() == 0:
        shutil.chown(home, "mysql", "mysql")
    how = as_user("mysql")
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


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.external_service),
        pytest.param("mysql", marks=pytest.mark.external_service),
    ]
)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty store with the project of the tests."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    if request.param != "sqlite":
        url = request.getfixturevalue(request.param)
    found = Database(url, logging.getLogger("store"))
    found.migrate()
    with found.write() as connection:
        projects.create(connection, {"metadata": {"name": PROJECT}})
    yield found
    if request.param != "sqlite":
        clear(found)
    found.close()
