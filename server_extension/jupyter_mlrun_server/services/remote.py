"""A service elsewhere that many share: where it is, and as whom this server comes to it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from pathlib import Path
from urllib.parse import urlsplit

from jupyter_mlrun import paths
from jupyter_mlrun.errors import MLRunAccessDeniedError, MLRunInvalidArgumentError
from jupyter_mlrun_runtimes.local import write_private

from ..store import tokens
from ..store.tokens import Grant
from .access import Authorizer, Everybody
from .kernel_runs import KernelRuns
from .kernels import tell_kernels
from .outbox_sender import OutboxSender
from .place import Place
from .threads import Threads
from .tokens import token_in
from .watch import watch

ADDRESS_VARIABLE = "JUPYTER_MLRUN_REMOTE_URL"
TOKEN_VARIABLE = "JUPYTER_MLRUN_REMOTE_TOKEN"
SEND_SECONDS = 3.0


class KernelToken:
    """The one token by which kernels of this server come to it."""

    def __init__(self, known: str = "") -> None:
        self.text = known if tokens.is_ours(known) else tokens.new("kernel")

    def remembered(self, text: str) -> Grant | None:
        """What it opens: everything that the user may do there."""
        return Grant("kernel") if text == self.text else None

    def find(self, text: str) -> Grant:
        """Refused: there is no other."""
        raise MLRunAccessDeniedError(
            "The token is not known here: restart the kernel to get a new one"
        )


class Remote:
    """What handlers need where every request is handed on; there is no store of its own."""

    identities = None
    alone = False

    def __init__(self, url: str, token: str, place: Place, log: logging.Logger) -> None:
        self.remote_url = checked(url)
        self.remote_token = token
        self.place = place
        self.log = log
        self.threads = Threads(4)
        file = paths.server_file(place.root, place.host)
        self.tokens = KernelToken(token_in(file))
        self.authorizer: Authorizer = Everybody()
        self.outboxes = OutboxSender(place, log)
        self.kernel_runs = KernelRuns(
            place.root, self.remote_url, self.headers(), self.threads, log
        )
        self.outboxes.on_run = self.kernel_runs.heed
        self.url = ""
        self._sender: asyncio.Task[None] | None = None

    def open(self, url: str) -> None:
        """Tell kernels where to come, those of an earlier server too."""
        self.url = url
        server = {"url": url, "token": self.token, "pid": os.getpid(), "host": self.place.host}
        write_private(paths.server_file(self.place.root, self.place.host), json.dumps(server))
        tell_kernels(url, self.token, self.place.files_root, self.log)
        work = watch(self._look, self.log, "What is to be sent on")
        self._sender = asyncio.get_running_loop().create_task(work)

    async def catch_up(self, project: str, uid: str) -> bool:
        """Whether all that the run had to say before is there, so that nothing overtakes it."""
        if not await self.threads.call(self.outboxes.waits, project, uid):
            return True
        send = self.outboxes.send
        return await self.threads.slow(send, project, uid, self.remote_url, self.headers())

    async def _look(self) -> float:
        # what waits may take minutes, and no run shall end there meanwhile
        await self.kernel_runs.sign()
        for project, uid in await self.threads.slow(self.outboxes.waiting):
            await self.catch_up(project, uid)
            await self.kernel_runs.sign()
        await self.kernel_runs.look()
        return SEND_SECONDS

    @property
    def token(self) -> str:
        """The token for kernels."""
        return self.tokens.text

    def address(self, path: str) -> str:
        """Where a path below the mount is found there."""
        return f"{self.remote_url}{path}"

    def headers(self) -> dict[str, str]:
        """Who comes."""
        return {"Authorization": f"Bearer {self.remote_token}"} if self.remote_token else {}

    async def stop(self) -> None:
        """Let the threads go."""
        if self._sender is not None:
            self._sender.cancel()
        self.threads.close()


def checked(url: str) -> str:
    """The address without a slash at its end; refused where it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise MLRunInvalidArgumentError(
            f"MLRunServerApp.remote_url = {url!r} is no address of a service: give "
            "https://HOST/services/mlrun/mlrun, or http://HOST:8080 of MLRun's own API"
        )
    if parts.username or parts.password:
        raise MLRunInvalidArgumentError(
            "MLRunServerApp.remote_url holds a password: give a token by "
            f"${TOKEN_VARIABLE} or MLRunServerApp.remote_token_file"
        )
    return url.rstrip("/")


def token_of(file: str, variable: str) -> str:
    """The user's token: from a file, else from the environment; kernels do not inherit ours."""
    if file:
        try:
            return Path(file).expanduser().read_text().strip()
        except OSError as error:
            raise MLRunInvalidArgumentError(f"MLRunServerApp.remote_token_file: {error}") from None
    found = os.environ.get(variable, "")
    if variable == TOKEN_VARIABLE:
        os.environ.pop(variable, None)
    return found.strip()
