"""Which token opens what: the store's answer, remembered for a moment."""

from __future__ import annotations

import json
import time
from pathlib import Path

from jupyter_mlrun.errors import MLRunAccessDeniedError

from ..store import tokens
from ..store.database import Database
from ..store.tokens import Grant

REMEMBERED = 2.0


class TokenBook:
    """Tokens by their text; a token that died elsewhere is refused here within two seconds."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._known: dict[str, tuple[float, Grant]] = {}

    def remembered(self, text: str) -> Grant | None:
        """The grant, where it was asked for a moment ago."""
        at, grant = self._known.get(text, (0.0, None))
        return grant if time.monotonic() - at < REMEMBERED else None

    def find(self, text: str) -> Grant:
        """The grant of a token; one that is not known is refused."""
        with self.database.read() as connection:
            grant = tokens.find(connection, text)
        if grant is None:
            self._known.pop(text, None)
            raise MLRunAccessDeniedError(
                "The token is not known here: its run is settled, or it belongs to the service of "
                "another data directory. Restart the kernel to get a new one."
            )
        if len(self._known) > 1000:
            self._known.clear()
        self._known[text] = (time.monotonic(), grant)
        return grant

    def kernel_token(self, server_file: Path) -> str:
        """The token for kernels: the one that the last server wrote, where it still opens."""
        text = token_in(server_file)
        if tokens.is_ours(text):
            with self.database.read() as connection:
                grant = tokens.find(connection, text)
            if grant is not None and grant.kind == "kernel":
                return text
        text = tokens.new("kernel")
        with self.database.write() as connection:
            tokens.add(connection, text, Grant("kernel"))
        return text

    def forget_run(self, project: str, uid: str) -> None:
        """Let this process forget the tokens of a settled run at once."""
        for text, (_, grant) in list(self._known.items()):
            if (grant.project, grant.uid) == (project, uid):
                del self._known[text]


def token_in(server_file: Path) -> str:
    """The token that a server has written; empty where none has."""
    try:
        value = json.loads(server_file.read_bytes())
    except (OSError, ValueError):
        return ""
    return str(value.get("token") or "") if isinstance(value, dict) else ""
