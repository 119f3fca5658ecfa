"""The one door for requests that the service sends out: webhooks, hubs, files behind http.

Whoever may write a URL into a document makes this server call it. So the door refuses what only
this server can reach: loopback, link-local, private and other addresses that are not public. The
name is resolved once, and the connection goes to the address that was checked.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunServiceUnavailableError

SECONDS = 20.0
LARGEST = 10_000_000
PIECE = 1 << 18
# a body that is read piece by piece may take this long
LONGEST_STREAM = 600.0
LONGEST_NUMBER = 19
MOST_REDIRECTS = 5
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
# what another host may be told too; any other header may hold a credential
PUBLIC_HEADERS = frozenset({"accept", "content-type", "range", "user-agent"})

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# global by their form, but of no public host: networks of a site, of protocols and of
# documentation, and what two clouds tell their machines at
_NEVER = tuple(
    map(ipaddress.ip_network, (
        "fec0::/10", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32",
    ))
)  # fmt: skip
_HOST_NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9._-]*[a-z0-9])?")


@dataclass(frozen=True)
class Reply:
    """What the other side answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def ok(self) -> bool:
        """Whether the status says that the request was taken."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise MLRunServiceUnavailableError(f"{self.url} did not answer with JSON") from None


class Door:
    """Sends requests to public addresses, and to those that an administrator allows.

    ``allowed`` holds networks (``10.0.0.0/8``), addresses and host names (``hooks.example.org``,
    ``*.example.org``), each with a port or without (``localhost:8080``).
    """

    def __init__(self, allowed: Iterable[str] = (), resolve: Resolve | None = None) -> None:
        self.allowed = [_Allowed.parse(entry) for entry in allowed]
        self._resolve = resolve or _addresses

    def request(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        verify: bool = True,
        largest: int = LARGEST,
        seconds: float = SECONDS,
    ) -> Reply:
        """The answer after redirects; refused, or not to be had, it raises with a sentence.

        It blocks: call it from a thread. ``largest`` bounds the body and ``seconds`` all of it,
        redirects included.
        """
        if method.upper() not in METHODS:
            raise MLRunInvalidArgumentError(f"Method {method!r:.20} is not one of HTTP's")
        call = _Call(self, method.upper(), url, body, dict(headers or {}), verify)
        with Deadline(seconds) as deadline, call.follow(deadline, largest) as stream:
            pieces = iter(lambda: stream.read(PIECE), b"")
            return Reply(stream.status, stream.headers, b"".join(pieces), stream.url)

    def open(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        largest: int = LARGEST,
        seconds: float = LONGEST_STREAM,
    ) -> Stream:
        """The answer to a GET, its body to be read piece by piece; the caller closes it."""
        deadline = Deadline(seconds)
        with contextlib.ExitStack() as stack:
            stack.enter_context(deadline)
            call = _Call(self, "GET", url, None, dict(headers or {}), True)
            stream = call.follow(deadline, largest)
            stream.ends.push(stack.pop_all())
            return stream

    def get(self, url: str, headers: Mapping[str, str] | None = None, **limits: Any) -> Reply:
        """The answer to a GET."""
        return self.request("GET", url, headers=headers, **limits)

    def check(self, url: str) -> None:
        """Nothing, where a request to the URL would be let out now."""
        parts = _split(url)
        self.permitted(str(parts.hostname), _port(parts))

    def permitted(self, host: str, port: int) -> list[str]:
        """The addresses of a host to which a connection may go; refused where there is none."""
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise MLRunServiceUnavailableError(f"The name {host} is not known: {error}") from None
        named = any(entry.names(host, port) for entry in self.allowed)
        kept = [each for each in found if named or self._may_reach(each, port)]
        if not kept:
            raise MLRunInvalidArgumentError(
                f"{host} is not a public address, and this service calls no other: an "
                "administrator can allow it in MLRunServerApp.outgoing_allowed"
            )
        return kept

    def connect(self, host: str, port: int, seconds: float = SECONDS) -> socket.socket:
        """A connection to an address of the host that was checked."""
        failed: OSError | None = None
        end = time.monotonic() + seconds
        for address in self.permitted(host, port):
            left = end - time.monotonic()
            if left <= 0:
                failed = TimeoutError(f"it took longer than {seconds:g} s")
                break
            try:
                made = socket.create_connection((address, port), min(left, SECONDS))
                made.settimeout(SECONDS)
                return made
            except OSError as error:
                failed = error
        raise MLRunServiceUnavailableError(f"{host}:{port} cannot be reached: {failed}")

    def _may_reach(self, address: str, port: int) -> bool:
        found = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
        return is_public(found) or any(entry.holds(found, port) for entry in self.allowed)


@dataclass(frozen=True)
class _Allowed:
    name: str
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None
    port: int | None

    @classmethod
    def parse(cls, entry: str) -> _Allowed:
        text = entry.strip().lower()
        with contextlib.suppress(ValueError):
            return cls("", ipaddress.ip_network(text, strict=False), None)
        name, _, port = text.rpartition(":") if ":" in text else (text, "", "")
        if not port or port.isdigit():
            number = int(port) if port else None
            with contextlib.suppress(ValueError):
                return cls("", ipaddress.ip_network(name.strip("[]"), strict=False), number)
            if _HOST_NAME.fullmatch(name):
                return cls(name, None, number)
        raise MLRunInvalidArgumentError(
            f"MLRunServerApp.outgoing_allowed: {entry!r} is no network, address or host. Give each "
            "its own --MLRunServerApp.outgoing_allowed=…, or a list in the configuration file"
        )

    def names(self, host: str, port: int) -> bool:
        if not self.name or self.port not in (None, port):
            return False
        host = host.lower().rstrip(".")
        if self.name.startswith("*."):
            return host.endswith(self.name[1:])
        return host == self.name

    def holds(self, address: IPAddress, port: int) -> bool:
        if self.network is None or self.port not in (None, port):
            return False
        return address.version == self.network.version and address in self.network


def is_public(address: IPAddress) -> bool:
    """Whether the address is one of the open internet."""
    address = _unwrapped(address)
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
        or address.is_loopback or address.is_link_local or address.is_private
        or any(address in network for network in _NEVER)
    )  # fmt: skip


def _unwrapped(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise MLRunInvalidArgumentError(f"{url!r:.200} is not a URL: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise MLRunInvalidArgumentError(f"{url!r:.200} is not a URL that begins with http(s)://")
    if parts.username is not None:
        raise MLRunInvalidArgumentError(
            f"The URL of {parts.hostname} holds a user name: send it as a header instead"
        )
    if not url.isascii() or any(ord(letter) <= 32 for letter in url):
        raise MLRunInvalidArgumentError(f"{url!r:.200} holds characters that a URL cannot hold")
    return parts


def check_url(url: str) -> None:
    """Nothing, where this is a URL that could be called at all; names are not looked up."""
    _split(url)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


class Deadline:
    """Ends every connection of a request after so long, however slowly the other side talks."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for each in self._sockets:
            each.close()

    def watch(self, made: socket.socket) -> socket.socket:
        """The connection, which ends in time whatever is wrapped around it later."""
        self._sockets.append(made.dup())
        return made

    def check(self) -> None:
        """Nothing, unless the time has passed."""
        if self.passed:
            raise TimeoutError(f"it took longer than {self.seconds:g} s")

    def _end(self) -> None:
        self.passed = True
        for each in list(self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class _Connection(HTTPConnection):
    """A connection over a socket that is there already."""

    def __init__(self, host: str, port: int, made: socket.socket) -> None:
        super().__init__(host, port)
        self.sock = made

    def connect(self) -> None:
        """Nothing: it is connected."""


@dataclass
class _Call:
    """One request with its redirects."""

    door: Door
    method: str
    url: str
    body: bytes | None
    headers: dict[str, str]
    verify: bool

    def follow(self, deadline: Deadline, largest: int) -> Stream:
        for _ in range(MOST_REDIRECTS + 1):
            stream = self._send(deadline, largest)
            target = stream.headers.get("location")
            if stream.status not in (301, 302, 303, 307, 308) or not target:
                return stream
            stream.close()
            self._turn(urljoin(self.url, target), stream.status)
        raise MLRunServiceUnavailableError(f"{self.url} redirects more than {MOST_REDIRECTS} times")

    def _turn(self, target: str, status: int) -> None:
        old, new = _split(self.url), _split(target)
        if old.scheme == "https" and new.scheme == "http":
            raise MLRunInvalidArgumentError(f"{self.url} redirects to an address without TLS")
        if status == 303 or (status in (301, 302) and self.method == "POST"):
            self.method, self.body = "GET", None
        if (old.hostname, _port(old)) != (new.hostname, _port(new)):
            if self.body is not None:
                raise MLRunInvalidArgumentError(
                    f"{old.scheme}://{old.netloc} hands what it is sent on to {new.netloc}: give "
                    "the address there, if it is meant for it"
                )
            kept = {k: v for k, v in self.headers.items() if k.lower() in PUBLIC_HEADERS}
            self.headers = kept
        self.url = target

    def _send(self, deadline: Deadline, largest: int) -> Stream:
        parts = _split(self.url)
        host, port = str(parts.hostname), _port(parts)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with contextlib.ExitStack() as stack, _told(parts, deadline):
            made = self.door.connect(host, port, deadline.seconds)
            stack.callback(made.close)
            deadline.watch(made)
            if parts.scheme == "https":
                made = tls(self.verify).wrap_socket(
                    made, server_hostname=host, do_handshake_on_connect=False
                )
                stack.callback(made.close)
                made.do_handshake()  # only now: the deadline ends a slow one too
            connection = stack.enter_context(contextlib.closing(_Connection(host, port, made)))
            given = {"User-Agent": "jupyter-mlrun", "Accept-Encoding": "identity"}
            connection.request(self.method, path, self.body, given | self.headers)
            response = stack.enter_context(connection.getresponse())
            ends = stack.pop_all()
        return Stream(response, self.url, self.method, deadline, largest, ends)


class Stream:
    """An answer whose body is still to come; ``read`` and ``close`` block."""

    def __init__(
        self, response: HTTPResponse, url: str, method: str, deadline: Deadline, largest: int,
        ends: contextlib.ExitStack,
    ) -> None:  # fmt: skip
        self.url = url
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.ends = ends
        self._response = response
        self._deadline = deadline
        self._largest = largest
        self.length = whole(self.headers.get("content-length")) if method != "HEAD" else None
        self._count = 0

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many; none at the end."""
        with _told(_split(self.url), self._deadline):
            piece = self._response.read(size)
        self._count += len(piece)
        if self._count > self._largest:
            raise MLRunServiceUnavailableError(
                f"The answer of {self.url} is larger than {self._largest} bytes"
            )
        if not piece and self.length is not None and self._count < self.length:
            raise MLRunServiceUnavailableError(f"The answer of {self.url} broke off")
        return piece

    def close(self) -> None:
        """Let the connection go."""
        self.ends.close()


@contextlib.contextmanager
def _told(parts: SplitResult, deadline: Deadline) -> Iterator[None]:
    """What goes wrong on the way, as a sentence that names the other side."""
    try:
        yield
        deadline.check()
    except (OSError, HTTPException) as error:
        said = str(error) or type(error).__name__
        if deadline.passed:
            said = f"it took longer than {deadline.seconds:g} s"
        raise MLRunServiceUnavailableError(
            f"{parts.scheme}://{parts.netloc} did not answer: {said}"
        ) from None
    except ValueError as error:
        raise MLRunInvalidArgumentError(
            f"The request to {parts.hostname} cannot be sent: {error}"
        ) from None


def whole(length: str | None) -> int | None:
    """The number of a Content-Length header; None where there is none to read."""
    fits = length and length.isascii() and length.isdigit() and len(length) < LONGEST_NUMBER
    return int(length) if length and fits else None


def tls(verify: bool = True) -> ssl.SSLContext:
    """How the other side's certificate is looked at."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
