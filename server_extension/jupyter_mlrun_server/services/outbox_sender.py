"""What runs had to say while the service elsewhere was away, sent there in its order."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from filelock import FileLock

from jupyter_mlrun.outbox import FILE
from jupyter_mlrun_runtimes.local import write_private

from .ingest import DONE, done, lines
from .place import Place

SECONDS = 30


class OutboxSender:
    """The outboxes of this data directory, for a service elsewhere. Its methods block."""

    def __init__(self, place: Place, log: logging.Logger) -> None:
        self.place = place
        self.log = log
        self._sent: dict[Path, int] = {}
        self.on_run: Callable[[str, str, bytes], None] = lambda project, uid, body: None

    def waits(self, project: str, uid: str) -> bool:
        """Whether the run's outbox holds what was not sent."""
        try:
            folder = self.place.run_folder(project, uid)
            return (folder / FILE).stat().st_size > self._sent.get(folder, 0)
        except (OSError, ValueError):
            return False

    def send(self, project: str, uid: str, url: str, headers: Mapping[str, str]) -> bool:
        """Whether all of the run's outbox is there now; what is refused there is logged."""
        if not self.waits(project, uid):
            return True
        folder = self.place.run_folder(project, uid)
        with FileLock(folder / f"{DONE}.lock", timeout=60):
            end = done(folder)
            for line, line_end in lines(folder / FILE, end):
                if not self._send(project, uid, json.loads(line), url, headers):
                    return False
                # after each line: bytes of a log must not come twice
                write_private(folder / DONE, str(end := line_end))
            self._sent[folder] = end
        return True

    def waiting(self) -> list[tuple[str, str]]:
        """Project and uid of each run with something to send."""
        found = sorted(self.place.root.glob(f"runs/*/*/{FILE}"))
        runs = [(outbox.parent.parent.name, outbox.parent.name) for outbox in found]
        return [run for run in runs if self.waits(*run)]

    def _send(
        self, project: str, uid: str, entry: Mapping[str, Any], url: str, headers: Mapping[str, str]
    ) -> bool:
        """Whether this line needs no more sending."""
        path = str(entry["path"]).lstrip("/")
        params = urlencode({k: v for k, v in (entry.get("params") or {}).items() if v is not None})
        body = entry.get("body")
        if isinstance(body, Mapping) and set(body) == {"base64"}:
            data = base64.b64decode(body["base64"])
        else:
            data = json.dumps(body).encode()
        request = Request(
            f"{url}/{path}{'?' if params else ''}{params}", data, dict(headers),
            method=str(entry["method"]),
        )  # fmt: skip
        try:
            with urlopen(request, timeout=SECONDS):
                if request.method == "POST" and path.endswith(f"/runs/{uid}"):
                    self.on_run(project, uid, data)
                return True
        except HTTPError as error:
            with error:
                said = error.read(500).decode("utf-8", "replace")
            if error.code >= 500 or error.code in (401, 404, 408, 429):
                return False  # away, or of another service: it stays where it is
            self.log.warning("The service refuses a line of run %s of %s: %s", uid, project, said)
            return True
        except (URLError, OSError):
            return False
