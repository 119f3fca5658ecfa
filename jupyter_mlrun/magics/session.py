"""What the magics of one kernel share: the service, the project, what was run."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun import config
from jupyter_mlrun.client import functions, projects
from jupyter_mlrun.client.transport import Client, connect
from jupyter_mlrun.magics.origin import CurrentCell
from jupyter_mlrun.model.function import function_hash

DEFAULT_PROJECT = "default"


class Session:
    """One kernel's connection to the service."""

    def __init__(self) -> None:
        self.cell = CurrentCell()
        self.runs: list[tuple[str, str]] = []
        self.made = 0
        """how often this kernel stored a function, sent a run or took a project"""
        self._client: Client | None = None
        self._ready: set[str] = set()
        self._latest: dict[tuple[str, str], str] = {}
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
        self.made += 1
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

    def store_function(self, function: Mapping[str, Any], known: bool = True) -> str:
        """Store a function as the latest of its name; its version.

        Where ``known``, a function that this kernel stored last under its name is left as it is.
        """
        metadata = function["metadata"]
        key = (metadata["project"], metadata["name"])
        version = function_hash(function)
        if not known or self._latest.get(key) != version:
            version = functions.store(self.client, function)
            self._latest[key] = version
            self.made += 1
        return version

    def take(self, shell: Any, run: dict[str, Any], variable: str | None) -> None:
        """Note a run that this kernel has sent, and bind it where the line asks for it.

        A run that is known already is bound anew, as it is now.
        """
        known = run["metadata"]["project"], run["metadata"]["uid"]
        if known not in self.runs:
            self.runs.append(known)
        self.made += 1
        if variable:
            from jupyter_mlrun.runs import RunObject

            shell.user_ns[variable] = RunObject.from_dict(run, self.client)
