"""What a notification must hold, and its secret parts kept apart from the documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model.document import dotted_path, dumps

from .notification_kinds import Kinds
from .secrets import Secrets

SEVERITIES = ("info", "debug", "verbose", "warning", "error")
LARGEST = 900 * 1024
MOST = 50
PREFIX = "mlrun.notifications."
NOUN = "notifications"
# what opens something wherever it stands, whether the sender says so or not
SENSITIVE = ("webhook", "token", "GIT_TOKEN", "GITHUB_TOKEN", "password", "headers")
# shown by the client that waits for the run
SHOWN_BY_CLIENT = ("console", "ipython")


class Notifications:
    """Checks definitions, and takes their secret parts into the project's secrets."""

    def __init__(self, secrets: Secrets, kinds: Kinds) -> None:
        self.secrets = secrets
        self.kinds = kinds

    def taken(self, project: str, given: Any, of_alert: bool = False) -> list[dict[str, Any]]:
        """The definitions as documents may hold them: checked, secret parts by reference."""
        if given is None:
            return []
        if not isinstance(given, list) or len(given) > MOST:
            raise MLRunInvalidArgumentError(f"'notifications' must be a list of at most {MOST}")
        checked = [self._checked(each, of_alert) for each in given]
        names = [each["name"] for each in checked]
        if len(set(names)) < len(names):
            raise MLRunInvalidArgumentError("Notification names must be unique")
        return [self._concealed(project, each) for each in checked]

    def of_run(self, project: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """A run's document, or dotted changes of one, its notifications' secrets by reference.

        Nothing else is asked of them: a client that runs the task sends them itself.
        """
        found = dict(changes)
        for key, value in changes.items():
            path = dotted_path(key)
            if path == ["spec"] and isinstance(value, Mapping) and NOUN in value:
                found[key] = {**value, NOUN: self._apart(project, value[NOUN])}
            elif path[:2] == ["spec", NOUN]:
                if len(path) > 2:
                    raise MLRunInvalidArgumentError(
                        f"'{key[:100]}' changes a part of a notification: give all of them as "
                        "'spec.notifications'"
                    )
                found[key] = self._apart(project, value)
        return found

    def params(self, project: str, definition: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters of a definition, its secret ones included."""
        secret = definition.get("secret_params") or {}
        if not _is_reference(secret):
            return {**secret, **(definition.get("params") or {})}
        sealed = self._sealed(project, definition)
        return {**sealed["params"], **sealed["secret"]}

    def _sealed(self, project: str, definition: Mapping[str, Any]) -> dict[str, Any]:
        """What was kept apart: the secret parts with the kind and place that they are meant for."""
        reference = definition["secret_params"]["secret"]
        found = self.secrets.read(project, [reference])
        if reference not in found:
            raise MLRunInvalidArgumentError(
                f"The secret parameters of notification {definition.get('name')} are gone: "
                "set the notification again"
            )
        sealed: dict[str, Any] = json.loads(found[reference])
        return sealed

    def _checked(self, given: Any, of_alert: bool) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            raise MLRunInvalidArgumentError(f"A notification must be an object, not {given!r:.80}")
        kind = given.get("kind") or "slack"
        name = given.get("name") or kind
        for part, value in (("kind", kind), ("name", name), ("message", given.get("message") or ""),
                            ("condition", given.get("condition") or "")):  # fmt: skip
            if not isinstance(value, str) or len(value) > 10_000:
                raise MLRunInvalidArgumentError(
                    f"'{part}' of a notification must be a text, not {value!r:.80}"
                )
        if len(name) > 200:
            raise MLRunInvalidArgumentError("A notification's name has at most 200 letters")
        severity = given.get("severity") or "info"
        if severity not in SEVERITIES:
            raise MLRunInvalidArgumentError(
                f"'severity' of notification {name} is one of {', '.join(SEVERITIES)}, not "
                f"{severity!r:.40}"
            )
        when = given.get("when") if of_alert else _when(name, given.get("when"))
        found = {**given, "kind": kind, "name": name, "severity": severity, "when": when}
        for part in ("params", "secret_params"):
            found[part] = _params(name, part, given.get(part))
        if kind not in SHOWN_BY_CLIENT and not _is_reference(found["secret_params"]):
            self.kinds.check(kind, {**found["secret_params"], **found["params"]})
        for part in ("status", "sent_time", "reason"):
            found.pop(part, None)
        return found

    def _concealed(self, project: str, definition: dict[str, Any]) -> dict[str, Any]:
        secret, params = dict(definition["secret_params"]), dict(definition["params"])
        if _is_reference(secret):
            sealed = self._sealed(project, definition)
            # else whoever may change a notification could have its secrets sent elsewhere
            if (sealed["kind"], sealed["params"]) != (definition["kind"], params):
                raise MLRunInvalidArgumentError(
                    f"Notification {definition['name']} goes elsewhere than before: give its "
                    "secret parameters again"
                )
            return definition
        secret |= {name: params.pop(name) for name in SENSITIVE if name in params}
        if not secret:
            return definition
        key = self._seal(project, {"kind": definition["kind"], "params": params, "secret": secret})
        return {**definition, "params": params, "secret_params": {"secret": key}}

    def _apart(self, project: str, given: Any) -> list[dict[str, Any]] | None:
        if given is None:
            return None
        if not isinstance(given, list) or len(given) > MOST:
            raise MLRunInvalidArgumentError(
                f"'spec.notifications' of a run must be a list of at most {MOST}"
            )
        return [self._one_apart(project, each) for each in given]

    def _one_apart(self, project: str, given: Any) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            raise MLRunInvalidArgumentError(f"A notification must be an object, not {given!r:.80}")
        kind = given.get("kind") or "slack"
        name = str(given.get("name") or kind)[:200]
        secret, params = (
            _params(name, part, given.get(part)) for part in ("secret_params", "params")
        )
        shown = {key: value for key, value in params.items() if key not in SENSITIVE}
        if _is_reference(secret):
            # what is sealed already holds them
            return {**given, "params": shown} if shown != params else dict(given)
        secret |= {key: value for key, value in params.items() if key in SENSITIVE}
        if not secret:
            return dict(given)
        key = self._seal(project, {"kind": kind, "params": shown, "secret": secret})
        return {**given, "params": shown, "secret_params": {"secret": key}}

    def _seal(self, project: str, parts: Mapping[str, Any]) -> str:
        """The name under which the project's secrets keep these parts."""
        text = dumps(parts)
        key = PREFIX + hashlib.sha256(f"{project}\n{text}".encode()).hexdigest()[:40]
        if not self.secrets.read(project, [key]):
            self.secrets.save(project, {key: text}, internal=True)
        return key


def tells(changes: Mapping[str, Any]) -> bool:
    """Whether a run's document, or dotted changes of one, hold notifications."""
    spec = changes.get("spec")
    return bool(isinstance(spec, Mapping) and spec.get(NOUN)) or any(
        dotted_path(key)[:2] == ["spec", NOUN] for key in changes
    )


def sent_by_service(definitions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that the service sends; the client that waits shows the others."""
    return [each for each in definitions if each["kind"] not in SHOWN_BY_CLIENT]


def _is_reference(secret: Mapping[str, Any]) -> bool:
    return len(secret) == 1 and str(secret.get("secret", "")).startswith(PREFIX)


def _when(name: str, given: Any) -> list[str]:
    if given is None:
        return ["completed"]
    if not isinstance(given, list) or not given:
        raise MLRunInvalidArgumentError(f"'when' of notification {name} must be a list of states")
    for word in given:
        if word not in states.ALL:
            raise MLRunInvalidArgumentError(
                f"'when' of notification {name} holds {word!r:.40}: use {', '.join(states.ALL)}"
            )
    return list(given)


def _params(name: str, part: str, given: Any) -> dict[str, Any]:
    if given is not None and not isinstance(given, Mapping):
        raise MLRunInvalidArgumentError(f"'{part}' of notification {name} must be an object")
    if len(dumps(given or {})) > LARGEST:
        raise MLRunInvalidArgumentError(f"'{part}' of notification {name} are larger than 900 kB")
    return dict(given or {})
