"""Whether the sender may do something, as MLRun's client asks before it begins."""

from __future__ import annotations

import re

from . import Route
from .arguments import invalid
from .base import ANYBODY, Handler, guarded

ACTIONS = {"read": "read", "create": "write", "update": "write", "delete": "write",
           "store": "write"}  # fmt: skip
_RESOURCE = re.compile(r"^/?projects/(?P<project>[^/]+)(?:/(?P<noun>[^/]+))?")


class Verifications(Handler):
    """Questions of the kind: may I do this to that?"""

    @guarded("authorization", where=ANYBODY)
    async def post(self) -> None:
        """Yes, with an empty answer; no is 403."""
        body = self.body()
        action, resource = body.get("action"), body.get("resource")
        if not isinstance(action, str) or action not in ACTIONS:
            raise invalid(
                "action", "value is not a valid enumeration member; permitted: "
                + ", ".join(f"'{word}'" for word in ACTIONS), "type_error.enum",
                enum_values=list(ACTIONS),
            )  # fmt: skip
        if not isinstance(resource, str):
            raise invalid("resource", "str type expected", "type_error.str")
        if found := _RESOURCE.match(resource):
            self.resource = found["noun"] or "projects"
            await self.require_role(found["project"], ACTIONS[action])
        self.answer_nothing(200)


ROUTES = [Route("authorization/verifications", Verifications)]
