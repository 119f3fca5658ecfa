"""Secrets of projects in HashiCorp Vault: its KV engine of version 2, by its HTTP API."""

from __future__ import annotations

import json
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from jupyter_mlrun.errors import (
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunServiceUnavailableError,
)

from .secret_provider import SecretProvider

TRIES = 5
LARGEST = 16 << 20
STALE = "check-and-set"


class VaultSecrets(SecretProvider):
    """One secret of Vault for each project, at ``<mount>/data/<prefix>/<project>/<born>``.

    ``born`` is the microsecond in which the project was made: one that is made later under the
    same name has another place.

    A change is written only over the version that was read, so that two writers lose nothing.
    The token comes from ``token_file``, from AppRole (``role_id`` and ``secret_id_file``), or from
    ``$VAULT_TOKEN``; address, namespace and certificate too may come from Vault's own variables.
    """

    def __init__(
        self,
        url: str = "",
        mount: str = "secret",
        prefix: str = "jupyter-mlrun",
        namespace: str = "",
        token_file: str = "",
        role_id: str = "",
        secret_id_file: str = "",
        ca_file: str = "",
        timeout: float = 10.0,
    ) -> None:
        self.url = (url or os.environ.get("VAULT_ADDR", "")).rstrip("/")
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise MLRunInvalidArgumentError(
                "The secret provider vault needs an address: "
                "MLRunServerApp.secret_options = {'url': 'https://vault:8200'}, or $VAULT_ADDR"
            )
        self.mount, self.prefix = mount.strip("/"), prefix.strip("/")
        self.namespace = namespace or os.environ.get("VAULT_NAMESPACE", "")
        self.timeout = timeout
        self._token_file = token_file
        self._role = (role_id, secret_id_file)
        self._login: tuple[str, float] = ("", 0.0)
        self._lock = threading.Lock()
        context = ssl.create_default_context(
            cafile=ca_file or os.environ.get("VAULT_CACERT") or None
        )
        self._opener = build_opener(HTTPSHandler(context=context), _NoRedirect())

    def names(self, project: str) -> list[str]:
        """In Vault's order, which is the alphabet's."""
        return list(self.read(project))

    def read(self, project: str) -> dict[str, str]:
        """The values by name."""
        born = self.born(project)
        return {} if born is None else self._read(f"{project}/{born}")[0]

    def save(self, project: str, values: Mapping[str, str]) -> None:
        """Write them beside those that are there."""
        self._change(project, lambda known: {**known, **values})

    def delete(self, project: str, names: Iterable[str]) -> None:
        """Write the others; older versions in Vault are its own matter."""
        gone = set(names)
        self._change(project, lambda known: {k: v for k, v in known.items() if k not in gone})

    def forget(self, project: str, born: int) -> None:
        """Remove the secret of that project with all of its versions."""
        self._call("DELETE", self._path("metadata", f"{project}/{born}"))

    def _read(self, home: str) -> tuple[dict[str, str], int]:
        """The values, and the version that a change may replace; 0 where there is none yet."""
        status, answer = self._call("GET", self._path("data", home))
        data = answer.get("data") or {}
        version = int((data.get("metadata") or {}).get("version") or 0)
        if status == 404:
            return {}, version
        return {str(k): str(v) for k, v in (data.get("data") or {}).items()}, version

    def _change(self, project: str, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        born = self.born(project)
        if born is None:
            raise MLRunNotFoundError(f"Project {project} does not exist")
        home = f"{project}/{born}"
        for _ in range(TRIES):
            known, version = self._read(home)
            wanted = change(known)
            if wanted == known:
                return
            body = {"options": {"cas": version}, "data": wanted}
            status, answer = self._call("POST", self._path("data", home), body)
            if status < 300:
                return
            if STALE not in str(answer.get("errors")):
                raise self._refused(status, answer)
        raise MLRunServiceUnavailableError(
            f"Others keep changing the secrets of project {project} in Vault: try again"
        )

    def _path(self, kind: str, home: str) -> str:
        return quote(f"{self.mount}/{kind}/{self.prefix}/{home}")

    def _call(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        """Status and answer; a refusal of the token is tried once more with a new one."""
        status, answer = self._send(method, path, body, self._token())
        if status == 403 and self._role[0]:
            self._login = ("", 0.0)
            status, answer = self._send(method, path, body, self._token())
        if status >= 300 and status not in (400, 404):
            raise self._refused(status, answer)
        return status, answer

    def _token(self) -> str:
        if self._token_file:
            return _content(self._token_file)
        role_id, file = self._role
        if not role_id:
            return os.environ.get("VAULT_TOKEN", "")
        with self._lock:
            token, until = self._login
            if time.monotonic() >= until:
                body = {"role_id": role_id, "secret_id": _content(file)}
                status, answer = self._send("POST", "auth/approle/login", body, "")
                auth = answer.get("auth") or {}
                if status >= 300 or not auth.get("client_token"):
                    raise self._refused(status, answer)
                # two thirds of its life, so that it never dies on the way
                lasts = float(auth.get("lease_duration") or 60) * 2 / 3
                token = str(auth["client_token"])
                self._login = (token, time.monotonic() + lasts)
            return token

    def _send(self, method: str, path: str, body: Any, token: str) -> tuple[int, dict[str, Any]]:
        headers = {"X-Vault-Request": "true", "Content-Type": "application/json"}
        if token:
            headers["X-Vault-Token"] = token
        if self.namespace:
            headers["X-Vault-Namespace"] = self.namespace
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/v1/{path}", data, headers, method=method)
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                return int(answer.status), _json(answer.read(LARGEST))
        except HTTPError as error:
            with error:
                return error.code, _json(error.read(LARGEST))
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            raise MLRunServiceUnavailableError(
                f"Vault at {self.url} does not answer ({reason}): try again"
            ) from None

    def _refused(self, status: int, answer: Mapping[str, Any]) -> MLRunServiceUnavailableError:
        said = "; ".join(map(str, answer.get("errors") or ())) or f"status {status}"
        return MLRunServiceUnavailableError(
            f"Vault at {self.url} refuses the service ({said}): check its token, and the policy "
            f"of {self.mount}/data/{self.prefix}/*"
        )


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """None: a token goes to the address that the settings name, and nowhere else."""
        return None


def _json(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _content(file: str) -> str:
    try:
        return Path(file).expanduser().read_text().strip()
    except OSError as error:
        raise MLRunServiceUnavailableError(f"The service cannot come to Vault: {error}") from None
