"""MLRun's older module ``mlrun.platforms``: the mounts, which lie in ``mounts`` now."""

from .lazy import attributes

_NAMES = (
    "VolumeMount", "auto_mount", "mount_configmap", "mount_hostpath", "mount_pvc", "mount_s3",
    "mount_secret", "mount_v3io", "set_env_variables", "v3io_cred",
)  # fmt: skip
__getattr__, __dir__ = attributes(__name__, dict.fromkeys(_NAMES, "mounts"))
