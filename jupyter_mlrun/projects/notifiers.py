"""Who is told of what a project does: this program's own output, and what the service sends."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.names import near
from jupyter_mlrun.runs import RunList
from jupyter_mlrun.tasks import Notification

HERE = ("console", "ipython")
BY_SERVICE = ("slack", "git", "webhook", "mail")
SEVERITIES = ("info", "debug", "verbose", "warning", "error")
ENDS = ["completed", "error", "aborted"]


class Notifiers:
    """``console`` and ``ipython`` are told by this program, others by the service at the end."""

    def __init__(self) -> None:
        self._here: dict[str, dict[str, Any]] = {name: {} for name in HERE}
        self._by_service: dict[str, Notification] = {}

    @property
    def notifications(self) -> dict[str, dict[str, Any]]:
        """Those that this program tells, with their parameters."""
        return dict(self._here)

    @property
    def server_notifications(self) -> list[Notification]:
        """Those that the service sends: give them to ``run(notifications=…)``."""
        return list(self._by_service.values())

    def add_notification(
        self,
        notification_type: str,
        params: Mapping[str, Any] | None = None,
        name: str | None = None,
        message: str | None = None,
        severity: str = "info",
        when: list[str] | None = None,
        condition: str | None = None,
        secret_params: Mapping[str, str] | None = None,
    ) -> None:
        """Tell one more; a kind that is there is told by its new parameters."""
        kind = str(getattr(notification_type, "value", notification_type))
        if kind in HERE:
            self._here[kind] = dict(params or {})
            return
        if kind not in BY_SERVICE:
            raise MLRunInvalidArgumentError(
                f"'{kind}' is no kind of notification: {', '.join([*HERE, *BY_SERVICE])}."
                f"{near(kind, [*HERE, *BY_SERVICE])}"
            )
        self._by_service[name or kind] = Notification(
            kind=kind, name=name or kind, message=message, severity=severity, when=when or ENDS,
            condition=condition, params=dict(params or {}),
            secret_params=dict(secret_params or {}),
        )  # fmt: skip

    def edit_notification(
        self, notification_type: str, params: Mapping[str, Any] | None = None
    ) -> None:
        """Tell one by other parameters."""
        self.remove_notification(notification_type)
        self.add_notification(notification_type, params)

    def remove_notification(self, notification_type: str) -> None:
        """Tell one no more; one that is not told gives a warning."""
        found = self._here.pop(notification_type, None)
        if found is None and self._by_service.pop(notification_type, None) is None:
            warnings.warn(
                f"No notification of type {notification_type} in project", UserWarning,
                stacklevel=2,
            )  # fmt: skip

    def push(
        self,
        message: str,
        severity: str = "info",
        runs: Iterable[Any] | None = None,
        custom_html: str | None = None,
    ) -> None:
        """Tell a message here: in a notebook with a table of the runs, else as lines."""
        level = str(getattr(severity, "value", severity))
        if level not in SEVERITIES:
            raise MLRunInvalidArgumentError(
                f"'{level}' is no severity: {', '.join(SEVERITIES)}.{near(level, SEVERITIES)}"
            )
        documents = [each.to_dict() if hasattr(each, "to_dict") else each for each in runs or ()]
        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        if shell is not None and "ipython" in self._here:
            _display(message, level, documents, custom_html)
        elif "console" in self._here:
            print(f"[{level}] {message}")
            for run in documents:
                state = (run.get("status") or {}).get("state")
                print(f"  {run['metadata'].get('name')}: {state}")


def _display(message: str, level: str, runs: list[Any], custom_html: str | None) -> None:
    import html

    from IPython.display import HTML, display

    text = custom_html or f"<b>[{level}] {html.escape(message)}</b>"
    table = RunList(runs).show(display=False) if runs else ""
    show: Any = display
    made: Any = HTML
    show(made(f"{text}{table or ''}"))
