"""Feature sets, their features and entities."""

from __future__ import annotations

from typing import Any, ClassVar

from ..store import feature_sets
from ..store.feature_sets import FEATURE_SETS, KINDS, Found
from . import PROJECT as PROJECT_PATH
from . import Route, feature_store
from .base import Handler, guarded


class FeatureSets(feature_store.Documents):
    """The feature sets of a project."""

    noun, key = FEATURE_SETS, "feature_sets"


class Versions(feature_store.Versions):
    """Every version of a feature set."""

    noun = FEATURE_SETS


class FeatureSet(feature_store.Document):
    """One version of a feature set, by tag or uid."""

    noun = FEATURE_SETS


class Tags(feature_store.Tags):
    """The tags of a feature set; ``*`` is every one."""

    noun = FEATURE_SETS


class Columns(Handler):
    """Features or entities of all feature sets of a project."""

    kind: ClassVar[str]

    async def found(self, project: str) -> list[Found]:
        """Those that the query asks for."""
        asked = feature_sets.Filter(
            project,
            name=self.query.text("name"),
            tag=self.query.text("tag"),
            labels=self.query.texts("label", "labels"),
            entities=self.query.texts("entity") if self.kind == "feature" else (),
        )
        return await self.service.read(feature_sets.select, self.kind, asked)

    @guarded("feature-store")
    async def get(self, project: str) -> None:
        """Each with its feature set."""
        found = await self.found(project)
        self.answer(
            {KINDS[self.kind]: [
                {self.kind: each.column, "feature_set_digest": digest(each, *KINDS.values())}
                for each in found
            ]}
        )  # fmt: skip


class ColumnsByIndex(Columns):
    """Features or entities, and the feature sets once."""

    @guarded("feature-store")
    async def get(self, project: str) -> None:
        """Each with the index of its feature set."""
        sets: dict[tuple[str, str | None], dict[str, Any]] = {}
        columns = []
        for each in await self.found(project):
            key = (each.owner["metadata"]["uid"], each.tag)
            if key not in sets:
                sets[key] = {"feature_set_index": len(sets), **digest(each, "entities")}
            number = sets[key]["feature_set_index"]
            columns.append({**each.column, "feature_set_index": number})
        self.answer({KINDS[self.kind]: columns, "feature_set_digests": list(sets.values())})


def digest(found: Found, *parts: str) -> dict[str, Any]:
    """What is shown of the feature set that something belongs to."""
    spec = found.owner.get("spec") or {}
    return {
        "metadata": {**found.owner["metadata"], "tag": found.tag},
        "spec": {part: spec.get(part) or [] for part in parts},
    }


class Features(Columns):
    """The features of a project."""

    kind = "feature"


class FeaturesByIndex(ColumnsByIndex):
    """The features of a project, their feature sets once."""

    kind = "feature"


class Entities(Columns):
    """The entities of a project."""

    kind = "entity"


class EntitiesByIndex(ColumnsByIndex):
    """The entities of a project, their feature sets once."""

    kind = "entity"


PATH = f"{PROJECT_PATH}/feature-sets"
ROUTES = [
    Route(PATH, FeatureSets),
    Route(f"{PATH}/{feature_store.REFERENCE}", FeatureSet),
    Route(f"{PATH}/(?P<name>[^/]+)/tags", Tags),
    Route(f"{PATH}/(?P<name>[^/]+)", Versions),
    Route(f"{PROJECT_PATH}/features", Features),
    Route(f"{PROJECT_PATH}/features", FeaturesByIndex, "v2"),
    Route(f"{PROJECT_PATH}/entities", Entities),
    Route(f"{PROJECT_PATH}/entities", EntitiesByIndex, "v2"),
]
