"""MLRun's enumerations, the words that its calls take; each is its text."""

from __future__ import annotations

from enum import StrEnum

from . import states


class ArtifactCategories(StrEnum):
    """The categories by which artifacts are listed."""

    model = "model"
    dataset = "dataset"
    document = "document"
    llm_prompt = "llm-prompt"
    other = "other"
    link = "link"


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


class OrderType(StrEnum):
    """In which order a list comes."""

    asc = "asc"
    desc = "desc"


class PatchMode(StrEnum):
    """Whether a change replaces what is there, or is added to it."""

    replace = "replace"  # type: ignore[assignment]
    additive = "additive"


class ProjectState(StrEnum):
    """The states of a project."""

    unknown = "unknown"
    creating = "creating"
    deleting = "deleting"
    online = "online"
    offline = "offline"
    archived = "archived"


class RunPartitionByField(StrEnum):
    """By what runs are put together, of which the newest are listed."""

    name = "name"
    project_and_name = "project_and_name"


class SecretProviderName(StrEnum):
    """Where a project's secrets are kept."""

    vault = "vault"
    kubernetes = "kubernetes"


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
