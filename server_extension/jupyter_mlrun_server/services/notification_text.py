"""Notifications as HTML, for mails and comments."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from .notification_message import Message


def html(message: Message) -> str:
    """The message as a small page; what users wrote stays text."""
    head = f"<h3>[{escape(message.severity)}] {escape(message.text)}</h3>"
    return head + (_alert(message) if message.alert is not None else _runs(message))


def _alert(message: Message) -> str:
    alert, event = message.alert or {}, message.event or {}
    parts = [
        f"<p>{escape(str(alert.get('name')))} alert has occurred</p>",
        _line("Project", message.project),
        _line("ID", event["entity"]["ids"][0]),
        _line("Summary", message.summary),
    ]
    parts += [_line(str(key), value) for key, value in (event.get("value_dict") or {}).items()]
    return "".join(parts) + _link(message.url, "Overview")


def _runs(message: Message) -> str:
    if not message.runs:
        return ""
    rows = "".join(_row(run, message.url) for run in message.runs)
    head = "<tr><th>Run</th><th>State</th><th>Started</th><th>Results</th></tr>"
    return f"<table border='1' cellpadding='4' cellspacing='0'>{head}{rows}</table>"


def _row(run: Mapping[str, Any], url: str) -> str:
    metadata, status = run["metadata"], run["status"]
    name = escape(str(metadata.get("name")))
    cells = [
        f"<a href='{escape(url, quote=True)}'>{name}</a>" if url else name,
        escape(str(status.get("state"))), escape(str(status.get("start_time") or ""))[:19],
        escape(_told(status)),
    ]  # fmt: skip
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _told(status: Mapping[str, Any]) -> str:
    if status.get("error"):
        return str(status["error"])[:2000]
    return ", ".join(f"{name}={value}" for name, value in (status.get("results") or {}).items())


def _line(name: str, value: Any) -> str:
    return f"<p><b>{escape(name)}</b>: {escape(str(value))}</p>"


def _link(url: str, name: str) -> str:
    return f"<p><a href='{escape(url, quote=True)}'>{escape(name)}</a></p>" if url else ""
