"""``submit_job``: a task becomes a run."""

from __future__ import annotations

from . import Route
from .base import Handler, guarded


class Submit(Handler):
    """Runs to start."""

    @guarded("runs")
    async def post(self) -> None:
        """The run as recorded, pending."""
        if await self.service.forward(self):
            return
        run = await self.service.submit(self.body())
        self.answer({"data": run})


ROUTES = [Route("submit_job", Submit, "all"), Route("submit", Submit, "all")]
