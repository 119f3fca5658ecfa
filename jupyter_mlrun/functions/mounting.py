"""Modifiers of a function, and the mount that the administrator gives to those without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from jupyter_mlrun import mounts


class Mounting:
    """The part of a function that takes modifiers such as ``mount_pvc(...)``."""

    spec: Any
    # fields of mounts beside volume_mounts
    MOUNTS: ClassVar[tuple[str, ...]] = ()

    def apply(self, modifier: Callable[[Any], Any]) -> Self:
        """Let a modifier change it; one of ``jupyter_mlrun.mounts`` replaces the automatic one."""
        modifier(self)
        if mounts.is_mount(modifier):
            self.spec["disable_auto_mount"] = True
        return self

    def try_auto_mount_based_on_config(
        self, override_params: Mapping[str, Any] | None = None
    ) -> None:
        """Apply the administrator's mount, where the function has none and asks for none not."""
        if self.spec.get("disable_auto_mount"):
            return
        modifier = mounts.configured(override_params)
        if modifier is not None:
            self.apply(modifier)
