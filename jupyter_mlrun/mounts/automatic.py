"""The mount that functions get without naming one: the administrator's, or the environment's."""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_mlrun import cluster_settings
from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .credentials import mount_s3, set_env_variables, set_env_vars_from_secret
from .modifier import Modifier
from .v3io import mount_v3io, v3io_cred
from .volumes import mount_pvc

BY_TYPE: dict[str, Callable[..., Modifier] | None] = {
    "none": None,
    "v3io_credentials": v3io_cred,
    "v3io_fuse": mount_v3io,
    "pvc": mount_pvc,
    "s3": mount_s3,
    "env": set_env_variables,
    "secret_env": set_env_vars_from_secret,
}
# as MLRun has it: by the beginning of the name, so that mount_v3iod counts too
_AUTOMATIC = (*(make.__name__ for make in BY_TYPE.values() if make), "auto_mount")


def auto_mount(
    pvc_name: str = "", volume_mount_path: str = "", volume_name: str | None = None
) -> Modifier:
    """The mount that fits: the claim named, else the administrator's, else the environment's.

    Raises ValueError where nothing says what to mount.
    """
    if pvc_name and volume_mount_path:
        return mount_pvc(pvc_name, volume_name or "shared-persistency", volume_mount_path)
    if _kind() != "auto" and (found := configured()):
        return found
    if "MLRUN_PVC_MOUNT" in os.environ:
        return mount_pvc(volume_name=volume_name or "shared-persistency")
    if "V3IO_ACCESS_KEY" in os.environ:
        return mount_v3io(name=volume_name or "v3io")
    raise ValueError(
        "Failed to auto mount, need to set env vars: MLRUN_PVC_MOUNT=NAME:PATH, or name the claim "
        "by pvc_name= and volume_mount_path="
    )


def configured(override: Mapping[str, Any] | None = None) -> Modifier | None:
    """The administrator's mount for functions that have none; None where there is none."""
    kind = _kind()
    given = {**cluster_settings.read_parameters("storage.auto_mount_params"), **(override or {})}
    if kind == "auto":
        kind = "pvc" if "MLRUN_PVC_MOUNT" in os.environ or "pvc_name" in given else "none"
    if kind not in BY_TYPE:
        raise MLRunInvalidArgumentError(
            f"Invalid value for auto_mount_type - '{kind}': use one of auto, {', '.join(BY_TYPE)}"
        )
    make = BY_TYPE[kind]
    return make(**_accepted(make, given)) if make else None


def is_mount(modifier: Callable[..., Any]) -> bool:
    """Whether a modifier is one of those that take the place of the automatic mount."""
    return modifier.__qualname__.startswith(_AUTOMATIC)


def _kind() -> str:
    return cluster_settings.read("storage.auto_mount_type") or "auto"


def _accepted(make: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that the modifier takes; the others are named in a warning."""
    known = inspect.signature(make).parameters
    if any(each.kind is each.VAR_KEYWORD for each in known.values()):
        return dict(given)
    for name in given.keys() - known.keys():
        warnings.warn(
            f"The setting storage.auto_mount_params names '{name}', which {make.__name__}() "
            "does not take",
            stacklevel=3,
        )
    return {name: value for name, value in given.items() if name in known}
