"""Functions of the kind ``job``: each run is a pod of its own, or a process of this machine."""

from __future__ import annotations

from .pod_spec import PodSpec


class KubejobRuntime(PodSpec):
    """A function whose run is one pod."""
