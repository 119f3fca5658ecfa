"""What a line says of its kind's engine: how many, in which image, with which properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.grammar import values
from jupyter_mlrun.grammar.options import Parsed

# which kinds each option is for
KINDS = {
    "replicas": ("dask", "mpijob", "spark"),
    "image": ("dask", "job", "mpijob", "remote-spark", "spark"),
    "conf": ("spark",),
    "spark": ("remote-spark",),
}


def read_engine(parsed: Parsed, kind: str) -> dict[str, Any]:
    """The fields of the function's spec that the options name; one for another kind is refused."""
    for option, kinds in KINDS.items():
        if parsed.get(option) and kind not in kinds:
            raise MLRunInvalidArgumentError(
                f"--{option} is for --kind {' or '.join(kinds)}, and this is kind {kind}: "
                "leave it out, or name another kind"
            )
    found: dict[str, Any] = {}
    if text := parsed.get("replicas"):
        found["replicas"] = _count(text)
    if image := parsed.get("image"):
        found["image"] = image
    if conf := parsed.texts("conf"):
        found["spark_conf"] = values.parse_pairs("--conf", conf)
    if address := parsed.get("spark"):
        found["env"] = [_service(address)]
    if kind == "dask" and (limits := _worker_limits(parsed)):
        found["worker_resources"] = {"limits": limits}
    return found


def refuse_own_process(parsed: Parsed) -> None:
    """Refuses the options that a run in the kernel has no use for."""
    for option in ("workdir", "timeout", "cpu", "memory", "no_wait", "local", "kubernetes"):
        if parsed.get(option):
            written = option.replace("_", "-")
            raise MLRunInvalidArgumentError(
                f"--{written} needs a process of its own, and kind handler runs in the "
                "kernel. Leave it out, or use --kind local"
            )


def apply_engine(spec: dict[str, Any], engine: Mapping[str, Any]) -> None:
    """Put the fields into a function's spec."""
    for name, value in engine.items():
        spec[name] = [*spec.get(name, []), *value] if name == "env" else value


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise MLRunInvalidArgumentError(f"--replicas {text}: write a whole number such as 4")
    return int(text)


def _service(address: str) -> dict[str, str]:
    for begin, name in (("sc://", "SPARK_REMOTE"), ("spark://", "MASTER")):
        if address.startswith(begin):
            return {"name": name, "value": address}
    raise MLRunInvalidArgumentError(
        f"--spark {address}: write the address of a Spark Connect server, such as "
        "sc://localhost:15002, or of a standalone master, such as spark://localhost:7077"
    )


def _worker_limits(parsed: Parsed) -> dict[str, str]:
    """Each worker of the cluster has the limits of the run itself."""
    found = {}
    if memory := parsed.get("memory"):
        found["memory"] = str(values.parse_bytes(memory))
    if cpu := parsed.get("cpu"):
        found["cpu"] = f"{values.parse_cores(cpu):g}"
    return found
