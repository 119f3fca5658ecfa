"""Notifications of a run in this process: shown here, or handed to the service to be sent."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .client import notifications
from .errors import MLRunBaseError

if TYPE_CHECKING:
    from .context import Context

KINDS = ("console", "ipython")


def hand_over(context: Context, told: Sequence[Mapping[str, Any]]) -> None:
    """Have the service send the notifications of other kinds when the run's states ask for it."""
    if all(each.get("kind") in KINDS for each in told):
        return
    try:
        notifications.set_run(context.client, context.project, context.run_uid, told)
    except MLRunBaseError as error:
        # the run goes on: who waits for its end is not left without it
        context.logger.warning(f"Nobody will be told of this run: {error}")


def show_notices(run: Mapping[str, Any]) -> None:
    """Show the run's notifications of these kinds, where its state and condition ask for it."""
    for each in run["spec"].get("notifications") or []:
        if each.get("kind") in KINDS and _is_due(each, run):
            _show(each, run)


def _is_due(notification: Mapping[str, Any], run: Mapping[str, Any]) -> bool:
    state = run["status"].get("state")
    if state not in (notification.get("when") or ["completed"]):
        return False
    condition = str(notification.get("condition") or "")
    if not condition or state != "completed":
        return True
    from jinja2 import TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    try:
        answer = SandboxedEnvironment().from_string(condition).render(run=run)
    except TemplateError as error:
        print(f"> the condition of notification '{notification.get('name')}': {error}")
        return True
    return answer.strip().lower() in ("true", "1", "yes")


def _show(notification: Mapping[str, Any], run: Mapping[str, Any]) -> None:
    from .display.card import format_html, format_line

    message = str(notification.get("message") or "")
    severity = str(notification.get("severity") or "info")
    line = f"[{severity}] {message + ' · ' if message else ''}{format_line(run)}"
    has_shell = "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None
    if notification.get("kind") == "console" or not has_shell:
        print(line)
        return
    from html import escape

    from .display.show import show

    html = f"<div>{escape(message)}</div>{format_html(run)}"
    show({"text/html": html, "text/plain": line})
