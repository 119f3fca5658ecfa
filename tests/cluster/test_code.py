"""How code comes into a pod: as an archive, from git, as files where it is long; and sweeps."""

from __future__ import annotations

import ssl
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.conftest import ClusterLive, ended, log_of
from tests.cluster.test_jobs import OFFICIAL

Submit = Callable[..., str]
PATHS = ["", pytest.param(OFFICIAL, marks=pytest.mark.skipif(not OFFICIAL, reason="no mlrun"))]

MODULE = "from inner import WORD\ndef handler(context):\n    context.log_result('word', WORD)\n"


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder, without a line on each."""

    def log_message(self, *words: Any) -> None:
        """Nothing."""


def certificate(folder: Path, host: str) -> Path:
    """A certificate that nobody has signed, with its key."""
    file = folder / "both.pem"
    words = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}")
    subprocess.run(["openssl", "req", *words, "-keyout", str(file), "-out", str(folder / "c.pem")],
                   check=True, capture_output=True)  # fmt: skip
    file.write_text(file.read_text() + (folder / "c.pem").read_text())
    return file


@pytest.fixture
def places(tmp_path: Path, host: str) -> Iterator[dict[str, str]]:
    """The same code below ``work``, as an archive and as a repository that pods reach."""
    work = tmp_path / "repo" / "work"
    work.mkdir(parents=True)
    (work / "outer.py").write_text(MODULE)
    (work / "inner.py").write_text("WORD = 'from afar'\n")
    shown = tmp_path / "shown"
    shown.mkdir()
    with tarfile.open(shown / "code.tar.gz", "w:gz") as archive:
        archive.add(work, "work")
    repo = work.parent
    given = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    for words in (("init", "-q", "-b", "main"), ("add", "."), (*given, "commit", "-qm", "code"),
                  ("clone", "-q", "--bare", ".", str(shown / "code.git"))):  # fmt: skip
        subprocess.run(["git", *words], cwd=repo, check=True, capture_output=True)
    bare = shown / "code.git"
    subprocess.run(["git", "update-server-info"], cwd=bare, check=True)
    handler = partial(Quiet, directory=str(shown))
    plain, tls = (ThreadingHTTPServer(("0.0.0.0", 0), handler) for _ in range(2))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path, host))
    tls.socket = context.wrap_socket(tls.socket, server_side=True)
    for server in (plain, tls):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {
        "archive": f"http://{host}:{plain.server_port}/code.tar.gz",
        "git": f"git://{host}:{tls.server_port}/code.git#main",
    }
    for server in (plain, tls):
        server.shutdown()


@pytest.mark.row("3.304")
@pytest.mark.parametrize("way", ["archive", "git"])
@pytest.mark.parametrize("path", PATHS)
def test_code_is_fetched_by_the_pod(
    live: ClusterLive, submit: Submit, places: dict[str, str], way: str, path: str
) -> None:
    """By our image and by MLRun's own, into a folder from which the handler is taken."""
    env = [{"name": "GIT_SSL_NO_VERIFY", "value": "1"}]
    env += [{"name": "PATH", "value": f"{path}:/usr/bin:/bin"}] if path else []
    build = {"source": places[way], "load_source_on_run": True, "functionSourceCode": ""}
    function = {"build": build, "workdir": "./work", "default_handler": "outer.handler", "env": env}
    uid = submit("", function, handler="outer.handler")
    status = ended(live, uid)["status"]
    assert status.get("results") == {"word": "from afar"}, (status, log_of(live, uid))


@pytest.mark.row("3.304")
def test_a_source_that_cannot_be_fetched_is_the_runs_error(
    live: ClusterLive, submit: Submit, host: str
) -> None:
    build = {"source": f"git://{host}:9/none.git#main", "load_source_on_run": True}
    status = ended(live, submit("", {"build": build, "default_handler": "a.b"}))["status"]
    assert status["state"] == "error"
    assert status["error"].startswith("the run cannot be executed: git clone failed: fatal: ")


@pytest.mark.row("3.301")
@pytest.mark.parametrize("path", PATHS)
def test_code_and_task_that_are_long(live: ClusterLive, submit: Submit, path: str) -> None:
    """They are no variables then, but files of a ConfigMap."""
    source = (
        "WORD = '"
        + "w" * 150_000
        + "'\n"
        + (
            "def handler(context, text: str):\n"
            "    context.log_result('sizes', [len(WORD), len(text)])\n"
        )
    )
    env = [{"name": "PATH", "value": f"{path}:/usr/bin:/bin"}] if path else []
    uid = submit(source, {"env": env}, parameters={"text": "t" * 120_000})
    status = ended(live, uid)["status"]
    assert status.get("results") == {"sizes": [150_000, 120_000]}, (status, log_of(live, uid))


@pytest.mark.row("3.305")
@pytest.mark.parametrize("parallel", [0, 2])
def test_a_sweep_is_one_pod(live: ClusterLive, submit: Submit, parallel: int) -> None:
    source = (
        "import os\ndef handler(context, n: int):\n"
        "    context.log_result('square', n * n)\n"
        "    context.log_result('pod', os.environ['MLRUN_POD_NAME'])\n"
    )
    options = {"selector": "max.square", **({"parallel_runs": parallel} if parallel else {})}
    uid = submit(source, hyperparams={"n": [1, 3, 2]}, hyper_param_options=options)
    status = ended(live, uid)["status"]
    assert status["state"] == "completed", (status, log_of(live, uid))
    assert (status["results"]["best_iteration"], status["results"]["square"]) == (2, 9)
    rows = status["iterations"][1:]
    assert len(rows) == 3 and len({row[status["iterations"][0].index("output.pod")]
                                   for row in rows}) == 1  # fmt: skip
    pods = live.call("GET", f"mlrun/api/v1/lab/runs/sea/{uid}/pods")["pods"]
    assert len(pods) == 1
