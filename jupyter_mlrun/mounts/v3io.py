"""Mounts of Iguazio's data layer, as MLRun writes them."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from jupyter_mlrun import cluster_settings
from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunInvalidArgumentTypeError

from .modifier import Modifier, named


class VolumeMount(NamedTuple):
    """A path in the container, and a folder of the volume."""

    path: str
    sub_path: str


def v3io_cred(api: str = "", user: str = "", access_key: str = "") -> Modifier:
    """Set the variables by which v3io's client finds its service."""

    def mount(runtime: Any) -> Any:
        framesd = cluster_settings.read("v3io_framesd") or os.environ.get("V3IO_FRAMESD")
        return runtime.set_envs(
            {
                "V3IO_API": api or os.environ.get("V3IO_API") or cluster_settings.read("v3io_api"),
                "V3IO_USERNAME": user or os.environ.get("V3IO_USERNAME"),
                "V3IO_ACCESS_KEY": access_key or os.environ.get("V3IO_ACCESS_KEY"),
                "V3IO_FRAMESD": framesd or "",
            }
        )

    return named("v3io_cred", mount)


def mount_v3io(
    name: str = "v3io",
    remote: str = "",
    access_key: str = "",
    user: str = "",
    secret: str | None = None,
    volume_mounts: list[VolumeMount] | None = None,
) -> Modifier:
    """Mount a path of v3io; without one ``/v3io`` and the user's folder at ``/User``."""
    mounts, user = _mounts(remote, volume_mounts, user)
    volume = {"name": name, **_volume(remote, access_key, user, secret)}

    def mount(runtime: Any) -> Any:
        runtime.spec.with_volumes(volume)
        for each in mounts:
            runtime.spec.with_volume_mounts(
                {"mountPath": each.path, "name": name, "subPath": each.sub_path}
            )
        return runtime if secret else v3io_cred(access_key=access_key, user=user)(runtime)

    return named("mount_v3io", mount)


def mount_spark_conf() -> Modifier:
    """Mount the configuration of Iguazio's Spark service."""

    def mount(runtime: Any) -> Any:
        runtime.spec.with_volume_mounts(
            {"mountPath": "/etc/config/spark", "name": "spark-master-config"}
        )
        return runtime

    return named("mount_spark_conf", mount)


def mount_v3iod(namespace: str, v3io_config_configmap: str) -> Modifier:
    """Mount what v3io's daemon of the node shares with pods."""
    host = {"shm": f"dayman-shm/{namespace}", "v3iod-comm": f"dayman/{namespace}"}
    config = {"name": v3io_config_configmap, "defaultMode": 420}
    volumes: list[dict[str, Any]] = [
        *(
            {"name": name, "hostPath": {"path": f"/var/run/iguazio/{path}", "type": ""}}
            for name, path in host.items()
        ),
        {"name": "daemon-health", "emptyDir": {}},
        {"name": "v3io-config", "configMap": config},
    ]
    paths = {
        "shm": "/dev/shm",
        "v3iod-comm": "/var/run/iguazio/dayman",
        "daemon-health": "/var/run/iguazio/daemon_health",
        "v3io-config": "/etc/config/v3io",
    }
    node_ip = {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.hostIP"}}

    def mount(runtime: Any) -> Any:
        runtime.spec.with_volumes(volumes)
        runtime.spec.with_volume_mounts(
            [{"mountPath": path, "name": name} for name, path in paths.items()]
        )
        return runtime.set_envs(
            {
                "CURRENT_NODE_IP": {"valueFrom": node_ip},
                "IGZ_DATA_CONFIG_FILE": "/igz/java/conf/v3io.conf",
            }
        )

    return named("mount_v3iod", mount)


def _mounts(
    remote: str, given: list[VolumeMount] | None, user: str
) -> tuple[list[VolumeMount], str]:
    if remote and not given:
        raise MLRunInvalidArgumentError("volume_mounts must be specified when remote is given")
    if given:
        if not all(isinstance(each, VolumeMount) for each in given):
            raise MLRunInvalidArgumentTypeError("volume_mounts must be a list of VolumeMount")
        return given, user
    user = user or os.environ.get("V3IO_USERNAME", "")
    if not user:
        raise MLRunInvalidArgumentError(
            "user name/env must be specified when using empty remote and volume_mounts"
        )
    return [VolumeMount("/v3io", ""), VolumeMount("/User", f"users/{user}")], user


def _volume(remote: str, access_key: str, user: str, secret: str | None) -> dict[str, Any]:
    options = {"accessKey": access_key or os.environ.get("V3IO_ACCESS_KEY")}
    user = user or os.environ.get("V3IO_USERNAME", "")
    if user:
        options["dirsToCreate"] = f'[{{"name": "users//{user}", "permissions": 488}}]'
    if remote.startswith("~/"):
        if not user:
            raise MLRunInvalidArgumentError(
                'user name/env must be specified when using "~" in path'
            )
        remote = f"users/{user}{remote[1:].rstrip('/')}"
    if remote:
        container, _, below = remote.strip("/").partition("/")
        options |= {"container": container, "subPath": f"/{below}" if below else ""}
    found: dict[str, Any] = {"driver": "v3io/fuse", "options": options}
    if secret:
        found["secretRef"] = {"name": secret}
    return {"flexVolume": found}
