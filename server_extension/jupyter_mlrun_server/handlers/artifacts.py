"""Artifacts (version 2) and their tags."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunAccessDeniedError, MLRunBadRequestError
from jupyter_mlrun_runtimes import KUBERNETES

from ..services.uploads import address_in_pod, away
from ..store import artifact_lists, artifacts, launches, runs, shape
from ..store.artifact_lists import Filter
from ..store.artifacts import ArtifactKey
from ..store.runs import RunKey
from . import PROJECT as PROJECT_PATH
from . import Route, pages
from .base import EACH, PROJECT, Handler, guarded
from .clients import is_mlruns

FORMATS = ("full", "minimal")
PARTITIONS = ("name", "project_and_name")
STRATEGIES = ("metadata-only", "data-optional", "data-force")


class Artifacts(Handler):
    """The artifacts of a project."""

    @guarded("artifacts", run=PROJECT, where=EACH)
    async def get(self, project: str) -> None:
        """One entry for each artifact and tag."""
        question = pages.question(self, "artifacts", project, Filter, self._asked)
        await pages.answer(self, "artifacts", question, artifact_lists.select)

    @guarded("artifacts")
    async def post(self, project: str) -> None:
        """A new artifact, whose key and producer its document names."""
        body = self.body()
        metadata = body.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        key = ArtifactKey(
            project, str(metadata.get("key") or ""), str(metadata.get("tag") or ""),
            str(metadata.get("tree") or ""),
        )  # fmt: skip
        await self.answer_from(self.service.write, artifacts.save, key, body, status=201)

    @guarded("artifacts")
    async def delete(self, project: str) -> None:
        """Remove those that fit."""
        await self.service.write(artifact_lists.delete, project, self._asked())
        self.answer_nothing()

    def _asked(self) -> Filter:
        query = self.query
        best, iteration = query.flag("best-iteration"), query.iteration()
        if best and iteration is not None:
            raise MLRunBadRequestError("Give either iter or best-iteration, not both")
        kind, category = query.text("kind"), query.choice("category", artifact_lists.CATEGORIES)
        if kind and category:
            raise MLRunBadRequestError("Give either kind or category, not both")
        return Filter(
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
            uid=query.text("object-uid") or None,
            parent=query.text("parent") or None,
            partition_by=query.choice("partition-by", PARTITIONS) or None,
            rows_per_partition=query.whole("rows-per-partition", 1, low=1) or 1,
            partition_sort_by=query.choice("partition-sort-by", ("created", "updated"), "updated"),
            partition_order=query.choice("partition-order", ("desc", "asc"), "desc"),
            minimal=query.choice("format", FORMATS, "full") == "minimal",
        )


class Artifact(Handler):
    """One artifact."""

    @guarded("artifacts", run=PROJECT)
    async def get(self, project: str, key: str) -> None:
        """Its document, by tag, producer, iteration or uid."""
        minimal = self.query.choice("format", FORMATS, "full") == "minimal"
        pod = await self._pod(project)
        await self.answer_from(self.service.read, self._read, self._key(project, key), minimal, pod)

    @guarded("artifacts", run=PROJECT, action="write")
    async def put(self, project: str, key: str) -> None:
        """Store it; a run's token stores what it made, in its own tree or its workflow's."""
        body = self.body()
        wanted = self._key(project, key)
        metadata = body.get("metadata")
        tree = wanted.tree or (metadata.get("tree") if isinstance(metadata, dict) else "")
        producer = str(tree or "")
        if self.grant is not None and self.grant.kind == "run":
            await self._check_trees(artifacts.trees(producer, body), body)
            producer = self.grant.uid
        behind = self.service.after(project, producer)
        await self.answer_from(behind.write, artifacts.save, wanted, body)

    async def _check_trees(self, wanted: set[str], body: dict[str, Any]) -> None:
        """Refuse what a run's token would write beside what that run makes."""
        assert self.grant is not None
        uid = self.grant.uid
        if wanted <= {uid}:
            return
        own = await self.service.read(launches.trees, self.grant.project, uid)
        others = wanted - own
        if not others and not artifacts.is_made_by(body, self.grant.project, uid):
            # other runs of its workflow have that tree too
            others = {"another run"}
        if others:
            raise MLRunAccessDeniedError(
                f"The token of run {uid} may not write an artifact of {min(others) or 'nobody'}"
            )

    @guarded("artifacts")
    async def delete(self, project: str, key: str) -> None:
        """Remove what is named; with a strategy ``data-…`` its files too."""
        strategy = self.query.choice("deletion_strategy", STRATEGIES, "metadata-only")
        wanted = self._key(project, key)
        await self.service.threads.slow(self.service.deletion.artifact, wanted, strategy)
        self.service.events.wake()
        self.answer_nothing()

    def _key(self, project: str, key: str) -> ArtifactKey:
        query = self.query
        # MLRun's clients before 1.8 take TREE^UID for the tree
        tree, _, uid = query.text("tree").partition("^")
        uid = query.text("object-uid") or query.text("uid") or uid
        return ArtifactKey(project, key, query.text("tag"), tree, uid, query.iteration())

    def _read(
        self, connection: Connection, key: ArtifactKey, minimal: bool, pod: str
    ) -> dict[str, Any]:
        found = artifacts.read(connection, key)
        found = shape.picked(found, artifact_lists.MINIMAL) if minimal else found
        return away(self.service.place, key.project, pod, found) if pod else found

    async def _pod(self, project: str) -> str:
        """Where the pod of MLRun's own client that asks finds files; empty for all others."""
        cluster, grant = self.service.launcher.places.cluster, self.grant
        if cluster is None or grant is None or grant.kind != "run" or not is_mlruns(self.request):
            return ""
        run = await self.service.read(runs.find, RunKey(project, grant.uid))
        if run is None or run["status"].get("place") != KUBERNETES:
            return ""
        return address_in_pod(cluster.settings.url, project, grant.uid)


class ArtifactTags(Handler):
    """The tags of a project's artifacts."""

    @guarded("artifacts", run=PROJECT)
    async def get(self, project: str) -> None:
        """Every tag once, of one category or of all."""
        category = self.query.choice("category", artifact_lists.CATEGORIES) or None
        found = await self.service.read(artifact_lists.tags, project, category)
        self.answer({"project": project, "tags": found})


ROUTES = [
    Route(f"{PROJECT_PATH}/artifacts", Artifacts, "v2"),
    Route(f"{PROJECT_PATH}/artifacts/(?P<key>.+?)", Artifact, "v2"),
    Route(f"{PROJECT_PATH}/artifact-tags", ArtifactTags),
]
