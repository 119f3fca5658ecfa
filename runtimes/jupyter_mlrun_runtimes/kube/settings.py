"""What an administrator says of the cluster: where it is, what pods get, what functions may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DISABLED, RETAIN, OVERRIDE = "disabled", "retain", "override"
MODES = (DISABLED, RETAIN, OVERRIDE)
NOGROUP = 65534
# the tag of MLRun's own images where a function names none
MLRUN_VERSION = "1.12.1"
THRESHOLDS: dict[str, str] = {
    "pending_scheduled": "1h",
    "pending_not_scheduled": "-1",
    "image_pull_backoff": "1h",
    "executing": "24h",
}


@dataclass(frozen=True)
class Allowed:
    """What functions may ask for that reaches beyond their own pods; nothing without a word."""

    host_paths: tuple[str, ...] = ()
    privileged: bool = False
    host_network: bool = False
    service_accounts: tuple[str, ...] = ()
    users: tuple[int, ...] = ()
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preemptible:
    """How nodes that may be taken away are known."""

    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Defaults:
    """What a pod gets where its function says nothing."""

    image: str = ""
    pull_policy: str = "IfNotPresent"
    pull_secret: str = ""
    service_account: str = ""
    runtime_class: str = ""
    resources: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    node_selector: Mapping[str, str] = field(default_factory=dict)
    priority_class: str = ""
    priority_classes: tuple[str, ...] = ()
    preemption_mode: str = "prevent"
    security_context: Mapping[str, Any] = field(default_factory=dict)
    auto_mount_type: str = "none"
    auto_mount_params: Mapping[str, str] = field(default_factory=dict)
    thresholds: Mapping[str, str] = field(default_factory=lambda: dict(THRESHOLDS))
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """One cluster as one service uses it.

    ``service`` names the service in the labels of all that it makes, so that two services in one
    namespace leave each other's things alone. ``url`` is where pods reach it.
    """

    namespace: str = "default"
    service: str = "mlrun"
    url: str = ""
    security_mode: str = DISABLED
    group_id: int = NOGROUP
    ttl: int = 14_400
    images: Mapping[str, str] = field(default_factory=dict)
    """MLRun's variables that complete names of images"""
    defaults: Defaults = field(default_factory=Defaults)
    preemptible: Preemptible = field(default_factory=Preemptible)
    allowed: Allowed = field(default_factory=Allowed)
