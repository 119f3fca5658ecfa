"""Export of a notebook as a function."""

from __future__ import annotations

from ..services.export import export
from . import Route
from .base import Handler, guarded


class Export(Handler):
    """Notebooks to export."""

    @guarded("export")
    async def post(self) -> None:
        """Write module and function beside the notebook, or only show them."""
        root = self.service.place.files_root
        self.answer(await self.service.threads.slow(export, root, self.body()))


ROUTES = [Route("lab/export", Export)]
