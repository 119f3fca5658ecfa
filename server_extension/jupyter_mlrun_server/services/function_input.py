"""A function as it comes to be run or built: the shapes of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

_SOURCES = ("valueFrom", "value_from")
# of each part what starting a function relies on; what is empty says nothing and is fine
_OBJECTS = (
    "affinity", "annotations", "build", "deps", "driver_affinity", "driver_node_selector",
    "driver_resources", "dynamic_allocation", "executor_affinity", "executor_node_selector",
    "executor_resources", "hadoop_conf", "labels", "monitoring", "node_selector", "resources",
    "restart_policy", "scheduler_resources", "security_context", "spark_conf", "worker_resources",
)  # fmt: skip
_LISTS_OF_OBJECTS = {
    "driver_tolerations": (), "driver_volume_mounts": ("name", "mountPath"), "env": ("name",),
    "env_from": (), "executor_tolerations": (), "executor_volume_mounts": ("name", "mountPath"),
    "tolerations": (), "volume_mounts": ("name", "mountPath"), "volumes": ("name",),
}  # fmt: skip
_LISTS = ("args", "mpi_args")
_TEXTS = (
    "command", "default_handler", "image", "image_pull_policy", "image_pull_secret", "mode",
    "node_name", "preemption_mode", "priority_class_name", "pythonpath", "service_account",
    "workdir",
)  # fmt: skip
_NUMBERS = (
    "driver_cores", "executor_cores", "max_replicas", "min_replicas", "nthreads", "replicas",
    "termination_grace_period", "termination_grace_period_seconds",
)  # fmt: skip
_BUILD_TEXTS = ("base_image", "functionSourceCode", "image", "origin_filename", "source")
_BUILD_LISTS = ("commands", "requirements")


def check_function(function: Any) -> None:
    """Nothing, where every part of a function has the shape that starting it will rely on."""
    if not isinstance(function, Mapping):
        raise _wrong("function", function, "a function document")
    for part in ("metadata", "spec"):
        _require(function, part, "function", Mapping, "an object")
    metadata, spec = function.get("metadata") or {}, function.get("spec") or {}
    for part in ("annotations", "labels"):
        _require(metadata, part, "function.metadata", Mapping, "an object of names and values")
    _check_spec(spec)
    _check_build(spec.get("build") or {})


def _check_spec(spec: Mapping[str, Any]) -> None:
    where = "function.spec"
    for part in _OBJECTS:
        _require(spec, part, where, Mapping, "an object")
    for part in _LISTS:
        _require(spec, part, where, list, "a list")
    for part in _TEXTS:
        _require(spec, part, where, str, "a text")
    for part in _NUMBERS:
        if spec.get(part) not in (None, "") and not _is_whole(spec[part]):
            raise _wrong(f"{where}.{part}", spec[part], "a whole number of 0 or more")
    for part, needed in _LISTS_OF_OBJECTS.items():
        _require(spec, part, where, list, "a list of objects")
        for number, entry in enumerate(spec.get(part) or []):
            _check_entry(f"{where}.{part}[{number}]", entry, needed)
    for number, entry in enumerate(spec.get("env") or []):
        _check_source(f"{where}.env[{number}]", entry)
    for part in (each for each in _OBJECTS if each.endswith("resources")):
        for kind in ("requests", "limits"):
            _require(spec.get(part) or {}, kind, f"{where}.{part}", Mapping, "an object")


def _check_entry(where: str, entry: Any, needed: tuple[str, ...]) -> None:
    if not isinstance(entry, Mapping):
        raise _wrong(where, entry, "an object" + (f" with {' and '.join(needed)}" * bool(needed)))
    for part in needed:
        if not isinstance(entry.get(part), str) or not entry[part]:
            raise _wrong(f"{where}.{part}", entry.get(part), "a text")


def _check_source(where: str, entry: Mapping[str, Any]) -> None:
    """Nothing, where a variable has a value, or names where its value is."""
    if isinstance(entry.get("value"), Mapping | list):
        raise _wrong(f"{where}.value", entry["value"], "a text")
    for part in _SOURCES:
        _require(entry, part, where, Mapping, "an object such as {'secretKeyRef': {'key': NAME}}")
        for kind, reference in (entry.get(part) or {}).items():
            if reference is not None and not isinstance(reference, Mapping):
                raise _wrong(f"{where}.{part}.{kind}", reference, "an object")


def _check_build(build: Mapping[str, Any]) -> None:
    where = "function.spec.build"
    for part in _BUILD_TEXTS:
        _require(build, part, where, str, "a text")
    for part in _BUILD_LISTS:
        _require(build, part, where, list, "a list of texts")
        for number, line in enumerate(build.get(part) or []):
            if not isinstance(line, str):
                raise _wrong(f"{where}.{part}[{number}]", line, "a text")


def _require(
    holder: Mapping[str, Any], part: str, where: str, shape: type[Any], words: str
) -> None:
    value = holder.get(part)
    if value and not isinstance(value, shape):
        raise _wrong(f"{where}.{part}", value, words)


def _is_whole(value: Any) -> bool:
    if isinstance(value, str):
        return value.isdecimal()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value >= 0 and value == value // 1


def _wrong(where: str, value: Any, words: str) -> MLRunInvalidArgumentError:
    return MLRunInvalidArgumentError(
        f"{where} is {_shown(value)}: give {words}, and save the function again"
    )


def _shown(value: Any) -> str:
    """What there is, without repeating a text: it may be the password of a variable."""
    if isinstance(value, str):
        return "a text"
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, Mapping) else repr(value)
