"""Requests, limits and GPUs of a function's pods."""

from __future__ import annotations

import warnings
from typing import Any, Self

from . import resources
from .resources import GPU


class PodResources:
    """The part of a function that says how much its pods get."""

    spec: Any

    def with_limits(
        self,
        mem: str | None = None,
        cpu: str | int | float | None = None,
        gpus: int | None = None,
        gpu_type: str = GPU,
        patch: bool = False,
    ) -> Self:
        """Set what a pod may use at most; without ``patch`` all limits are replaced."""
        return self._set_limits("resources", mem, cpu, gpus, gpu_type, patch)

    def with_requests(
        self, mem: str | None = None, cpu: str | int | float | None = None, patch: bool = False
    ) -> Self:
        """Set what a pod is to find free; without ``patch`` all requests are replaced."""
        return self._set_requests("resources", mem, cpu, patch)

    def gpus(self, gpus: int, gpu_type: str = GPU) -> Self:
        """Give each pod that many GPUs; ``with_limits(gpus=…, patch=True)`` does it now."""
        warnings.warn(
            "gpus() was removed from MLRun: write with_limits(gpus=…, patch=True)",
            FutureWarning,
            stacklevel=2,
        )
        return self.with_limits(gpus=gpus, gpu_type=gpu_type, patch=True)

    def _set_limits(
        self, field: str, mem: Any, cpu: Any, gpus: Any, gpu_type: str, patch: bool
    ) -> Self:
        found = resources.build_limits(field, mem, cpu, gpus, gpu_type)
        return self._set_section(field, "limits", found, patch)

    def _set_requests(self, field: str, mem: Any, cpu: Any, patch: bool) -> Self:
        found = resources.build_requests(field, mem, cpu)
        return self._set_section(field, "requests", found, patch)

    def _set_section(
        self, field: str, section: str, found: resources.Resources, patch: bool
    ) -> Self:
        before = self.spec.get(field) or {}
        self.spec.put(field, resources.set_section(before, section, found, patch))
        return self
