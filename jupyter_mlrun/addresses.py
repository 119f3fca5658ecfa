"""MLRun's other modules: they exist by name alone, and what they name lies elsewhere here.

So ``from mlrun.utils import logger`` and the like need no change in a script.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from .lazy import PACKAGE, attributes

# what is loaded already, so that nothing need import importlib.machinery
_Spec: Any = type(__spec__)
_MOUNTS = dict.fromkeys(
    (
        "VolumeMount", "auto_mount", "mount_configmap", "mount_hostpath", "mount_pvc", "mount_s3",
        "mount_secret", "mount_spark_conf", "mount_v3io", "mount_v3iod", "set_env_variables",
        "set_env_vars_from_secret", "v3io_cred",
    ),
    "mounts",
)  # fmt: skip
_ENUMERATIONS = dict.fromkeys(
    (
        "ArtifactCategories", "ArtifactsDeletionStrategies", "DeletionStrategy",
        "NotificationKind", "NotificationSeverity", "NotificationStatus", "OrderType", "PatchMode",
        "ProjectState", "RunPartitionByField", "SecretProviderName", "SortField",
    ),
    "enumerations",
)  # fmt: skip
_LOGGING = {"logger": "logger", "create_logger": "logger"}
_PACKAGERS = {"DefaultPackager": "packagers.default", "Packager": "packagers.packager"}
_DATABASE = {"HTTPRunDB": "rundb:RunDB", "RunDBInterface": "rundb:RunDB"}

MODULES: dict[str, dict[str, str]] = {
    "artifacts.plots": {"PlotArtifact": "artifacts", "PlotlyArtifact": "artifacts"},
    "common": {"schemas": "common.schemas:", "runtimes": "common.runtimes:"},
    "common.runtimes": {"constants": "common.runtimes.constants:"},
    "common.runtimes.constants": {"RunStates": "enumerations"},
    "common.schemas": _ENUMERATIONS,
    "common.schemas.artifact": _ENUMERATIONS,
    "common.schemas.constants": _ENUMERATIONS,
    "common.schemas.notification": _ENUMERATIONS,
    "common.schemas.project": _ENUMERATIONS,
    "common.schemas.secret": _ENUMERATIONS,
    "db.base": _DATABASE,
    "db.httpdb": _DATABASE,
    "package.packager": _PACKAGERS,
    "package.packagers": _PACKAGERS,
    "package.packagers.default_packager": _PACKAGERS,
    "package.utils": {"ArtifactType": "packagers.packager", "LogHint": "packagers.hint"},
    "platforms.iguazio": _MOUNTS,
    "platforms.other": _MOUNTS,
    "runtimes.base": {"BaseRuntime": "functions.function:Function"},
    "runtimes.daskjob": {"DaskCluster": "functions.dask"},
    "runtimes.kubejob": {"KubejobRuntime": "functions.job"},
    "runtimes.local": {
        "HandlerRuntime": "functions.function:Function",
        "LocalRuntime": "functions.function:Function",
    },
    "runtimes.mounts": _MOUNTS,
    "runtimes.utils": {"RunError": "errors"},
    "utils": {**_LOGGING, "helpers": "utils.helpers:"},
    "utils.helpers": _LOGGING,
}


class Loader:
    """Makes a module whose names lie elsewhere."""

    def __init__(self, places: dict[str, str]) -> None:
        self.places = places

    def create_module(self, spec: Any) -> None:
        """None: an ordinary module."""

    def exec_module(self, module: ModuleType) -> None:
        """Have the module answer for its names."""
        module.__doc__ = f"MLRun's module ``{module.__name__.replace(PACKAGE, 'mlrun', 1)}``."
        vars(module)["__getattr__"], vars(module)["__dir__"] = attributes(
            module.__name__, self.places
        )


def find(part: str) -> Any:
    """How one of these modules is loaded; None for any other name."""
    if part not in MODULES:
        return None
    return _Spec(f"{PACKAGE}.{part}", Loader(MODULES[part]), origin=__file__, is_package=True)
