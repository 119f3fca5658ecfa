"""Jobs on this machine: what a pod does on a cluster, a process of its own does here."""

from __future__ import annotations

from typing import ClassVar

from .local import LocalRuntime


class JobRuntime(LocalRuntime):
    """Runs a job as the kind ``local`` does, under its own name."""

    kind: ClassVar[str] = "job"
