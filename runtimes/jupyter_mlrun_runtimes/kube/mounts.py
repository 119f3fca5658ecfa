"""Volumes and where they are mounted: the function's own, else what is mounted for all. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

from . import manifests
from .manifests import Body
from .settings import Defaults

AUTO_MOUNTS = ("none", "auto", "pvc", "s3", "env", "secret_env")


@dataclass(frozen=True)
class Mounted:
    """Volumes of a pod, their places in its container, and variables that belong to them."""

    volumes: list[Body] = field(default_factory=list)
    volume_mounts: list[Body] = field(default_factory=list)
    env: list[Body] = field(default_factory=list)


def of_function(function: Mapping[str, Any], defaults: Defaults) -> Mounted:
    """What the function mounts; where it mounts nothing, what the administrator mounts for all."""
    volumes = manifests.merge_named(function.get("volumes") or [])
    mounts = manifests.merge_named(function.get("volume_mounts") or [], key="mountPath")
    off = function.get("disable_auto_mount") or function.get("mount_applied")
    auto = Mounted() if off else auto_mount(defaults.auto_mount_type, defaults.auto_mount_params)
    found = Mounted(
        manifests.merge_named(auto.volumes, volumes),
        manifests.merge_named(auto.volume_mounts, mounts, key="mountPath"),
        auto.env,
    )
    known = {volume["name"] for volume in found.volumes}
    for mount in found.volume_mounts:
        if mount.get("name") not in known:
            raise MLRunInvalidArgumentError(
                f"The function mounts volume {mount.get('name')} at {mount.get('mountPath')}, and "
                f"has no volume of that name: it has {', '.join(sorted(known)) or 'none'}"
            )
    return found


def auto_mount(kind: str, params: Mapping[str, str]) -> Mounted:
    """What an auto-mount type adds."""
    if kind == "auto":
        kind = "pvc" if params.get("pvc_name") else "none"
    if kind == "none":
        return Mounted()
    if kind == "pvc":
        return _claim(params)
    if kind == "env":
        return Mounted(env=manifests.value_env(params))
    if kind == "secret_env":
        return Mounted(env=_from_secret(params))
    if kind == "s3":
        return Mounted(env=_s3(params))
    raise MLRunInvalidArgumentError(
        f"MLRunCluster.auto_mount_type is {kind!r}: give {', '.join(AUTO_MOUNTS)}"
    )


def _claim(params: Mapping[str, str]) -> Mounted:
    name = params.get("volume_name") or "pipeline"
    claim = params.get("pvc_name")
    if not claim:
        raise MLRunInvalidArgumentError("The auto-mount 'pvc' needs the parameter pvc_name")
    path = params.get("volume_mount_path") or "/mnt/pipeline"
    return Mounted(
        [{"name": name, "persistentVolumeClaim": {"claimName": claim}}],
        [{"name": name, "mountPath": path}],
    )


def _from_secret(params: Mapping[str, str]) -> list[Body]:
    """Variables by name; each value is ``secret:key``, or the key in ``secret_name``."""
    secret = params.get("secret_name") or ""
    found = []
    for name, place in params.items():
        if name == "secret_name":
            continue
        holder, _, key = place.rpartition(":")
        reference = {"name": holder or secret, "key": key}
        found.append({"name": name, "valueFrom": {"secretKeyRef": reference}})
    return found


def _s3(params: Mapping[str, str]) -> list[Body]:
    secret, prefix = params.get("secret_name"), params.get("prefix") or ""
    env = manifests.value_env({
        f"{prefix}{name}": params[param]
        for name, param in (
            ("AWS_ENDPOINT_URL_S3", "endpoint_url"), ("AWS_REGION", "aws_region"),
            ("S3_NON_ANONYMOUS", "non_anonymous"),
        )
        if params.get(param)
    })  # fmt: skip
    if secret:
        env += [
            {
                "name": f"{prefix}{name}",
                "valueFrom": {"secretKeyRef": {"name": secret, "key": name}},
            }
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        ]
    return env
