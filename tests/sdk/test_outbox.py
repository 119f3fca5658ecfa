"""The outbox: whole lines on the disk, or nothing."""

from __future__ import annotations

import base64
import errno
import json
import os
from pathlib import Path

import pytest

from jupyter_mlrun.client.address import Address
from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.context import Context
from jupyter_mlrun.errors import MLRunAccessDeniedError
from jupyter_mlrun.outbox import Outbox
from jupyter_mlrun.report import Reporter
from tests.client.server import refuses, service
from tests.sdk.conftest import Told


def test_requests_are_kept_in_order_with_what_the_service_needs(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "run")
    outbox.append("PATCH", "api/v1/projects/p/runs/u", {"iter": 0}, {"status.state": "running"})
    outbox.append("POST", "api/v1/projects/p/logs/u", {"append": "yes"}, b"\xff\n")
    first, second = map(json.loads, (tmp_path / "run" / "outbox.jsonl").read_text().splitlines())
    assert first == {
        "method": "PATCH",
        "path": "api/v1/projects/p/runs/u",
        "params": {"iter": 0},
        "body": {"status.state": "running"},
    }
    assert base64.b64decode(second["body"]["base64"]) == b"\xff\n"


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = Outbox(tmp_path)
    outbox.append("PATCH", "x", None, {})
    before = (tmp_path / "outbox.jsonl").read_bytes()
    write = os.write

    def full(file: int, data: bytes) -> int:
        if len(data) < 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[:10])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        outbox.append("PATCH", "y", None, {"a": "x" * 50})
    assert (tmp_path / "outbox.jsonl").read_bytes() == before


def test_a_run_goes_on_while_the_service_is_away(context: Context, told: Told) -> None:
    context.log_result("loss", 0.5, commit=True)
    context.log_artifact("note", body="text")
    context.log_result("loss", 0.25)
    context.commit(completed=True)
    assert told.status()["results"] == {"loss": 0.25}
    assert told.status()["state"] == "completed"
    assert [entry["method"] for entry in told.entries()] == ["PATCH", "PUT", "PATCH"]
    (artifact,) = told.bodies("PUT")
    assert artifact["metadata"]["key"] == "note"


def test_a_service_that_fails_is_told_later_and_one_that_refuses_is_not(tmp_path: Path) -> None:
    token = "mlrr" + "0" * 40
    run = {"metadata": {"project": "p", "uid": "u"}}
    with service((503, b"full"), refuses(403, "no")) as server:
        reporter = Reporter(Client(Address(server.url, token)), Outbox(tmp_path))
        reporter.update(run, {"status.state": "completed"})
        with pytest.raises(MLRunAccessDeniedError):
            reporter.update(run, {"status.state": "completed"})
    assert (tmp_path / "outbox.jsonl").read_text().count("completed") == 1
