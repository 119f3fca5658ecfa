"""What a function may ask of a cluster: everything beyond its own pods takes an administrator."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from jupyter_mlrun.errors import MLRunAccessDeniedError, MLRunInvalidArgumentError

from .settings import OVERRIDE, Allowed, Settings

# what opens the node, however it is spelled
_POD_FIELDS = ("hostNetwork", "hostPID", "hostIPC")
_CAPABILITIES = frozenset({"IPC_LOCK"})
_VOLUMES = frozenset({
    "name", "persistentVolumeClaim", "configMap", "secret", "emptyDir", "downwardAPI", "hostPath",
    "flexVolume", "projected", "ephemeral",
})  # fmt: skip


def check(
    spec: Mapping[str, Any],
    settings: Settings,
    project: str,
    user_id: int | None,
    own: str = "",
) -> None:
    """Nothing, where a pod's spec stays within what is allowed; else refused with the way out.

    ``own`` is the Secret that the run itself brings.
    """
    allowed = settings.allowed
    for field in _POD_FIELDS:
        if spec.get(field) and not allowed.host_network:
            raise _denied(f"{field}", "host_network = True")
    _check_account(spec.get("serviceAccountName"), settings)
    _check_context(spec.get("securityContext") or {}, settings, user_id, "the pod")
    for volume in spec.get("volumes") or []:
        _check_volume(volume, allowed, project)
    for container in _containers(spec):
        context = container.get("securityContext") or {}
        _check_container(context, allowed, str(container.get("name")))
        _check_context(context, settings, user_id, f"container {container.get('name')}")
        for reference in sorted({*_secret_names(container)} - {own}):
            check_secret(reference, allowed, project)


def check_secret(name: str, allowed: Allowed, project: str) -> None:
    """Nothing, where functions of the project may read a Secret of the namespace."""
    own = f"mlrun-project-secrets-{project}"
    if name == own or name.startswith(f"mlrun-auth-secrets.{project}."):
        return
    foreign = name.startswith(("mlrun-project-secrets-", "mlrun-auth-secrets.", "mlrun-run-"))
    if foreign or not any(fnmatchcase(name, pattern) for pattern in allowed.secrets):
        raise _denied(f"the Secret {name}", f"allowed_secrets = ['{name}']", never=foreign)


def _containers(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for part in ("initContainers", "containers"):
        yield from spec.get(part) or []


def _check_account(name: object, settings: Settings) -> None:
    defaults, allowed = settings.defaults, settings.allowed
    if name in (None, "", "default", defaults.service_account):
        return
    if not any(fnmatchcase(str(name), pattern) for pattern in allowed.service_accounts):
        raise _denied(f"the service account {name}", f"allowed_service_accounts = ['{name}']")


def _check_volume(volume: Mapping[str, Any], allowed: Allowed, project: str) -> None:
    unknown = [key for key, value in volume.items() if value is not None and key not in _VOLUMES]
    name = volume.get("name")
    if unknown:
        raise MLRunInvalidArgumentError(
            f"Volume {name} is of the kind {unknown[0]}, which functions cannot have here: use a "
            "PersistentVolumeClaim, ConfigMap, Secret or emptyDir"
        )
    if host := volume.get("hostPath"):
        path = posixpath.normpath(str(host.get("path") or "/"))
        if not any(_below(path, root) for root in allowed.host_paths):
            raise _denied(f"the folder {path} of its node", f"allowed_host_paths = ['{path}']")
    sources = [volume, *((volume.get("projected") or {}).get("sources") or [])]
    for source in sources:
        found = source.get("secret") or {}
        if reference := found.get("secretName") or found.get("name"):
            check_secret(str(reference), allowed, project)
        if "serviceAccountToken" in source:
            raise _denied("a token of its service account", "nothing", never=True)


def _check_container(context: Mapping[str, Any], allowed: Allowed, name: str) -> None:
    if context.get("privileged") and not allowed.privileged:
        raise _denied(f"a privileged container ({name})", "allow_privileged = True")
    if context.get("allowPrivilegeEscalation") and not allowed.privileged:
        raise _denied("escalation of privileges", "allow_privileged = True")
    added = set((context.get("capabilities") or {}).get("add") or ()) - _CAPABILITIES
    if added and not allowed.privileged:
        raise _denied(f"the capabilities {', '.join(sorted(added))}", "allow_privileged = True")


def _check_context(
    context: Mapping[str, Any], settings: Settings, user_id: int | None, where: str
) -> None:
    asked = context.get("runAsUser")
    if asked is None or settings.security_mode != OVERRIDE:
        return
    if asked != user_id and asked not in settings.allowed.users:
        raise _denied(
            f"to run {where} as user {asked} where it may run as {user_id}",
            f"allowed_users = [{asked}]",
        )


def _secret_names(container: Mapping[str, Any]) -> Iterator[str]:
    for entry in container.get("env") or []:
        reference = (entry.get("valueFrom") or {}).get("secretKeyRef") or {}
        if reference.get("name"):
            yield str(reference["name"])
    for source in container.get("envFrom") or []:
        if name := (source.get("secretRef") or {}).get("name"):
            yield str(name)


def _below(path: str, root: str) -> bool:
    root = posixpath.normpath(root)
    return path == root or path.startswith(root.rstrip("/") + "/")


def _denied(what: str, setting: str, never: bool = False) -> MLRunAccessDeniedError:
    way = "no setting allows it" if never else f"an administrator can set MLRunCluster.{setting}"
    return MLRunAccessDeniedError(f"The function asks for {what}, which is not allowed: {way}")
