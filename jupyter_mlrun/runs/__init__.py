"""Recorded runs as user code holds them, one by one and in lists."""

from .lists import ArtifactList, FunctionList, RunList
from .run import RunObject

__all__ = ["ArtifactList", "FunctionList", "RunList", "RunObject"]
