"""Activations of alerts, in MLRun's shape."""

from __future__ import annotations

from jupyter_mlrun.model import alert

from ..store import alert_activations as store
from ..store import projects
from . import PROJECT as PROJECT_PATH
from . import Route, pages
from .arguments import invalid
from .base import EACH, PROJECT, Handler, guarded


class AlertActivations(Handler):
    """The activations of a project's alerts, or of all projects (``*``)."""

    @guarded("alert-activations", run=PROJECT, where=EACH)
    async def get(self, project: str) -> None:
        """A page, newest first."""
        if project != "*":
            await self.service.read(projects.require, project)
        asked = pages.question(self, "alert-activations", project, store.Filter, self._asked)
        await pages.answer(self, "activations", asked, store.select)

    def _asked(self) -> store.Filter:
        query = self.query
        severities = query.texts("severity")
        for word in severities:
            if word not in alert.SEVERITIES:
                query.choice("severity", alert.SEVERITIES)
                raise invalid("severity", "value is not a severity", "type_error.enum")
        return store.Filter(
            name=query.text("name") or None,
            entity=query.text("entity") or None,
            entity_kind=query.choice("entity-kind", alert.ENTITY_KINDS) or None,
            event_kind=query.choice("event-kind", alert.EVENTS) or None,
            severities=severities,
            since=query.moment("since"),
            until=query.moment("until"),
        )


class AlertActivation(Handler):
    """One activation."""

    @guarded("alert-activations", run=PROJECT)
    async def get(self, project: str, activation: str) -> None:
        """It, with how its notifications went."""
        self.answer(await self.service.read(store.read, project, int(activation)))


ROUTES = [
    Route(f"{PROJECT_PATH}/alert-activations", AlertActivations),
    Route(f"{PROJECT_PATH}/alert-activations/(?P<activation>[0-9]{{1,15}})", AlertActivation),
]
