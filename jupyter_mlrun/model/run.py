"""The run document: what was asked, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from .document import Document, Part


@dataclass
class RunMetadata(Part):
    """Who the run is."""

    name: str | None = None
    uid: str | None = None
    iteration: int = 0
    project: str | None = None
    labels: dict[str, Any] = field(default_factory=dict)
    annotations: dict[str, Any] = field(default_factory=dict)


@dataclass
class RunSpec(Part):
    """What the run was asked to do."""

    function: str | None = None
    handler: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: list[Any] = field(default_factory=list)
    returns: list[Any] | None = None
    output_path: str | None = None
    input_path: str | None = None
    log_level: str | None = None
    hyperparams: dict[str, Any] | None = None
    hyper_param_options: dict[str, Any] = field(default_factory=dict)
    secret_sources: list[Any] | None = None
    data_stores: list[Any] = field(default_factory=list)
    notifications: list[Any] | None = None
    state_thresholds: dict[str, Any] | None = None
    node_selector: dict[str, Any] | None = None
    tolerations: list[Any] | None = None
    affinity: dict[str, Any] | None = None
    retry: dict[str, Any] | None = None
    auth: dict[str, Any] | None = None
    # additions of ours, beside MLRun's fields
    origin: dict[str, Any] | None = None
    limits: dict[str, Any] | None = None
    env: dict[str, str] | None = None
    secrets: list[str] | None = None


@dataclass
class RunStatus(Part):
    """What came of the run."""

    state: str | None = None
    results: dict[str, Any] | None = None
    start_time: str | None = None
    end_time: str | None = None
    last_update: str | None = None
    error: str | None = None
    status_text: str | None = None
    reason: str | None = None
    host: str | None = None
    commit: str | None = None
    iterations: list[Any] | None = None
    ui_url: str | None = None
    artifacts: list[Any] | None = None
    artifact_uris: dict[str, str] | None = None
    notifications: dict[str, Any] | None = None
    retry_count: int | None = None
    retries: list[Any] | None = None


@dataclass
class Run(Document):
    """One execution of a function; iterations of a sweep share its uid."""

    metadata: RunMetadata
    spec: RunSpec
    status: RunStatus

    Metadata: ClassVar[type[Part]] = RunMetadata
    Spec: ClassVar[type[Part]] = RunSpec
    Status: ClassVar[type[Part]] = RunStatus
    default_kind: ClassVar[str] = "run"
