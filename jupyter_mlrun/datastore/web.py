"""``http://`` and ``https://``: read only, by Python's own library."""

from __future__ import annotations

import email.utils
import urllib.error
import urllib.request
from typing import Any

from ..errors import MLRunRuntimeError
from .base import DataStore, Stat
from .secrecy import without_secrets

_TIMEOUT = 60


class WebStore(DataStore):
    """Reads what a web server has.

    A user and password in the address are sent as basic authentication, HTTPS_AUTH_TOKEN as a
    bearer token over https alone.
    """

    def _request(
        self, url: str, headers: dict[str, str] | None = None, method: str = "GET"
    ) -> urllib.request.Request:
        import base64
        from urllib.parse import unquote, urlsplit, urlunsplit

        from .credentials import Credentials

        login, parts = "", urlsplit(url)
        if parts.username or parts.password:
            pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
            login = f"Basic {base64.b64encode(pair.encode()).decode()}"
            url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        elif parts.scheme == "https" and (
            token := Credentials(self.secrets).find("HTTPS_AUTH_TOKEN")
        ):
            login = f"Bearer {token}"
        request = urllib.request.Request(url, headers=dict(headers or {}), method=method)
        if login:
            # not for whom the server redirects to
            request.add_unredirected_header("Authorization", login)
        return request

    def open(self, url: str, mode: str = "rb") -> Any:
        """The answer as a file."""
        if mode != "rb":
            raise self._cannot("be written")
        return _ask(self._request(url))

    def get(self, url: str, size: int | None = None, offset: int = 0) -> bytes:
        """Bytes by range; a server without ranges is read from its first byte."""
        headers = {}
        if size is not None or offset:
            end = "" if size is None else offset + size - 1
            headers["Range"] = f"bytes={offset}-{end}"
        with _ask(self._request(url, headers)) as answer:
            if headers and answer.status != 206:
                answer.read(offset)
                return bytes(answer.read(-1 if size is None else size))
            return bytes(answer.read())

    def stat(self, url: str) -> Stat:
        """What the server says of it."""
        with _ask(self._request(url, method="HEAD")) as answer:
            length = answer.headers.get("Content-Length")
            changed = answer.headers.get("Last-Modified")
            modified = email.utils.parsedate_to_datetime(changed).timestamp() if changed else None
            kind = answer.headers.get_content_type()
            return Stat(int(length) if length else None, modified, kind)


def _ask(request: urllib.request.Request) -> Any:
    address = without_secrets(request.full_url)
    try:
        return urllib.request.urlopen(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise FileNotFoundError(f"{address} is not there (404)") from None
        host = request.host
        if error.code in (401, 403):
            raise PermissionError(
                f"{host} does not let this address be read ({error.code}): set HTTPS_AUTH_TOKEN, "
                "or write https://USER:PASSWORD@…"
            ) from None
        raise MLRunRuntimeError(f"{host} answered {error.code} for {address}") from error
    except urllib.error.URLError as error:
        raise MLRunRuntimeError(
            f"{address} cannot be read: {error.reason}. Look at the address"
        ) from error
