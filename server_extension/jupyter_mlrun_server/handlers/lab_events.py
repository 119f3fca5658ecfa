"""Events: by a long poll for processes, by a WebSocket for pages."""

from __future__ import annotations

from . import Route
from .base import EACH, Handler, guarded
from .sockets import Socket


class Events(Handler):
    """The events after a cursor."""

    _track_activity = False

    @guarded("events", where=EACH)
    async def get(self) -> None:
        """Wait for the first; without a cursor the answer is where the events are now."""
        query = self.query
        scope = await self.scope(query.text("project"))
        cursor = query.whole("cursor", -1)
        self.answer(
            await self.service.events.poll(
                -1 if cursor is None else cursor, scope, query.text("uid"),
                query.number("timeout", 20.0),
            )
        )  # fmt: skip


ROUTES = [Route("lab/events", Events), Route("lab/socket", Socket)]
