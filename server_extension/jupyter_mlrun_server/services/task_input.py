"""A task as it comes in: its parts, and what is wrong with them."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun import names, uris
from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunConflictError,
    MLRunInvalidArgumentError,
)
from jupyter_mlrun.tasks.defaults import asked_thresholds
from jupyter_mlrun_runtimes.kube.settings import THRESHOLDS

from ..store import attempts, runs, times
from ..store.runs import RunKey
from .durations import parse_duration

LOCAL = "local"
MOST_ATTEMPTS = 100
INT64 = 2**63


def parts_of(task: Mapping[str, Any]) -> dict[str, Any]:
    """The task as a run document of its own."""
    run: dict[str, Any] = {"kind": "run"}
    for part in ("metadata", "spec"):
        value = task.get(part) or {}
        if not isinstance(value, Mapping):
            raise MLRunInvalidArgumentError(f"'task.{part}' must be an object, not {value!r:.80}")
        run[part] = dict(value)
    for part in ("labels", "annotations"):
        if not isinstance(run["metadata"].get(part) or {}, Mapping):
            raise MLRunInvalidArgumentError(f"'task.metadata.{part}' must be an object")
    return run


def rerun(run: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A task that repeats a run, with the parameters and inputs that are to change."""
    spec = {key: value for key, value in run["spec"].items() if key != "secrets"}
    held = run["spec"].get("secrets")
    needed = {str(name) for name in held} if isinstance(held, list) else set()
    if missing := needed - secrets_of(changes.get("secrets")).keys():
        raise MLRunBadRequestError(
            f"The run had the secrets {', '.join(sorted(missing))}, which are kept nowhere: "
            "run its cell again, or give them as 'secrets'"
        )
    for part in ("parameters", "inputs"):
        given = changes.get(part) or {}
        if not isinstance(given, Mapping):
            raise MLRunInvalidArgumentError(f"'{part}' must be an object")
        recorded = spec.get(part) or {}
        if not isinstance(recorded, Mapping):
            raise MLRunInvalidArgumentError(
                f"The run was recorded with {part} that are no object ({recorded!r:.60}): it "
                "cannot be repeated"
            )
        spec[part] = {**recorded, **given}
    _refuse_objects(spec, changes)
    if isinstance(limits := spec.get("state_thresholds"), Mapping):
        # those that every run is recorded with were not asked for
        spec["state_thresholds"] = asked_thresholds(limits)
    metadata = run["metadata"]
    path, uid = str(spec.get("output_path") or ""), str(metadata.get("uid"))
    if path.endswith(f"/{uid}"):
        # the folder of that run alone: this one's lies beside it
        spec["output_path"] = path.removesuffix(uid) + "{{run.uid}}"
    labels = {k: v for k, v in (metadata.get("labels") or {}).items() if k != "host"}
    return {
        "metadata": {
            "name": metadata["name"],
            "project": metadata["project"],
            "labels": labels,
        },
        "spec": spec,
    }


def _refuse_objects(spec: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Nothing, where the objects that the run was given in its own process are given anew."""
    origin = spec.get("origin")
    held = origin.get("objects") if isinstance(origin, Mapping) else None
    if not isinstance(origin, Mapping) or not isinstance(held, list):
        return
    if missing := [str(name) for name in held if name not in (changes.get("parameters") or {})]:
        raise MLRunBadRequestError(
            f"The run was given objects that are kept nowhere: {', '.join(missing)}. Run its cell "
            "again, or give them as 'parameters'"
        )
    spec["origin"] = {key: value for key, value in origin.items() if key != "objects"}


def project_of(body: Mapping[str, Any]) -> str:
    """The project of a task that is to be submitted."""
    task = body.get("task")
    metadata = task.get("metadata") if isinstance(task, Mapping) else None
    named = metadata.get("project") if isinstance(metadata, Mapping) else None
    return str(named or "default")


def kind_of(function: Mapping[str, Any]) -> str:
    asked = str(function.get("kind") or "")
    return LOCAL if asked in ("", "handler") else asked


def run_project(run: Mapping[str, Any]) -> str:
    return str(run["metadata"].get("project") or "default")


def secrets_of(given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(v, str) for v in given.values()):
        raise MLRunInvalidArgumentError("'secrets' must be an object of texts: {NAME: value}")
    return dict(given)


def uid_of(connection: Connection, project: str, metadata: Mapping[str, Any]) -> str:
    uid = str(metadata.get("uid") or names.new_uid())
    if not names.is_uid(uid):
        raise MLRunInvalidArgumentError(f"'{uid}' cannot be a run's uid: leave it out")
    if runs.find(connection, RunKey(project, uid)) is not None:
        raise MLRunConflictError(f"Run {uid} of project {project} is there already")
    return uid


def created_at(run: Mapping[str, Any]) -> int:
    return times.parse(run["status"].get("start_time")) or times.now()


def workdir_of(run: Mapping[str, Any], function: Mapping[str, Any], files: Path) -> str:
    """Where a run works: where its notebook is, else where its function says."""
    origin = run["spec"].get("origin") or {}
    build = function["spec"].get("build")
    source = build.get("source") if isinstance(build, Mapping) else None
    # what its function says of a source is a folder of that
    own = "" if source not in (None, "", ".", "./") else function["spec"].get("workdir")
    asked = origin.get("workdir") or own or ""
    return str(files / os.path.expanduser(str(asked)))


def function_uri(given: Any, project: str) -> uris.FunctionUri:
    if not isinstance(given, str) or not given:
        raise MLRunInvalidArgumentError(
            "The task names no function: set task.spec.function to PROJECT/NAME@HASH"
        )
    uri = uris.parse_function(given)
    return uris.FunctionUri(uri.name, uri.project or project, uri.tag, uri.hash_key)


def check_spec(spec: Mapping[str, Any], function: Mapping[str, Any] | None = None) -> None:
    """Nothing, where every part has the shape that starting the run will rely on."""
    for part in ("origin", "limits", "env", "inputs"):
        if not isinstance(spec.get(part) or {}, Mapping):
            raise MLRunInvalidArgumentError(f"'task.spec.{part}' must be an object")
    handler = spec.get("handler")
    if handler is not None and not isinstance(handler, str):
        raise MLRunInvalidArgumentError(
            f"'task.spec.handler' is {handler!r:.40}: give the name of a function"
        )
    _check_retry(spec.get("retry"))
    parse_thresholds(spec.get("state_thresholds"), "task.spec")
    parse_thresholds((function or {}).get("state_thresholds"), "function.spec")
    for name, value in (spec.get("limits") or {}).items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (number and 0 <= value < INT64):
            raise MLRunInvalidArgumentError(f"Limit {name} is {value!r}: give a positive number")


def parse_thresholds(given: Any, where: str) -> dict[str, float]:
    """Seconds that a run may stay in a state, for the states that have a threshold."""
    if not isinstance(given or {}, Mapping):
        raise MLRunInvalidArgumentError(
            f"{where}.state_thresholds is {given!r:.60}: "
            "give an object such as {'executing': '2h'}"
        )
    found = {}
    for state, text in (given or {}).items():
        if state not in THRESHOLDS:
            raise MLRunInvalidArgumentError(
                f"{where}.state_thresholds names {state!r:.40}, which is no state with a "
                f"threshold: take one of {', '.join(THRESHOLDS)}"
            )
        if text in (None, "", 0):
            continue
        try:
            found[state] = parse_duration(text)
        except MLRunInvalidArgumentError as error:
            raise MLRunInvalidArgumentError(f"{where}.state_thresholds.{state}: {error}") from None
    return found


def check_parameters(parameters: Any) -> None:
    if not isinstance(parameters or {}, Mapping):
        raise MLRunInvalidArgumentError("'task.spec.parameters' must be an object")
    for name, value in (parameters or {}).items():
        if isinstance(value, int) and not -INT64 <= value < INT64:
            raise MLRunInvalidArgumentError(f"Parameter {name} value {value} exceeds int64")


def check_attempts(retry: Any, kind: str) -> None:
    """Nothing, where a kind can be tried again; a local run is not, as in MLRun, and goes on."""
    wanted = isinstance(retry, Mapping) and retry.get("count")
    if wanted and kind not in ("local", "handler", *attempts.KINDS):
        raise MLRunInvalidArgumentError(
            f"Retry is not supported for {kind} runtime, supported runtimes are: "
            f"{list(attempts.KINDS)}"
        )


def _check_retry(retry: Any) -> None:
    """Nothing, where further attempts are asked for as they can be had."""
    if retry in (None, {}):
        return
    if not isinstance(retry, Mapping) or not isinstance(retry.get("backoff") or {}, Mapping):
        raise MLRunInvalidArgumentError(
            "'task.spec.retry' must be an object: {'count': 3, 'backoff': {'base_delay': '1m'}}"
        )
    count = retry.get("count")
    if count is not None and (not isinstance(count, int) or not 0 <= count <= MOST_ATTEMPTS):
        raise MLRunInvalidArgumentError(
            f"task.spec.retry.count is {count!r:.40}: give a whole number from 0 to {MOST_ATTEMPTS}"
        )
    if delay := (retry.get("backoff") or {}).get("base_delay"):
        parse_duration(delay)


def check_code(function: Any) -> None:
    """Nothing, where a function's code is what runs can read."""
    spec = function.get("spec") if isinstance(function, Mapping) else None
    build = spec.get("build") if isinstance(spec, Mapping) else None
    text = build.get("functionSourceCode") if isinstance(build, Mapping) else None
    if not text:
        return
    try:
        base64.b64decode(text, validate=True).decode()
    except (TypeError, ValueError):
        raise MLRunInvalidArgumentError(
            "function.spec.build.functionSourceCode is not base64 of UTF-8 text"
        ) from None
