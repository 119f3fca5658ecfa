"""Secrets of a run within its own process: in what it prints, and in the documents it sends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun.errors import MLRunBadRequestError, MLRunServiceUnreachableError
from jupyter_mlrun.masking import NAMES
from jupyter_mlrun.outbox import FILE, Outbox
from jupyter_mlrun.output import REFUSED, RunLog
from jupyter_mlrun.report import Reporter

VALUE = "correct-horse-battery"
RUN: dict[str, Any] = {"metadata": {"project": "lab", "uid": "a" * 32, "name": "train"}}


class Collected:
    """A service that is there, or away."""

    def __init__(self, away: bool = False) -> None:
        self.address = type("Address", (), {"token": "mlrk" + "0" * 40})()
        self.away = away
        self.refused = False
        self.bodies: list[Any] = []

    def request(self, method: str, path: str, params: Any, body: Any, **more: Any) -> None:
        if self.away:
            raise MLRunServiceUnreachableError("away")
        if self.refused:
            raise MLRunBadRequestError("too long")
        self.bodies.append(body)


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", VALUE)
    monkeypatch.setenv(NAMES, "PASSWORD")


def test_what_is_printed(secret: None) -> None:
    service: Any = Collected()
    log = RunLog(Reporter(service), RUN)
    for piece in ("the word ", VALUE[:8], VALUE[8:], " again " + VALUE[:5]):
        log.add(piece)
        log.send()
    assert b"".join(service.bodies) == b"the word ***** again "
    log.close()
    assert b"".join(service.bodies) == b"the word ***** again " + VALUE[:5].encode()


def test_what_the_service_refuses_is_kept(secret: None, tmp_path: Path) -> None:
    service: Any = Collected()
    log = RunLog(Reporter(service), RUN, str(tmp_path / "run"))
    with pytest.warns(UserWarning, match=r"not take 15 bytes of the log.* kept in .*: too long"):
        for piece, refused in (("first\n", False), (f"{VALUE}\n", True), ("and this\n", True)):
            service.refused = refused
            log.add(piece)
            log.send()
            service.refused = False
        log.close()
    assert b"".join(service.bodies) == b"first\n"
    assert (tmp_path / "run" / REFUSED).read_text() == "*****\nand this\n"
    assert (tmp_path / "run" / REFUSED).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("away", [False, True])
def test_what_is_told(secret: None, away: bool, tmp_path: Path) -> None:
    service: Any = Collected(away)
    reporter = Reporter(service, Outbox(tmp_path))
    error = {"status.error": f"at {VALUE}", "status.results": {"key": VALUE, "n": 1}}
    reporter.update(RUN, error)
    reporter.store({**RUN, "spec": {"parameters": {"list": [VALUE]}}})
    said = (tmp_path / FILE).read_text() if away else json.dumps(service.bodies)
    assert VALUE not in said and said.count("*****") == 3
    # the run itself keeps what it has
    assert error["status.error"] == f"at {VALUE}"
