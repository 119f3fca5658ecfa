"""The only HTTP of the client: connections kept open, retries, errors turned into our classes."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import threading
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from ..errors import MLRunBadRequestError, MLRunServiceUnreachableError, from_status
from . import address as addresses
from .address import Address

CLIENT_VERSION = "1.12.1"
TIMEOUT = 45.0
_IDEMPOTENT = frozenset({"GET", "PUT", "PATCH", "DELETE"})
_AWAY = frozenset({502, 503, 504})
# what another program at the service's old port would say
_STRANGER = frozenset({400, 401, 403, 404, 405, 501})
_TRIES = 3
_PAUSE = 0.1
# bytes that are not worth a copy
_LARGE = 1 << 16
_REPR = re.compile(r"""^\w+\((?P<q>['"])(?P<text>.*)(?P=q)(?:,)?\)$""", re.DOTALL)


class Response(NamedTuple):
    """What the service answered; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None where it is empty."""
        return json.loads(self.body) if self.body else None


class Client:
    """A connection to the service: safe to share between threads, each has a socket of its own."""

    def __init__(self, address: Address, own: bool = False, follows: bool = True) -> None:
        self.address = address
        self.own = own
        # another's connection must not take this user's token when the service has moved
        self.follows = follows
        self._local = threading.local()
        self._process = os.getpid()

    @property
    def url(self) -> str:
        """The service's address without a slash at its end."""
        return self.address.url

    def __repr__(self) -> str:
        # never the token
        return f"Client({self.url!r})"

    def request(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        version: str = "v1",
        timeout: float = TIMEOUT,
        idempotent: bool | None = None,
        tries: int = _TRIES,
    ) -> Response:
        """The answer to one request below ``api/<version>/``.

        ``body`` is bytes or JSON. What may be repeated is repeated when the connection breaks.
        Raises the class of errors.py for a 4xx or 5xx, with the service's own text, and
        MLRunServiceUnreachableError where no service answers.
        """
        repeat = method in _IDEMPOTENT if idempotent is None else idempotent
        target = f"/api/{version}/{path.lstrip('/')}{_query(params)}"
        call = _Call(method, target, _encode(body), dict(headers or {}), timeout)
        response = self._settle(call, repeat, tries)
        if response.status >= 400:
            raise from_status(response.status, _detail(response))
        return response

    def json(self, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        """The answer's JSON; arguments as for ``request``."""
        return self.request(method, path, *args, **kwargs).json()

    def is_here(self) -> bool:
        """Whether the service is this user's own, on this host."""
        return addresses.from_server_file() == self.address

    def close(self) -> None:
        """Close this thread's connection; the next request opens a new one."""
        connection = self._local.__dict__.pop("connection", None)
        if connection is not None:
            connection.close()

    def _settle(self, call: _Call, repeat: bool, tries: int) -> Response:
        """Send until there is an answer, or until nothing more can be hoped for."""
        failure = ""
        for attempt in range(tries):
            if attempt:
                time.sleep(_PAUSE * 2**attempt)
            try:
                response = self._send_to_service(call)
            except ConnectionRefusedError as error:
                failure = str(error)
            except (OSError, http.client.HTTPException) as error:
                failure = str(error) or type(error).__name__
                self.close()
                if not repeat:
                    break
            else:
                if response.status not in _AWAY or not repeat or attempt == tries - 1:
                    return response
        raise MLRunServiceUnreachableError(
            f"No service answers at {self.url} ({failure}). "
            "Start the Jupyter server again, or set MLRUN_DBPATH to where it is"
        )

    def _send_to_service(self, call: _Call) -> Response:
        """Send; where nobody or a stranger answers, look once where the service has moved to."""
        try:
            response = self._send(call)
        except ConnectionRefusedError:
            if not self._move():
                raise
            return self._send(call)
        if response.status in _STRANGER and self._move():
            return self._send(call)
        return response

    def _move(self) -> bool:
        if not self.follows:
            return False
        new = addresses.moved(self.address) or self._restarted()
        if new is None:
            return False
        self.address = new
        self.close()
        return True

    def _restarted(self) -> Address | None:
        """The service of this data directory, where this is its client: it ends when it is idle."""
        from . import starting

        if not self.own or not starting.is_allowed():
            return None
        new = addresses.own_service()
        return new if new != self.address else None

    def _send(self, call: _Call) -> Response:
        base = urlsplit(self.address.url)
        connection = self._connection(base, call.timeout)
        headers = {
            "x-mlrun-client-version": CLIENT_VERSION,
            "Authorization": f"Bearer {self.address.token}",
            **call.headers,
        }
        connection.request(call.method, base.path + call.target, call.body, headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.will_close:
            self.close()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, names, body)

    def _connection(self, base: Any, timeout: float) -> http.client.HTTPConnection:
        if self._process != os.getpid():
            # a forked child must not talk on its parent's socket
            self._local, self._process = threading.local(), os.getpid()
        kept: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if kept is not None and kept.sock is not None and not _closed(kept.sock):
            kept.sock.settimeout(timeout)
            return kept
        self.close()
        kind = _SecureConnection if base.scheme == "https" else _Connection
        if not base.hostname or base.scheme not in ("http", "https"):
            raise MLRunBadRequestError(
                f"'{self.url}' is no address of a service: write http://HOST:PORT/mlrun"
            )
        connection = kind(base.hostname, base.port, timeout=timeout)
        connection.connect()
        _no_delay(connection.sock)
        self._local.connection = connection
        return connection


class _Connection(http.client.HTTPConnection):
    """Sends the headers and what body there is at once: the service has to read but once."""

    _parts: list[bytes] | None = None

    def request(self, *arguments: Any, **more: Any) -> None:
        self._parts = []
        try:
            super().request(*arguments, **more)
            parts = self._parts
        finally:
            self._parts = None
        for part in parts if len(parts[-1]) > _LARGE else (b"".join(parts),):
            self.send(part)

    def send(self, data: Any) -> None:
        if self._parts is None:
            super().send(data)
        else:
            self._parts.append(data)

    def __del__(self) -> None:
        # its thread has ended, or its client is dropped: a socket left to itself warns
        self.close()


class _SecureConnection(_Connection, http.client.HTTPSConnection):
    """The same over TLS."""


class _Call(NamedTuple):
    method: str
    target: str
    body: bytes | None
    headers: dict[str, str]
    timeout: float


def connect(url: str | None = None, token: str | None = None) -> Client:
    """A client of the service: of the address given, else the environment's, else this user's own.

    The own one is started where none runs.
    """
    own = not url and not os.environ.get("MLRUN_DBPATH")
    return Client(addresses.resolve(url, token), own)


def part(name: object) -> str:
    """One piece of a path, encoded."""
    return quote(str(name), safe="")


def _query(params: Mapping[str, Any] | None) -> str:
    given = {key: value for key, value in (params or {}).items() if value is not None}
    return "?" + urlencode(given, doseq=True) if given else ""


def _encode(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    try:
        return json.dumps(body, allow_nan=False).encode()
    except ValueError:
        from ..model.document import dumps

        return dumps(body).encode()


def _closed(sock: Any) -> bool:
    # nothing is expected between two answers, so something to read is the other side's goodbye
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    return bool(poller.poll(0))


def _no_delay(sock: Any) -> None:
    import socket

    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _detail(response: Response) -> str:
    """What the service says is wrong, as a sentence without its wrapping."""
    try:
        value = json.loads(response.body)
    except ValueError:
        text = response.body[:300].decode("utf-8", "replace").strip()
        return text or f"the service answered {response.status}"
    if isinstance(value, dict):
        value = value.get("detail", value.get("message", value))
    if isinstance(value, dict):
        value = value.get("reason", value)
    if isinstance(value, list):
        return "; ".join(_field_error(item) for item in value)
    text = value if isinstance(value, str) else json.dumps(value)
    match = _REPR.match(text)
    return match["text"].replace("\\'", "'") if match else text


def _field_error(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    return f"{'.'.join(map(str, item.get('loc', [])))}: {item.get('msg', '')}"
