"""How a run on another machine tells the service: it keeps what was not heard, and tells it again.

Nobody reads the folder of a pod, so what a service that is away has missed must be sent by the run
itself: in order, in the background, and at the end with patience.
"""

from __future__ import annotations

import collections
import json
import os
import sys
import threading
import time
from typing import Any

from .client.transport import Client, Response
from .errors import MLRunHTTPError, MLRunServiceUnreachableError
from .report import Reporter

PAUSE, LONGEST_PAUSE = 0.5, 5.0
PATIENCE = float(os.environ.get("JUPYTER_MLRUN_PATIENCE") or 3600)
_AWAY = frozenset({429, 500, 502, 503, 504})


class PostingReporter(Reporter):
    """Tells of one run from afar; requests keep their order."""

    def __init__(self, client: Client) -> None:
        super().__init__(client, None)
        self._waiting: collections.deque[tuple[Any, ...]] = collections.deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def flush(self, patience: float = PATIENCE) -> bool:
        """Whether all was told; waits for a service that is away."""
        deadline = time.monotonic() + patience
        told = False
        while self._waiting and time.monotonic() < deadline:
            if not told:
                told = True
                print("the service does not answer: waiting to report the end", file=sys.stderr)
            time.sleep(0.1)
        return not self._waiting

    def _send(
        self, method: str, version: str, path: str, params: dict[str, Any], body: Any
    ) -> Response | None:
        if not isinstance(body, bytes):
            # as it is now: the document may change while it waits
            body = json.loads(json.dumps(self._masker.document(body)))
        call = (method, version, path, dict(params), body)
        with self._lock:
            if not self._waiting:
                try:
                    return self._post(call)
                except MLRunServiceUnreachableError:
                    pass
                except MLRunHTTPError as error:
                    if error.status_code not in _AWAY:
                        raise
            self._waiting.append(call)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, daemon=True, name="report")
                self._thread.start()
        return None

    def _work(self) -> None:
        pause = PAUSE
        while self._waiting:
            try:
                self._post(self._waiting[0])
                pause = PAUSE
            except MLRunServiceUnreachableError:
                time.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
                continue
            except MLRunHTTPError as error:
                if error.status_code in _AWAY:
                    time.sleep(pause)
                    continue
                print(f"the service refuses a report: {error}", file=sys.stderr)
            self._waiting.popleft()

    def _post(self, call: tuple[Any, ...]) -> Response:
        method, version, path, params, body = call
        return self.client.request(
            method, path, params, body, version=version, idempotent=False, tries=1, timeout=20.0
        )
