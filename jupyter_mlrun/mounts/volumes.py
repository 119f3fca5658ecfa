"""Volumes of Kubernetes: claims, Secrets, ConfigMaps and folders of the node."""

from __future__ import annotations

import os
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .modifier import Modifier, check_secret, mounted


def mount_pvc(
    pvc_name: str | None = None,
    volume_name: str = "pipeline",
    volume_mount_path: str = "/mnt/pipeline",
) -> Modifier:
    """Mount a persistent volume claim; without a name the one of ``MLRUN_PVC_MOUNT=NAME:PATH``."""
    if not pvc_name and (given := os.environ.get("MLRUN_PVC_MOUNT")):
        parts = given.split(":")
        if len(parts) != 2:
            raise MLRunInvalidArgumentError(
                "MLRUN_PVC_MOUNT should include <pvc-name>:<mount-path>"
            )
        pvc_name, volume_mount_path = parts
    if not pvc_name:
        raise MLRunInvalidArgumentError(
            "No PVC name: use the pvc_name parameter or configure the MLRUN_PVC_MOUNT "
            "environment variable"
        )
    source = {"persistentVolumeClaim": {"claimName": pvc_name}}
    return mounted("mount_pvc", volume_name, source, volume_mount_path)


def mount_secret(
    secret_name: str,
    mount_path: str,
    volume_name: str = "secret",
    items: list[dict[str, Any]] | None = None,
) -> Modifier:
    """Mount a Kubernetes Secret as files: every key, or those of ``items``."""
    check_secret(secret_name)
    source = {"secret": {"secretName": secret_name, "items": items}}
    return mounted("mount_secret", volume_name, source, mount_path)


def mount_configmap(
    configmap_name: str,
    mount_path: str,
    volume_name: str = "configmap",
    items: list[dict[str, Any]] | None = None,
) -> Modifier:
    """Mount a ConfigMap as files: every key, or those of ``items``."""
    given = {"items": items} if items is not None else {}
    source = {"configMap": {"name": configmap_name, **given}}
    return mounted("mount_configmap", volume_name, source, mount_path)


def mount_hostpath(host_path: str, mount_path: str, volume_name: str = "hostpath") -> Modifier:
    """Mount a folder of the node, where the administrator allows it."""
    source = {"hostPath": {"path": host_path, "type": ""}}
    return mounted("mount_hostpath", volume_name, source, mount_path)
