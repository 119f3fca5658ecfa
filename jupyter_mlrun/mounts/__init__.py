"""Modifiers of functions: storage, Secrets and ConfigMaps for their pods, by MLRun's names.

    function.apply(mount_pvc("data", "data", "/data"))

Each gives a function that changes a function and returns it.
"""

from .automatic import auto_mount, configured, is_mount
from .credentials import mount_s3, set_env_variables, set_env_vars_from_secret
from .v3io import VolumeMount, mount_spark_conf, mount_v3io, mount_v3iod, v3io_cred
from .volumes import mount_configmap, mount_hostpath, mount_pvc, mount_secret

__all__ = [
    "VolumeMount",
    "auto_mount",
    "configured",
    "is_mount",
    "mount_configmap",
    "mount_hostpath",
    "mount_pvc",
    "mount_s3",
    "mount_secret",
    "mount_spark_conf",
    "mount_v3io",
    "mount_v3iod",
    "set_env_variables",
    "set_env_vars_from_secret",
    "v3io_cred",
]
