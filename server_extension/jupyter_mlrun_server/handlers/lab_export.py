"""Export of a notebook as a function."""

from __future__ import annotations

from jupyter_mlrun.errors import MLRunBadRequestError

from ..services.export import export
from . import Route
from .base import ANYBODY, Handler, guarded


class Export(Handler):
    """Notebooks to export."""

    @guarded("export", where=ANYBODY)
    async def post(self) -> None:
        """Write module and function beside the notebook, or only show them."""
        if self.service.alone:
            raise MLRunBadRequestError(
                "This service has no notebooks: export in the Jupyter server that holds yours"
            )
        root = self.service.place.files_root
        self.answer(await self.service.threads.slow(export, root, self.body()))


ROUTES = [Route("lab/export", Export)]
