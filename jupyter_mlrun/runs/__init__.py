"""Recorded runs as user code holds them, one by one and in lists."""

from .run import RunObject

__all__ = ["RunObject"]
