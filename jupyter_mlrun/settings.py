"""MLRun's ``mlrun.mlconf``: the settings of this process by their names there."""

from __future__ import annotations

import os
from typing import Any

from . import session
from .client.transport import CLIENT_VERSION
from .datastore.secrecy import without_secrets
from .names import near

# by name, below MLRun's sections, with what holds where the environment says nothing
_DEFAULTS: dict[str, Any] = {
    "active_project": "",
    "artifact_path": "",
    "artifacts.generate_target_path_from_artifact_hash": False,
    "dbpath": "",
    "default_project": "default",
    "default_samples_path": "https://s3.wasabisys.com/iguazio/",
    "external_platform_tracking.enabled": False,
    "force_run_local": "",
    "httpdb.builder.docker_registry": "",
    "images_registry": "",
    "images_tag": "",
    "images_to_enrich_registry": "",
    "kfp_url": "",
    "log_format_override": "",
    "log_formatter": "human",
    "log_level": "INFO",
    "mock_nuclio_deployment": "",
    "namespace": "",
    "nuclio_dashboard_url": "",
    "packagers.auto_unpack_inputs": False,
    "packagers.logging_worker": 0,
    "packagers.pack_tuples": False,
    "packagers.trusted_projects": "",
    "redis.url": "",
    "storage.auto_mount_params": "",
    "storage.auto_mount_type": "",
    "vendor_images_registry": "",
}
_OTHER_VARIABLES = {"default_samples_path": "SAMPLE_DATA_SOURCE_URL_PREFIX"}
_RECONNECT = ("dbpath",)
# keys of stores stand among them
_SECRET = ("storage.auto_mount_params",)


def _variable(path: str) -> str:
    return _OTHER_VARIABLES.get(path) or f"MLRUN_{path.upper().replace('.', '__')}"


def _read(path: str) -> Any:
    found, default = os.environ.get(_variable(path), ""), _DEFAULTS[path]
    if path == "dbpath" and not found and session.connected() is not None:
        return session.client().url
    if found and isinstance(default, bool):
        return found.lower() in ("1", "true", "yes", "on")
    return type(default)(found) if found else default


def _shown(path: str, text: str) -> str:
    return "***" if path in _SECRET else without_secrets(text)


def _write(path: str, value: Any) -> None:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    os.environ[_variable(path)] = "" if value is None else text
    if path in _RECONNECT:
        session.set_environment()


class Section:
    """Settings that are read and written as attributes; each is a variable of the environment."""

    def __init__(self, path: str = "") -> None:
        object.__setattr__(self, "_path", path)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # a copy has nothing yet
            raise AttributeError(name)
        path = self._path + name
        if path in _DEFAULTS:
            return _read(path)
        if name in dir(self):
            return Section(f"{path}.")
        raise self._unknown(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if self._path + name not in _DEFAULTS:
            raise self._unknown(name)
        _write(self._path + name, value)

    def _unknown(self, name: str) -> AttributeError:
        known = [each for each in dir(self) if self._path + each in _DEFAULTS]
        return AttributeError(f"There is no setting '{self._path}{name}' here.{near(name, known)}")

    def __dir__(self) -> list[str]:
        here = (each.removeprefix(self._path) for each in _DEFAULTS if each.startswith(self._path))
        return sorted({each.partition(".")[0] for each in here})

    def to_dict(self) -> dict[str, Any]:
        """All of them; those of a section in a dict of their own."""
        found = {name: getattr(self, name) for name in Section.__dir__(self)}
        return {
            name: value.to_dict() if isinstance(value, Section) else value
            for name, value in found.items()
        }

    def __repr__(self) -> str:
        told = {path: os.environ.get(_variable(path)) for path in _DEFAULTS
                if path.startswith(self._path)}  # fmt: skip
        given = ", ".join(f"{path}={_shown(path, text)!r}" for path, text in told.items() if text)
        return f"<settings of MLRun{': ' if given else ''}{given}>"


class Config(Section):
    """All settings of this process."""

    @property
    def version(self) -> str:
        """The version of MLRun whose interface this is."""
        return CLIENT_VERSION

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), "version"]

    def dump_yaml(self) -> str:
        """All of them as YAML."""
        from .model.document import dump_yaml

        return dump_yaml(self.to_dict())

    def reload(self) -> None:
        """Connect anew at the next call."""
        session.set_environment()


mlconf = config = Config()
