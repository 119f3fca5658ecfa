"""What the magics of one kernel share: the service, the project, what was run."""

from __future__ import annotations

import os
import threading
from typing import Any

from jupyter_mlrun import config
from jupyter_mlrun.client import projects
from jupyter_mlrun.client.transport import Client, connect
from jupyter_mlrun.magics.origin import CurrentCell

DEFAULT_PROJECT = "default"


class Session:
    """One kernel's connection to the service."""

    def __init__(self) -> None:
        self.cell = CurrentCell()
        self.runs: list[tuple[str, str]] = []
        self._client: Client | None = None
        self._ready: set[str] = set()
        self._lock = threading.Lock()

    @property
    def client(self) -> Client:
        """The connection to the service, opened when it is first needed."""
        with self._lock:
            if self._client is None:
                self._client = connect()
            return self._client

    @property
    def project(self) -> str:
        """The kernel's project."""
        return config.load().project or DEFAULT_PROJECT

    def choose_project(self, name: str) -> dict[str, Any]:
        """Take a project for this kernel and its runs; it is made where it is new."""
        document = projects.get_or_create(self.client, name)
        os.environ["MLRUN_ACTIVE_PROJECT"] = name
        self._ready.add(name)
        return document

    def require_project(self, asked: str | None) -> str:
        """The project to use: the one asked for must exist; ``default`` is made by us."""
        name = asked or self.project
        if name in self._ready:
            return name
        if name == DEFAULT_PROJECT:
            projects.get_or_create(self.client, name)
        else:
            projects.get(self.client, name)
        self._ready.add(name)
        return name

    def remember(self, project: str, uid: str) -> None:
        """Note a run that this kernel has sent."""
        self.runs.append((project, uid))
