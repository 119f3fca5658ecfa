"""Programs without a Jupyter server: they start one service, share it, and it ends by itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from jupyter_mlrun.paths import server_file
from tests.live import Live

SECONDS = 90
CALL = """
import json, os, sys
import jupyter_mlrun as mlrun
names = mlrun.get_run_db().list_projects()
from jupyter_mlrun import session
print(json.dumps({"url": session.client().url, "names": names}))
"""
STAYS = """
import sys, time
import jupyter_mlrun as mlrun
db = mlrun.get_run_db()
function = mlrun.new_function("stays", kind="local").with_code(
    body="import time\\ndef f(context):\\n    time.sleep(4)\\n    return 'done'\\n")
run = function.run(handler="f", watch=False)
print("started", flush=True)
sys.stdin.readline()
print(run.wait_for_completion(), run.refresh().outputs["return"], flush=True)
sys.stdin.readline()
print(len(mlrun.get_run_db().list_projects()), flush=True)
"""


class Home:
    """A user's home with programs in it and no Jupyter server."""

    def __init__(self, folder: Path, idle: float) -> None:
        self.folder, self.idle = folder, idle

    @property
    def data(self) -> Path:
        return self.folder / "data" / "mlrun"

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {
            **kept, "HOME": str(self.folder), "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_MLRUN_SERVICE_IDLE": str(self.idle), **more,
        }  # fmt: skip

    def start(self, code: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", code], env=self.environment(**more), cwd=self.folder, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def call(self, code: str = CALL, **more: str) -> Any:
        out, err = self.start(code, **more).communicate(timeout=SECONDS)
        assert out, err
        return json.loads(out.splitlines()[-1])

    def service(self) -> dict[str, Any]:
        return dict(json.loads(server_file(self.data).read_text()))

    def wait_for(self, what: Any, text: str) -> None:
        deadline = time.monotonic() + SECONDS
        while not what():
            assert time.monotonic() < deadline, f"{text}\n{self.log()}"
            time.sleep(0.1)

    def log(self) -> str:
        file = server_file(self.data).with_suffix(".log")
        return file.read_text() if file.exists() else ""

    def end(self) -> None:
        if server_file(self.data).exists():
            pid = int(self.service()["pid"])
            if alive(pid):
                os.kill(pid, signal.SIGTERM)
                self.wait_for(lambda: not alive(pid), "the service goes on")


def alive(pid: int) -> bool:
    try:
        # a child of this test would stay as a zombie
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path, idle=60)
    yield made
    made.end()


@pytest.mark.timeout(240)
def test_programs_that_start_at_once_share_one(home: Home) -> None:
    programs = [home.start(CALL) for _ in range(4)]
    answers = [json.loads(each.communicate(timeout=SECONDS)[0].splitlines()[-1])
               for each in programs]  # fmt: skip
    assert len({answer["url"] for answer in answers}) == 1
    assert home.log().count("This server launches and watches") == 1
    told = home.service()
    assert server_file(home.data).stat().st_mode & 0o077 == 0
    for headers in ({}, {"Authorization": "Bearer mlrk" + "0" * 40}, {"Cookie": "a=b"}):
        with pytest.raises(HTTPError) as refused:
            urlopen(Request(f"{told['url']}/api/v1/projects", headers=headers), timeout=30)
        assert refused.value.code == 403
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{told['url']}/api/v1/projects", headers={"Host": "evil.example"}))
    assert refused.value.code in (403, 404)


@pytest.mark.timeout(240)
def test_it_ends_when_idle_and_comes_back(tmp_path: Path) -> None:
    home = Home(tmp_path, idle=1)
    program = home.start(
        "import jupyter_mlrun as mlrun, sys\n"
        "for _ in range(2):\n"
        "    print(mlrun.get_run_db().list_projects(), flush=True)\n"
        "    sys.stdin.readline()\n"
    )
    assert program.stdout is not None and program.stdin is not None
    assert program.stdout.readline() == "[]\n"
    first = int(home.service()["pid"])
    home.wait_for(lambda: not alive(first), "it did not end")
    assert "Nobody has asked for anything" in home.log()
    program.stdin.write("\n")
    program.stdin.flush()
    assert program.stdout.readline() == "[]\n", program.stderr and program.stderr.read()
    second = int(home.service()["pid"])
    assert second != first
    program.stdin.close()
    program.wait(SECONDS)
    home.wait_for(lambda: not alive(second), "the second one did not end")


@pytest.mark.timeout(240)
def test_a_jupyter_server_takes_over(home: Home) -> None:
    program = home.start(STAYS)
    assert program.stdout is not None and program.stdin is not None
    assert program.stdout.readline() == "started\n", program.stderr and program.stderr.read()
    first = home.service()
    (home.folder / "config").mkdir(exist_ok=True)
    server = Live(home.folder)
    server.start()
    try:
        home.wait_for(lambda: not alive(int(first["pid"])), "the first service did not give way")
        assert "A Jupyter server takes over" in home.log()
        home.wait_for(lambda: home.service()["pid"] != first["pid"], "nobody leads")
        assert home.service()["token"] == first["token"]
        program.stdin.write("\n\n")
        program.stdin.flush()
        assert program.stdout.readline() == "completed done\n", program.stderr.read()  # type: ignore[union-attr]
        assert program.stdout.readline() == "1\n"
        assert home.call()["url"] == home.service()["url"]
    finally:
        program.stdin.close()
        program.wait(SECONDS)
        server.stop()


@pytest.mark.timeout(240)
def test_what_is_forbidden_or_cannot_start_is_a_sentence(home: Home) -> None:
    out, err = home.start(CALL, JUPYTER_MLRUN_AUTOSTART="0").communicate(timeout=SECONDS)
    assert "JUPYTER_MLRUN_AUTOSTART forbids to start one" in err and not out
    (home.folder / "config").mkdir()
    config = home.folder / "config" / "jupyter_server_config.py"
    config.write_text("c.MLRunServerApp.db_url = 'postgresql://nobody@127.0.0.1:1/none'\n")
    out, err = home.start(CALL).communicate(timeout=SECONDS)
    assert "No service runs, and one could not be started (exit code 1)" in err and not out
    config.write_text("c.MLRunServerApp.remote_url = 'http://many.example/mlrun'\n")
    out, err = home.start(CALL).communicate(timeout=SECONDS)
    assert "set MLRUN_DBPATH=http://many.example/mlrun" in err and not out
