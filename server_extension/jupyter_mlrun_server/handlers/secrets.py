"""Secrets of projects: stored and named, never shown."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_mlrun.errors import MLRunAccessDeniedError, MLRunInvalidArgumentError

from ..store import projects
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import Handler, guarded

PROVIDERS = ("kubernetes", "vault")


class Secrets(Handler):
    """The secrets of a project."""

    @guarded("secrets")
    async def get(self, project: str) -> None:
        """Refused: values are given to runs alone."""
        raise MLRunAccessDeniedError(
            f"Values of secrets are not given out: list their names with "
            f"GET projects/{project}/secret-keys, and let a run have them by name"
        )

    @guarded("secrets")
    async def post(self, project: str) -> None:
        """Add secrets, or give those that are there another value."""
        body = self.body()
        provider(body.get("provider"))
        given = body.get("secrets") or {}
        if not isinstance(given, Mapping):
            raise MLRunInvalidArgumentError("'secrets' must be an object: {NAME: value}")
        await self.service.read(projects.require, project)
        await self.service.threads.slow(self.service.secrets.save, project, given)
        self.answer_nothing(201)

    @guarded("secrets")
    async def delete(self, project: str) -> None:
        """Remove those that ``secret=`` names, else all."""
        provider(self.query.text("provider"))
        chosen = self.query.texts("secret")
        await self.service.read(projects.require, project)
        await self.service.threads.slow(self.service.secrets.delete, project, chosen)
        self.answer_nothing()


class SecretKeys(Handler):
    """The names of a project's secrets."""

    @guarded("secrets")
    async def get(self, project: str) -> None:
        """In the order in which they came."""
        shown = provider(self.query.text("provider"))
        await self.service.read(projects.require, project)
        found = await self.service.threads.slow(self.service.secrets.names, project)
        self.answer({"provider": shown, "secret_keys": found})


def provider(given: object) -> str:
    """The provider's name as clients say it; where secrets lie is the service's own matter."""
    if given in (None, ""):
        return PROVIDERS[0]
    if given not in PROVIDERS:
        raise MLRunInvalidArgumentError(
            f"'provider' is {given!r:.40}: leave it out, or say 'kubernetes' as MLRun's client does"
        )
    return str(given)


ROUTES = [
    Route(f"{PROJECT_PATH}/secrets", Secrets),
    Route(f"{PROJECT_PATH}/secret-keys", SecretKeys),
]
