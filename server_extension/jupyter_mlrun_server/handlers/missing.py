"""What no route answers, said in the service's own shape."""

from __future__ import annotations

from jupyter_mlrun.errors import MLRunNotFoundError

from . import Route
from .base import ANYBODY, SERVICE, Handler, guarded


class Missing(Handler):
    """Everything else below the service's address."""

    @guarded("service", run=SERVICE, where=ANYBODY)
    async def get(self, path: str) -> None:
        """Not found."""
        asked = f"{self.request.method} {self.request.path}"
        raise MLRunNotFoundError(f"{asked} is not in this release")

    post = put = patch = delete = get


ROUTES = [Route("(?P<path>.*)", Missing)]
