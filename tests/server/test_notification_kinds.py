"""What each kind of notification sends, byte for byte, and who may add kinds."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunServiceUnavailableError
from jupyter_mlrun_server.services import notification_mail, templates
from jupyter_mlrun_server.services.notification_kinds import Kinds
from jupyter_mlrun_server.services.notification_message import Message
from jupyter_mlrun_server.services.notification_text import html
from jupyter_mlrun_server.services.outgoing import Door

RUN = {
    "metadata": {"project": "lab", "name": "train", "uid": "0" * 32, "labels": {"host": "h"}},
    "status": {
        "state": "completed",
        "results": {"accuracy": 0.9},
        "start_time": "2026-01-01T00:00",
    },
}
FAILED = {**RUN, "status": {"state": "error", "error": "<boom>"}}
ALERT = {"name": "fails", "project": "lab", "severity": "high", "summary": "x"}
EVENT = {"kind": "failed", "entity": {"ids": ["train"]}, "value_dict": {"error": "boom"}}


class Receiver(BaseHTTPRequestHandler):
    """Keeps requests."""

    seen: list[tuple[str, str, dict[str, str], Any]] = []
    status = 200

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.command, self.path, dict(self.headers), body))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_POST

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def port() -> Iterator[int]:
    """A receiver's port."""
    Receiver.seen, Receiver.status = [], 200
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def message(**more: Any) -> Message:
    values = {"runs": [RUN, FAILED], "severity": "info", "url": "http://lab/x"} | more
    return Message("lab", "note", "Run completed in project lab", **values)


def send(kind: str, params: Mapping[str, Any], port: int, **more: Any) -> tuple[str, str, Any, Any]:
    """What the receiver got."""
    kinds = Kinds(door=Door([f"127.0.0.1:{port}"]))
    kinds.check(kind, params)
    kinds.send(kind, message(**more), params)
    return Receiver.seen[-1]


@pytest.mark.row("4.601", "4.606")
def test_slack_blocks_are_mlruns(port: int) -> None:
    _, _, _, body = send("slack", {"webhook": f"http://127.0.0.1:{port}/x"}, port)
    assert body == {"blocks": [
        {"type": "header", "text": {"type": "plain_text",
                                    "text": "[info] Run completed in project lab"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "note"}},
        {"type": "section", "fields": [
            {"type": "mrkdwn", "text": "*Runs*"}, {"type": "mrkdwn", "text": "*Results*"},
            {"type": "mrkdwn", "text": ":smiley:  <http://lab/x|*train*>"},
            {"type": "mrkdwn", "text": "accuracy=0.9"},
            {"type": "mrkdwn", "text": ":x:  <http://lab/x|*train*>"},
            {"type": "mrkdwn", "text": "*<boom>*"},
        ]},
    ]}  # fmt: skip
    told = {"alert": ALERT, "event": EVENT, "summary": "it fails", "runs": []}
    _, _, _, body = send("slack", {"webhook": f"http://127.0.0.1:{port}/x"}, port, **told)
    texts = [block["text"]["text"] for block in body["blocks"]]
    assert ":bell: fails alert has occurred" in texts and "*Summary:*\nit fails" in texts
    assert "*Event data:*\nerror: boom" in texts


@pytest.mark.row("4.601", "4.606")
def test_webhooks(port: int) -> None:
    url = f"http://127.0.0.1:{port}/hook"
    params = {"url": url, "method": "PUT", "headers": {"X-Token": "t"}}
    verb, path, headers, body = send("webhook", params, port)
    assert (verb, path, headers["X-Token"]) == ("PUT", "/hook", "t")
    assert body == {"name": "note", "message": "Run completed in project lab", "severity": "info",
                    "runs": [RUN, FAILED]}  # fmt: skip
    own = {"text": "{{ runs }}", "n": 1, "deep": ["{{ run.metadata.name|upper }}"]}
    _, _, _, body = send("webhook", {"url": url, "override_body": own}, port)
    assert body["n"] == 1 and body["deep"] == ["TRAIN"]
    assert body["text"].startswith("[{'project': 'lab', 'name': 'train', 'status': {'state'")
    told = {"alert": ALERT, "event": EVENT, "summary": "it fails", "runs": [], "severity": "info"}
    _, _, _, body = send("webhook", {"url": url}, port, **told)
    assert body == {"name": "fails", "project": "lab", "severity": "high", "summary": "it fails",
                    "message": "Run completed in project lab", "id": "train",
                    "value": {"error": "boom"}}  # fmt: skip
    Receiver.status = 500
    with pytest.raises(MLRunServiceUnavailableError, match="answered 500"):
        send("webhook", {"url": url}, port)


def test_a_body_of_many_templates_is_one_process(port: int, monkeypatch: Any) -> None:
    begun: list[Any] = []
    run = templates.subprocess.run

    def counted(*arguments: Any, **more: Any) -> Any:
        begun.append(arguments)
        return run(*arguments, **more)

    monkeypatch.setattr(templates.subprocess, "run", counted)
    own = {f"k{number}": f"{{{{ name }}}} {number} {{{{ runs }}}}" for number in range(50)}
    url = f"http://127.0.0.1:{port}/hook"
    _, _, _, body = send("webhook", {"url": url, "override_body": own | {"a": "{{runs}}"}}, port)
    assert len(begun) == 1
    assert body["k7"].startswith("note 7 [{'project': 'lab'") and body["a"].startswith("[{'pro")
    endless = {"a": "x", "b": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}"
               "{% endfor %}", "c": "{{ name }}"}  # fmt: skip
    with pytest.raises(MLRunInvalidArgumentError, match="template"):
        send("webhook", {"url": url, "override_body": endless}, port)


@pytest.mark.row("4.601", "4.606")
def test_comments_of_git(port: int) -> None:
    server = f"http://127.0.0.1:{port}"
    params = {"repo": "a/b", "issue": 3, "token": "t", "server": server}
    _, path, headers, body = send("git", params, port)
    assert path == "/repos/a/b/issues/3/comments" and headers["Authorization"] == "token t"
    assert "&lt;boom&gt;" in body["body"] and "<boom>" not in body["body"]
    params = {"repo": "a/b", "merge_request": 4, "GIT_TOKEN": "t", "server": server, "gitlab": True}
    _, path, headers, _ = send("git", params, port)
    assert path == "/api/v4/projects/a%2Fb/merge_requests/4/notes"
    assert headers["PRIVATE-TOKEN"] == "t"


def test_html_keeps_what_users_wrote_as_text() -> None:
    evil = {**RUN, "metadata": {**RUN["metadata"], "name": "<script>"}}
    page = html(message(runs=[evil], url="http://lab/'><script>"))
    assert "<script>" not in page
    told = html(message(alert={**ALERT, "name": "<b>"}, event=EVENT, summary="<i>"))
    assert "&lt;b&gt;" in told and "&lt;i&gt;" in told


# Apprise's own plug-ins
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_targets_of_apprise_are_the_administrators(port: int) -> None:
    kinds = Kinds({"ops": f"json://127.0.0.1:{port}/ops"})
    kinds.send("ops", message(severity="error"), {})
    _, path, _, body = Receiver.seen[-1]
    assert path == "/ops" and body["title"] == "Run completed in project lab"
    assert body["type"] == "failure"
    with pytest.raises(MLRunServiceUnavailableError, match="does not know the address"):
        Kinds({"odd": "nothing"}).send("odd", message(), {})
    with pytest.raises(ValueError, match="is a kind already"):
        Kinds({"slack": "json://x"})
    with pytest.raises(MLRunInvalidArgumentError, match="no notification of kind 'json://x'"):
        kinds.send("json://x", message(), {})


def test_the_administrators_credentials_go_their_usual_way() -> None:
    kinds = Kinds()
    kinds.mail.defaults = {
        "server_host": "mail.example.org", "username": "lab", "password": "p",
        "sender_address": "lab@example.org", "start_tls": True, "use_tls": False,
    }  # fmt: skip
    to = {"email_addresses": "ann@example.org"}
    kinds.check("mail", to)
    kinds.check("mail", {**to, "start_tls": True, "server_port": 587})
    changes: list[dict[str, Any]] = [
        {"start_tls": False}, {"use_tls": True}, {"validate_certs": False}, {"server_port": 25},
        {"sender_address": "boss@example.org"},
    ]  # fmt: skip
    own = {"username": "ann", "password": "q"}
    for change in changes:
        with pytest.raises(MLRunInvalidArgumentError, match="administrator's credentials"):
            kinds.check("mail", {**to, **change})
        kinds.check("mail", {**to, **own, **change})
    assert "password" not in kinds.mail._whole({**to, "username": "ann"})
    elsewhere = {**to, "server_host": "other.example.org", "sender_address": "a@example.org"}
    kinds.check("mail", {**elsewhere, "server_port": 25})
    assert "password" not in kinds.mail._whole(elsewhere)


class Pager:
    """A kind of another distribution."""

    told: list[str] = []

    def check(self, params: Mapping[str, Any]) -> None:
        if "team" not in params:
            raise MLRunInvalidArgumentError("Parameter 'team' is required")

    def send(self, message: Message, params: Mapping[str, Any], door: Door) -> None:
        self.told.append(f"{params['team']}: {message.text}")


def test_kinds_come_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = importlib.metadata.EntryPoint("pager", "x:Pager", "jupyter_mlrun.notifications")
    monkeypatch.setattr(importlib.metadata.EntryPoint, "load", lambda self: Pager)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [point])
    kinds = Kinds()
    assert "pager" in kinds.names()
    with pytest.raises(MLRunInvalidArgumentError, match="'team'"):
        kinds.check("pager", {})
    kinds.send("pager", message(), {"team": "sea"})
    assert Pager.told == ["sea: Run completed in project lab"]


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ run.__init__.__globals__ }}",
        "{{ 'x' * 10**10 }}", "{% for a in range(99999) %}{% for b in range(99999) %}"
        "{% endfor %}{% endfor %}", "{{ range(10**9) }}", "{{ 1/0 }}", "{{ nothing.here }}", "{% x",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    ],
)  # fmt: skip
def test_a_template_reaches_nothing_and_ends(template: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="template"):
        templates.render(template, {"run": {"a": 1}})


@pytest.mark.row("4.602")
def test_conditions() -> None:
    values = {"run": {"status": {"results": {"a": 2}}}}
    assert templates.holds('{{ run["status"]["results"]["a"] > 1 }}', values)
    assert not templates.holds('run["status"]["results"]["a"] > 2', values)
    assert templates.holds("", values)


@pytest.fixture
def dripping() -> Iterator[int]:
    """The port of a server that talks for ever, a byte at a time."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def drip(made: socket.socket) -> None:
        with contextlib.suppress(OSError), made:
            while not ended.wait(0.05):
                made.sendall(b"2")

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                made, _ = listener.accept()
                threading.Thread(target=drip, args=(made,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    ended.set()
    listener.close()


@pytest.mark.parametrize("use_tls", [False, True])
def test_a_mail_server_has_one_time_for_all_it_says(
    dripping: int, use_tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notification_mail, "LONGEST", 0.5)
    kinds = Kinds(door=Door([f"127.0.0.1:{dripping}"]))
    to = {"email_addresses": "ann@example.org", "sender_address": "lab@example.org",
          "server_host": "127.0.0.1", "server_port": dripping, "use_tls": use_tls}  # fmt: skip
    began = time.monotonic()
    with pytest.raises(MLRunServiceUnavailableError, match="did not take the mail"):
        kinds.send("mail", message(), to)
    assert time.monotonic() - began < 5
