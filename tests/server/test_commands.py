"""The commands that look after the service: a real process that serves, tokens, keys."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from jupyter_mlrun.cli import cli
from jupyter_mlrun.errors import MLRunServiceUnavailableError
from jupyter_mlrun_server.services.keyring import Keyring
from jupyter_mlrun_server.services.secret_provider import DatabaseSecrets
from jupyter_mlrun_server.store import projects
from jupyter_mlrun_server.store.database import Database
from tests.live import INHERITED, free_port

SECONDS = 60
KEY = "JUPYTER_MLRUN_SECRETS_KEY"


class Home:
    """A home of its own, and the commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data" / "mlrun"
        self.env = {name: os.environ[name] for name in INHERITED if name in os.environ} | {
            "PATH": os.environ["PATH"], "HOME": str(folder),
            "JUPYTER_DATA_DIR": str(folder / "data"), "JUPYTER_CONFIG_DIR": str(folder / "config"),
        }  # fmt: skip

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "jupyter_mlrun", *words]

    def run(self, *words: str, fails: bool = False, **env: str) -> str:
        """What a command prints in this process, or why it failed."""
        made = CliRunner().invoke(cli, words, env=self.env | {KEY: ""} | env)
        assert (made.exit_code != 0) == fails, made.output
        assert made.exception is None or isinstance(made.exception, SystemExit), made.exception
        return made.output.strip()

    def start(self, *words: str, fails: bool = False, **env: str) -> str:
        """What a process of the command prints: on stderr where it must fail."""
        done = subprocess.run(
            self.argv(*words), env=self.env | env, capture_output=True, text=True, timeout=SECONDS,
            check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stderr
        assert "Traceback" not in done.stderr
        return (done.stderr if fails else done.stdout).strip()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


class Served:
    """``jupyter mlrun serve`` in a process."""

    def __init__(self, home: Home, *words: str) -> None:
        self.port = free_port()
        self.log = home.folder / "serve.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                home.argv("serve", f"--port={self.port}", *words), env=home.env, stdout=log,
                stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                assert self.get("healthz") == (200, {"status": "ok"})
                return
            except URLError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def get(
        self, path: str, token: str = "", body: bytes | None = None, method: str | None = None
    ) -> tuple[int, object]:
        """Status and answer; with a body it is a POST, where ``method`` says nothing else."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = Request(
            f"http://127.0.0.1:{self.port}/mlrun/api/v1/{path}", body, headers, method=method
        )
        try:
            with urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as error:
            with error:
                return error.code, json.loads(error.read())


@pytest.fixture
def served(home: Home) -> Iterator[Served]:
    found = Served(home)
    yield found
    if found.process.poll() is None:
        found.process.kill()
        found.process.wait()


def test_tokens_come_and_go_while_it_serves(home: Home, served: Served) -> None:
    token = home.run("token", "create", "ann", "--days", "7", "--group", "lab")
    assert len(token) == 44
    assert "has a token default already" in home.run("token", "create", "ann", fails=True)
    home.run("token", "create", "ann", "--name", "ci", "--forever")
    listed = home.run("token", "list").splitlines()
    assert [line.split("\t")[:3] for line in listed] == [
        ["ann", "ci", "-"], ["ann", "default", "lab"]]  # fmt: skip
    assert listed[0].endswith("never") and token not in "".join(listed)
    assert served.get("projects")[0] == 403
    body = json.dumps({"metadata": {"name": "tides"}}).encode()
    assert served.get("projects", token, body)[0] == 201
    assert served.get("lab/me", token)[1] == {
        "user": "ann", "groups": ["lab"], "admin": False, "enforced": True}  # fmt: skip
    assert home.run("token", "revoke", "ann", "--name", "default") == "1 token of ann revoked"
    time.sleep(2.5)
    assert served.get("projects", token)[0] == 403
    assert "no token default" in home.run("token", "revoke", "ann", "--name", "default", fails=True)
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(20) == 0
    assert "Traceback" not in served.log.read_text()
    assert (home.data / "store.sqlite").stat().st_mode & 0o077 == 0


def test_keys_are_rotated(home: Home) -> None:
    def secrets(value: str = "", **env: str) -> str:
        """The project's secrets, with a value stored before; or why they cannot be read."""
        root = home.data
        root.mkdir(parents=True, exist_ok=True)
        database = Database(f"sqlite:///{root}/store.sqlite", logging.getLogger())
        database.migrate()
        own = DatabaseSecrets(database, Keyring(root / "secrets.key", env.get(KEY, "")))
        try:
            if value:
                with database.write() as connection:
                    projects.save(connection, "tides", {})
                own.save("tides", {"A": value})
            return str(own.read("tides"))
        except MLRunServiceUnavailableError as error:
            return str(error)
        finally:
            database.close()

    assert secrets("value-of-a") == "{'A': 'value-of-a'}"
    before = (home.data / "secrets.key").read_text()
    assert home.run("secrets", "rotate") == "1 secret sealed anew"
    assert (home.data / "secrets.key").read_text() != before
    assert secrets() == "{'A': 'value-of-a'}"
    # keys of the environment: the new one first, sealed anew, the old one left out
    old, new = home.run("secrets", "new-key"), home.run("secrets", "new-key")
    home2 = Home(home.folder / "second")
    home2.folder.mkdir()
    home.env, home.data = home2.env, home2.data
    assert secrets("value-of-a", **{KEY: old}) == "{'A': 'value-of-a'}"
    assert not (home.data / "secrets.key").exists()
    assert "put the new key before" in home.run("secrets", "rotate", fails=True, **{KEY: old})
    both = f"{new},{old}"
    assert home.run("secrets", "rotate", "--keep-key", **{KEY: both}) == "1 secret sealed anew"
    assert secrets(**{KEY: new}) == "{'A': 'value-of-a'}"
    assert "give the old key back" in secrets(**{KEY: old})
    assert "32 bytes in base64" in home.run("secrets", "rotate", fails=True, **{KEY: "short"})


def test_what_cannot_be_is_said(home: Home) -> None:
    assert "certfile and keyfile" in home.start(
        "serve", f"--MLRunServeApp.certfile={__file__}", "--port=0", fails=True
    )
    # what Jupyter's applications leave out with a warning would be a service without TLS or store
    for words, said in (
        (["--certfil=/x.pem"], "Did you mean 'certfile'?"),
        (["--config=/nowhere/x.py"], "no configuration file /nowhere/x.py"),
        (["--certfile=/x.pem", "--keyfile=/x.key"], "/x.pem cannot be read"),
    ):
        assert said in home.start("serve", *words, "--port=0", fails=True)
    for words in (["", "--name=x"], ["ann", "--name= "], ["ann\n"], ["ann", "--group="]):
        assert "is no name of a" in home.run("token", "create", *words, fails=True)
    for url, word in (
        ("postgresql+psycopg://x:tiger@127.0.0.1:1/x", "Connection refused"),
        ("nonsense", "MLRunServerApp.db_url"), ("sqlite://", "needs a file"),
    ):  # fmt: skip
        said = home.run("token", "list", "--db-url", url, fails=True)
        assert word in said and "cannot be opened" in said and "tiger" not in said
    said = home.start("serve", "--MLRunServerApp.secret_provider=vaul", "--port=0", fails=True)
    assert "Did you mean 'vault'?" in said
    assert "cannot listen" in home.start("serve", "--ip=192.0.2.1", "--port=0", fails=True)
