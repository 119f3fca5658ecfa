"""Signs of life of runs in kernels: who gives them can be believed, and who stops is gone."""

from __future__ import annotations

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
)

from . import Route
from .base import BODY, Handler, guarded

MOST = 1000


class Leases(Handler):
    """Runs that are known to go on."""

    _track_activity = False

    @guarded("runs", where=BODY)
    async def post(self) -> None:
        """For how long each is believed to go on, and which of them have ended or are not there."""
        by_project = self._asked()
        ended = []
        for project, uids in by_project.items():
            try:
                await self.require_role(project, "write")
            except (MLRunAccessDeniedError, MLRunNotFoundError):
                gone = uids
            else:
                call = self.service.leases.prolong
                gone = await self.service.threads.call(call, project, uids)
            ended += [{"project": project, "uid": uid} for uid in gone]
        self.answer({"seconds": self.service.leases.seconds, "ended": ended})

    def _asked(self) -> dict[str, list[str]]:
        given = self.body().get("runs")
        if not isinstance(given, list) or len(given) > MOST:
            raise MLRunInvalidArgumentError(f"'runs' must be a list of at most {MOST} runs")
        found: dict[str, list[str]] = {}
        for each in given:
            parts = (each.get("project"), each.get("uid")) if isinstance(each, dict) else (0, 0)
            if not all(isinstance(part, str) and 0 < len(part) <= 100 for part in parts):
                raise MLRunInvalidArgumentError(
                    "A run of 'runs' is an object with the texts 'project' and 'uid'"
                )
            found.setdefault(each["project"], []).append(each["uid"])
        return found


ROUTES = [Route("lab/leases", Leases)]
