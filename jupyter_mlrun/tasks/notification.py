"""Who is told of a run, when, and how."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .fields import Part

NEEDED = {
    "slack": ("webhook",),
    "webhook": ("url",),
    "git": ("repo", "token"),
    "mail": ("email_addresses",),
}
# MLRun's; a service may know more
KINDS = ("console", "ipython", *NEEDED)
SEVERITIES = ("info", "debug", "verbose", "warning", "error")
MOST_BYTES = 900_000


class Notification(Part):
    """One notification: a ``kind`` with its parameters, for runs that reach a state of ``when``.

    ``condition`` is a Jinja expression over the run; ``secret_params`` are kept apart from the
    run's document. Raises MLRunInvalidArgumentError.
    """

    TABLE = {
        "kind": None,
        "name": str,
        "message": str,
        "severity": None,
        "when": list,
        "condition": str,
        "secret_params": dict,
        "params": dict,
        "status": None,
        "sent_time": None,
        "reason": None,
    }

    def __init__(
        self,
        kind: str = "slack",
        name: str | None = None,
        message: str | None = None,
        severity: str = "info",
        when: list[str] | None = None,
        condition: str | None = None,
        secret_params: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        status: str | None = None,
        sent_time: str | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(
            kind=str(getattr(kind, "value", kind)), name=name or "", message=message or "",
            severity=str(getattr(severity, "value", severity)), when=when or ["completed"],
            condition=condition or "", secret_params=dict(secret_params or {}),
            params=dict(params or {}), status=status, sent_time=sent_time, reason=reason,
        )  # fmt: skip
        self.validate_notification()

    def validate_notification(self) -> None:
        """Nothing, where its fields are well formed; raises MLRunInvalidArgumentError."""
        if self["severity"] not in SEVERITIES:
            raise MLRunInvalidArgumentError(
                f"A notification's severity is one of {', '.join(SEVERITIES)}, "
                f"not '{self['severity']}'"
            )
        if isinstance(self["when"], str) or not isinstance(self["when"], (list, tuple)):
            raise MLRunInvalidArgumentError(
                f"A notification's 'when' is a list of states, not {self['when']!r}"
            )
        for part in ("params", "secret_params"):
            if len(json.dumps(self[part], default=str)) > MOST_BYTES:
                raise MLRunInvalidArgumentError(
                    f"The {part} of notification '{self['name']}' exceed 900 KB: "
                    "put large texts where the receiver can read them, and send the address"
                )

    def validate_notification_params(
        self, default_notification_params: Mapping[str, Any] | None = None
    ) -> None:
        """Nothing, where its kind has all it needs; raises MLRunInvalidArgumentError."""
        secret, kind = self["secret_params"], self["kind"]
        if "secret" in secret:
            if len(secret) > 1:
                raise MLRunInvalidArgumentError(
                    "secret_params that name a 'secret' hold nothing else: "
                    f"'{self['name']}' has {', '.join(secret)}"
                )
            return
        given = {**((default_notification_params or {}).get(kind) or {}), **self["params"]}
        given |= secret
        if not given and NEEDED.get(kind):
            raise MLRunInvalidArgumentError(
                "Both 'secret_params' and 'params' are empty, at least one must be defined."
            )
        for name in NEEDED.get(kind, ()):
            if not given.get(name):
                raise MLRunInvalidArgumentError(
                    f"Parameter '{name}' is required for {kind} notifications"
                )

    @staticmethod
    def validate_notification_uniqueness(notifications: Iterable[Mapping[str, Any]]) -> None:
        """Nothing, where each has a name of its own; raises MLRunInvalidArgumentError."""
        names = [each.get("name") for each in notifications]
        if len(names) != len(set(names)):
            raise MLRunInvalidArgumentError("Notification names must be unique")
