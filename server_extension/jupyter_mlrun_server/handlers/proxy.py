"""Every request to a service elsewhere, with its user's token: answers, streams and sockets."""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Awaitable
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.httputil import HTTPHeaders
from tornado.iostream import StreamClosedError
from tornado.simple_httpclient import HTTPTimeoutError
from tornado.websocket import WebSocketClientConnection, websocket_connect

from jupyter_mlrun.errors import MLRunServiceUnavailableError, from_status

from ..services.forward import below_mount
from ..services.remote import Remote
from . import MOUNT, declared
from .base import ANYBODY, JSON, SERVICE, Admission, Handler, guarded
from .lab_export import Export
from .sockets import SocketHandler

LONGEST_BODY = 1 << 40
CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 3600.0
ASKED = re.compile(r"^(accept|content-type|range|if-range|user-agent|x-mlrun-.*|x-projects-.*)$")
TOLD = re.compile(
    r"^(content-.*|accept-ranges|etag|last-modified|x-mlrun-.*|x-content-type-options"
    r"|cross-origin-resource-policy|retry-after|function_image|builder_pod"
    r"|deploy_status_text_kind)$"
)
NO_BODY = (204, 304)
A_RUN = re.compile(r"/runs/[^/?]+/?(?:\?|$)")
OF_RUN = re.compile(r"^/+api(?:/v[12])?/projects/(?P<project>[^/?]+)/(?:runs|logs)/(?P<uid>[^/?]+)")


@functools.cache
def _client() -> AsyncHTTPClient:
    return AsyncHTTPClient(force_instance=True, max_clients=100, max_body_size=LONGEST_BODY)


class Proxied(Admission):
    """What both kinds of proxy need."""

    @property
    def there(self) -> Remote:
        """The service elsewhere."""
        app: Any = self.extensionapp
        remote: Remote = app.remote
        return remote

    async def know_secrets(self, resource: str, project: str | None) -> None:
        """Nothing: the service elsewhere masks what it keeps."""

    @property
    def below(self) -> str:
        """What of the address stands below the mount."""
        return below_mount(str(self.request.uri), self.base_url)

    def noun(self) -> str:
        """What the request is about, as Jupyter's authorizer knows it."""
        return noun_of(self.request.method or "GET", self.below.partition("?")[0])


class Proxy(Proxied, Handler):
    """Whatever the service elsewhere answers."""

    _track_activity = False
    takes_bytes = True

    @guarded("service", run=SERVICE, where=ANYBODY)
    async def get(self, path: str) -> None:
        """Hand the request on, and its answer back as it comes."""
        await self.admit(None, self.noun(), SERVICE, {}, ANYBODY)
        self._lines: HTTPHeaders | None = None
        run = OF_RUN.match(self.below)
        if run and not await self.there.catch_up(run["project"], run["uid"]):
            raise away(self.there, OSError("what the run said before is not there yet"))
        if run and self.request.method == "POST" and A_RUN.search(self.below):
            heed = self.there.kernel_runs.heed
            await self.there.threads.call(heed, run["project"], run["uid"], self.request.body)
        try:
            await _client().fetch(self._request(), raise_error=False)
        except StreamClosedError:
            return  # whoever asked is gone
        except (OSError, HTTPTimeoutError, HTTPClientError) as error:
            if self._headers_written:
                # a part has left already: what is missing must be seen as missing
                self.request.connection.close()  # type: ignore[union-attr]
                return
            raise away(self.there, error) from None
        if self._lines is None:
            raise away(self.there, OSError("it gave no answer"))
        if not self._finished:
            self.finish(
                **({} if self.get_status() in NO_BODY else {"set_content_type": self._kind})
            )

    head = post = put = patch = delete = get

    @property
    def _kind(self) -> str:
        return str(self._lines.get("Content-Type", JSON)) if self._lines else JSON

    def _request(self) -> HTTPRequest:
        given = {
            name: value for name, value in self.request.headers.items() if ASKED.match(name.lower())
        }
        writes = self.request.method in ("POST", "PUT", "PATCH")
        body = self.request.body if self.request.body or writes else None
        return HTTPRequest(
            self.there.address(self.below), method=self.request.method or "GET", body=body,
            headers={**given, **self.there.headers()}, allow_nonstandard_methods=True,
            connect_timeout=CONNECT_SECONDS, request_timeout=ANSWER_SECONDS,
            follow_redirects=False, decompress_response=False,
            header_callback=self._take_header, streaming_callback=self._take,
        )  # fmt: skip

    def _take_header(self, line: str) -> None:
        if line.startswith("HTTP/"):
            self._lines = HTTPHeaders()
            self.set_status(int(line.split(" ", 2)[1]))
        elif line.strip() and self._lines is not None:
            self._lines.parse_line(line.rstrip("\r\n"))
        elif self._lines is not None:
            for name, value in self._lines.get_all():
                if TOLD.match(name.lower()):
                    self.set_header(name, value)
            # bytes of others never run in this server's origin
            self.set_header("Content-Security-Policy", "sandbox")

    def _take(self, piece: bytes) -> Awaitable[None]:
        self.write(piece)
        return self.flush()


class ProxySocket(Proxied, SocketHandler):
    """A WebSocket of the service elsewhere."""

    other: WebSocketClientConnection | None = None

    @guarded("events", action="execute", run=SERVICE, where=ANYBODY)
    async def get(self, path: str) -> None:
        """Open both ends, or neither."""
        address = self.there.address(self.below)
        request = HTTPRequest(
            "ws" + address.removeprefix("http"), headers=self.there.headers(),
            connect_timeout=CONNECT_SECONDS, request_timeout=CONNECT_SECONDS,
        )  # fmt: skip
        try:
            self.other = await websocket_connect(request, max_message_size=64 << 20)
        except HTTPClientError as error:
            if error.code == 599:
                raise away(self.there, error) from None
            raise from_status(error.code, f"The service at {self.there.remote_url} says: "
                              f"{error.message}") from None  # fmt: skip
        except OSError as error:
            raise away(self.there, error) from None
        await self.upgrade()

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Begin to tell what the other end tells."""
        super().open()
        self.teller = asyncio.get_running_loop().create_task(self._tell())

    async def on_message(self, message: str | bytes) -> None:
        """Hand it on."""
        assert self.other is not None
        await self.other.write_message(message, binary=isinstance(message, bytes))

    def on_close(self) -> None:
        """Close the other end too."""
        super().on_close()
        if self.other is not None:
            self.other.close()
        if hasattr(self, "teller"):
            self.teller.cancel()

    async def _tell(self) -> None:
        assert self.other is not None
        while (message := await self.other.read_message()) is not None:
            await self.write_message(message, binary=isinstance(message, bytes))
        self.close(self.other.close_code or 1001, self.other.close_reason)


def away(service: Remote, error: Exception) -> MLRunServiceUnavailableError:
    """What to say where the service elsewhere cannot be had."""
    return MLRunServiceUnavailableError(
        f"The service at {service.remote_url} does not answer ({error}): try again, or ask who "
        "looks after it"
    )


@functools.cache
def _nouns() -> list[tuple[re.Pattern[str], Any]]:
    return [
        (re.compile(f"^/+api(?:/v[12])?/{route.path}/?$"), route.handler)
        for name, route in declared() if name != "missing"
    ]  # fmt: skip


def noun_of(method: str, path: str) -> str:
    """The noun that this release's own route of such a path names; ``service`` for others."""
    for pattern, handler in _nouns():
        if pattern.match(path):
            guard = getattr(getattr(handler, method.lower(), None), "jupyter_mlrun_guard", None)
            if guard is not None:
                return str(guard[0])
    return "service"


def proxy_routes() -> list[tuple[str, type[Any]]]:
    """The routes of a server that hands everything on but what is about its own files."""
    api = f"{MOUNT}//?api(?:/v[12])?/"
    return [
        (f"{api}lab/export/?", Export),
        (f"{api}(?P<path>lab/socket/?|lab/runs/[^/]+/[^/]+/log/tail/?)", ProxySocket),
        (f"{MOUNT}(?P<path>/.*)", Proxy),
    ]
