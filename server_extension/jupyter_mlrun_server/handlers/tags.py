"""Tags of objects: set beside others, instead of others, and taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun import names
from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunNotFoundError,
    MLRunUnprocessableEntityError,
)

from ..store import artifact_lists, artifact_tags, events, projects
from ..store.artifact_lists import Filter
from ..store.artifact_tags import Identity
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import Handler, guarded

Change = Callable[[Connection, Identity, str], None]
PARTS = ("kind", "key", "uid", "producer_id")


class Tag(Handler):
    """One tag of a project."""

    @guarded("artifacts")
    async def put(self, project: str, tag: str) -> None:
        """Let the objects have it beside their other tags."""
        await self._tag(project, tag, artifact_tags.save)

    @guarded("artifacts")
    async def post(self, project: str, tag: str) -> None:
        """Let the objects have it and no other tag."""
        await self._tag(project, tag, artifact_tags.replace)

    @guarded("artifacts")
    async def delete(self, project: str, tag: str) -> None:
        """Take it from the objects; one that has it not is fine."""
        await self.service.write(_untag, project, tag, _wanted(self.body()))
        self.answer_nothing()

    async def _tag(self, project: str, tag: str, change: Change) -> None:
        names.validate_tag(tag)
        await self.service.write(_change, project, tag, _wanted(self.body()), change)
        self.answer({"name": tag, "project": project})


def _wanted(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The identifiers of a body, each with the shape that it must have."""
    if body.get("kind") != "artifact":
        raise MLRunBadRequestError(
            f"Objects of kind {body.get('kind')!r} have no tags: artifacts do"
        )
    wanted = body.get("identifiers")
    if not isinstance(wanted, list):
        raise _invalid(["body", "identifiers"], "value is not a valid list", "type_error.list")
    for place, each in enumerate(wanted):
        where: list[str | int] = ["body", "identifiers", place]
        if not isinstance(each, dict):
            raise _invalid(where, "value is not a valid dict", "type_error.dict")
        for part in PARTS:
            if not isinstance(each.get(part), str | None):
                raise _invalid([*where, part], "str type expected", "type_error.str")
        if type(each.get("iter")) not in (int, type(None)):
            raise _invalid([*where, "iter"], "value is not a valid integer", "type_error.integer")
        if not any(each.get(part) for part in PARTS):
            raise MLRunBadRequestError(
                f"Identifier {place} names no artifact: give its key, uid or producer_id"
            )
    return wanted


def _invalid(where: list[Any], message: str, kind: str) -> MLRunUnprocessableEntityError:
    return MLRunUnprocessableEntityError([{"loc": where, "msg": message, "type": kind}])


def _found(connection: Connection, project: str, each: dict[str, Any]) -> list[Identity]:
    asked = Filter(
        name=each.get("key"), kind=each.get("kind"), iteration=each.get("iter"),
        uid=each.get("uid"), tree=each.get("producer_id"),
    )  # fmt: skip
    found = artifact_lists.identities(connection, project, asked)
    if not found and asked.uid and not asked.tree:
        # clients before 1.6 send the producer as the uid
        asked.uid, asked.tree = None, asked.uid
        found = artifact_lists.identities(connection, project, asked)
    return found


def _change(
    connection: Connection, project: str, tag: str, wanted: list[dict[str, Any]], change: Change
) -> None:
    projects.require(connection, project)
    for each in wanted:
        found = _found(connection, project, each)
        if not found:
            told = ", ".join(f"{part}={each[part]}" for part in each if each[part] is not None)
            raise MLRunNotFoundError(f"Project {project} has no artifact of {told}: nothing tagged")
        for identity in found:
            change(connection, identity, tag)
            events.add(connection, "artifact", "updated", project, identity.key)


def _untag(connection: Connection, project: str, tag: str, wanted: list[dict[str, Any]]) -> None:
    for each in wanted:
        found = _found(connection, project, each)
        artifact_tags.delete(connection, [identity.id for identity in found], tag)
        for identity in found:
            events.add(connection, "artifact", "updated", project, identity.key)


ROUTES = [Route(f"{PROJECT_PATH}/tags/(?P<tag>[^/]+)", Tag)]
