"""Who makes artifacts: what a run's context and a project have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..client.transport import Client
    from ..logger import Logger


class Producer(Protocol):
    """What artifacts need of the run or project that makes them."""

    kind: str

    @property
    def client(self) -> Client:
        """The connection to the service."""

    @property
    def logger(self) -> Logger:
        """Where warnings go."""

    @property
    def project(self) -> str:
        """The project's name."""

    @property
    def name(self) -> str:
        """The name of the run or project."""

    @property
    def tag(self) -> str:
        """The tree of the artifacts."""

    @property
    def run_uid(self) -> str:
        """The run's uid, which folders have as their name."""

    @property
    def iteration(self) -> int:
        """The iteration of the artifacts."""

    @property
    def out_path(self) -> str:
        """Below which path artifacts go; empty for the service's own place."""

    def producer(self) -> dict[str, Any]:
        """The producer's part of an artifact document."""

    def report_artifact(self, document: dict[str, Any], tag: str = "") -> dict[str, Any]:
        """Store the document; the stored one."""


class ProjectAsProducer:
    """A project that logs artifacts by itself; each logged one has a tree of its own."""

    kind = "project"
    iteration = 0

    def __init__(
        self, client: Client, project: str, artifact_path: str = "", owner: str = "", tag: str = ""
    ) -> None:
        import uuid

        from ..config import load
        from ..logger import Logger

        settings = load()
        self.client, self.project, self.name = client, project, project
        self.uid = self.tag = self.run_uid = tag or str(uuid.uuid4())
        self.owner = owner
        self.out_path = artifact_path or settings.artifact_path
        self.logger = Logger(settings.log_level)
        self.modules: list[Any] = []

    def producer(self) -> dict[str, Any]:
        """The producer's part of an artifact document."""
        from ..owner import user_name

        return {
            "kind": "project", "name": self.name, "tag": self.uid,
            "owner": self.owner or user_name(),
        }  # fmt: skip

    def report_artifact(self, document: dict[str, Any], tag: str = "") -> dict[str, Any]:
        """Store the document; the stored one."""
        from ..client import artifacts
        from ..model.document import strict

        body: Mapping[str, Any] = strict(document)
        return artifacts.store(self.client, body, tag)
