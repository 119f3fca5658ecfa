"""MLRun's module ``mlrun.lists``."""

from .lazy import attributes

__getattr__, __dir__ = attributes(
    __name__, {"ArtifactList": "runs", "FunctionList": "runs", "RunList": "runs"}
)
