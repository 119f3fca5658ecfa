"""Artifacts (version 2) and their tags."""

from __future__ import annotations

from jupyter_mlrun.errors import MLRunAccessDeniedError, MLRunBadRequestError

from ..store import artifact_lists, artifacts
from ..store.artifacts import ArtifactKey
from . import PROJECT as PROJECT_PATH
from . import Route, pages
from .base import PROJECT, Handler, guarded


class Artifacts(Handler):
    """The artifacts of a project."""

    @guarded("artifacts", run=PROJECT)
    async def get(self, project: str) -> None:
        """One entry for each artifact and tag."""
        found = await self.service.read(artifact_lists.select, project, self._asked())
        self.answer({"artifacts": found, "pagination": pages.pagination(None, None, None)})

    @guarded("artifacts")
    async def delete(self, project: str) -> None:
        """Remove those that fit."""
        await self.service.write(artifact_lists.delete, project, self._asked())
        self.answer_nothing()

    def _asked(self) -> artifact_lists.Filter:
        query = self.query
        best, iteration = query.flag("best-iteration"), query.iteration()
        if best and iteration is not None:
            raise MLRunBadRequestError("Give either iter or best-iteration, not both")
        kind, category = query.text("kind"), query.choice("category", artifact_lists.CATEGORIES)
        if kind and category:
            raise MLRunBadRequestError("Give either kind or category, not both")
        return artifact_lists.Filter(
            name=query.text("name") or None,
            tag=query.text("tag") or None,
            labels=query.texts("label", "labels"),
            iteration=iteration,
            best_iteration=best,
            kind=kind or None,
            category=category or None,
            tree=query.text("tree") or None,
            producer_uri=query.text("producer_uri") or None,
            since=query.moment("since"),
            until=query.moment("until"),
            limit=query.whole("limit", low=1),
        )


class Artifact(Handler):
    """One artifact."""

    @guarded("artifacts", run=PROJECT)
    async def get(self, project: str, key: str) -> None:
        """Its document, by tag, producer, iteration or uid."""
        self.answer(await self.service.read(artifacts.read, self._key(project, key)))

    @guarded("artifacts", run=PROJECT, action="write")
    async def put(self, project: str, key: str) -> None:
        """Store it; a run's token stores what that run made."""
        body = self.body()
        wanted = self._key(project, key)
        metadata = body.get("metadata")
        tree = wanted.tree or (metadata.get("tree") if isinstance(metadata, dict) else "")
        if self.grant is not None and self.grant.kind == "run":
            others = artifacts.trees(str(tree or ""), body) - {self.grant.uid}
            if others:
                raise MLRunAccessDeniedError(
                    f"The token of run {self.grant.uid} may not write an artifact of "
                    f"{min(others) or 'nobody'}"
                )
        await self.service.catch_up(project, str(tree))
        self.answer(await self.service.write(artifacts.save, wanted, body))

    @guarded("artifacts")
    async def delete(self, project: str, key: str) -> None:
        """Remove what is named; its file stays."""
        await self.service.write(artifacts.delete, self._key(project, key))
        self.answer_nothing()

    def _key(self, project: str, key: str) -> ArtifactKey:
        query = self.query
        return ArtifactKey(
            project, key, query.text("tag"), query.text("tree"), query.text("object-uid"),
            query.iteration(),
        )  # fmt: skip


class ArtifactTags(Handler):
    """The tags of a project's artifacts."""

    @guarded("artifacts", run=PROJECT)
    async def get(self, project: str) -> None:
        """Every tag once."""
        self.answer(
            {"project": project, "tags": await self.service.read(artifact_lists.tags, project)}
        )


ROUTES = [
    Route(f"{PROJECT_PATH}/artifacts", Artifacts, "v2"),
    Route(f"{PROJECT_PATH}/artifacts/(?P<key>.+?)", Artifact, "v2"),
    Route(f"{PROJECT_PATH}/artifact-tags", ArtifactTags),
]
