"""Notifications that are HTTP requests: webhooks, Slack, comments on GitHub and GitLab."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunServiceUnavailableError
from jupyter_mlrun.model.document import dumps

from . import templates
from .notification_message import Message, required
from .notification_text import html
from .outgoing import Door, Reply, check_url

METHODS = ("get", "post", "put", "patch", "delete")
EMOJIS = {"completed": ":smiley:", "running": ":man-running:", "error": ":x:", "skipped": ":zzz:"}
LONGEST_HEADER = 150
LONGEST_SECTION = 2900
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_RUNS = re.compile(r"\{\{\s*runs\s*\}\}")


class Webhook:
    """A JSON document to a URL."""

    def check(self, params: Mapping[str, Any]) -> None:
        """A URL, a method of HTTP and headers that are texts."""
        required("webhook", params, "url")
        if not isinstance(params["url"], str):
            raise MLRunInvalidArgumentError("'url' of a webhook must be a text")
        check_url(params["url"])
        if str(params.get("method", "post")).lower() not in METHODS:
            raise MLRunInvalidArgumentError(f"'method' of a webhook is one of {', '.join(METHODS)}")
        headers = params.get("headers") or {}
        if not isinstance(headers, Mapping) or not all(
            isinstance(value, str) for value in headers.values()
        ):
            raise MLRunInvalidArgumentError("'headers' of a webhook must be an object of texts")
        for name, value in headers.items():
            if not _HEADER.fullmatch(name) or not value.isprintable():
                raise MLRunInvalidArgumentError(f"{name!r:.60} of a webhook is no header of HTTP")

    def send(self, message: Message, params: Mapping[str, Any], door: Door) -> None:
        """Tell it."""
        body = params.get("override_body")
        text = dumps(_body(message) if not body else _filled(body, message))
        headers = {"Content-Type": "application/json", **(params.get("headers") or {})}
        method = str(params.get("method", "post")).upper()
        verify = params.get("verify_ssl") is not False
        _taken(door.request(method, params["url"], text.encode(), headers, verify=verify))


class Slack:
    """A message of blocks to a Slack webhook, or to one that understands Slack's."""

    def check(self, params: Mapping[str, Any]) -> None:
        """The webhook's URL."""
        required("slack", params, "webhook")
        if not isinstance(params["webhook"], str):
            raise MLRunInvalidArgumentError("'webhook' of a slack notification must be a text")
        check_url(params["webhook"])

    def send(self, message: Message, params: Mapping[str, Any], door: Door) -> None:
        """Tell it."""
        text = dumps({"blocks": slack_blocks(message)})
        headers = {"Content-Type": "application/json"}
        _taken(door.request("POST", params["webhook"], text.encode(), headers))


class Git:
    """A comment on an issue or a merge request."""

    def check(self, params: Mapping[str, Any]) -> None:
        """A repository, a token, and an issue or a merge request."""
        required("git", params, "repo")
        required("git", {"token": _token(params)}, "token")
        if not params.get("issue") and not params.get("merge_request"):
            raise MLRunInvalidArgumentError(
                "At least one of 'issue' or 'merge_request' is required for git notifications"
            )

    def send(self, message: Message, params: Mapping[str, Any], door: Door) -> None:
        """Tell it."""
        server = str(params.get("server") or "")
        url, headers = _git_address(params, server)
        headers["Content-Type"] = "application/json"
        _taken(door.request("POST", url, dumps({"body": html(message)}).encode(), headers))


def slack_blocks(message: Message) -> list[dict[str, Any]]:
    """The blocks that MLRun sends."""
    blocks = _header(f"[{message.severity}] {message.text}")
    blocks.append(_section(message.name))
    if message.alert is not None:
        return blocks + [_section(line) for line in _alert_lines(message)]
    fields = [_row("*Runs*"), _row("*Results*")]
    for run in message.runs:
        fields += [_row(_run_line(run, message.url)), _row(_result_line(run))]
    for start in range(0, len(fields), 8):
        blocks.append({"type": "section", "fields": fields[start : start + 8]})
    return blocks


def _header(text: str) -> list[dict[str, Any]]:
    head, rest = text, ""
    if len(text) > LONGEST_HEADER:
        cut = text.find(", ")
        head = text[:cut] if 0 < cut < LONGEST_HEADER - 1 else text[:LONGEST_HEADER]
        rest = text[len(head) :].lstrip(", ")
    block = {"type": "header", "text": {"type": "plain_text", "text": head}}
    return [block, _section(rest)] if rest else [block]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _row(text)}


def _row(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text[:LONGEST_SECTION]}


def _alert_lines(message: Message) -> list[str]:
    alert, event = message.alert or {}, message.event or {}
    lines = [
        f":bell: {alert.get('name')} alert has occurred",
        f"*Project:*\n{alert.get('project')}",
        f"*ID:*\n{event['entity']['ids'][0]}",
    ]
    if message.summary:
        lines.append(f"*Summary:*\n{message.summary}")
    if values := event.get("value_dict"):
        lines.append("*Event data:*\n" + "\n".join(f"{k}: {v}" for k, v in values.items()))
    if message.url:
        lines.append(f"*Overview:*\n<{message.url}|*Job overview*>")
    return lines


def _run_line(run: Mapping[str, Any], url: str) -> str:
    state, name = run["status"].get("state", ""), run["metadata"].get("name")
    linked = f"<{url}|*{name}*>" if url and state != "skipped" else name
    return f"{EMOJIS.get(state, ':question:')}  {linked}"


def _result_line(run: Mapping[str, Any]) -> str:
    status = run["status"]
    if status.get("state") == "error":
        return f"*{status.get('error') or 'error'}*"
    results = status.get("results") or {}
    return ", ".join(f"{name}={value}" for name, value in results.items()) or status["state"]


def _body(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {
        "message": message.text, "severity": message.severity, "name": message.name,
    }  # fmt: skip
    if message.runs:
        body["runs"] = message.runs
    if message.alert is not None:
        event = message.event or {}
        body |= {
            "name": message.alert["name"], "project": message.project,
            "severity": message.alert["severity"], "summary": message.summary,
            "value": event.get("value_dict"), "id": event["entity"]["ids"][0],
        }  # fmt: skip
    return body


def _filled(body: Any, message: Message) -> Any:
    """The body of the sender's own, its ``{{ runs }}`` and other templates filled in."""
    found = [text for text in _texts(body) if _is_template(text)]
    texts = dict(zip(found, templates.render_all(found, _values(message)), strict=True))
    told = str([_brief(run) for run in message.runs])
    return _walked(
        body, lambda text: texts[text] if text in texts else _RUNS.sub(lambda _: told, text)
    )


def _texts(body: Any) -> Iterator[str]:
    if isinstance(body, Mapping | list):
        for part in body.values() if isinstance(body, Mapping) else body:
            yield from _texts(part)
    elif isinstance(body, str):
        yield body


def _walked(body: Any, change: Callable[[str], str]) -> Any:
    """The body with each of its texts changed."""
    if isinstance(body, Mapping):
        return {key: _walked(value, change) for key, value in body.items()}
    if isinstance(body, list):
        return [_walked(value, change) for value in body]
    return change(body) if isinstance(body, str) else body


def _is_template(text: str) -> bool:
    """Whether a text asks for more than the list of runs."""
    rest = _RUNS.sub("", text)
    return "{{" in rest or "{%" in rest


def _values(message: Message) -> dict[str, Any]:
    return {
        "runs": [_brief(each) for each in message.runs],
        "run": message.runs[0] if message.runs else {}, "project": message.project,
        "name": message.name, "message": message.text, "severity": message.severity,
        "alert": message.alert or {}, "event": message.event or {}, "summary": message.summary,
    }  # fmt: skip


def _brief(run: Mapping[str, Any]) -> dict[str, Any]:
    metadata, status = run["metadata"], run["status"]
    brief = {"project": metadata.get("project"), "name": metadata.get("name"),
             "status": {"state": status.get("state")}}  # fmt: skip
    if host := (metadata.get("labels") or {}).get("host"):
        brief["host"] = host
    if status.get("error"):
        brief["status"]["error"] = status["error"]
    elif status.get("results"):
        brief["status"]["results"] = status["results"]
    return brief


def _token(params: Mapping[str, Any]) -> Any:
    return params.get("token") or params.get("GIT_TOKEN") or params.get("GITHUB_TOKEN")


def _git_address(params: Mapping[str, Any], server: str) -> tuple[str, dict[str, str]]:
    repo = str(params["repo"])
    if params.get("gitlab") or "gitlab" in server:
        noun = "merge_requests" if params.get("merge_request") else "issues"
        number = quote(str(params.get("merge_request") or params.get("issue")), safe="")
        path = f"api/v4/projects/{quote(repo, safe='')}/{noun}/{number}/notes"
        return f"{_base(server or 'gitlab.com')}/{path}", {"PRIVATE-TOKEN": str(_token(params))}
    number = quote(str(params.get("issue") or params.get("merge_request")), safe="")
    path = f"repos/{quote(repo)}/issues/{number}/comments"
    headers = {
        "Accept": "application/vnd.github.v3+json", "Authorization": f"token {_token(params)}",
    }  # fmt: skip
    return f"{_base(server or 'api.github.com')}/{path}", headers


def _base(server: str) -> str:
    return (server if "://" in server else f"https://{server}").rstrip("/")


def _taken(reply: Reply) -> None:
    if not reply.ok:
        said = reply.body[:200].decode(errors="replace")
        raise MLRunServiceUnavailableError(f"The receiver answered {reply.status}: {said}")
