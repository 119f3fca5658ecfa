"""Secrets in Vault: its documented KV v2 API over a local server that keeps to the document."""

from __future__ import annotations

import asyncio
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
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.services.vault import VaultSecrets
from jupyter_mlrun_server.store import projects
from tests.server.conftest import Api
from tests.server.documents import PROJECT as LAB

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
        self.broken = False
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
        if server.broken:
            return 500, {"errors": ["internal error"]}
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


def made(vault: Vault, **options: str) -> VaultSecrets:
    """The provider, for projects that were all made at the same moment."""
    provider = VaultSecrets(vault.url, **options)  # type: ignore[arg-type]
    provider.born = lambda project: 5
    return provider


def test_secrets_are_kept_one_path_a_project(vault: Vault) -> None:
    provider = made(vault, namespace="team")
    assert provider.names(PROJECT) == []
    provider.save(PROJECT, {"B": "value-of-b"})
    provider.save(PROJECT, {"A": "value-of-a", "B": "changed"})
    provider.save("other", {"C": "value-of-c"})
    assert provider.read(PROJECT) == {"A": "value-of-a", "B": "changed"}
    assert provider.names(PROJECT) == ["A", "B"]
    provider.delete(PROJECT, ["A", "gone"])
    assert provider.read(PROJECT) == {"B": "changed"}
    assert set(vault.kept) >= {"jupyter-mlrun/tides/5", "jupyter-mlrun/other/5"}
    provider.forget(PROJECT, 4)
    assert provider.names(PROJECT) == ["B"], "those of an older project of that name went"
    provider.forget(PROJECT, 5)
    assert provider.names(PROJECT) == [] and provider.names("other") == ["C"]
    assert {namespace for *_, namespace in vault.seen} == {"team"}


def test_a_change_of_another_is_not_lost(vault: Vault) -> None:
    provider = made(vault)
    provider.save(PROJECT, {"MINE": "first-value"})
    vault.interloper = True
    provider.save(PROJECT, {"MINE": "second-value"})
    assert provider.read(PROJECT) == {"MINE": "second-value", "THEIRS": "another-value"}


def test_approle_logs_in_and_again(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "secret-id").write_text("s-e-c\n")
    provider = made(vault, role_id="service", secret_id_file=str(tmp_path / "secret-id"))
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
    provider = made(vault, token_file=str(tmp_path / "token"))
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

    def forget(self, project: str, born: int) -> None:
        self.values.clear()


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


async def test_a_project_of_an_old_name_begins_without_secrets(
    vault: Vault, api: Api, service: Service
) -> None:
    provider = VaultSecrets(vault.url)
    provider.born, service.secrets.provider = service.secrets.provider.born, provider
    base, cascade = f"v1/projects/{LAB}", {"x-mlrun-deletion-strategy": "cascade"}
    await api.ok("POST", f"{base}/secrets", {"provider": "kubernetes", "secrets": {"A": "first-a"}})
    vault.broken = True
    assert (await api("DELETE", f"v2/projects/{LAB}", headers=cascade)).status == 204
    vault.broken = False
    assert any("first-a" in str(each) for each in vault.kept.values()), "Vault was away"
    await api.ok("POST", "v1/projects", {"metadata": {"name": LAB}})
    assert (await api.ok("GET", f"{base}/secret-keys"))["secret_keys"] == []
    await api.ok("POST", f"{base}/secrets", {"provider": "kubernetes", "secrets": {"B": "anew-b"}})
    await service.threads.slow(service.deletion.sweep)
    assert not any("first-a" in str(each) for each in vault.kept.values())
    assert (await api.ok("GET", f"{base}/secret-keys"))["secret_keys"] == ["B"]
    assert list(service.deletion.trash.iterdir()) == []
    # other servers that hear of it late take nothing from the new one
    await api.ok("DELETE", f"v2/projects/{LAB}", headers=cascade)
    await api.ok("POST", "v1/projects", {"metadata": {"name": LAB}})
    await api.ok("POST", f"{base}/secrets", {"provider": "kubernetes", "secrets": {"C": "third-c"}})
    service._hear({"kind": "project", "action": "deleted", "project": LAB, "uid": "", "state": ""})
    await asyncio.sleep(0.2)
    assert (await api.ok("GET", f"{base}/secret-keys"))["secret_keys"] == ["C"]
    with service.database.read() as connection:
        born = projects.created(connection, LAB)
    assert [path for path, kept in vault.kept.items() if kept] == [f"jupyter-mlrun/{LAB}/{born}"]
