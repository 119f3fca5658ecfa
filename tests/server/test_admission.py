"""Who may do what: every route, every kind of sender."""

from __future__ import annotations

import inspect
import json
import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from jupyter_server.auth import Authorizer
from jupyter_server.utils import JupyterServerAuthWarning

from jupyter_mlrun.outbox import Outbox
from jupyter_mlrun_server.handlers import routes
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import launches, tokens
from jupyter_mlrun_server.store.launches import Launch
from tests.server.conftest import Api
from tests.server.documents import OTHER_UID, PROJECT, UID, artifact, function, run

VERBS = ("get", "head", "post", "put", "patch", "delete")
EXAMPLES = {
    "project": PROJECT, "uid": UID, "name": "train", "key": "model", "path": "x", "tag": "latest",
}  # fmt: skip

RunToken = Callable[[str, str], str]


def every_verb() -> list[tuple[str, str, tuple[str, str]]]:
    """Each verb of each route: its method, an example of its path, and its guard."""
    found = []
    for pattern, handler in routes():
        path = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda m: EXAMPLES.get(m[1], "x"), pattern)
        path = path.replace("//?api(?:/v1)?/", "/api/v1/").replace("//?api/v2/", "/api/v2/")
        path = path.replace("//?api(?:/v[12])?/", "/api/v1/").removesuffix("/?")
        for verb in VERBS:
            method = getattr(handler, verb)
            guard = getattr(method, "jupyter_mlrun_guard", None)
            if guard or "jupyter_mlrun_server" in inspect.getmodule(method).__name__:
                found.append((verb.upper(), path.removeprefix("/mlrun/api/"), guard))
    return found


def test_there_are_routes() -> None:
    assert len(every_verb()) > 40


@pytest.mark.parametrize("method, path, guard", every_verb())
def test_every_verb_names_its_resource(method: str, path: str, guard: tuple[str, str]) -> None:
    assert guard is not None and guard[0], f"{method} {path} is not guarded"


async def test_nobody_gets_nothing(api: Api) -> None:
    for method, path, _ in every_verb():
        answer = await api(method, path, headers={"Authorization": ""})
        assert answer.status == 403, (method, path, answer.status)


async def test_a_token_that_is_not_known_gets_nothing(api: Api) -> None:
    for method, path, _ in every_verb():
        for token in (tokens.new("run"), tokens.new("kernel"), "mlrx", "x" * 44):
            answer = await api(method, path, token=token)
            assert answer.status == 403, (method, path, token)
            assert method == "HEAD" or answer.detail


class ReadsRuns(Authorizer):
    """Lets everybody read runs and nothing else."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return resource == "mlrun.runs" and action == "read"


async def test_jupyters_authorizer_decides_each_route(api: Api, jp_serverapp: Any) -> None:
    settings = jp_serverapp.web_app.settings
    settings["authorizer"] = ReadsRuns(
        parent=jp_serverapp, identity_provider=jp_serverapp.identity_provider
    )
    for method, path, (resource, _) in every_verb():
        answer = await api(method, path, token=api.jupyter_token)
        # a manifest is for those who may run it
        reads = resource == "runs" and method in ("GET", "HEAD") and "/manifest" not in path
        assert (answer.status != 403) == reads, (method, path, answer.status)
    # tokens of ours are judged by what they were given for
    assert (await api("GET", "v1/projects")).status == 200


def test_jupyter_finds_no_open_endpoint(
    jp_configurable_serverapp: Any, jp_server_config: Any
) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        jp_configurable_serverapp()
    ours = [
        str(each.message)
        for each in seen
        if issubclass(each.category, JupyterServerAuthWarning) and "mlrun" in str(each.message)
    ]
    assert not ours, "\n".join(ours)


async def test_our_tokens_open_none_of_jupyters_routes(
    api: Api, http_server_client: Any, jp_base_url: str, run_token: RunToken
) -> None:
    for token in (api.token, run_token(PROJECT, UID)):
        for path in ("api/contents", "api/kernels", "api/sessions", "api/terminals", "api/me"):
            for scheme in ("Bearer", "token"):
                answer = await http_server_client.fetch(
                    jp_base_url + path, headers={"Authorization": f"{scheme} {token}"},
                    raise_error=False, follow_redirects=False,
                )  # fmt: skip
                assert answer.code == 403 or "login" in answer.headers["Location"], path


async def test_tokens_are_stored_as_hashes(service: Service, api: Api) -> None:
    raw = service.database.path.read_bytes()
    wal = service.database.path.with_name("store.sqlite-wal")
    raw += wal.read_bytes() if wal.exists() else b""
    assert api.token.encode() not in raw
    assert tokens.digest(api.token).encode() in raw
    assert re.fullmatch(r"[a-z][a-z0-9]{43}", api.token)


async def test_a_cookie_needs_xsrf_and_a_token_does_not(
    api: Api, jp_serverapp: Any, http_server_client: Any, jp_base_url: str
) -> None:
    body = json.dumps({"metadata": {"name": "by-cookie"}})
    login = await http_server_client.fetch(
        f"{jp_base_url}api/me?token={api.jupyter_token}", raise_error=False
    )
    cookie = "; ".join(part.split(";")[0] for part in login.headers.get_list("Set-Cookie"))
    assert cookie
    answer = await http_server_client.fetch(
        f"{api.base}v1/projects", method="POST", body=body, headers={"Cookie": cookie},
        raise_error=False,
    )  # fmt: skip
    assert answer.code == 403
    assert "_xsrf" in json.loads(answer.body)["detail"]
    # the cookie alone may read
    read = await http_server_client.fetch(
        f"{api.base}v1/projects", headers={"Cookie": cookie}, raise_error=False
    )
    assert read.code == 200
    headers = {"Origin": "http://elsewhere.example", "Cookie": "a=b"}
    named = {"metadata": {"name": "by-token"}}
    assert (await api("POST", "v1/projects", named, headers=headers)).status == 201


async def test_a_token_in_the_cookie_of_mlruns_client(api: Api) -> None:
    """Its client takes long tokens with a ``-`` for sessions, and sends them in a cookie."""

    async def ask(sent: str, version: str = "1.12.1", method: str = "GET") -> int:
        headers = {"Cookie": f"session={sent}"}
        headers |= {"x-mlrun-client-version": version} if version else {}
        answer = await api.client.fetch(
            f"{api.base}v1/projects", method=method, headers=headers, raise_error=False,
            body=b'{"metadata": {"name": "other"}}' if method == "POST" else None,
        )  # fmt: skip
        return int(answer.code)

    for number, token in enumerate((api.token, api.jupyter_token)):
        cookie = f'j:{{"sid": "{token}"}}'
        assert await ask(cookie) == 200
        assert await ask(quote(cookie)) == 200
        assert await ask(cookie, version="") == 403, "what a browser sends by itself is no token"
        assert await ask(cookie, method="POST") == (409 if number else 201)
    for odd in ('j:{"sid": "nobodys-own-token"}', 'j:{"sid": 3}', "j:[]", "j:{", "x-y", "j:"):
        assert await ask(odd) == 403, odd


async def test_a_run_token_reads_its_project_and_writes_its_run(
    api: Api, run_token: RunToken
) -> None:
    await api.ok("POST", f"v1/projects/{PROJECT}/functions/train", function("x=1"))
    await api.ok("PUT", f"v2/projects/{PROJECT}/artifacts/model", artifact(tree=OTHER_UID))
    token = run_token(PROJECT, UID)
    base = f"v1/projects/{PROJECT}"
    for method, path, body in (
        ("GET", "v1/client-spec", None),
        ("GET", base, None),
        ("GET", f"{base}/functions/train", None),
        ("GET", f"v2/projects/{PROJECT}/artifacts/model", None),
        ("GET", f"{base}/runs?iter=no", None),
        ("POST", f"{base}/runs/{UID}", run()),
        ("POST", f"{base}/runs/{UID}?iter=2", run()),
        ("PATCH", f"{base}/runs/{UID}", {"status.results.x": 1}),
        ("POST", f"{base}/logs/{UID}", b"hello"),
        ("PUT", f"v2/projects/{PROJECT}/artifacts/own?tree={UID}", artifact("own")),
    ):
        answer = await api(method, path, body, token=token)
        assert answer.status == 200, (method, path, answer.body)


async def test_a_run_of_a_workflow_stores_artifacts_of_that_workflow(
    api: Api, service: Service, run_token: RunToken
) -> None:
    await api.ok("POST", f"v1/projects/{PROJECT}/runs/{UID}", run())
    step = Launch(PROJECT, UID, "local", "here", "boot", workflow="nightly-1")
    await service.write(launches.add, step)
    # its handle is kept beside the workflow, and takes nothing of it away
    await service.write(launches.set_started, step, {"pid": 1})
    token, path = run_token(PROJECT, UID), f"v2/projects/{PROJECT}/artifacts"

    async def store(key: str, tree: str) -> int:
        address = f"{path}/{key}?tree={tree}"
        return (await api("PUT", address, made(key, tree), token=token)).status

    def made(key: str, tree: str, uid: str = UID) -> dict[str, Any]:
        return artifact(key, tree, producer={"kind": "run", "uri": f"{PROJECT}/{uid}-0"})

    assert await store("own", UID) < 300 and await store("shared", "nightly-1") < 300
    for tree in ("nightly-2", OTHER_UID, ""):
        assert await store("foreign", tree) == 403, tree
    # what another run of the workflow has made is not replaced
    for body in (made("shared", "nightly-1", OTHER_UID), artifact("shared", "nightly-1")):
        answer = await api("PUT", f"{path}/shared?tree=nightly-1", body, token=token)
        assert answer.status == 403 and b"of another run" in answer.body
    outbox = Outbox(service.place.run_folder(PROJECT, UID))
    for key, tree in (("late", "nightly-1"), ("foreign", "nightly-2")):
        outbox.append("PUT", f"projects/{PROJECT}/artifacts/{key}", {}, made(key, tree))
    assert service.outboxes.take_in(PROJECT, UID) == 2
    listed = (await api.ok("GET", path))["artifacts"]
    assert {each["metadata"]["key"] for each in listed} == {"own", "shared", "late"}
    # what a run says of itself later opens nothing
    change = {"metadata.labels": {"workflow": "nightly-2"}}
    await api.ok("PATCH", f"v1/projects/{PROJECT}/runs/{UID}", change, token=token)
    assert await store("foreign", "nightly-2") == 403


async def test_a_run_token_reads_files_of_its_project_alone(
    api: Api, service: Service, run_token: RunToken, jp_root_dir: Path
) -> None:
    (jp_root_dir / "notes.txt").write_text("of the user")
    own = service.place.artifacts / PROJECT / "a.txt"
    own.parent.mkdir(parents=True)
    own.write_text("of the project")
    (own.parent / "link").symlink_to(jp_root_dir / "notes.txt")
    token, address = run_token(PROJECT, UID), f"v1/lab/runs/{PROJECT}/{UID}/files?path="
    assert (await api("GET", f"{address}{own}", token=token)).body == b"of the project"
    for path in ("notes.txt", f"{jp_root_dir}/notes.txt", f"{own.parent}/link", str(jp_root_dir)):
        answer = await api("GET", f"{address}{path}", token=token)
        assert answer.status == 403 and "Jupyter root" not in answer.detail
    assert (await api("GET", f"{address}notes.txt")).body == b"of the user"


async def test_a_run_token_does_nothing_else(api: Api, run_token: RunToken) -> None:
    await api.ok("POST", "v1/projects", {"metadata": {"name": "other"}})
    for project in (PROJECT, "other"):
        await api.ok("POST", f"v1/projects/{project}/runs/{OTHER_UID}", run())
    token = run_token(PROJECT, UID)
    base = f"v1/projects/{PROJECT}"
    for method, path, body in (
        ("POST", f"{base}/runs/{OTHER_UID}", run()),
        ("PATCH", f"{base}/runs/{OTHER_UID}", {"status.state": "error"}),
        ("DELETE", f"{base}/runs/{UID}", None),
        ("POST", f"{base}/runs/{UID}/abort", None),
        ("POST", f"{base}/logs/{OTHER_UID}", b"hello"),
        ("POST", f"{base}/functions/f", function("x=1", "f")),
        ("DELETE", f"v2/projects/{PROJECT}/functions/f", None),
        ("PUT", f"v2/projects/{PROJECT}/artifacts/a?tree={OTHER_UID}", artifact("a")),
        ("PUT", f"v2/projects/{PROJECT}/artifacts/a", artifact("a", tree=OTHER_UID)),
        ("PUT", f"v2/projects/{PROJECT}/artifacts/a", {"kind": "artifact"}),
        (
            "PUT",
            f"v2/projects/{PROJECT}/artifacts/a?tree={UID}",
            {"kind": "link", "spec": {"link_tree": OTHER_UID, "link_iteration": 1}},
        ),
        ("DELETE", f"v2/projects/{PROJECT}/artifacts/a", None),
        ("GET", f"{base}/files?path=x", None),
        ("GET", "v1/projects", None),
        ("POST", "v1/projects", {"metadata": {"name": "mine"}}),
        ("PUT", base, {"metadata": {"name": PROJECT}}),
        ("DELETE", f"v2/projects/{PROJECT}", None),
        ("GET", "v1/projects/other", None),
        ("GET", "v1/projects/other/runs", None),
        ("GET", "v1/projects/*/runs", None),
        ("GET", f"v1/projects/other/runs/{OTHER_UID}", None),
        ("POST", f"v1/projects/other/runs/{UID}", run()),
        ("POST", "v1/submit_job", {"task": {}}),
        ("GET", "v1/lab/runs", None),
        ("GET", "v1/lab/events", None),
        ("GET", "v1/lab/status", None),
        ("GET", "v1/lab/cells?notebook=a", None),
    ):
        answer = await api(method, path, body, token=token)
        assert answer.status == 403, (method, path, answer.status, answer.body)


async def test_a_user_given_address_is_never_overwritten(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLRUN_DBPATH", "http://mine")
    monkeypatch.setenv("MLRUN_HTTPDB__TOKEN", "mine")
    service.open("http://127.0.0.1:1/mlrun")
    assert os.environ["MLRUN_DBPATH"] == "http://mine"
    assert os.environ["MLRUN_HTTPDB__TOKEN"] == "mine"


async def test_kernels_are_given_address_and_token(service: Service, jp_http_port: int) -> None:
    assert os.environ["MLRUN_DBPATH"] == service.url
    assert os.environ["MLRUN_DBPATH"].endswith(f":{jp_http_port}/a%40b/mlrun")
    assert os.environ["MLRUN_HTTPDB__TOKEN"] == service.token
