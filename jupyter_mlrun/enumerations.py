"""MLRun's enumerations, the words that its calls take; each is its text."""

from __future__ import annotations

from enum import StrEnum

from . import states, uris


class AlertActiveState(StrEnum):
    """Whether an alert has rung."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class AlertSeverity(StrEnum):
    """How much an alert matters."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ArtifactCategories(StrEnum):
    """The categories by which artifacts are listed."""

    model = "model"
    dataset = "dataset"
    document = "document"
    llm_prompt = "llm-prompt"
    other = "other"
    link = "link"


class ArtifactPartitionByField(StrEnum):
    """By what artifacts are put together, of which the newest are listed."""

    name = "name"
    project_and_name = "project_and_name"


class ArtifactsDeletionStrategies(StrEnum):
    """What becomes of an artifact's data where it is deleted."""

    metadata_only = "metadata-only"
    data_optional = "data-optional"
    data_force = "data-force"


class DeletionStrategy(StrEnum):
    """What becomes of what a project holds where it is deleted."""

    restrict = "restrict"
    restricted = "restricted"
    cascade = "cascade"
    cascading = "cascading"
    check = "check"


class EventEntityKind(StrEnum):
    """What the entities are that events concern."""

    MODEL_ENDPOINT_RESULT = "model-endpoint-result"
    MODEL_MONITORING_APPLICATION = "model-monitoring-application"
    MODEL_MONITORING_INFRA = "model-monitoring-infra"
    JOB = "job"


class EventKind(StrEnum):
    """What alerts listen to."""

    DATA_DRIFT_DETECTED = "data-drift-detected"
    DATA_DRIFT_SUSPECTED = "data-drift-suspected"
    CONCEPT_DRIFT_DETECTED = "concept-drift-detected"
    CONCEPT_DRIFT_SUSPECTED = "concept-drift-suspected"
    MODEL_PERFORMANCE_DETECTED = "model-performance-detected"
    MODEL_PERFORMANCE_SUSPECTED = "model-performance-suspected"
    SYSTEM_PERFORMANCE_DETECTED = "system-performance-detected"
    SYSTEM_PERFORMANCE_SUSPECTED = "system-performance-suspected"
    MM_APP_ANOMALY_DETECTED = "mm-app-anomaly-detected"
    MM_APP_ANOMALY_SUSPECTED = "mm-app-anomaly-suspected"
    MM_APP_FAILED = "mm-app-failed"
    MODEL_MONITORING_LAG_DETECTED = "model-monitoring-lag-detected"
    FAILED = "failed"


class NotificationKind(StrEnum):
    """How one is told of a run's end."""

    console = "console"
    git = "git"
    ipython = "ipython"
    slack = "slack"
    mail = "mail"
    webhook = "webhook"


class NotificationSeverity(StrEnum):
    """How much a notification matters."""

    INFO = "info"
    DEBUG = "debug"
    VERBOSE = "verbose"
    WARNING = "warning"
    ERROR = "error"


class NotificationStatus(StrEnum):
    """Whether a notification was sent."""

    PENDING = "pending"
    SENT = "sent"
    ERROR = "error"


class ObjectKind(StrEnum):
    """The nouns of MLRun's documents."""

    project = "project"
    feature_set = "FeatureSet"
    background_task = "BackgroundTask"
    feature_vector = "FeatureVector"
    model_endpoint = "model-endpoint"
    hub_source = "HubSource"
    hub_item = "HubItem"
    hub_catalog = "HubCatalog"


class OrderType(StrEnum):
    """In which order a list comes."""

    asc = "asc"
    desc = "desc"


class PatchMode(StrEnum):
    """Whether a change replaces what is there, or is added to it."""

    replace = "replace"  # type: ignore[assignment]
    additive = "additive"


class PreemptionModes(StrEnum):
    """Whether a function's pods go to nodes that may be taken away."""

    allow = "allow"
    constrain = "constrain"
    prevent = "prevent"
    none = "none"


class ProjectState(StrEnum):
    """The states of a project."""

    unknown = "unknown"
    creating = "creating"
    deleting = "deleting"
    online = "online"
    offline = "offline"
    archived = "archived"


class ResetPolicy(StrEnum):
    """Who makes an alert listen again after it rang."""

    MANUAL = "manual"
    AUTO = "auto"


class RunKeys:
    """Keys of a run's document."""

    input_path = "input_path"
    output_path = "output_path"
    inputs = "inputs"
    returns = "returns"
    artifacts = "artifacts"
    artifact_uris = "artifact_uris"
    outputs = "outputs"
    data_stores = "data_stores"
    secrets = "secret_sources"


run_keys = RunKeys


class RunPartitionByField(StrEnum):
    """By what runs are put together, of which the newest are listed."""

    name = "name"
    project_and_name = "project_and_name"


class ScheduleKinds(StrEnum):
    """What schedules run."""

    job = "job"
    pipeline = "pipeline"
    local_function = "local_function"

    @staticmethod
    def local_kinds() -> list[ScheduleKinds]:
        """Those that are not sent anywhere."""
        return [ScheduleKinds.local_function]


class SecretProviderName(StrEnum):
    """Where a project's secrets are kept."""

    vault = "vault"
    kubernetes = "kubernetes"


class SecurityContextEnrichmentModes(StrEnum):
    """As whom a function's pods run."""

    retain = "retain"
    override = "override"
    disabled = "disabled"


class SortField(StrEnum):
    """By which time a list is ordered."""

    created = "created"
    updated = "updated"


class RunStates:
    """The states of a run."""

    created = states.CREATED
    pending = states.PENDING
    running = states.RUNNING
    completed = states.COMPLETED
    error = states.ERROR
    aborting = states.ABORTING
    aborted = states.ABORTED
    skipped = states.SKIPPED
    unknown = states.UNKNOWN
    pending_retry = states.PENDING_RETRY

    @staticmethod
    def all() -> list[str]:
        """Every state."""
        return list(states.ALL)

    @staticmethod
    def terminal_states() -> list[str]:
        """Those that nothing follows."""
        return [each for each in states.ALL if each in states.TERMINAL]

    @staticmethod
    def non_terminal_states() -> list[str]:
        """Those that something follows."""
        return [each for each in states.ALL if each not in states.TERMINAL]


class StorePrefix:
    """The nouns that stand first in a ``store://`` address."""

    FeatureSet = "feature-sets"
    FeatureVector = "feature-vectors"
    Artifact = "artifacts"
    Model = "models"
    Dataset = "datasets"
    Document = "documents"
    LLMPrompt = "llm-prompts"

    @classmethod
    def is_artifact(cls, prefix: str) -> bool:
        """Whether it is one of artifacts."""
        return prefix in (cls.Artifact, cls.Model, cls.Dataset, cls.Document, cls.LLMPrompt)

    @classmethod
    def is_prefix(cls, prefix: str) -> bool:
        """Whether it is one of them."""
        return cls.is_artifact(prefix) or prefix in (cls.FeatureSet, cls.FeatureVector)

    @classmethod
    def kind_to_prefix(cls, kind: str) -> str:
        """The noun for artifacts of a kind."""
        return uris.KIND_PREFIX.get(kind, cls.Artifact)


class ValueType(StrEnum):
    """The types of a model's features."""

    UNKNOWN = ""
    BOOL = "bool"
    INT8 = "int8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int"
    INT128 = "int128"
    UINT8 = "uint8"
    UINT16 = "uint16"
    UINT32 = "uint32"
    UINT64 = "uint64"
    UINT128 = "uint128"
    FLOAT16 = "float16"
    FLOAT = "float32"
    DOUBLE = "float"
    BFLOAT16 = "bfloat16"
    BYTES = "bytes"
    STRING = "str"
    DATETIME = "datetime"
    LIST = "List"
    BYTES_LIST = "List[bytes]"
    STRING_LIST = "List[string]"
    INT32_LIST = "List[int32]"
    INT64_LIST = "List[int]"
    DOUBLE_LIST = "List[float]"
    FLOAT_LIST = "List[float32]"
    BOOL_LIST = "List[bool]"
    Tuple = "Tuple"
