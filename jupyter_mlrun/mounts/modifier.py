"""What a modifier is, and what all of them need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

Modifier = Callable[[Any], Any]
FORBIDDEN = "mlrun-auth-secrets."


def check_secret(name: str | None) -> None:
    """Nothing, where a function may name the Secret: those that hold users' keys it may not."""
    if name and name.strip().startswith(FORBIDDEN):
        raise MLRunInvalidArgumentError(
            f"Forbidden secret '{name}' matches MLRun auth-secret pattern."
        )


def named(name: str, change: Modifier) -> Modifier:
    """The modifier, which tells by its qualified name where it comes from."""
    change.__qualname__ = f"{name}.<locals>.{change.__name__}"
    return change


def mounted(name: str, volume: str, source: Mapping[str, Any], path: str) -> Modifier:
    """A modifier that adds a volume and mounts it."""

    def mount(runtime: Any) -> Any:
        runtime.spec.with_volumes({"name": volume, **source})
        runtime.spec.with_volume_mounts({"mountPath": path, "name": volume})
        return runtime

    return named(name, mount)
