"""Operations on the service itself."""

from __future__ import annotations

from . import Route
from .base import ADMINS, Handler, guarded


class Migrations(Handler):
    """The store's schema."""

    @guarded("operations", where=ADMINS)
    async def post(self) -> None:
        """Nothing is left to do: it is brought up to date when the service starts."""
        self.answer_nothing(200)


class RefreshSmtp(Handler):
    """The settings for mail."""

    @guarded("operations", where=ADMINS)
    async def post(self) -> None:
        """Nothing is left to do: they are read anew for every mail."""
        self.answer_nothing(200)


ROUTES = [
    Route("operations/migrations", Migrations),
    Route("operations/refresh-smtp-configuration", RefreshSmtp),
]
