"""Members of projects with their roles, and who the sender is."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunAccessDeniedError, MLRunInvalidArgumentError

from ..store import members
from ..store.members import KINDS, OWNER, ROLES
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import ANYBODY, Handler, guarded

LONGEST = 255


class Me(Handler):
    """The sender."""

    _track_activity = False

    @guarded("service", where=ANYBODY)
    async def get(self) -> None:
        """Name, groups, and whether roles are kept here at all."""
        who = self.identity
        enforced = self.service.authorizer.enforced
        self.answer(
            {
                "user": who.name,
                "groups": sorted(who.groups),
                "admin": who.admin or not enforced,
                "enforced": enforced,
            }
        )


class Members(Handler):
    """The members of a project."""

    _track_activity = False

    @guarded("members")
    async def get(self, project: str) -> None:
        """Kind, name and role of each, and the sender's own role."""
        service = self.service
        found = await service.read(members.select, project)
        role = await service.threads.call(service.authorizer.role, self.identity, project)
        enforced = service.authorizer.enforced
        self.answer({"members": found, "role": role, "enforced": enforced})


class Member(Handler):
    """One member of a project: a user or a group."""

    @guarded("members")
    async def put(self, project: str, kind: str, name: str) -> None:
        """Give a role: viewer, editor, admin or owner."""
        role = self.body().get("role")
        if kind not in KINDS or role not in ROLES or len(name) > LONGEST:
            raise MLRunInvalidArgumentError(
                f"A member is one of {', '.join(KINDS)} with a 'role' of {', '.join(ROLES)}, not "
                f"{kind!r:.40} with {role!r:.40}"
            )
        mine = await self._own_role(project)
        await self.service.write(_save, project, kind, name, role, mine)
        self.service.authorizer.forget()
        self.answer({"kind": kind, "name": name, "role": role})

    @guarded("members")
    async def delete(self, project: str, kind: str, name: str) -> None:
        """Let the member go."""
        mine = await self._own_role(project)
        await self.service.write(_delete, project, kind, name, mine)
        self.service.authorizer.forget()
        self.answer_nothing()

    async def _own_role(self, project: str) -> str | None:
        service = self.service
        return await service.threads.call(service.authorizer.role, self.identity, project)


def _save(
    connection: Connection, project: str, kind: str, name: str, role: str, mine: str | None
) -> None:
    _check_owner(connection, project, kind, name, mine, role)
    members.save(connection, project, kind, name, role)


def _delete(connection: Connection, project: str, kind: str, name: str, mine: str | None) -> None:
    members.require(connection, project, kind, name)
    _check_owner(connection, project, kind, name, mine)
    members.delete(connection, project, kind, name)


def _check_owner(
    connection: Connection, project: str, kind: str, name: str, mine: str | None, role: str = ""
) -> None:
    """Nothing, where the sender may make owners or no owner is touched."""
    found = members.select(connection, project)
    owners = {(row["kind"], row["name"]) for row in found if row["role"] == OWNER}
    if mine != OWNER and (role == OWNER or (kind, name) in owners):
        raise MLRunAccessDeniedError(
            f"Owners of project {project} are made and let go by its owners alone"
        )


ROUTES = [
    Route("lab/me", Me),
    Route(f"lab/{PROJECT_PATH}/members", Members),
    Route(f"lab/{PROJECT_PATH}/members/(?P<kind>[^/]+)/(?P<name>[^/]+)", Member),
]
