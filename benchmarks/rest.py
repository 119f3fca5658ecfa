"""One kept connection to a server, whose client has as little work of its own as there can be."""

from __future__ import annotations

import json
import re
import socket
from typing import Any
from urllib.parse import urlsplit

from tests.live import Live

from .bare import Bare

PIECE = 1 << 16
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Rest:
    """Sends a request at once, and reads the answer up to its last byte."""

    def __init__(self, server: Live | Bare) -> None:
        parts = urlsplit(server.url)
        self._host = parts.netloc
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = {"Authorization": f"Bearer {server.mlrun_token()}"}
        self._jupyter = {"Authorization": f"token {server.token}"}

    def call(self, method: str, path: str, body: Any = None) -> bytes | bytearray:
        """The answer's bytes; anything but a 2xx is an error here."""
        return self.send(method, path, None if body is None else json.dumps(body).encode())

    def send(self, method: str, path: str, data: bytes | None) -> bytes | bytearray:
        """The same with a body of bytes."""
        headers = self.headers if path.startswith("mlrun") else self._jupyter
        lines = [f"{method} /{path} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if data is not None:
            lines.append(f"Content-Length: {len(data)}")
        head = "\r\n".join([*lines, "", ""]).encode()
        if data is None or len(data) < PIECE:
            self._socket.sendall(head + (data or b""))
        else:
            self._socket.sendall(head)
            self._socket.sendall(data)
        status, text = self._answer()
        assert 200 <= status < 300, f"{method} {path}: {status} {text[:300]!r}"
        return text

    def _answer(self) -> tuple[int, bytes | bytearray]:
        first = b""
        while (end := first.find(b"\r\n\r\n")) < 0:
            piece = self._socket.recv(PIECE)
            assert piece, "the server has closed the connection"
            first += piece
        found, status = _LENGTH.search(first, 0, end + 2), int(first[9:12])
        assert found or status == 204, f"an answer without a length: {first[:300]!r}"
        length, begun = int(found[1]) if found else 0, first[end + 4 :]
        assert len(begun) <= length, "more was answered than was asked"
        if len(begun) == length:
            return status, begun
        text = bytearray(length)
        place, view = len(begun), memoryview(text)
        text[:place] = begun
        while place < length:
            count = self._socket.recv_into(view[place:])
            assert count, "the server has closed the connection"
            place += count
        return status, text
