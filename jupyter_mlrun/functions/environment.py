"""The environment of a function's pods: variables, and what they take of Secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunNotFoundError
from jupyter_mlrun.model.manifest import to_manifest
from jupyter_mlrun.mounts.modifier import check_secret


class Environment:
    """The part of a function that sets variables."""

    spec: Any

    def set_env(self, name: str, value: Any = None, value_from: Any = None) -> Self:
        """Set a variable, to text or to what Kubernetes shall take it from."""
        if value_from is None:
            entry = {"name": name, "value": str(value)} if value is not None else {"name": name}
            return self._put(entry)
        source = _source(to_manifest(value_from))
        check_secret((source.get("secretKeyRef") or {}).get("name"))
        return self._put({"name": name, "valueFrom": source})

    def set_env_from_secret(
        self, name: str, secret: str | None = None, secret_key: str | None = None
    ) -> Self:
        """Set a variable to a key of a Kubernetes Secret, or of its project's secrets.

        ``secret_key`` is the secret's key where it is not the variable's name.
        """
        check_secret(secret)
        reference = {"key": secret_key or name, **({"name": secret} if secret else {})}
        return self._put({"name": name, "valueFrom": {"secretKeyRef": reference}})

    def set_env_from_secret_ref(self, secret_name: str) -> Self:
        """Set a variable for every key of a Kubernetes Secret."""
        check_secret(secret_name)
        self.spec.env_from.append({"secretRef": {"name": secret_name}})
        return self

    def set_envs(
        self, env_vars: Mapping[str, Any] | None = None, file_path: str | None = None
    ) -> Self:
        """Set variables of a dict, or of a file with a ``NAME=VALUE`` a line."""
        if bool(env_vars) == bool(file_path):
            raise MLRunInvalidArgumentError("must specify env_vars OR file_path")
        for name, value in (env_vars or read_env_file(str(file_path))).items():
            if isinstance(value, Mapping) and "valueFrom" in value:
                self.set_env(name, value_from=value["valueFrom"])
            else:
                self.set_env(name, value)
        return self

    def get_env(self, name: str, default: Any = None) -> Any:
        """A variable's value, or where it is taken from; the default where it is not set."""
        entry = self._find(name)
        for key in ("value", "valueFrom"):
            if entry.get(key) is not None:
                return entry[key]
        return default

    def is_env_exists(self, name: str) -> bool:
        """Whether the variable is set."""
        return bool(self._find(name))

    def has_user_set_plain_env(self, name: str) -> bool:
        """Whether a person set the variable to text, so that no mount may replace it."""
        injected = self.spec.get("auto_mount_injected_env_names") or []
        return name not in injected and self._find(name).get("value") is not None

    def mark_env_auto_mount_injected(self, name: str) -> None:
        """Say that a mount set the variable, so that a project's secret may replace it."""
        if name not in self.spec.auto_mount_injected_env_names:
            self.spec.auto_mount_injected_env_names.append(name)

    def _find(self, name: str) -> dict[str, Any]:
        entries = (to_manifest(each) for each in self.spec.get("env") or [])
        return next((dict(each) for each in entries if each.get("name") == name), {})

    def _put(self, entry: dict[str, Any]) -> Self:
        injected = self.spec.get("auto_mount_injected_env_names") or []
        if entry["name"] in injected:
            injected.remove(entry["name"])
        entries = [to_manifest(each) for each in self.spec.get("env") or []]
        names = [each.get("name") for each in entries]
        if entry["name"] in names:
            entries[names.index(entry["name"])] = entry
        else:
            entries.append(entry)
        self.spec["env"] = entries
        return self


def _source(given: Any) -> dict[str, Any]:
    """The ``valueFrom`` of a variable, however it was written."""
    if not isinstance(given, Mapping):
        raise MLRunInvalidArgumentError(
            f"value_from must be a V1EnvVarSource or its dict, not {type(given).__name__}"
        )
    inner = given.get("valueFrom") or given.get("value_from") or given
    return {_SPELLED.get(key, key): value for key, value in inner.items()}


_SPELLED = {
    "secret_key_ref": "secretKeyRef",
    "config_map_key_ref": "configMapKeyRef",
    "field_ref": "fieldRef",
    "resource_field_ref": "resourceFieldRef",
}


def read_env_file(file_path: str) -> dict[str, str]:
    """The variables of a file: comments and ``export`` are passed over, quotes taken off."""
    path = Path(file_path).expanduser()
    if not path.is_file():
        raise MLRunNotFoundError(f"{file_path} does not exist")
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip().removeprefix("export ").strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals:
            raise MLRunInvalidArgumentError("env file lines must be in the form key=value")
        found[name.strip()] = _unquoted(value.strip())
    return found


def _unquoted(text: str) -> str:
    for quote in ("'", '"'):
        if len(text) > 1 and text[0] == text[-1] == quote:
            return text[1:-1]
    return text.split(" #", 1)[0].rstrip()
