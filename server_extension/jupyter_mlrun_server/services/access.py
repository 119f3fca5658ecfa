"""Who may do what: identities, roles in projects, and the authorizer that decides."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib.metadata import entry_points

from jupyter_mlrun import names
from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
)

from ..store import members, projects
from ..store.database import Database
from ..store.members import ADMIN, EDITOR, OWNER, ROLES, VIEWER

GROUP = "jupyter_mlrun.authorizers"
REMEMBERED = 2.0
READ, WRITE, EXECUTE = "read", "write", "execute"


@dataclass(frozen=True)
class Identity:
    """Somebody: a name, the groups it belongs to, and whether it administers the service."""

    name: str
    groups: frozenset[str] = frozenset()
    admin: bool = False


@dataclass(frozen=True)
class Wish:
    """What somebody wants to do: ``action`` is read, write or execute, on a noun of a project.

    ``method`` is the verb of HTTP, for those who tell a change from a deletion.
    """

    action: str
    resource: str
    project: str
    method: str = ""


class Authorizer(ABC):
    """Decides what people may do in projects. Its methods block; the service calls them in threads.

    One of another distribution is a class under the entry point group
    ``jupyter_mlrun.authorizers``; it is made with the service's database as its only argument.
    """

    enforced: bool = True

    @abstractmethod
    def role(self, who: Identity, project: str) -> str | None:
        """The role in a project: viewer, editor, admin or owner; None for none."""

    @abstractmethod
    def readable(self, who: Identity) -> frozenset[str] | None:
        """The projects that somebody may read; None for all, those to come included."""

    def allows(self, who: Identity, wish: Wish) -> bool:
        """Whether somebody may do this: as the role in the project says."""
        role = self.role(who, wish.project)
        return role is not None and ROLES.index(role) >= ROLES.index(needed(wish))

    def forget(self) -> None:  # noqa: B027
        """Look anew: members have changed."""


class Everybody(Authorizer):
    """Whoever is admitted may do everything: the service belongs to one user."""

    enforced = False

    def __init__(self, database: Database | None = None) -> None:
        pass

    def role(self, who: Identity, project: str) -> str | None:
        """Owner."""
        return OWNER

    def readable(self, who: Identity) -> frozenset[str] | None:
        """All."""
        return None


class Members(Authorizer):
    """What the members of each project say; administrators of the service may do everything."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._known: dict[tuple[str, str], dict[str, str]] = {}
        self._at = 0.0
        self._asked = self._read = 0
        self._lock = threading.Lock()
        self._counting = threading.Lock()

    def role(self, who: Identity, project: str) -> str | None:
        """The highest of the user's own role and those of the user's groups."""
        if who.admin:
            return OWNER
        return self._roles(who).get(project)

    def readable(self, who: Identity) -> frozenset[str] | None:
        """Those in which somebody has a role."""
        return None if who.admin else frozenset(self._roles(who))

    def forget(self) -> None:
        """Read the members again, also where they are being read at this moment."""
        with self._counting:
            self._asked += 1

    def _roles(self, who: Identity) -> dict[str, str]:
        known = self._members()
        found: dict[str, str] = {}
        for key in ((members.USER, who.name), *((members.GROUP, each) for each in who.groups)):
            for project, role in known.get(key, {}).items():
                if ROLES.index(role) >= ROLES.index(found.get(project, VIEWER)):
                    found[project] = role
        return found

    def _members(self) -> dict[tuple[str, str], dict[str, str]]:
        with self._lock:
            now, asked = time.monotonic(), self._asked
            if self._read < asked or now - self._at >= REMEMBERED or not self._at:
                with self.database.read() as connection:
                    self._known = members.everybody(connection)
                # as of the moment before: what changed meanwhile is read next time
                self._at, self._read = now, asked
            return self._known


_NEEDED = {
    (READ, "secrets"): EDITOR,
    (WRITE, "secrets"): ADMIN,
    (WRITE, "members"): ADMIN,
    (WRITE, "projects"): ADMIN,
}


def needed(wish: Wish) -> str:
    """The lowest role that may do this."""
    if (wish.resource, wish.method) == ("projects", "DELETE"):
        return OWNER
    # a WebSocket is opened by GET, and only tells
    reads = wish.action == READ or (wish.action, wish.method) == (EXECUTE, "GET")
    usual = VIEWER if reads else EDITOR
    return _NEEDED.get((wish.action, wish.resource), usual)


def check(authorizer: Authorizer, database: Database, who: Identity, wish: Wish) -> None:
    """Nothing, where somebody may do this; a project that is not there is told as that."""
    if not authorizer.enforced or authorizer.allows(who, wish):
        return
    authorizer.forget()  # a role that was given a moment ago counts at once
    if authorizer.allows(who, wish):
        return
    with database.read() as connection:
        exists = projects.created(connection, wish.project) is not None
    if not exists:
        if wish.resource == "projects" and wish.method in ("PUT", "DELETE"):
            return
        raise MLRunNotFoundError(f"Project not found: {wish.project}")
    role = authorizer.role(who, wish.project)
    raise MLRunAccessDeniedError(
        f"{who.name} may not {wish.action} {wish.resource} of project {wish.project}, being "
        f"{role or 'no member'} there: it takes the role {needed(wish)}, which its owners give"
    )


def load(name: str, database: Database) -> Authorizer:
    """The authorizer of a name: ``everybody``, ``members``, or another distribution's."""
    own: dict[str, type[Authorizer]] = {"everybody": Everybody, "members": Members}
    if name in own:
        return own[name](database)  # type: ignore[call-arg]
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in found:
        known = [*own, *found]
        raise MLRunInvalidArgumentError(
            f"MLRunServeApp.project_authorizer = {name!r}: there is {', '.join(known)}."
            f"{names.near(name, known)}"
        )
    authorizer = found[name].load()(database)
    if not isinstance(authorizer, Authorizer):
        raise MLRunInvalidArgumentError(f"The authorizer {name} is no Authorizer")
    return authorizer
