"""The service on its own: its routes alone, whom it knows, and what each role may do."""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from jupyter_server.auth import Authorizer
from sqlalchemy.engine import Connection
from tornado.httpclient import HTTPClientError

from jupyter_mlrun_server.handlers import declared, routes
from jupyter_mlrun_server.handlers.base import ADMINS, OPEN
from jupyter_mlrun_server.services import identities
from jupyter_mlrun_server.services.access import Wish, needed
from jupyter_mlrun_server.store import members, projects, tokens
from jupyter_mlrun_server.store.members import ROLES
from jupyter_mlrun_server.store.tokens import Grant
from tests.server.alone import ROOT, Alone, started
from tests.server.documents import UID, artifact, function, run
from tests.server.jupyterhub import HubApi
from tests.server.test_admission import VERBS

LAB = "tides"


def every_verb() -> list[tuple[str, str, str, str, str]]:
    """Method, path, noun, action and scope of each verb of each route."""
    found = []
    for _, route in declared():
        path = re.sub(r"\(\?P<project>(?:[^()]|\([^()]*\))*\)", LAB, route.path)
        path = re.sub(r"\(\?P<uid>(?:[^()]|\([^()]*\))*\)", UID, path)
        path = re.sub(
            r"\(\?P<\w+>((?:[^()]|\([^()]*\))*)\)",
            lambda found: "1" if re.search(r"\\d|0-9", found[1]) else "x", path,
        ).removesuffix("/?")  # fmt: skip
        for verb in VERBS:
            method = getattr(route.handler, verb)
            if guard := getattr(method, "jupyter_mlrun_guard", None):
                action, where = method.jupyter_mlrun_role
                known = {"get": "read", "head": "read"}
                version = "v2" if route.version == "v2" else "v1"
                found.append(
                    (verb.upper(), f"{version}/{path}", guard[0],
                     action or known.get(verb, "write"), where)
                )  # fmt: skip
    return found


async def test_it_serves_our_routes_only(alone: Alone) -> None:
    application = alone.app.server.request_callback
    patterns = [rule.matcher.regex.pattern for rule in application.wildcard_router.rules]
    assert len(patterns) == len(routes())
    assert all(pattern.startswith("/mlrun//?api") for pattern in patterns)
    outside = (
        "", "api", "api/kernels", "api/kernelspecs", "api/contents", "api/contents/a.txt",
        "api/sessions", "api/terminals", "api/events", "api/events/subscribe", "api/me",
        "api/status", "api/shutdown", "api/config/x", "nbconvert/html/a.ipynb", "files/a.txt",
        "view/a.txt", "lab", "tree", "login", "logout", "metrics", "static/favicon.ico",
        "terminals", "custom/custom.css", "mlrun", "mlrun/",
    )  # fmt: skip
    for path in outside:
        for method in ("GET", "POST", "DELETE"):
            answer = await alone(ROOT, method, path, below="")
            assert answer.status == 404, (method, path, answer.status)
    assert "none of this service's routes" in (await alone(ROOT, "GET", "lab", below="")).detail


async def test_nobody_gets_healthz_alone(alone: Alone) -> None:
    for method, path, *_, where in every_verb():
        answer = await alone("", method, path)
        assert answer.status == (200 if where == OPEN else 403), (method, path, answer.status)
    answer = await alone("", "GET", "v1/healthz")
    assert answer.json == {"status": "ok"}
    assert [path for _, path, *_, where in every_verb() if where == OPEN] == ["v1/healthz"]


async def test_tokens_die_and_are_kept_as_hashes(alone: Alone, monkeypatch: Any) -> None:
    from jupyter_mlrun_server.store import user_tokens

    service = alone.app.service
    assert (await alone("ann", "GET", "v1/projects")).status == 200
    text = alone.token("ann")
    raw = b"".join(path.read_bytes() for path in service.place.root.glob("store.sqlite*"))
    assert text.encode() not in raw and tokens.digest(text).encode() in raw
    with service.database.write() as connection:
        short = user_tokens.create(connection, "ann", "short", identities.in_days(0.4 / 86_400))
        user_tokens.create(connection, "bob", "x", None)
        assert user_tokens.revoke(connection, "ann", "test") == 1
    assert (await alone("", "GET", "v1/projects", token=short)).status == 200
    await asyncio.sleep(2.5)
    for dead in (short, text, tokens.new("user"), "x" * 44, "x" * 5000):
        assert (await alone("", "GET", "v1/projects", token=dead)).status == 403, dead
    # tokens that embedded servers wrote into the same store open nothing here
    kernel = tokens.new("kernel")
    with service.database.write() as connection:
        tokens.add(connection, kernel, Grant("kernel"))
    assert (await alone("", "GET", "v1/projects", token=kernel)).status == 403


async def test_its_users_learn_nothing_of_its_database(
    alone: Alone, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = alone.app.service
    reason = sa.exc.OperationalError("", {}, Exception("connection to 10.1.2.3 failed: ann"))

    def away(*_: Any, **__: Any) -> Any:
        raise reason

    token = alone.token("ann")
    monkeypatch.setattr(service.database.engine, "connect", away)
    for known in (token, f"mlru{'0' * 40}"):
        answer = await alone("", "GET", "v1/projects", token=known)
        assert answer.status == 503 and "try again" in answer.json["detail"]
        for kept in ("10.1.2.3", "ann", "store.sqlite"):
            assert kept not in answer.json["detail"]


async def test_links_lead_to_the_lab_that_is_named_or_nowhere(
    isolated_dirs: Path, alone: Alone
) -> None:
    assert alone.app.service.notifier.url_of("tides", "u1") == ""
    named = Alone("--MLRunServerApp.lab_url=https://hub.example.org/hub/user-redirect/lab")
    service = named.app.make_service()
    assert service.notifier.url_of("tides", "u1") == (
        "https://hub.example.org/hub/user-redirect/lab?mlrun-run=tides/u1"
    )
    service.database.close()


LITERAL = {
    ("GET", f"v1/projects/{LAB}"): "viewer",
    ("GET", f"v1/projects/{LAB}/runs/{UID}"): "viewer",
    ("GET", f"v1/projects/{LAB}/logs/{UID}"): "viewer",
    ("POST", f"v1/projects/{LAB}/runs/{UID}"): "editor",
    ("DELETE", f"v1/projects/{LAB}/runs/{UID}"): "editor",
    ("PUT", f"v2/projects/{LAB}/artifacts/x"): "editor",
    ("GET", f"v1/projects/{LAB}/secret-keys"): "editor",
    ("POST", f"v1/projects/{LAB}/secrets"): "admin",
    ("DELETE", f"v1/projects/{LAB}/secrets"): "admin",
    ("PATCH", f"v1/projects/{LAB}"): "admin",
    ("PUT", f"v1/lab/projects/{LAB}/members/x/x"): "admin",
    ("DELETE", f"v1/projects/{LAB}"): "owner",
}


def test_every_verb_says_whose_role_it_asks() -> None:
    open_ended = [
        (method, path) for method, path, *_, where in every_verb()
        if f"/{LAB}" not in path and not where
    ]  # fmt: skip
    assert not open_ended, f"no project in the path, and no where= in guarded(): {open_ended}"


@pytest.mark.timeout(300)
async def test_each_role_may_what_it_may(alone: Alone) -> None:
    await alone.project(LAB, **{role: role for role in ROLES}, stranger="viewer")
    await alone.ok(ROOT, "DELETE", f"v1/lab/projects/{LAB}/members/user/stranger")
    await alone.ok(ROOT, "POST", f"v1/projects/{LAB}/functions/kept", function("x=1", "kept"))
    verbs = every_verb()
    seen = {(method, path) for method, path, *_ in verbs}
    assert set(LITERAL) <= seen, set(LITERAL) - seen
    wrong = []
    for who in ("stranger", *ROLES):
        for method, path, noun, action, where in verbs:
            in_project = f"/{LAB}" in path
            lowest = LITERAL.get((method, path)) or needed(Wish(action, noun, LAB, method))
            allowed = who in ROLES and ROLES.index(who) >= ROLES.index(lowest)
            if not in_project:
                allowed = where != ADMINS
            if (method, path) == ("GET", f"v1/projects/{LAB}/secrets"):
                allowed = False  # values are shown to nobody
            query = "?timeout=0" if path == "v1/lab/events" else ""
            answer = await alone(who, method, path + query)
            if (answer.status != 403) != allowed or answer.status >= 502:
                wrong.append((who, method, path, noun, where, answer.status, answer.body[:120]))
    assert not wrong, "\n".join(map(str, wrong))


async def test_lists_and_events_hold_what_their_reader_may_see(alone: Alone) -> None:
    await alone.project("open", ann="viewer")
    await alone.project("shut")
    socket = await alone.socket("ann", "v1/lab/socket")
    hello = json.loads(str(await socket.read_message()))
    await socket.write_message(json.dumps({"subscribe": {"projects": None, "logs": [
        f"shut/{UID}", f"open/{UID}"]}}))  # fmt: skip
    await asyncio.sleep(0.3)
    for project in ("shut", "open"):
        base = f"projects/{project}"
        await alone.ok(ROOT, "POST", f"v1/{base}/functions/f-{project}",
                       function("x=1", f"f-{project}"))  # fmt: skip
        await alone.ok(ROOT, "POST", f"v1/{base}/runs/{UID}", run(f"r-{project}"))
        await alone.ok(ROOT, "POST", f"v1/{base}/logs/{UID}", f"l-{project}".encode())
        await alone.ok(ROOT, "PUT", f"v2/{base}/artifacts/a-{project}", artifact(f"a-{project}"))
    for path in (
        "v1/projects", "v1/projects?format=name_only", "v1/projects/*/runs?iter=no",
        "v1/projects/*/runs", "v2/projects/*/artifacts", "v1/projects/*/functions",
        "v1/lab/runs", "v1/lab/runs?project=*", "v1/lab/status", "v1/lab/projects",
        "v1/lab/functions", f"v1/lab/events?cursor={hello['cursor']}&timeout=1",
        "v1/project-summaries", "v1/projects/*/runtime-resources",
    ):  # fmt: skip
        for who, sees in (("ann", True), ("bob", False)):
            body = (await alone(who, "GET", path)).body.decode()
            assert "shut" not in body, (who, path, body)
            if "runtime-resources" not in path:
                assert ("open" in body) == sees, (who, path, body)
    heard = []
    deadline = time.monotonic() + 10
    while "a-open" not in "".join(heard) and time.monotonic() < deadline:
        heard.append(str(await asyncio.wait_for(socket.read_message(), 10)))
    assert not [text for text in heard if "shut" in text], heard
    assert any("r-open" in text for text in heard) and any('"log"' in text for text in heard)
    for named in ("v1/lab/runs?project=shut", "v1/lab/events?project=shut&timeout=0",
                  "v1/lab/functions?project=shut"):  # fmt: skip
        answer = await alone("ann", "GET", named)
        assert answer.status == 403 or b"shut" not in answer.body, (named, answer.body)
    with pytest.raises(HTTPClientError) as refused:
        await alone.socket("ann", f"v1/lab/runs/shut/{UID}/log/tail")
    assert refused.value.code == 403


async def test_a_run_shows_no_artifact_of_a_project_that_is_shut(alone: Alone) -> None:
    await alone.project("shut")
    await alone.project("open", ann="editor")
    stored = await alone.ok(
        ROOT, "PUT", "v2/projects/shut/artifacts/a", artifact("a", src="theirs")
    )
    for uri in (
        "store://artifacts/shut/a",
        f"store://artifacts/shut/a^{stored['metadata']['uid']}",
    ):
        document = run(artifact_uris={"a": uri})
        await alone.ok("ann", "POST", f"v1/projects/open/runs/{UID}", document)
        path = f"v1/projects/open/runs/{UID}?format=full"
        assert "theirs" in (await alone(ROOT, "GET", path)).body.decode()
        assert "theirs" not in (await alone("ann", "GET", path)).body.decode()


async def test_a_role_that_is_taken_ends_what_listens(alone: Alone) -> None:
    await alone.project("open", ann="viewer", bob="viewer")
    await alone.ok(ROOT, "POST", f"v1/projects/open/runs/{UID}", run())
    await alone.ok(ROOT, "POST", f"v1/projects/open/logs/{UID}", b"first")
    events = await alone.socket("ann", "v1/lab/socket")
    tail = await alone.socket("ann", f"v1/lab/runs/open/{UID}/log/tail")
    await events.write_message(json.dumps({"subscribe": {"projects": ["open"]}}))
    assert "first" in str(await tail.read_message())
    await alone.ok(ROOT, "DELETE", "v1/lab/projects/open/members/user/ann")
    assert (await alone("ann", "GET", f"v1/projects/open/runs/{UID}")).status == 403
    await asyncio.sleep(3.5)
    await alone.ok(ROOT, "POST", f"v1/projects/open/logs/{UID}", b"second")
    await alone.ok(ROOT, "PATCH", f"v1/projects/open/runs/{UID}", {"status.results.second": 1})
    rest = [str(await asyncio.wait_for(tail.read_message(), 10))]
    while rest[-1] != "None":
        rest.append(str(await asyncio.wait_for(tail.read_message(), 10)))
    assert not [text for text in rest if "second" in text]
    await asyncio.sleep(0.5)
    events.close()
    heard = []
    while (text := await events.read_message()) is not None:
        heard.append(str(text))
    assert not [text for text in heard if "second" in text], heard


async def test_who_makes_a_project_owns_it(alone: Alone) -> None:
    made = await alone.ok("ann", "POST", "v1/projects", {"metadata": {"name": "mine"}})
    assert made["spec"]["owner"] == "ann"
    await alone.ok("bob", "PUT", "v1/projects/his", {"metadata": {"name": "his"}})
    found = await alone.ok("ann", "GET", "v1/lab/projects/mine/members")
    assert found == {
        "members": [{"kind": "user", "name": "ann", "role": "owner"}], "role": "owner",
        "enforced": True,
    }  # fmt: skip
    # MLRun's get_or_create asks first: what is not there is 404, what is another's 403
    assert (await alone("ann", "GET", "v1/projects/nowhere")).status == 404
    assert (await alone("ann", "GET", "v1/projects/his")).status == 403
    assert (await alone("ann", "PUT", "v1/projects/his", {"spec": {}})).status == 403
    assert (await alone("ann", "POST", "v1/projects", {"metadata": {"name": "his"}})).status == 409
    last = await alone("ann", "DELETE", "v1/lab/projects/mine/members/user/ann")
    assert last.status == 412 and "last owner" in last.detail
    await alone.ok("ann", "PUT", "v1/lab/projects/mine/members/group/lab", {"role": "admin"})
    alone.token("eve", "lab")
    assert (await alone("eve", "PATCH", "v1/projects/mine", {"spec": {"goals": "x"}})).status == 200
    for path, role in (("user/eve", "owner"), ("user/ann", "viewer")):
        answer = await alone("eve", "PUT", f"v1/lab/projects/mine/members/{path}", {"role": role})
        assert answer.status == 403 and "its owners alone" in answer.detail
    assert (await alone("eve", "DELETE", "v1/projects/mine")).status == 403
    assert (await alone("ann", "DELETE", "v1/projects/mine")).status == 204
    # one of the same name begins without the members of the old one
    await alone.ok("bob", "POST", "v1/projects", {"metadata": {"name": "mine"}})
    assert (await alone("eve", "GET", "v1/projects/mine")).status == 403
    me = await alone.ok("eve", "GET", "v1/lab/me")
    assert me == {"user": "eve", "groups": ["lab"], "admin": False, "enforced": True}


async def test_what_changes_between_admission_and_write_is_seen(
    alone: Alone, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = alone.app.service
    write = service.write

    def meanwhile(act: Callable[[Connection], Any]) -> None:
        async def later(function: Any, *arguments: Any) -> Any:
            monkeypatch.setattr(service, "write", write)
            await write(act)
            return await write(function, *arguments)

        monkeypatch.setattr(service, "write", later)

    def found(connection: Connection) -> None:
        projects.create(connection, {"metadata": {"name": "new"}, "spec": {"goals": "ann's"}})
        members.found_project(connection, "new", "ann")

    meanwhile(found)
    answer = await alone("bob", "PUT", "v1/projects/new", {"spec": {"goals": "bob's"}})
    assert answer.status == 409 and "somebody else" in answer.detail
    assert (await alone.ok("ann", "GET", "v1/projects/new"))["spec"]["goals"] == "ann's"
    await alone.ok("ann", "PUT", "v1/projects/new", {"spec": {"goals": "more"}})

    await alone.project("ours", eve="admin", tom="viewer")
    tom = "v1/lab/projects/ours/members/user/tom"
    for method, body in (("PUT", {"role": "viewer"}), ("DELETE", None)):
        meanwhile(lambda connection: members.save(connection, "ours", "user", "tom", "owner"))
        answer = await alone("eve", method, tom, body)
        assert answer.status == 403 and "its owners alone" in answer.detail
        await alone.ok(ROOT, "PUT", tom, {"role": "viewer"})
    await alone.ok("eve", "DELETE", tom)


async def test_it_executes_nothing_of_its_users(alone: Alone, tmp_path: Path) -> None:
    await alone.project(LAB, ann="admin")
    body = {
        "task": {"metadata": {"name": "f", "project": LAB}},
        "function": function(f"open({str(tmp_path / 'ran')!r}, 'w')", "f"),
    }
    answer = await alone("ann", "POST", "v1/submit_job", body)
    assert answer.status == 400 and "executes nothing itself" in answer.detail
    assert (await alone("bob", "POST", "v1/submit_job", body)).status == 403
    assert not (await alone.ok("ann", "GET", f"v1/projects/{LAB}/runs?iter=no"))["runs"]
    # neither its files nor its processes are anybody's
    secret = tmp_path / "secret.txt"
    secret.write_text("of the service's machine")
    await alone.ok("ann", "PATCH", f"v1/projects/{LAB}", {"spec": {"artifact_path": "/"}})
    for path in (str(secret), "/etc/passwd", "store.sqlite", "../store.sqlite"):
        assert (await alone("ann", "GET", f"v1/projects/{LAB}/files?path={path}")).status == 403
    document = run()
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    from jupyter_mlrun_runtimes import process

    document["spec"]["origin"] = {"process": process.identity(pid)}
    await alone.ok("ann", "POST", f"v1/projects/{LAB}/runs/{UID}", document)
    await alone("ann", "POST", f"v1/projects/{LAB}/runs/{UID}/abort")
    await asyncio.sleep(0.2)
    assert os.waitpid(pid, os.WNOHANG) == (0, 0)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    exported = await alone("ann", "POST", "v1/lab/export", {"path": "a.ipynb", "notebook": {}})
    assert exported.status == 400 and "no notebooks" in exported.detail
    alone.app.service.launcher.here = True
    body["function"] = function(
        f"def f():\n    open({str(tmp_path / 'ran')!r}, 'w').close()\n", "f"
    )
    uid = (await alone.ok("ann", "POST", "v1/submit_job", body))["data"]["metadata"]["uid"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = await alone.ok("ann", "GET", f"v1/projects/{LAB}/runs/{uid}")
        if found["data"]["status"]["state"] in ("completed", "error"):
            break
        await asyncio.sleep(0.1)
    assert found["data"]["status"]["state"] == "completed", found["data"]["status"]
    assert (tmp_path / "ran").exists()


class Nobody(Authorizer):
    """Lets nobody write functions."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return (action, resource) != ("write", "mlrun.functions")


@pytest.fixture
def on_share(isolated_dirs: Path, jp_asyncio_loop: Any) -> Iterator[Alone]:
    """The service with artifacts on a disk that all machines see."""
    path = f"{isolated_dirs}/share/{{{{run.project}}}}/{{{{run.uid}}}}"
    yield from started(Alone(f"--MLRunServerApp.artifact_path={path}"), jp_asyncio_loop)


async def test_artifacts_on_a_shared_disk_belong_to_their_project(
    on_share: Alone, isolated_dirs: Path
) -> None:
    for project, user in ((LAB, "ann"), ("other", "bob")):
        await on_share.project(project, **{user: "editor"})
        (isolated_dirs / "share" / project).mkdir(parents=True)
        (isolated_dirs / "share" / project / "a.txt").write_text(f"of {project}")
    told = (await on_share.ok("ann", "GET", "v1/client-spec"))["artifact_path"]
    assert told == f"{isolated_dirs}/share/{{{{run.project}}}}/{{{{run.uid}}}}"
    for project, status in ((LAB, 200), ("other", 403)):
        path = isolated_dirs / "share" / project / "a.txt"
        assert (
            await on_share("ann", "GET", f"v1/projects/{LAB}/files?path={path}")
        ).status == status


async def test_jupyters_authorizer_is_asked_too(alone: Alone) -> None:
    application = alone.app.server.request_callback
    application.settings["authorizer"] = Nobody(parent=alone.app)  # type: ignore[attr-defined]
    await alone.project(LAB, ann="owner")
    path = f"v1/projects/{LAB}/functions/f"
    assert (await alone("ann", "POST", path, function("x=1", "f"))).status == 403
    assert (await alone("ann", "GET", f"v1/projects/{LAB}/functions")).status == 200


async def test_the_hub_says_who_somebody_is(
    behind_hub: Alone, hub: type[HubApi], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert behind_hub.url.endswith("/services/mlrun/mlrun")
    me = await behind_hub("", "GET", "v1/lab/me", token="a" * 32)
    assert me.json == {"user": "ann", "groups": ["lab"], "admin": False, "enforced": True}
    for _ in range(5):
        await behind_hub("", "GET", "v1/lab/me", token="a" * 32)
    assert hub.asked == ["a" * 32]
    # its token does not open this service, and nobody's opens anything
    for token in ("b" * 32, "d" * 32):
        assert (await behind_hub("", "GET", "v1/lab/me", token=token)).status == 403
    boss = await behind_hub("", "GET", "v1/lab/me", token="c" * 32)
    assert boss.json["admin"] is True
    await behind_hub.project(LAB)
    path = f"v1/lab/projects/{LAB}/members/group/lab"
    await behind_hub.ok(ROOT, "PUT", path, {"role": "editor"})
    answer = await behind_hub("", "POST", f"v1/projects/{LAB}/runs/{UID}", run(), token="a" * 32)
    assert answer.status == 200
    # remembered for a minute, then asked anew
    hub.users.pop("a" * 32)
    assert (await behind_hub("", "GET", "v1/lab/me", token="a" * 32)).status == 200
    now = time.monotonic()
    monkeypatch.setattr(identities.time, "monotonic", lambda: now + 61)
    assert (await behind_hub("", "GET", "v1/lab/me", token="a" * 32)).status == 403
    hub.broken = True
    answer = await behind_hub("", "GET", "v1/lab/me", token="e" * 32)
    assert answer.status == 503 and "JupyterHub" in answer.detail


async def test_questions_of_mlruns_client(alone: Alone) -> None:
    await alone.project(LAB, ann="viewer")
    path = "v1/authorization/verifications"
    for action, resource, status in (
        ("read", f"/projects/{LAB}/feature-sets/x", 200),
        ("store", f"/projects/{LAB}/feature-sets/x", 403),
        ("delete", f"/projects/{LAB}", 403), ("read", f"/projects/{LAB}", 200),
        ("read", "/hub/sources", 200), ("eat", f"/projects/{LAB}", 422), ("read", 5, 422),
    ):  # fmt: skip
        answer = await alone("ann", "POST", path, {"action": action, "resource": resource})
        assert answer.status == status, (action, resource, answer.body)


async def test_tokens_that_users_leave(alone: Alone) -> None:
    import base64

    claims = base64.urlsafe_b64encode(json.dumps({"exp": 2e9, "iat": 1e9}).encode()).decode()
    token = f"head.{claims.rstrip('=')}.signature-of-it"
    path = "v1/user-secrets/tokens"
    body = [{"name": "offline", "token": token}]
    assert await alone.ok("ann", "PUT", path, body) == {
        "created_tokens": ["offline"], "updated_tokens": [],
    }  # fmt: skip
    assert (await alone.ok("ann", "PUT", path, body))["updated_tokens"] == []
    assert (await alone.ok("ann", "PUT", f"{path}?force=True", body))["updated_tokens"] == [
        "offline"
    ]
    (listed,) = (await alone.ok("ann", "GET", path))["secret_tokens"]
    assert listed["name"] == "offline" and listed["username"] == "ann"
    assert listed["expiration"].startswith("2033-05-18")
    root = alone.app.service.place.root
    raw = b"".join(file.read_bytes() for file in root.rglob("*") if file.is_file())
    assert token.encode() not in raw
    assert (await alone("bob", "GET", f"{path}?username=ann")).status == 403
    assert len((await alone.ok(ROOT, "GET", f"{path}?username=*"))["secret_tokens"]) == 1
    assert (await alone("ann", "PUT", path, [{"name": "x", "token": "plain"}])).status == 400
    assert (await alone.ok("ann", "DELETE", f"{path}/offline"))["deleted"] is True
    assert (await alone.ok("ann", "DELETE", f"{path}/offline"))["deleted"] is False
    assert (await alone.ok("ann", "DELETE", path))["deleted_count"] == 0
