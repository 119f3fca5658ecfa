"""What an administrator says of building images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AUTO, ENABLED, DISABLED = "auto", "enabled", "disabled"
INSECURE_MODES = (AUTO, ENABLED, DISABLED)
LOCAL = ("localhost", "127.0.0.1", "[::1]")
BUILDAH, KANIKO, BUILDKIT = "buildah", "kaniko", "buildkit"
BUILDERS = (KANIKO, BUILDAH, BUILDKIT)
# without it a container can make no file system for the commands of a build
BUILDAH_CONTEXT: dict[str, Any] = {"capabilities": {"add": ["SYS_ADMIN"]}}
BUILDKIT_CONTEXT: dict[str, Any] = {
    "runAsUser": 1000, "runAsGroup": 1000, "seccompProfile": {"type": "Unconfined"},
}  # fmt: skip
DEFAULT_IMAGE = "mlrun/mlrun"


@dataclass(frozen=True)
class Images:
    """The images of the builders themselves."""

    kaniko: str = "gcr.io/kaniko-project/executor:v1.23.2"
    init: str = "alpine:3.20"
    buildah: str = "quay.io/buildah/stable:v1.37"
    buildkit: str = "moby/buildkit:v0.16.0-rootless"


@dataclass(frozen=True)
class BuildSettings:
    """How images are built, and to which registry they go.

    ``registry`` may name a repository too: ``registry.example.org/lab``. ``secret`` is the name of
    a Secret of the type ``kubernetes.io/dockerconfigjson``; ``auth_file`` is such a file of this
    machine.
    """

    registry: str = ""
    secret: str = ""
    auth_file: str = ""
    builder: str = KANIKO
    images: Images = field(default_factory=Images)
    insecure_pull: str = AUTO
    insecure_push: str = AUTO
    pip_version: str = "~=26.0"
    mlrun_specifier: str = ""
    build_args: Mapping[str, str] = field(default_factory=dict)
    requests: Mapping[str, str] = field(default_factory=dict)
    security_context: Mapping[str, Any] | None = None
    storage: str = ""
    storage_driver: str = ""
    image_variables: Mapping[str, str] = field(default_factory=dict)
    """MLRun's variables that complete names of images"""
    timeout: int = 3600
    ttl: int = 600

    def is_insecure(self, mode: str, secret: str) -> bool:
        """Whether a registry may be spoken to without TLS: by default one without a login."""
        return mode == ENABLED or (mode == AUTO and not secret)


def tls_flags(mode: str, image: str) -> list[str]:
    """buildah's word for a registry without TLS: where that is said, or it is this machine."""
    host = image.partition("/")[0].rpartition(":")[0]
    is_insecure = mode == ENABLED or (mode == AUTO and host in LOCAL)
    return ["--tls-verify=false"] if is_insecure else []
