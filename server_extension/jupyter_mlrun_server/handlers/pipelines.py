"""Pipelines: what workflows that ran in a client left behind; the engine comes later."""

from __future__ import annotations

from . import PROJECT as PROJECT_PATH
from . import Route
from .base import Handler
from .later import later


class Pipelines(Handler):
    """The pipelines of a project."""

    post = later("pipelines")


ROUTES = [Route(f"{PROJECT_PATH}/pipelines", Pipelines)]
