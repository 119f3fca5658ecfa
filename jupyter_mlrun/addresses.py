"""MLRun's other modules: they exist by name alone, and what they name lies elsewhere here.

So ``from mlrun.utils import logger`` and the like need no change in a script.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from .errors import tell_briefly
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
        "AlertActiveState", "AlertSeverity", "ArtifactCategories", "ArtifactPartitionByField",
        "ArtifactsDeletionStrategies", "DeletionStrategy", "EventEntityKind", "EventKind",
        "NotificationKind", "NotificationSeverity", "NotificationStatus", "ObjectKind", "OrderType",
        "PatchMode", "PreemptionModes", "ProjectState", "ResetPolicy", "RunPartitionByField",
        "ScheduleKinds", "SecretProviderName", "SecurityContextEnrichmentModes", "SortField",
    ),
    "enumerations",
)  # fmt: skip
_ALERTS = dict.fromkeys(
    (
        "AlertActivation", "AlertActivations", "AlertConfig", "AlertCriteria", "AlertNotification",
        "AlertTemplate", "AlertTrigger", "Event", "EventEntities",
    ),
    "alerts",
)  # fmt: skip
_SCHEDULES = dict.fromkeys(
    ("ScheduleCronTrigger", "ScheduleInput", "ScheduleKinds", "ScheduleUpdate"), "tasks.schedule"
)
_SCHEMAS = {**_ENUMERATIONS, **_ALERTS, **_SCHEDULES, "Notification": "tasks"}
_LOGGING = {"logger": "logger", "create_logger": "logger"}
# the module is found where the logger is, once it is imported: it logs as well
_LOGGER = dict.fromkeys(("Logger", "create_logger"), "logger") | {
    name: f"logger:logger.{name}"
    for name in (
        "debug", "error", "exception", "info", "set_logger_level", "warn", "warning",
    )
}  # fmt: skip
_HELPERS = {
    **_LOGGING,
    "DB_SCHEMA": "uris:STORE_SCHEME",
    "RunKeys": "enumerations",
    "StorePrefix": "enumerations",
    "create_class": "dotted",
    "create_function": "dotted",
    "datetime_from_iso": "clock",
    "datetime_now": "clock:now_date",
    "datetime_to_iso": "clock",
    "dict_to_json": "model.texts",
    "dict_to_yaml": "model.texts",
    "generate_artifact_uri": "uris",
    "generate_object_uri": "uris",
    "get_artifact_target": "model.artifact",
    "get_in": "nested",
    "is_store_uri": "uris:is_store",
    "normalize_name": "names",
    "now_date": "clock",
    "parse_artifact_uri": "uris",
    "run_keys": "enumerations",
    "to_date_str": "clock",
    "update_in": "nested",
}
_TYPES = {"ValueType": "enumerations", "python_type_to_value_type": "model.feature"}
_RESOURCES = {
    "get_store_resource": "artifacts.stored",
    "get_store_uri": "uris",
    "parse_store_uri": "uris",
}
_PACKAGERS = {"DefaultPackager": "packagers.default", "Packager": "packagers.packager"}
_DATABASE = {
    "HTTPRunDB": "rundb:RunDB",
    "RunDBError": "errors:MLRunHTTPError",
    "RunDBInterface": "rundb:RunDB",
}

MODULES: dict[str, dict[str, str]] = {
    "artifacts.manager": {"dict_to_artifact": "artifacts.kinds"},
    "artifacts.plots": {"PlotArtifact": "artifacts", "PlotlyArtifact": "artifacts"},
    "common": {"schemas": "common.schemas:", "runtimes": "common.runtimes:"},
    "common.runtimes": {"constants": "common.runtimes.constants:"},
    "common.runtimes.constants": {"RunStates": "enumerations"},
    "common.schemas": {**_SCHEMAS, "alert": "common.schemas.alert:"},
    "common.schemas.alert": _SCHEMAS,
    "common.schemas.artifact": _ENUMERATIONS,
    "common.schemas.constants": _ENUMERATIONS,
    "common.schemas.function": _ENUMERATIONS,
    "common.schemas.notification": _ENUMERATIONS,
    "common.schemas.object": _ENUMERATIONS,
    "common.schemas.project": _ENUMERATIONS,
    "common.schemas.schedule": _SCHEDULES,
    "common.schemas.secret": _ENUMERATIONS,
    "data_types": {**_TYPES, "data_types": "data_types.data_types:"},
    "data_types.data_types": _TYPES,
    "datastore.datastore": {
        "StoreManager": "datastore.manager",
        "schema_to_store": "datastore.manager",
    },
    "datastore.inmem": {"InMemoryStore": "datastore.memory:MemoryStore"},
    "datastore.store_resources": {**_RESOURCES, "is_store_uri": "uris:is_store"},
    "datastore.vectorstore": {"VectorStoreCollection": "artifacts.vector_stores"},
    "db.base": _DATABASE,
    "db.httpdb": _DATABASE,
    "features": {"Feature": "model.feature"},
    "package.packager": _PACKAGERS,
    "package.packagers": _PACKAGERS,
    "package.packagers.default_packager": _PACKAGERS,
    "package.packagers_manager": {"PackagersManager": "packagers.manager"},
    "package.utils": {
        "ArchiveSupportedFormat": "packagers.archives",
        "ArtifactType": "packagers.packager",
        "LogHint": "packagers.hint",
        "StructFileSupportedFormat": "packagers.formats",
        "TypeHintUtils": "packagers.type_hints",
    },
    "platforms.iguazio": _MOUNTS,
    "platforms.other": _MOUNTS,
    "render": {
        "artifacts_to_html": "display.render",
        "ipython_display": "display.render",
        "run_to_html": "display.render",
        "runs_to_html": "display.render",
    },
    "runtime_configuration_context": {"RuntimeConfigurationContext": "tenants"},
    "runtimes.base": {"BaseRuntime": "functions.function:Function"},
    "runtimes.daskjob": {"DaskCluster": "functions.dask"},
    "runtimes.kubejob": {"KubejobRuntime": "functions.job"},
    "runtimes.local": {
        "HandlerRuntime": "functions.function:Function",
        "LocalRuntime": "functions.function:Function",
    },
    "runtimes.mounts": _MOUNTS,
    "runtimes.utils": {"RunError": "errors"},
    "utils": {**_HELPERS, "helpers": "utils.helpers:", "logger": "logger"},
    "utils.helpers": _HELPERS,
    "utils.logger": _LOGGER,
}
_SERVING, _FEATURES = "serving graphs", "the feature store"
_WORKFLOWS, _HUB = "workflows", "modules of the hub"
# what is still to come, of the package and of modules that are here
LATER = {
    "feature_store": _FEATURES,
    "hub": _HUB,
    "model_monitoring": "the monitoring of models",
    "serving": _SERVING,
    **dict.fromkeys(
        (
            "data_types.InferOptions", "data_types.data_types.InferOptions",
            "datastore.BigQuerySource", "datastore.CSVSource", "datastore.CSVTarget",
            "datastore.HttpSource", "datastore.KafkaSource", "datastore.NoSqlTarget",
            "datastore.ParquetSource", "datastore.ParquetTarget", "datastore.StreamSource",
            "datastore.StreamTarget", "datastore.sources", "datastore.targets", "features.Entity",
            "features.MinMaxLenValidator", "features.MinMaxValidator", "features.RegexValidator",
            "features.Validator",
        ),
        _FEATURES,
    ),
    **dict.fromkeys(
        (
            "ModelProvider", "datastore.get_stream_pusher", "get_model_provider",
            "new_model_server", "runtimes.ApplicationRuntime", "runtimes.RemoteRuntime",
            "runtimes.ServingRuntime", "runtimes.nuclio", "runtimes.nuclio_init_hook",
        ),
        _SERVING,
    ),
    **dict.fromkeys(("get_hub_item", "get_hub_module", "get_hub_step", "import_module"), _HUB),
    **dict.fromkeys(
        (
            "get_pipeline", "projects.load_and_run", "projects.pipelines",
            "projects.rerun_workflow", "retry_pipeline", "terminate_pipeline",
            "wait_for_pipeline_completion",
        ),
        _WORKFLOWS,
    ),
    # of functions
    **dict.fromkeys(("function.as_step", "function.deploy_step"), _WORKFLOWS),
    **dict.fromkeys(
        (
            "function.add_child_function", "function.add_model", "function.add_trigger",
            "function.invoke", "function.set_topology", "function.set_tracking",
            "function.to_mock_server", "function.with_http",
        ),
        _SERVING,
    ),
}  # fmt: skip


def refusal(part: str) -> str:
    """Why a part of MLRun is not here, and what to do instead."""
    release = vars(sys.modules[PACKAGE])["__version__"]
    return (
        f"{part} ({LATER[part]}) is not in this release of jupyter-mlrun ({release}). "
        "Leave it out here, or run this code where MLRun's own package is installed"
    )


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
    """How one of these modules is loaded; None for any other name.

    Raises ModuleNotFoundError for a name that is not in this release.
    """
    if part in LATER:
        # without a name: what imports `from` a package passes over one that it asked for
        raise tell_briefly(ModuleNotFoundError(refusal(part)))
    if part not in MODULES:
        return None
    return _Spec(f"{PACKAGE}.{part}", Loader(MODULES[part]), origin=__file__, is_package=True)
