"""dask-labextension, the real one, lists the clusters of functions and stops them."""

from __future__ import annotations

from pathlib import Path

import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import session
from jupyter_mlrun.client import projects
from tests.engines.conftest import clusters_of, wait_for
from tests.engines.test_dask import stop_all
from tests.live import live_server

# not in the environment of the other tests, whose JupyterLab it would change
FOLDER = Path(__file__).parents[2] / ".venv-spark" / "labextension"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="make .venv-spark/.installed makes it")
OPTIONS = ("--ServerApp.jpserver_extensions={'dask_labextension': True}",)


@pytest.mark.row("3.407")
def test_it_is_shown_scaled_and_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    with live_server(tmp_path, options=OPTIONS, env={"PYTHONPATH": str(FOLDER)}) as live:
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(live.folder / "data"))
        monkeypatch.setenv("MLRUN_DBPATH", f"{live.url}/mlrun")
        monkeypatch.setenv("MLRUN_HTTPDB__TOKEN", live.mlrun_token())
        monkeypatch.setattr(session, "_client", None)
        projects.get_or_create(session.client(), "default")
        function = mlrun.new_function("panel", kind="dask").with_code(body="def handler(): pass\n")
        function.spec.replicas = 1
        function.start()
        request.addfinalizer(lambda: stop_all(live.data))

        (shown,) = wait_for(lambda: live.call("GET", "dask/clusters"))
        assert (shown["name"], shown["workers"]) == ("default/panel", 1)
        assert shown["scheduler_address"] == function.status.scheduler_address
        assert shown["dashboard_link"].startswith("http://127.0.0.1:")

        live.call("PATCH", f"dask/clusters/{shown['id']}", {"workers": 2})
        wait_for(lambda: live.call("GET", "dask/clusters")[0]["workers"] == 2)

        live.call("DELETE", f"dask/clusters/{shown['id']}")
        wait_for(lambda: not live.call("GET", "dask/clusters"))
        wait_for(lambda: [each["state"] for each in clusters_of()] == ["stopped"])
        assert clusters_of()[0]["reason"] == "it was stopped in the Dask panel"
