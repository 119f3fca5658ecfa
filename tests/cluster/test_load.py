"""Much at once, and clocks that do not agree."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_mlrun_runtimes.kube.logs import CUT, DOUBT, GAP
from tests.cluster.conftest import ClusterLive, ended, get, log_of, submit_to
from tests.live import Live

Submit = Callable[..., str]
pytestmark = pytest.mark.timeout(1500)

MEGABYTES = int(os.environ.get("CLUSTER_LOG_MB", "1000"))
FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
FLOODS = """
import sys
def handler(context, megabytes: int):
    rest = "x" * 1010 + "\\n"
    for number in range(0, megabytes * 1000, 100):
        sys.stdout.write("".join(f"{each:012d} {rest}" for each in range(number, number + 100)))
"""


class Slowest:
    """How long the service took at most to answer, asked all the time."""

    def __init__(self, live: Live) -> None:
        self.seconds = 0.0
        self._live = live
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Slowest:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)

    def _ask(self) -> None:
        while not self._stop.wait(0.2):
            began = time.monotonic()
            get(self._live, "mlrun/api/v1/healthz")
            self.seconds = max(self.seconds, time.monotonic() - began)


@pytest.mark.row("3.022")
def test_a_flood_of_output(live: ClusterLive, submit: Submit) -> None:
    """A node keeps some 50 MB of a container's output: what is gone before it is read is said."""
    began = time.monotonic()
    with Slowest(live) as slowest:
        uid = submit(FLOODS, parameters={"megabytes": MEGABYTES})
        status = ended(live, uid, 900)["status"]
        pods = f"mlrun/api/v1/lab/runs/sea/{uid}/pods"
        while not live.call("GET", pods)["log_is_whole"]:
            assert time.monotonic() - began < 900
            time.sleep(1)
    assert status["state"] == "completed", status
    assert slowest.seconds < 10, slowest.seconds
    path = live.data / "runs" / "sea" / uid / "log"
    print(f"{path.stat().st_size / 1e6:.0f} MB in {time.monotonic() - began:.0f} s")
    expected, marked, gaps = 0, False, 0
    with open(path, "rb") as file:
        for line in file:
            if line in (GAP, CUT, DOUBT):
                marked = True
            elif re.match(rb"\d{12} x", line):
                number = int(line[:12])
                assert number >= expected, "a line came twice"
                assert number == expected or marked, f"{number - expected} lines went silently"
                gaps += number != expected
                expected, marked = number + 1, False
    assert expected == MEGABYTES * 1000 or marked, (expected, marked)
    print(f"{gaps} gaps")


class Skewed(ClusterLive):
    """A service whose clock is wrong."""

    offset = "+0"

    def environment(self) -> dict[str, str]:
        # the program of that name starts a child, which would outlive it
        faked = {"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": self.offset}
        return {**super().environment(), **faked, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@pytest.mark.skipif(not FAKETIME, reason="Debian's faketime is not installed")
@pytest.mark.parametrize("offset", ["+2h", "-10m"])
def test_a_clock_that_is_wrong(offset: str, tmp_path: Path, namespace: str, host: str) -> None:
    """Thresholds and states go by the cluster's clock, durations by the pod's."""
    live = Skewed(tmp_path, namespace, host, ())
    live.offset = offset
    live.start()
    try:
        live.call("PUT", "mlrun/api/v1/projects/sea", {"metadata": {"name": "sea"}, "spec": {}})
        sleeps = "import time\ndef handler(context):\n    print('on')\n    time.sleep({})\n"
        limits = {"executing": "60s", "pending_scheduled": "60s", "pending_not_scheduled": "60s"}
        uid = submit_to(live, sleeps.format(8), {"state_thresholds": limits})
        done = ended(live, uid)
        assert done["status"]["state"] == "completed", done["status"]
        rows = live.call("GET", "mlrun/api/v1/lab/runs?project=sea")["rows"]
        (row,) = [row for row in rows if row["uid"] == uid]
        assert 7 < row["duration"] < 60, row
        assert log_of(live, uid).startswith("on\n")
        long = submit_to(live, sleeps.format(300), {"state_thresholds": {"executing": "5s"}})
        status = ended(live, long)["status"]
        assert status["state"] == "aborted"
        assert "it was executing for more than 5 s" in status["status_text"]
    finally:
        live.stop()
