"""WebSockets: the events of the projects a page looks at, and the growth of its logs."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from jupyter_server.base.websocket import WebSocketMixin
from tornado.websocket import WebSocketHandler

from jupyter_mlrun.errors import MLRunHTTPError
from jupyter_mlrun.model.document import dumps

from ..services.events import holds
from ..store.query import Scope
from .base import EACH, Admission, guarded

MOST_WAITING = 10_000
ROLES_SECONDS = 1.0


class SocketHandler(WebSocketMixin, Admission, WebSocketHandler):
    """A WebSocket under the same admission as every route."""

    auth_resource = "mlrun"

    async def prepare(self) -> None:  # type: ignore[override]
        """Know the sender as every route does."""
        try:
            ours = await self.identify()
        except MLRunHTTPError as error:
            self.refuse(error)
            return
        if not ours:
            await super().prepare()

    def check_origin(self, origin: str | None = None) -> bool:
        """Checked as Jupyter does, but not for a token of ours."""
        return self.grant is not None or bool(WebSocketMixin.check_origin(self, origin))

    async def still_there(self, project: str = "") -> bool:
        """Whether the sender may still listen; the socket of one who may not is closed."""
        try:
            known = not self.service.alone or await self.identify()
            if known and self.current_user is not None:
                if project:
                    await self.require_role(project, "read")
                return True
        except MLRunHTTPError:
            pass
        self.close(1008, "no longer admitted")
        return False

    async def upgrade(self, *args: Any, **kwargs: Any) -> None:
        """The handshake itself."""
        await WebSocketHandler.get(self, *args, **kwargs)

    def get_compression_options(self) -> None:
        """None: messages are small and local."""
        return None


class Socket(SocketHandler):
    """Events as they come: one socket a page."""

    @guarded("events", action="execute", where=EACH)
    async def get(self) -> None:
        """Open the socket."""
        await self.upgrade()

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Greet with the cursor from which events will come."""
        super().open(*args, **kwargs)
        # whoever may read nothing is told nothing until the first look at the roles
        self.may: Scope = frozenset() if self.service.authorizer.enforced else "*"
        self.projects: frozenset[str] | None = frozenset()
        self.wanted: set[tuple[str, str]] = set()
        self.followers: dict[tuple[str, str], asyncio.Task[None]] = {}
        self.waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        events = self.service.events
        events.listeners.add(self._hear)
        self.waiting.put_nowait(
            dumps({"type": "hello", "cursor": events.cursor, "epoch": events.epoch})
        )
        self.sender = asyncio.get_running_loop().create_task(self._send())
        self.looking = asyncio.get_running_loop().create_task(self._look_at_roles())

    def on_message(self, message: str | bytes) -> None:
        """``{"subscribe": {"projects": [...]|null, "logs": ["project/uid", ...]}}``."""
        try:
            wanted = json.loads(message)["subscribe"]
            projects, logs = wanted.get("projects", []), wanted.get("logs") or []
            self.projects = None if projects is None else frozenset(map(str, projects))
            self.wanted = {self._log_key(each) for each in logs}
            self._follow(self.wanted)
        except (ValueError, KeyError, TypeError, AttributeError):
            example = '{"subscribe": {"projects": ["default"], "logs": []}}'
            self._put(dumps({"type": "error", "detail": f"Not understood: send {example}"}))

    def on_close(self) -> None:
        """Stop listening."""
        super().on_close()
        if hasattr(self, "sender"):
            self.service.events.listeners.discard(self._hear)
            for task in (self.sender, self.looking, *self.followers.values()):
                task.cancel()

    def _hear(self, event: dict[str, Any], text: str) -> None:
        if not holds(self.may, event["project"]):
            return
        if self.projects is None or event["project"] in self.projects:
            self._put(f'{{"type":"event","event":{text}}}')

    def _put(self, message: str) -> None:
        try:
            self.waiting.put_nowait(message)
        except asyncio.QueueFull:
            # a page that does not read is let go: it comes back and reads anew by cursor
            self.close(1013, "too slow")

    async def _send(self) -> None:
        while True:
            await self.write_message(await self.waiting.get())

    async def _look_at_roles(self) -> None:
        """Keep to what the sender may read, while roles are given and taken."""
        while await self.still_there():
            if self.service.authorizer.enforced:
                self.may = await self.scope("*")
                self._follow(self.wanted)
            await asyncio.sleep(ROLES_SECONDS)

    def _follow(self, wanted: set[tuple[str, str]]) -> None:
        wanted = {key for key in wanted if holds(self.may, key[0])}
        for key in self.followers.keys() - wanted:
            self.followers.pop(key).cancel()
        for key in wanted - self.followers.keys():
            task = asyncio.get_running_loop().create_task(self._tell_size(*key))
            self.followers[key] = task

    async def _tell_size(self, project: str, uid: str) -> None:
        async for size in self.service.logs.grow(project, uid, -1):
            event = {"kind": "log", "project": project, "uid": uid, "size": size}
            self._put(dumps({"type": "event", "event": event}))

    def _log_key(self, text: Any) -> tuple[str, str]:
        project, _, uid = str(text).partition("/")
        self.service.place.log_file(project, uid)
        return project, uid
