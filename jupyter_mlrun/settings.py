"""MLRun's ``mlrun.mlconf``: the settings of this process by their names there."""

from __future__ import annotations

import os
from typing import Any

from . import session
from .client.transport import CLIENT_VERSION
from .datastore.secrecy import without_secrets
from .names import near

_VARIABLES = {
    "dbpath": ("MLRUN_DBPATH", ""),
    "artifact_path": ("MLRUN_ARTIFACT_PATH", ""),
    "active_project": ("MLRUN_ACTIVE_PROJECT", ""),
    "default_project": ("MLRUN_DEFAULT_PROJECT", "default"),
    "log_level": ("MLRUN_LOG_LEVEL", "INFO"),
    "namespace": ("MLRUN_NAMESPACE", ""),
    "force_run_local": ("MLRUN_FORCE_RUN_LOCAL", ""),
    "mock_nuclio_deployment": ("MLRUN_MOCK_NUCLIO_DEPLOYMENT", ""),
    "kfp_url": ("MLRUN_KFP_URL", ""),
    "nuclio_dashboard_url": ("MLRUN_NUCLIO_DASHBOARD_URL", ""),
    "default_samples_path": (
        "SAMPLE_DATA_SOURCE_URL_PREFIX", "https://s3.wasabisys.com/iguazio/",
    ),
}  # fmt: skip
_RECONNECT = ("dbpath",)


class Config:
    """Settings that are read and written as attributes; each is a variable of the environment."""

    @property
    def version(self) -> str:
        """The version of MLRun whose interface this is."""
        return CLIENT_VERSION

    def __getattr__(self, name: str) -> Any:
        if name not in _VARIABLES:
            raise AttributeError(f"There is no setting '{name}' here.{near(name, _VARIABLES)}")
        variable, default = _VARIABLES[name]
        found = os.environ.get(variable, "")
        if name == "dbpath" and not found and session.connected() is not None:
            return session.client().url
        return found or default

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _VARIABLES:
            raise AttributeError(f"There is no setting '{name}' here.{near(name, _VARIABLES)}")
        os.environ[_VARIABLES[name][0]] = "" if value is None else str(value)
        if name in _RECONNECT:
            session.set_environment()

    def __dir__(self) -> list[str]:
        return [*_VARIABLES, "version"]

    def to_dict(self) -> dict[str, Any]:
        """All of them."""
        return {name: getattr(self, name) for name in _VARIABLES}

    def __repr__(self) -> str:
        told = {name: os.environ.get(variable) for name, (variable, _) in _VARIABLES.items()}
        given = ", ".join(f"{name}={without_secrets(v)!r}" for name, v in told.items() if v)
        return f"<settings of MLRun{': ' if given else ''}{given}>"

    def dump_yaml(self) -> str:
        """All of them as YAML."""
        from .model.document import dump_yaml

        return dump_yaml(self.to_dict())

    def reload(self) -> None:
        """Connect anew at the next call."""
        session.set_environment()


mlconf = config = Config()
