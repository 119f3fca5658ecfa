"""Secrets in Vault: its documented KV v2 API over a local server that keeps to the document."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunServiceUnavailableError
from jupyter_mlrun_server.services import access, secret_provider
from jupyter_mlrun_server.services.secret_provider import SecretProvider
from jupyter_mlrun_server.services.secrets import Secrets
from jupyter_mlrun_server.services.vault import VaultSecrets

TOKEN, PROJECT = "hvs.root", "tides"


class Vault(ThreadingHTTPServer):
    """What Vault keeps: versions by path, and the tokens that open it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), VaultApi)
        self.kept: dict[str, list[dict[str, str]]] = {}
        self.tokens = {TOKEN}
        self.seen: list[tuple[str, str, str]] = []
        self.logins = 0
        self.interloper = False
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class VaultApi(BaseHTTPRequestHandler):
    """``/v1/secret/data``, ``/v1/secret/metadata`` and ``/v1/auth/approle/login``."""

    server: Vault

    def handle_one(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        with self.server.lock:
            status, answer = self.answer(body)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"" if answer is None else json.dumps(answer).encode())

    do_GET = do_POST = do_DELETE = handle_one

    def answer(self, body: Any) -> tuple[int, Any]:
        server, token = self.server, self.headers.get("X-Vault-Token", "")
        server.seen.append((self.command, self.path, self.headers.get("X-Vault-Namespace", "")))
        if self.path == "/v1/auth/approle/login":
            if body != {"role_id": "service", "secret_id": "s-e-c"}:
                return 400, {"errors": ["invalid role or secret ID"]}
            server.logins += 1
            token = f"hvs.{server.logins}"
            server.tokens.add(token)
            return 200, {"auth": {"client_token": token, "lease_duration": 3600}}
        if token not in server.tokens:
            return 403, {"errors": ["permission denied"]}
        kind, _, path = self.path.removeprefix("/v1/secret/").partition("/")
        versions = server.kept.setdefault(path, [])
        if kind == "metadata" and self.command == "DELETE":
            server.kept.pop(path)
            return 204, None
        if self.command == "GET":
            if not versions:
                return 404, {"errors": []}
            metadata = {"version": len(versions), "deletion_time": "", "destroyed": False}
            found = dict(sorted(versions[-1].items()))
            return 200, {"data": {"data": found, "metadata": metadata}}
        if server.interloper:
            server.interloper = False
            versions.append({**(versions[-1] if versions else {}), "THEIRS": "another-value"})
        if body["options"]["cas"] != len(versions):
            return 400, {"errors": [
                "check-and-set parameter did not match the current version"]}  # fmt: skip
        versions.append(body["data"])
        return 200, {"data": {"version": len(versions)}}

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    server = Vault()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    for name in ("VAULT_ADDR", "VAULT_NAMESPACE", "VAULT_CACERT"):
        monkeypatch.delenv(name, raising=False)
    yield server
    server.shutdown()
    server.server_close()


def test_secrets_are_kept_one_path_a_project(vault: Vault) -> None:
    provider = VaultSecrets(vault.url, namespace="team")
    assert provider.names(PROJECT) == []
    provider.save(PROJECT, {"B": "value-of-b"})
    provider.save(PROJECT, {"A": "value-of-a", "B": "changed"})
    provider.save("other", {"C": "value-of-c"})
    assert provider.read(PROJECT) == {"A": "value-of-a", "B": "changed"}
    assert provider.names(PROJECT) == ["A", "B"]
    provider.delete(PROJECT, ["A", "gone"])
    assert provider.read(PROJECT) == {"B": "changed"}
    assert set(vault.kept) >= {"jupyter-mlrun/tides", "jupyter-mlrun/other"}
    provider.forget(PROJECT)
    assert provider.names(PROJECT) == [] and provider.names("other") == ["C"]
    assert {namespace for *_, namespace in vault.seen} == {"team"}


def test_a_change_of_another_is_not_lost(vault: Vault) -> None:
    provider = VaultSecrets(vault.url)
    provider.save(PROJECT, {"MINE": "first-value"})
    vault.interloper = True
    provider.save(PROJECT, {"MINE": "second-value"})
    assert provider.read(PROJECT) == {"MINE": "second-value", "THEIRS": "another-value"}


def test_approle_logs_in_and_again(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "secret-id").write_text("s-e-c\n")
    provider = VaultSecrets(
        vault.url, role_id="service", secret_id_file=str(tmp_path / "secret-id")
    )
    provider.save(PROJECT, {"A": "value-of-a"})
    assert vault.logins == 1
    vault.tokens.clear()
    assert provider.read(PROJECT) == {"A": "value-of-a"}
    assert vault.logins == 2
    (tmp_path / "secret-id").write_text("wrong")
    vault.tokens.clear()
    with pytest.raises(MLRunServiceUnavailableError, match="invalid role or secret ID"):
        provider.read(PROJECT)


def test_what_goes_wrong_is_said_without_the_token(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hvs.wrong")
    provider = VaultSecrets(vault.url, token_file=str(tmp_path / "token"))
    with pytest.raises(MLRunServiceUnavailableError, match="permission denied") as refused:
        provider.save(PROJECT, {"A": "value-of-a"})
    assert "hvs" not in str(refused.value) and "value-of-a" not in str(refused.value)
    (tmp_path / "token").write_text(TOKEN)
    provider.save(PROJECT, {"A": "value-of-a"})
    secrets = Secrets(provider)
    assert secrets.masker(PROJECT).text("value-of-a") == "*****"
    vault.shutdown()
    vault.server_close()
    with pytest.raises(MLRunServiceUnavailableError, match="does not answer"):
        provider.read(PROJECT)
    # masks go on while it is away; a project that was never seen is told
    secrets._maskers[PROJECT] = (secrets._maskers[PROJECT][0] - 60, secrets.masker(PROJECT))
    assert secrets.masker(PROJECT).text("value-of-a") == "*****"
    with pytest.raises(MLRunServiceUnavailableError):
        secrets.masker("unseen")
    with pytest.raises(MLRunInvalidArgumentError, match="needs an address"):
        VaultSecrets()


class Given(SecretProvider):
    """A provider of another distribution."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values

    def names(self, project: str) -> list[str]:
        return list(self.values)

    def read(self, project: str) -> dict[str, str]:
        return self.values

    def save(self, project: str, values: Any) -> None:
        self.values |= values

    def delete(self, project: str, names: Any) -> None:
        for name in names:
            self.values.pop(name, None)


class Weekdays(access.Everybody):
    """An authorizer of another distribution."""


def test_others_come_by_entry_point(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    here = __name__

    def entry_points(group: str) -> list[EntryPoint]:
        name = "Given" if group == secret_provider.GROUP else "Weekdays"
        return [EntryPoint("ours", f"{here}:{name}", group)]

    monkeypatch.setattr(secret_provider, "entry_points", entry_points)
    monkeypatch.setattr(access, "entry_points", entry_points)
    own: Any = Given({})
    found = secret_provider.load("ours", {"values": {"A": "b"}}, own)
    assert type(found).__name__ == "Given" and found.names("x") == ["A"]
    assert secret_provider.load("database", {}, own) is own
    loaded = secret_provider.load("vault", {"url": vault.url}, own)
    assert isinstance(loaded, VaultSecrets)
    for name, options, word in (
        ("vaul", {}, "Did you mean 'vault'?"), ("ours", {"x": 1}, "unexpected keyword"),
    ):  # fmt: skip
        with pytest.raises(MLRunInvalidArgumentError, match=word):
            secret_provider.load(name, options, own)
    database: Any = None
    assert type(access.load("ours", database)).__name__ == "Weekdays"
    assert isinstance(access.load("members", database), access.Members)
    with pytest.raises(MLRunInvalidArgumentError, match="Did you mean 'members'"):
        access.load("member", database)
