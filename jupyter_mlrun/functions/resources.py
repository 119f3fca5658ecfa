"""What a function's pods may use: requests and limits, as MLRun writes and checks them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.cluster_settings import read
from jupyter_mlrun.errors import MLRunInvalidArgumentError

GPU = "nvidia.com/gpu"
QUANTITY = r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
PIPELINE_PARAMETER = r"{{pipelineparam:op=([\w\s_-]*);name=([\w\s_-]+)}}"
JVM_MEMORY = r"^[0-9]+[KkMmGg]$"
_MOST_SHOWN = 63

Resources = dict[str, Any]


def check_quantity(field: str, value: Any) -> None:
    """Nothing, where Kubernetes can read the quantity."""
    if not any(re.match(pattern, str(value)) for pattern in (QUANTITY, PIPELINE_PARAMETER)):
        raise MLRunInvalidArgumentError(
            f"Field '{field[:_MOST_SHOWN]}' is malformed. '{str(value)[:_MOST_SHOWN]}' does not "
            f"match any of the required patterns: {[QUANTITY, PIPELINE_PARAMETER]}"
        )


def check_jvm_memory(field: str, value: Any) -> None:
    """Nothing, where the JVM can read the amount, such as 512m."""
    if value and not re.match(JVM_MEMORY, str(value)):
        raise MLRunInvalidArgumentError(
            f"Field '{field}' is malformed. '{value}' does not match required pattern: {JVM_MEMORY}"
        )


def build_limits(
    field: str, mem: Any = None, cpu: Any = None, gpus: Any = None, gpu_type: str = GPU
) -> Resources:
    """The limits section, checked."""
    given = {"memory": mem, "cpu": cpu, "gpus": gpus}
    for name, value in given.items():
        if value:
            check_quantity(f"function.spec.{field}.limits.{name}", value)
    found = {gpu_type: gpus, "memory": mem, "cpu": cpu}
    return {name: value for name, value in found.items() if value}


def build_requests(field: str, mem: Any = None, cpu: Any = None) -> Resources:
    """The requests section, checked."""
    for name, value in (("memory", mem), ("cpu", cpu)):
        if value:
            check_quantity(f"function.spec.{field}.requests.{name}", value)
    return {name: value for name, value in (("memory", mem), ("cpu", cpu)) if value}


def set_section(
    resources: Resources, section: str, found: Mapping[str, Any], patch: bool
) -> Resources:
    """The resources with a section replaced, or with ``patch`` changed."""
    before = resources.get(section) or {} if patch else {}
    return {**resources, section: {**before, **found}}


def gpu_of(section: Mapping[str, Any] | None) -> tuple[str | None, Any]:
    """The type and number of GPUs that a section names."""
    if len(section or {}) > 3:
        raise MLRunInvalidArgumentError(
            "Unable to resolve the gpu type because there are more than 3 resources"
        )
    for name, value in (section or {}).items():
        if name not in ("cpu", "memory"):
            return name, value
    return None, None


def default_pod_resources() -> Resources:
    """What the administrator gives pods that ask for nothing."""
    return {
        section: {
            name: read(f"default_function_pod_resources.{section}.{name}") or None
            for name in ("cpu", "memory")
        }
        for section in ("requests", "limits")
    }


def complete(field: str, given: Mapping[str, Any] | None) -> Resources:
    """The resources with what is missing by default; an empty dict asks for no defaults."""
    if given == {}:
        return {}
    return _checked(field, given or {}, default_pod_resources(), build_requests, build_limits)


def complete_spark(
    field: str, given: Mapping[str, Any] | None, defaults: Mapping[str, Any]
) -> Resources:
    """The same for a Spark role: memory as the JVM reads it, and as a request alone."""

    def requests(field: str, mem: Any, cpu: Any) -> Resources:
        return build_jvm_requests(field, mem, cpu)

    def limits(field: str, mem: Any, cpu: Any, gpus: Any, gpu_type: str) -> Resources:
        return build_limits(field, None, cpu, gpus, gpu_type)

    return _checked(field, given or {}, defaults, requests, limits)


def build_jvm_requests(field: str, mem: Any = None, cpu: Any = None) -> Resources:
    """The requests section of a Spark role."""
    check_jvm_memory(f"function.spec.{field}.requests.memory", mem)
    found = build_requests(field, None, cpu)
    return {**({"memory": mem} if mem else {}), **found}


def _checked(
    field: str,
    given: Mapping[str, Any],
    defaults: Mapping[str, Any],
    requests: Any,
    limits: Any,
) -> Resources:
    asked = {
        section: {**defaults[section], **_set(given.get(section))}
        for section in ("requests", "limits")
    }
    gpu_type, gpus = gpu_of(given.get("limits"))
    found = {
        "requests": requests(field, asked["requests"]["memory"], asked["requests"]["cpu"]),
        "limits": limits(
            field, asked["limits"]["memory"], asked["limits"]["cpu"], gpus, gpu_type or GPU
        ),
    }
    return found if any(found.values()) else {}


def _set(section: Mapping[str, Any] | None) -> Resources:
    return {name: value for name, value in (section or {}).items() if value is not None}
