"""One connection, and the project of calls that name none."""

from __future__ import annotations

import os

from .transport import Client


class Connected:
    """Calls over one connection."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def _project(self, name: str | None) -> str:
        return name or os.environ.get("MLRUN_ACTIVE_PROJECT") or "default"
