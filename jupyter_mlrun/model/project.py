"""The project document: the room in which functions, runs and artifacts have their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from .document import Document, Part


@dataclass
class ProjectMetadata(Part):
    """Who the project is."""

    name: str | None = None
    created: str | None = None
    labels: dict[str, Any] = field(default_factory=dict)
    annotations: dict[str, Any] = field(default_factory=dict)


@dataclass
class ProjectSpec(Part):
    """What the project holds by itself."""

    description: str | None = None
    owner: str | None = None
    desired_state: str | None = None


@dataclass
class ProjectStatus(Part):
    """Whether the project is online."""

    state: str | None = None


@dataclass
class Project(Document):
    """A named room of functions, runs and artifacts."""

    metadata: ProjectMetadata
    spec: ProjectSpec
    status: ProjectStatus

    Metadata: ClassVar[type[Part]] = ProjectMetadata
    Spec: ClassVar[type[Part]] = ProjectSpec
    Status: ClassVar[type[Part]] = ProjectStatus
    default_kind: ClassVar[str] = "project"
