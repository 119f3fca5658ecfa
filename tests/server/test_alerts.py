"""Alerts, notifications and what they send: real receivers, real mails."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from jupyter_mlrun_server.services.outgoing import Door
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import notifications, times
from tests.live import free_port
from tests.server.conftest import Api
from tests.server.documents import OTHER_UID, PROJECT, UID, run

ALERTS = f"v1/projects/{PROJECT}/alerts"
RUNS = f"v1/projects/{PROJECT}/runs"
SECRET = "t0psecret-webhook-token"


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it is sent; refuses as often as it is told to."""

    seen: list[dict[str, Any]] = []
    refusals = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 200
        if Receiver.refusals:
            Receiver.refusals -= 1
            status = 503
        else:
            self.seen.append(
                {"path": self.path, "headers": dict(self.headers), "body": json.loads(body)}
            )
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def receiver(service: Service) -> Iterator[str]:
    """The address of a receiver that the service's door lets out to."""
    Receiver.seen, Receiver.refusals = [], 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    port = server.server_address[1]
    service.notifications.kinds.door = Door([f"127.0.0.1:{port}"])
    yield f"http://127.0.0.1:{port}/{SECRET}"
    server.shutdown()
    server.server_close()


async def until(true: Callable[[], Any], seconds: float = 20) -> Any:
    """What becomes true within some seconds."""
    for _ in range(int(seconds / 0.05)):
        if found := true():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("it did not become true")


def webhook(url: str, **more: Any) -> dict[str, Any]:
    return {"kind": "webhook", "name": "hook", "secret_params": {"url": url}, **more}


async def store(api: Api, uid: str, state: str = "running", **spec: Any) -> None:
    document = run(state=state)
    document["spec"] |= spec
    await api.ok("POST", f"{RUNS}/{uid}", document)


@pytest.mark.parametrize("page", ["", "lab", "lab/tree/notes.ipynb", "tree"])
def test_links_lead_to_the_lab_whatever_page_jupyter_opens(
    app: Any, jp_serverapp: Any, page: str
) -> None:
    jp_serverapp.default_url = f"{jp_serverapp.base_url}{page}"
    link = app._run_url("tides", "u1")
    assert urlsplit(link).path == f"{jp_serverapp.base_url}lab", link
    jp_serverapp.custom_display_url = f"https://lab.example.org/proxied/{page}"
    assert app._run_url("tides", "u1") == ("https://lab.example.org/proxied/lab?mlrun-run=tides/u1")


@pytest.mark.row("4.602", "4.605")
async def test_a_run_tells_its_end_once(api: Api, service: Service, receiver: str) -> None:
    await store(api, UID)
    told = [
        webhook(receiver, when=["completed"], condition='{{ run["status"]["results"]["a"] > 1 }}'),
        webhook(receiver, name="unmet", condition='{{ run["status"]["results"]["a"] > 5 }}'),
        webhook(receiver, name="other", when=["error"]),
        {"kind": "slack", "name": "chat", "params": {"webhook": receiver}, "severity": "warning"},
        webhook(receiver, name="own", params={"override_body": {"text": "see {{ runs }}"}}),
    ]
    await api.ok("PUT", f"{RUNS}/{UID}/notifications", {"notifications": told})
    held = await api.ok("GET", f"{RUNS}/{UID}")
    assert SECRET not in json.dumps(held), "secret parts are not in the document"
    changes = {"status.state": "completed", "status.results": {"a": 2}}
    await api.ok("PATCH", f"{RUNS}/{UID}", changes)
    await until(lambda: len(Receiver.seen) == 3)
    await asyncio.sleep(0.3)
    assert len(Receiver.seen) == 3
    by_name = {
        each["body"].get("name", str(each["body"])[:7]): each["body"] for each in Receiver.seen
    }
    assert by_name["hook"]["message"] == f"Run completed in project {PROJECT}"
    assert by_name["hook"]["runs"][0]["status"]["results"] == {"a": 2}
    assert by_name["{'text'"]["text"].startswith("see [{'project': 'lab', 'name': 'train'")
    chat = by_name["{'block"]["blocks"]
    assert chat[0]["text"]["text"] == f"[warning] Run completed in project {PROJECT}"
    assert "a=2" in json.dumps(chat)
    assert f"/a%40b/lab?mlrun-run={PROJECT}/{UID}|*train*>" in json.dumps(chat)
    assert api.jupyter_token not in json.dumps(Receiver.seen), "links hold no token"

    async def states() -> Any:
        status = (await api.ok("GET", f"{RUNS}/{UID}"))["data"]["status"]
        return {name: each["status"] for name, each in status["notifications"].items()}

    for _ in range(100):
        if list((await states()).values()).count("sent") == 3:
            break
        await asyncio.sleep(0.05)
    assert await states() == {
        "hook": "sent", "chat": "sent", "own": "sent", "unmet": "pending", "other": "pending",
    }  # fmt: skip
    task = await api.ok("POST", f"{RUNS}/{UID}/push-notifications")
    assert task["kind"] == "BackgroundTask"
    await until(lambda: len(Receiver.seen) == 6)


@pytest.mark.row("4.605")
async def test_what_is_refused_is_tried_again_and_then_said(
    api: Api, service: Service, receiver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "BACKOFF", 50_000)
    Receiver.refusals = 2
    await store(api, UID)
    told = [
        webhook(receiver, when=["error"]),
        webhook("http://10.1.1.1/x", name="private", when=["error"]),
        webhook("http://127.0.0.1:9/x", name="other-port", when=["error"]),
    ]
    await api.ok("PUT", f"{RUNS}/{UID}/notifications", {"notifications": told})
    await api.ok("PATCH", f"{RUNS}/{UID}", {"status.state": "error", "status.error": "boom"})
    await until(lambda: Receiver.seen)
    assert Receiver.seen[0]["body"]["runs"][0]["status"]["error"] == "boom"
    for _ in range(100):
        status = (await api.ok("GET", f"{RUNS}/{UID}"))["data"]["status"]["notifications"]
        if status["hook"]["status"] == "sent" and status["private"]["status"] == "error":
            break
        await asyncio.sleep(0.05)
    assert "not a public address" in status["private"]["reason"]
    assert "not a public address" in status["other-port"]["reason"]


@pytest.mark.row("4.604")
async def test_secret_parts_go_nowhere_else(api: Api, receiver: str) -> None:
    await store(api, UID)
    told = {"kind": "git", "name": "g", "params": {"repo": "a/b", "issue": 1, "token": SECRET}}
    path = f"{RUNS}/{UID}/notifications"
    await api.ok("PUT", path, {"notifications": [told]})
    held = (await api.ok("GET", f"{RUNS}/{UID}"))["data"]["spec"]["notifications"][0]
    assert held["params"] == {"repo": "a/b", "issue": 1} and SECRET not in json.dumps(held)
    await api.ok("PUT", path, {"notifications": [{**held, "message": "other words"}]})
    for change in ({"params": {**held["params"], "server": receiver}}, {"kind": "webhook"}):
        answer = await api("PUT", path, {"notifications": [{**held, **change}]})
        assert answer.status == 400 and "secret parameters again" in answer.detail
    unknown = {**held, "secret_params": {"secret": "mlrun.notifications." + "0" * 40}}
    assert (await api("PUT", path, {"notifications": [unknown]})).status == 400


@pytest.mark.row("4.604", "4.608")
async def test_a_run_that_a_client_records_shows_no_secrets(
    api: Api, service: Service, receiver: str
) -> None:
    """What the client of a local run sends holds all parameters, and goes to whoever reads it."""
    chat = {"kind": "slack", "name": "chat", "when": ["completed"], "params": {"webhook": SECRET}}
    hook = {**webhook(receiver), "params": {"headers": {"X-Token": SECRET}, "method": "post"}}
    path = f"{RUNS}/{UID}"

    async def held() -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = (await api.ok("GET", path))["data"]["spec"]["notifications"]
        assert SECRET not in json.dumps(told) and receiver not in json.dumps(told)
        return told

    await store(api, UID, notifications=[chat, hook, {"kind": "console"}])
    first = await held()
    assert first[0]["params"] == {} and first[1]["params"] == {"method": "post"}
    assert [each["secret_params"]["secret"][:20] for each in first[:2]] == [
        "mlrun.notifications."
    ] * 2
    assert first[2] == {"kind": "console"}
    lean = [{**first[0], "params": {}}, {k: v for k, v in first[1].items() if k != "params"}]
    await store(api, UID, notifications=lean)
    assert await held() == lean, "a reference stays, whatever the client has left out"
    for changes in (
        {"spec.notifications": [chat, hook]},
        {"spec": {"parameters": {}, "notifications": [chat, hook]}},
    ):
        await api.ok("PATCH", path, {"spec.notifications": []})
        await api.ok("PATCH", path, changes)
        assert await held() == first[:2]
    await api.ok("PUT", f"{path}/notifications", {"notifications": first[:2]})
    folder = service.place.run_folder(PROJECT, UID)
    folder.mkdir(parents=True, exist_ok=True)
    document = run(state="running")
    document["spec"]["notifications"] = [chat]
    line = {"method": "POST", "path": f"projects/{PROJECT}/runs/{UID}", "body": document}
    (folder / "outbox.jsonl").write_text(json.dumps(line) + "\n")
    assert service.outboxes.take_in(PROJECT, UID) == 1
    assert await held() == first[:1]
    for bad in ({"spec.notifications.0": chat}, {"spec.notifications": {"a": chat}},
                {"spec.notifications": ["chat"]}):  # fmt: skip
        assert (await api("PATCH", path, bad)).status == 400


async def test_a_claim_is_one_servers(api: Api, service: Service) -> None:
    await store(api, UID)
    with service.database.write() as connection:
        notifications.plan(connection, PROJECT, "run", UID, [{"kind": "x", "name": "a"}], due=1)
        now = times.now()
        first = notifications.claim(connection, now)
        assert [each.name for each in first] == ["a"]
        assert notifications.claim(connection, now) == []
        assert notifications.settle_lost(connection, now) == []
        held = now + notifications.CLAIM_HOLDS + 1
        assert notifications.next_moment(connection) == held
        assert [each.name for each in notifications.settle_lost(connection, held)] == ["a"]
        states = notifications.states(connection, PROJECT, UID)
        assert notifications.next_moment(connection) is None
    assert states["a"]["status"] == "error" and "may have been sent" in states["a"]["reason"]


UNSENDABLE = [
    ({"kind": "pager", "params": {"a": 1}}, "no notification of kind 'pager'"),
    ({"kind": "discord://x/y"}, "no notification of kind"),
    ({"kind": "slack"}, "'webhook' is required"), ({"kind": "git", "params": {}}, "'repo'"),
    ({"kind": "webhook", "params": {"url": ["x"]}}, "must be a text"),
    ({"kind": "webhook", "params": {"url": "file:///etc/passwd"}}, "begins with http"),
    (webhook("http://x", params={"headers": {"a\r\nHost": "x"}}), "no header"),
    (webhook("http://x", params={"headers": {"a": "x\r\ny"}}), "no header"),
    ({"kind": "slack", "params": {"webhook": "hooks.slack.com/x"}}, "begins with http"),
    ({"kind": "mail", "params": {"email_addresses": "a@b.c"}}, "'server_host' is required"),
    (webhook("http://x", when=["later"]), "later"), (webhook("http://x", when="x"), "list"),
    (webhook("http://x", severity="loud"), "severity"), ("slack", "must be an object"),
    (webhook("http://x", params={"method": "BREW"}), "method"),
    (webhook("http://x", message=5), "'message'"),
]  # fmt: skip


@pytest.mark.row("4.603")
async def test_what_cannot_be_sent_is_refused(api: Api) -> None:
    await store(api, UID)
    for definition, said in UNSENDABLE:
        body = {"notifications": [definition]}
        answer = await api("PUT", f"{RUNS}/{UID}/notifications", body)
        assert answer.status == 400 and said in answer.detail, (definition, answer.body)
    twice = {"notifications": [webhook("http://x"), webhook("http://x")]}
    assert (await api("PUT", f"{RUNS}/{UID}/notifications", twice)).status == 400
    assert (await api("PUT", f"{RUNS}/{OTHER_UID}/notifications", twice)).status == 404


def config(url: str, **more: Any) -> dict[str, Any]:
    """An alert for jobs that fail."""
    entities = {"kind": "job", "project": PROJECT, "ids": ["*"]}
    notification = webhook(url, name="told") | {"message": "look"}
    return {
        "summary": "{{ project }}: {{entity}} failed, says {{name}}", "severity": "high",
        "entities": entities, "trigger": {"events": ["failed"]},
        "notifications": [{"notification": notification}], **more,
    }  # fmt: skip


async def fail(api: Api, number: int, name: str = "train") -> None:
    uid = f"{number:032x}"
    await api.ok("POST", f"{RUNS}/{uid}", run(name))
    await api.ok("PATCH", f"{RUNS}/{uid}", {"status.state": "error", "status.error": "boom"})


async def test_an_alert_counts_fires_and_resets(api: Api, receiver: str) -> None:
    wanted = config(receiver, criteria={"count": 2, "period": "10m"}, reset_policy="manual")
    made = await api.ok("PUT", f"{ALERTS}/fails", wanted)
    assert (made["state"], made["count"], made["name"]) == ("inactive", 0, "fails")
    assert SECRET not in json.dumps(made)
    await fail(api, 1)
    await fail(api, 2, "other")
    assert (await api.ok("GET", f"{ALERTS}/fails"))["state"] == "inactive", "each job for itself"
    await fail(api, 3)
    found = await api.ok("GET", f"{ALERTS}/fails")
    assert (found["state"], found["count"]) == ("active", 1)
    await until(lambda: Receiver.seen)
    body = Receiver.seen[0]["body"]
    assert body["summary"] == f"{PROJECT}: train failed, says fails" and body["message"] == "look"
    assert body["id"] == "train" and body["value"]["error"] == "boom"
    for number in (4, 5):
        await fail(api, number)
    assert (await api.ok("GET", f"{ALERTS}/fails"))["count"] == 1, "active: it does not listen"
    listed = (await api.ok("GET", f"v1/projects/{PROJECT}/alert-activations"))["activations"]
    assert [(each["name"], each["number_of_events"], each["reset_time"]) for each in listed] == [
        ("fails", 2, None)
    ]
    again = await api.ok("PUT", f"{ALERTS}/fails", wanted | {"severity": "low"})
    kept = ("id", "created", "count")
    assert [again[part] for part in kept] == [made["id"], made["created"], 1]
    assert (again["state"], again["severity"]) == ("inactive", "low")
    await fail(api, 6)
    found = await api.ok("GET", f"{ALERTS}/fails")
    assert (found["state"], found["count"]) == ("inactive", 1), "what was seen before is forgotten"
    await fail(api, 7)
    assert (await api.ok("GET", f"{ALERTS}/fails"))["count"] == 2
    await api.ok("POST", f"{ALERTS}/fails/reset")
    one = await api.ok("GET", f"v1/projects/{PROJECT}/alert-activations/{listed[0]['id']}")
    assert one["reset_time"] and one["entity_id"] == "train"
    await until(lambda: True)
    assert (await api.ok("GET", f"{ALERTS}/fails"))["state"] == "inactive"
    await api.ok("DELETE", f"{ALERTS}/fails")
    assert (await api("GET", f"{ALERTS}/fails")).status == 404
    assert (await api("DELETE", f"{ALERTS}/fails")).status == 204


async def test_cooldown_and_pages_of_activations(api: Api, receiver: str) -> None:
    await api.ok("PUT", f"{ALERTS}/often", config(receiver))
    await api.ok("PUT", f"{ALERTS}/cool", config(receiver, cooldown_period="1s"))
    quiet = config(receiver)
    quiet["notifications"][0]["cooldown_period"] = "1h"
    await api.ok("PUT", f"{ALERTS}/quiet", quiet)
    for number in range(3):
        await fail(api, number)
    path = f"v1/projects/{PROJECT}/alert-activations"
    found = (await api.ok("GET", path))["activations"]
    names = [each["name"] for each in found]
    assert sorted(names) == ["cool", "often", "often", "often", "quiet", "quiet", "quiet"]
    await until(lambda: len(Receiver.seen) == 5)
    assert [each["body"]["name"] for each in Receiver.seen].count("quiet") == 1
    page = await api.ok("GET", f"{path}?page=1&page-size=5")
    token = page["pagination"]["page-token"]
    rest = await api.ok("GET", f"{path}?page-token={token}")
    ids = [each["id"] for each in page["activations"] + rest["activations"]]
    assert ids == [each["id"] for each in found] and rest["pagination"]["page-token"] is None
    assert len((await api.ok("GET", f"{path}?name=~OFT&entity=train"))["activations"]) == 3
    assert (await api.ok("GET", f"{path}?severity=low"))["activations"] == []
    assert (await api("GET", f"{path}?severity=odd")).status == 422
    for _ in range(100):
        if (await api.ok("GET", f"{ALERTS}/cool"))["state"] == "inactive":
            break
        await asyncio.sleep(0.05)
    await fail(api, 9)
    assert (await api.ok("GET", f"{ALERTS}/cool"))["count"] == 2, "it listens after its cool-down"


async def test_events_lists_and_templates(api: Api, receiver: str) -> None:
    drift = config(
        receiver, entities={"kind": "model-endpoint-result", "project": PROJECT, "ids": ["m.1"]},
        trigger={"events": ["data-drift-detected"]},
    )  # fmt: skip
    await api.ok("PUT", f"{ALERTS}/drift", drift)
    event = {"kind": "data-drift-detected", "entity": drift["entities"], "value_dict": {"v": 1}}
    events = f"v1/projects/{PROJECT}/events"
    await api.ok("POST", f"{events}/data-drift-detected", event)
    other = {**event, "entity": {**drift["entities"], "ids": ["m.2"]}}
    await api.ok("POST", f"{events}/data-drift-detected", other)
    assert (await api.ok("GET", f"{ALERTS}/drift"))["count"] == 1
    assert [each["name"] for each in (await api.ok("GET", ALERTS))["alerts"]] == ["drift"]
    await api.ok("PUT", f"{ALERTS}/drift", drift | {"cooldown_period": "1h", "nobodys": "word"})
    # each client fails at a key of an alert that it does not know
    for version, left in (("1.7.2", {"updated", "cooldown_period"}), ("1.8.0", {"cooldown_period"}),
                          ("1.12.1", set())):  # fmt: skip
        asker = {"x-mlrun-client-version": version}
        listed = await api.ok("GET", ALERTS, headers=asker)
        (alert,) = listed if version == "1.7.2" else listed["alerts"]
        assert alert == await api.ok("GET", f"{ALERTS}/drift", headers=asker)
        assert alert["name"] == "drift" and "nobodys" not in alert
        assert {"updated", "cooldown_period"} - set(alert) == left, version
    for change, status in (
        ({"kind": "failed"}, 400), ({"entity": {**drift["entities"], "kind": "job"}}, 400),
        ({"entity": {**drift["entities"], "project": "x"}}, 400), ({"entity": None}, 422),
        ({"entity": {**drift["entities"], "ids": []}}, 422), ({"value_dict": [1]}, 422),
    ):  # fmt: skip
        answer = await api("POST", f"{events}/data-drift-detected", {**event, **change})
        assert answer.status == status, answer.body
    assert (await api("POST", f"{events}/odd", event)).status == 422
    found = await api.ok("GET", "v1/alert-templates")
    assert [each["template_name"] for each in found] == [
        "JobFailed", "DataDriftDetected", "DataDriftSuspected",
    ]  # fmt: skip
    own = {"template_name": "Mine", "severity": "low", "trigger": {"events": ["failed"]}}
    assert (await api.ok("PUT", "v1/alert-templates/Mine", own))["template_id"] > 3
    assert (await api("PUT", "v1/alert-templates/JobFailed", {**own, "template_name": "JobFailed"})
            ).status == 400  # fmt: skip
    await api.ok("DELETE", "v1/alert-templates/Mine")
    assert (await api("GET", "v1/alert-templates/Mine")).status == 404


REFUSED = [
    ({"severity": "odd"}, 422), ({"trigger": {"events": ["odd"]}}, 422),
    ({"trigger": {}}, 400), ({"summary": None}, 422), ({"entities": None}, 422),
    ({"name": "other"}, 400), ({"criteria": {"count": 101}}, 412),
    ({"criteria": {"count": 0}}, 400), ({"criteria": {"period": "soon"}}, 400),
    ({"notifications": []}, 400), ({"reset_policy": "never"}, 422),
    ({"entities": {"kind": "job", "project": "x", "ids": ["*"]}}, 400),
    ({"entities": {"kind": "job", "project": PROJECT, "ids": ["a", "b"]}}, 422),
    ({"trigger": {"events": ["mm-app-failed"]}}, 400), ({"cooldown_period": "1y"}, 400),
    ({"notifications": [{"notification": {"kind": "console"}}]}, 400),
    ({"notifications": [{"notification": {"kind": "slack"}}]}, 400),
]  # fmt: skip


async def test_alerts_that_are_refused(api: Api) -> None:
    for change, status in REFUSED:
        answer = await api("PUT", f"{ALERTS}/a", config("http://example.org") | change)
        assert answer.status == status, (change, answer.body)
    assert (await api.ok("GET", ALERTS)) == {"alerts": []}
    assert (await api("PUT", f"{ALERTS}/a_b", config("http://example.org"))).status == 400


@pytest.mark.row("4.601", "4.606")
async def test_a_mail(api: Api, service: Service) -> None:
    from aiosmtpd.controller import Controller

    mails: list[Any] = []

    class Keeper:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            mails.append(envelope)
            return "250 OK"

    controller = Controller(Keeper(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        port = controller.server.sockets[0].getsockname()[1]
        service.notifications.kinds.mail.defaults = {
            "server_host": "127.0.0.1", "server_port": port, "sender_address": "lab@example.org",
            "use_tls": False, "default_email_addresses": "team@example.org",
        }  # fmt: skip
        await store(api, UID)
        told = {"kind": "mail", "name": "m", "params": {"email_addresses": ["ann@example.org"]},
                "message": "<b>tides</b>"}  # fmt: skip
        await api.ok("PUT", f"{RUNS}/{UID}/notifications", {"notifications": [told]})
        await api.ok("PATCH", f"{RUNS}/{UID}", {"status.state": "completed"})
        await until(lambda: mails, 5)
    finally:
        controller.stop()
    assert mails[0].rcpt_tos == ["ann@example.org", "team@example.org"]
    text = mails[0].content.decode()
    assert "Subject: [info] Run completed in project lab: <b>tides</b>" in text
    assert "&lt;b&gt;tides" in text and "train" in text
    own = {**told, "params": {**told["params"], "server_host": "127.0.0.1", "server_port": 9,
                              "sender_address": "a@example.org", "use_tls": False}}  # fmt: skip
    await store(api, OTHER_UID)
    await api.ok("PUT", f"{RUNS}/{OTHER_UID}/notifications", {"notifications": [own]})
    await api.ok("PATCH", f"{RUNS}/{OTHER_UID}", {"status.state": "completed"})
    for _ in range(100):
        status = (await api.ok("GET", f"{RUNS}/{OTHER_UID}"))["data"]["status"]
        if (status.get("notifications") or {}).get("m", {}).get("status") == "error":
            break
        await asyncio.sleep(0.05)
    assert "not a public address" in status["notifications"]["m"]["reason"]
