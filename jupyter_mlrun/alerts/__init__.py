"""Alerts as user code holds them: what they listen to, when they ring, and what came of it."""

from .alert import AlertConfig
from .parts import (
    AlertActivation,
    AlertActivations,
    AlertCriteria,
    AlertNotification,
    AlertTemplate,
    AlertTrigger,
    Event,
    EventEntities,
)

__all__ = [
    "AlertActivation",
    "AlertActivations",
    "AlertConfig",
    "AlertCriteria",
    "AlertNotification",
    "AlertTemplate",
    "AlertTrigger",
    "Event",
    "EventEntities",
]
