"""What is to be run, before it is: MLRun's task templates and what they hold."""

from .fields import RunMetadata, RunSpec, RunStatus
from .notification import Notification
from .options import HyperParamOptions, HyperParamStrategies, Retry, RetryBackoff
from .template import RunTemplate, new_task, validate_parameters

__all__ = [
    "HyperParamOptions",
    "HyperParamStrategies",
    "Notification",
    "Retry",
    "RetryBackoff",
    "RunMetadata",
    "RunSpec",
    "RunStatus",
    "RunTemplate",
    "new_task",
    "validate_parameters",
]
