"""What became of a run's outputs."""

from __future__ import annotations

import json

from ..store import run_users
from . import UID, Route
from .base import PROJECT, Handler, guarded


class Users(Handler):
    """The runs that took what a run left."""

    _track_activity = False

    @guarded("runs", run=PROJECT)
    async def get(self, project: str, uid: str) -> None:
        """Their rows, each with those of its inputs that the run left."""
        host = self.service.place.host
        found = await self.service.read(run_users.select, project, uid, host)
        rows = [f'{{"row":{user.row},"inputs":{json.dumps(user.inputs)}}}' for user in found]
        self.answer_text(f'{{"users":[{",".join(rows)}]}}')


ROUTES = [Route(f"lab/runs/(?P<project>[^/]+)/{UID}/users", Users)]
