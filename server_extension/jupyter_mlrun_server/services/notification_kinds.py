"""Kinds of notifications: what each must be given, and how it is sent.

Those that a request may name are MLRun's. More come by an administrator alone: by an entry point of
the group ``jupyter_mlrun.notifications``, or as a named target of Apprise.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunServiceUnavailableError

from .notification_mail import Mail
from .notification_message import Kind, Message
from .notification_web import Git, Slack, Webhook
from .outgoing import Door

ENTRY_POINTS = "jupyter_mlrun.notifications"
CLIENT_ONLY = ("console", "ipython")


class Kinds:
    """The kinds that this service knows, by name."""

    def __init__(self, targets: Mapping[str, str] | None = None, door: Door | None = None) -> None:
        self.door = door or Door()
        self.mail = Mail()
        self._known: dict[str, Kind | _Later] = {
            "webhook": Webhook(), "slack": Slack(),
            "git": Git(), "mail": self.mail,
        }  # fmt: skip
        for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
            self._known.setdefault(point.name, _Later(point))
        for name, url in (targets or {}).items():
            if name in self._known or name in CLIENT_ONLY:
                raise ValueError(f"MLRunServerApp.notification_targets: {name} is a kind already")
            self._known[name] = AppriseTarget(name, url)

    def names(self) -> Iterable[str]:
        """Every kind that a notification may name."""
        return sorted([*self._known, *CLIENT_ONLY])

    def find(self, name: str) -> Kind:
        """The kind; one that is not known is refused with those that are."""
        kind = self._known.get(name)
        if kind is None:
            raise MLRunInvalidArgumentError(
                f"There is no notification of kind '{name}': use {', '.join(self.names())}"
            )
        if isinstance(kind, _Later):
            kind = self._known[name] = kind.load()
        return kind

    def check(self, name: str, params: Mapping[str, Any]) -> None:
        """Nothing, where the kind is known and the parameters suffice."""
        self.find(name).check(params)

    def send(self, name: str, message: Message, params: Mapping[str, Any]) -> None:
        """Tell it; what goes out passes the door."""
        self.find(name).send(message, params, self.door)


@dataclass(frozen=True)
class AppriseTarget:
    """A target of Apprise that the administrator has named; its address is no request's."""

    name: str
    url: str

    def check(self, params: Mapping[str, Any]) -> None:
        """Nothing: a request gives no parameters."""

    def send(self, message: Message, params: Mapping[str, Any], door: Door) -> None:
        """Tell it by Apprise."""
        try:
            import apprise
        except ImportError:
            raise MLRunServiceUnavailableError(
                "Apprise is not installed: pip install 'jupyter-mlrun[notifications]'"
            ) from None
        sender = apprise.Apprise()
        kinds = {"error": apprise.NotifyType.FAILURE, "warning": apprise.NotifyType.WARNING}
        body = "\n".join(line for line in (message.summary, message.url) if line) or message.text
        kind = kinds.get(message.severity, apprise.NotifyType.INFO)
        if not sender.add(self.url):
            raise MLRunServiceUnavailableError(
                f"Apprise does not know the address of target {self.name}: an administrator can "
                "correct it in MLRunServerApp.notification_targets"
            )
        if not sender.notify(body=body, title=message.text, notify_type=kind):
            raise MLRunServiceUnavailableError(f"Target {self.name} did not take the notification")


@dataclass(frozen=True)
class _Later:
    """A kind of another distribution, loaded when it is first used."""

    point: importlib.metadata.EntryPoint

    def load(self) -> Kind:
        kind: Kind = self.point.load()()
        return kind
