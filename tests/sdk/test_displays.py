"""What objects say of themselves in plain Python: readable, and never a secret."""

from __future__ import annotations

import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import render
from jupyter_mlrun.client.address import Address
from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.datastore.manager import StoreManager
from jupyter_mlrun.logger import Logger
from jupyter_mlrun.rundb import RunDB
from jupyter_mlrun.runs import ArtifactList, FunctionList, RunList

RUN = {
    "metadata": {"uid": "a" * 32, "name": "train", "project": "p"},
    "spec": {"parameters": {"x": 1}},
    "status": {
        "state": "error", "start_time": "2026-11-22T05:00:00+00:00", "results": {"acc": 0.98765},
        "error": "boom " * 30,
    },
}  # fmt: skip
ARTIFACT = {
    "kind": "model",
    "metadata": {"key": "m", "iter": 0, "labels": {"a": "b"}},
    "spec": {"target_path": "/a/very/long/path/that/goes/on/and/on/and/on/model.pkl"},
}


def test_lists_are_tables() -> None:
    header, first, *_, last = repr(RunList([RUN] * 25)).splitlines()
    assert header.split() == ["uid", "start", "state", "name", "parameters", "results", "error"]
    assert first.startswith("aaaaaaaa  2026-11-22 05:00:00  error  train  x=1") and "…" in first
    assert last == "25 runs · 5 more"
    assert repr(RunList()) == "0 runs"
    # the end of a path says what it is
    assert "…" in repr(ArtifactList([ARTIFACT])) and "model.pkl" in repr(ArtifactList([ARTIFACT]))
    # versions of one key are told apart, in what is shown alone
    tagged = {**ARTIFACT, "metadata": {**ARTIFACT["metadata"], "tag": "v2"}}
    assert "v2" in repr(ArtifactList([tagged])) and ">v2<" in ArtifactList([tagged])._repr_html_()
    assert "tag" not in ArtifactList([tagged]).to_rows()[0]
    function = {"kind": "job", "metadata": {"name": "f", "tag": "latest"}, "spec": {}}
    assert repr(FunctionList([function])).splitlines()[1].split() == ["f", "job", "latest"]


def test_lists_by_the_functions_of_render(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas")
    html = render.runs_to_html(RunList([RUN]).to_df(), display=False, classes=["mine", "wide"])
    assert '<table class="mine wide"' in html and "train" in html and "<script" not in html
    assert not capsys.readouterr().out
    render.artifacts_to_html(ArtifactList([ARTIFACT]).to_df())
    assert "model.pkl" in capsys.readouterr().out
    assert "train" in render.run_to_html(RUN, display=False)
    assert render.ipython_display("<b>x</b>", alt_text="x") == "<b>x</b>"
    assert capsys.readouterr().out == "x\n"


def test_what_has_secrets_tells_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLRUN_DBPATH", "http://ann:hidden@host/mlrun")
    client = Client(Address("http://host/mlrun", "mlrk-hidden"))
    told = [
        repr(each)
        for each in (client, RunDB(client), mlrun.mlconf, StoreManager({"KEY": "hidden"}))
    ]
    assert not any("hidden" in each for each in told), told
    assert told[:2] == ["Client('http://host/mlrun')", "RunDB('http://host/mlrun')"]
    assert "dbpath=" in told[2] and "with secrets KEY" in told[3]
    assert repr(Logger("DEBUG")) == "<logger mlrun debug>"
