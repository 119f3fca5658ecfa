"""A task as a command and an environment: pure, and the same for every kind."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.masking import NAMES

from . import requirements
from .contract import Limits, Task

TASK_FILE = "task.json"

# what opens Jupyter itself is none of a run's business
_NOT_FOR_RUNS = (
    "JUPYTER_TOKEN", "JPY_API_TOKEN", "JUPYTERHUB_API_TOKEN", "JUPYTER_GATEWAY_AUTH_TOKEN",
    "JPY_SESSION_NAME", "JPY_PARENT_PID", "MLRUN_EXEC_CONFIG", "MLRUN_EXEC_CODE",
)  # fmt: skip
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def command(task: Task) -> tuple[str, ...]:
    """The one command that every kind executes in its own place."""
    file = os.path.join(task.folder, TASK_FILE)
    # -P: a json.py in the working directory must not stand in for Python's own
    return (task.interpreter, "-P", "-m", "jupyter_mlrun", "run", "--task", file)


def task_text(task: Task) -> str:
    """The text of task.json: what the process executes; no token, no secret."""
    documents = {"run": task.run, "function": task.function, "project": task.project}
    return json.dumps(documents, ensure_ascii=False, separators=(",", ":"))


def environment(task: Task, kind: str) -> dict[str, str]:
    """The whole environment: the server's, ours, then what the run names itself, then secrets."""
    spec: Mapping[str, Any] = task.run.get("spec") or {}
    metadata: Mapping[str, Any] = task.run.get("metadata") or {}
    env = {name: value for name, value in task.environment.items() if name not in _NOT_FOR_RUNS}
    env.update(
        MLRUN_RUNTIME_KIND=kind,
        MLRUN_ACTIVE_PROJECT=str(metadata.get("project") or "default"),
        MPLBACKEND="Agg",
        PYTHONUNBUFFERED="1",
    )
    env.update(_thread_limits(Limits.of(task), task.environment))
    env.update(requirements.variables(task, kind))
    env.update(_function_env(task.function))
    env.update({str(name): str(value) for name, value in (spec.get("env") or {}).items()})
    env.update(task.secrets)
    env.update(
        # in this order: MLRun's client 1.8 connects as soon as it has read the address
        MLRUN_HTTPDB__TOKEN=task.token,
        MLRUN_DBPATH=task.address,
        MLRUN_META_TMPFILE=os.path.join(task.folder, TASK_FILE),
        JUPYTER_MLRUN_RUN=str(metadata.get("uid") or ""),
    )
    # which of them are secrets: whoever passes the run's words on masks their values
    env[NAMES] = ",".join(sorted(task.secrets))
    return env


def _function_env(function: Mapping[str, Any]) -> dict[str, str]:
    entries = (function.get("spec") or {}).get("env") or []
    return {
        str(entry["name"]): str(entry["value"])
        for entry in entries
        if isinstance(entry, Mapping) and "name" in entry and entry.get("value") is not None
    }


def _thread_limits(limits: Limits, given: Mapping[str, str]) -> dict[str, str]:
    if limits.cpu is None:
        return {}
    threads = str(max(1, math.floor(limits.cpu)))
    return {name: threads for name in THREADS if name not in given}
