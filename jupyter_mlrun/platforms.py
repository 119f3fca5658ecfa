"""MLRun's older module ``mlrun.platforms``: the mounts, which lie in ``mounts`` now."""

from .lazy import attributes

# what MLRun has below it is found by name alone: see addresses.py
__path__: list[str] = []

_NAMES = (
    "VolumeMount", "auto_mount", "mount_configmap", "mount_hostpath", "mount_pvc", "mount_s3",
    "mount_secret", "mount_v3io", "set_env_variables", "v3io_cred",
)  # fmt: skip
__getattr__, __dir__ = attributes(__name__, dict.fromkeys(_NAMES, "mounts"))
