"""MLRun's own client and what the service does by itself: schedules, tasks, alerts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.compat.conftest import PYTHON, Client
from tests.live import Live, live_server

pytestmark = [pytest.mark.compat, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server whose schedules may be as frequent as tests need them."""
    if not PYTHON.exists():
        pytest.fail("MLRun's own client is not installed: type `make .venv-mlrun/.installed`")
    options = ("--MLRunServerApp.schedule_interval=1",)
    with live_server(tmp_path_factory.mktemp("jobs"), options=options) as server:
        yield server


def test_schedules(mlrun_client: Client) -> None:
    seen = mlrun_client("schedules.py")
    assert seen["made"] == "created" and seen["again"] == "modified"
    assert seen["run"] == [{"sum": 5}, "sea"]
    assert seen["label"] == "ticks"
    assert seen["cron"] == "0 */2 * * *"
    assert seen["next"].endswith(":00:00+00:00")
    assert seen["kept"] == [1, {"team": "sea"}, "job"]
    assert seen["listed"] == ["nightly", "ticks"] and seen["named"] == ["nightly"]
    assert seen["invoked"] is None and seen["result"] == {"sum": 5}
    assert seen["paused"] == ["paused", None, {"a": "b"}, "0 5 * * *"]
    assert "05:00:00" in seen["resumed"]
    assert seen["cron_error"][0] in ("MLRunBadRequestError", "MLRunInvalidArgumentError")
    assert "maximum value (59)" in seen["cron_error"][1]
    assert seen["missing"][0] == "MLRunNotFoundError"
    assert seen["left"] == 0
