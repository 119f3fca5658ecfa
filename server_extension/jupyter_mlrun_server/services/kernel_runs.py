"""Runs in kernels of this machine that a service elsewhere records: who else would tell their end?

What passes on its way there is remembered, with the process of its kernel, in a file that the next
server reads. Where that process is gone, the run is ended; for those that go on a sign of life is
sent now and then, so that the service can end them where this whole machine is gone.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from jupyter_mlrun import states
from jupyter_mlrun_runtimes import process
from jupyter_mlrun_runtimes.local import write_private

from .threads import Threads

FILE = "kernel-runs.json"
LARGEST = 1_000_000
SIGN_SECONDS = 30.0
SECONDS = 20.0
MOST = 1000
GONE = "the kernel in which the run worked is gone"

Run = tuple[str, str]


class KernelRuns:
    """Remembers runs of kernels, and tells the service of their life and end."""

    def __init__(
        self,
        folder: Path,
        url: str,
        headers: Mapping[str, str],
        threads: Threads,
        log: logging.Logger,
    ) -> None:
        self.file = folder / FILE
        self.url = url
        self.headers = dict(headers)
        self.threads = threads
        self.log = log
        self._known: dict[Run, dict[str, Any]] = self._read()
        self._signed = 0.0

    def heed(self, project: str, uid: str, body: bytes) -> None:
        """Remember a run whose document names the process of its kernel; it blocks."""
        if len(body) > LARGEST or b'"process"' not in body or len(self._known) >= MOST:
            return
        try:
            document = json.loads(body)
            who = document["spec"]["origin"]["process"]
            kind = document["metadata"]["labels"]["kind"]
            ended = (document.get("status") or {}).get("state") in states.TERMINAL
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        if kind == "handler" and not ended and isinstance(who, dict) and process.is_alive(who):
            self._known[(project, uid)] = who
            self._write()

    async def look(self) -> None:
        """End runs whose kernel is gone, and give signs of life for the others."""
        for run in await self.threads.call(self._dead):
            if await self._end(run):
                await self.threads.call(self._forget, [run])
        await self.sign()

    async def sign(self) -> None:
        """Give signs of life where it is time to."""
        if self._known and time.monotonic() - self._signed >= SIGN_SECONDS:
            await self._sign()

    async def _sign(self) -> None:
        held = [{"project": project, "uid": uid} for project, uid in self._known]
        body = {"runs": held}
        status, answer = await self._call("POST", "lab/leases", body)
        if status not in (0, 503):
            self._signed = time.monotonic()
        if status == 200:
            ended = [(each["project"], each["uid"]) for each in answer.get("ended", ())]
            await self.threads.call(self._forget, ended)

    def _dead(self) -> list[Run]:
        return [run for run, who in list(self._known.items()) if not process.is_alive(who)]

    async def _end(self, run: Run) -> bool:
        """Whether the run has its end there now, or is none of ours any more."""
        project, uid = run
        path = f"projects/{project}/runs/{uid}"
        status, answer = await self._call("GET", path)
        if status != 200:
            return status in (403, 404)
        if _state(answer) in states.TERMINAL:
            return True
        updates = {"status.state": states.ERROR, "status.error": GONE, "status.reason": GONE}
        status, _ = await self._call("PATCH", path, updates)
        if 200 <= status < 300:
            self.log.info("Run %s of project %s was ended: %s", uid, project, GONE)
        return 200 <= status < 300 or status in (403, 404)

    async def _call(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        request = HTTPRequest(
            f"{self.url}/api/v1/{path}", method=method, headers=self.headers,
            body=None if body is None else json.dumps(body), allow_nonstandard_methods=True,
            connect_timeout=SECONDS, request_timeout=SECONDS, follow_redirects=False,
        )  # fmt: skip
        try:
            answer = await AsyncHTTPClient().fetch(request, raise_error=False)
            found = json.loads(answer.body or b"{}")
        except (OSError, HTTPClientError, ValueError):
            return 0, {}
        return answer.code, found if isinstance(found, dict) else {}

    def _forget(self, runs: list[Run]) -> None:
        for run in runs:
            self._known.pop(run, None)
        if runs:
            self._write()

    def _read(self) -> dict[Run, dict[str, Any]]:
        try:
            held = json.loads(self.file.read_bytes())
            return {(each["project"], each["uid"]): dict(each["process"]) for each in held}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _write(self) -> None:
        held = [
            {"project": project, "uid": uid, "process": who}
            for (project, uid), who in list(self._known.items())
        ]
        try:
            write_private(self.file, json.dumps(held))
        except OSError as error:
            self.log.warning("The runs of kernels cannot be kept in %s: %s", self.file, error)


def _state(answer: Mapping[str, Any]) -> str:
    found: Any = answer.get("data")
    for part in ("status", "state"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return str(found)
