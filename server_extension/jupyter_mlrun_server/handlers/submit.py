"""``submit_job``: a task becomes a run."""

from __future__ import annotations

from ..services.task_input import project_of
from . import Route
from .base import BODY, Handler, guarded


class Submit(Handler):
    """Runs to start, now or at the times of a schedule."""

    @guarded("runs", where=BODY)
    async def post(self) -> None:
        """The run as recorded, pending; with a schedule whether that was made or modified."""
        body = self.body()
        await self.require_role(project_of(body), "write")
        if await self.service.forward(self):
            return
        if body.get("schedule"):
            made = await self.service.threads.call(
                self.service.scheduler.submit, body, self.identity
            )
            self.service.events.wake()
            self.answer({"data": made})
            return
        self.answer({"data": await self.service.submit(body, self.user)})


ROUTES = [Route("submit_job", Submit, "all"), Route("submit", Submit, "all")]
