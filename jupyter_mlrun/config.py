"""The client's settings: read once at the edge from a mapping, then passed down."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

MB = 1_000_000


def _setting(default: Any, env: str, text: str) -> Any:
    return field(default=default, metadata={"env": env, "help": text})


@dataclass(frozen=True)
class Settings:
    """What a process of the client needs to know of its surroundings."""

    dbpath: str = _setting(
        "", "MLRUN_DBPATH", "Address of the service; empty: the one in the data directory."
    )
    autostart: str = _setting(
        "1",
        "JUPYTER_MLRUN_AUTOSTART",
        "`0`: no service is started where none runs, and the first call says so.",
    )
    token: str = _setting("", "MLRUN_HTTPDB__TOKEN", "Token for the service.")
    project: str = _setting("default", "MLRUN_ACTIVE_PROJECT", "Project of runs that name none.")
    artifact_path: str = _setting(
        "", "MLRUN_ARTIFACT_PATH", "Where artifacts go; empty: where the service says."
    )
    hashed_targets: str = _setting(
        "false",
        "MLRUN_ARTIFACTS__GENERATE_TARGET_PATH_FROM_ARTIFACT_HASH",
        "`true`: a file of artifacts is called by its hash, so that equal data lies there once.",
    )
    trusted_projects: str = _setting(
        "",
        "MLRUN_PACKAGERS__TRUSTED_PROJECTS",
        "Projects, by commas, whose pickled artifacts may be unpickled by runs of other projects; "
        "`*` for all.",
    )
    pack_tuples: str = _setting(
        "false",
        "MLRUN_PACKAGERS__PACK_TUPLES",
        "`true`: a returned tuple is one value, also where there are several hints.",
    )
    auto_unpack_inputs: str = _setting(
        "false",
        "MLRUN_PACKAGERS__AUTO_UNPACK_INPUTS",
        "`true`: inputs without a type hint become what they were packed from.",
    )
    log_level: str = _setting("INFO", "MLRUN_LOG_LEVEL", "Level of the run's logger.")
    capture_limit: int = _setting(
        64 * MB, "JUPYTER_MLRUN_CAPTURE_LIMIT", "Largest captured value, in bytes."
    )
    pickle_limit: int = _setting(
        10 * MB, "JUPYTER_MLRUN_PICKLE_LIMIT", "Largest value that --pickle ships, in bytes."
    )


def load(env: Mapping[str, str] | None = None) -> Settings:
    """The settings that an environment gives; a value that does not fit is named."""
    env = os.environ if env is None else env
    given: dict[str, Any] = {}
    for part in fields(Settings):
        variable = part.metadata["env"]
        if text := env.get(variable, ""):
            given[part.name] = _parse(variable, text, type(part.default))
    return Settings(**given)


def _parse(variable: str, text: str, kind: type) -> object:
    if kind is not int:
        return text.rstrip("/") if variable == "MLRUN_DBPATH" else text
    try:
        return int(text)
    except ValueError:
        from .errors import MLRunInvalidArgumentError

        raise MLRunInvalidArgumentError(
            f"{variable}={text!r} is not a whole number: give bytes, such as 64000000"
        ) from None


def __getattr__(name: str) -> Any:
    # MLRun's name for the settings of this process, in MLRun's place
    if name == "config":
        from importlib import import_module

        return import_module("jupyter_mlrun.settings").mlconf
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
