"""The row of a run: what lists, cards and events show of it, made when the run is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun import states
from jupyter_mlrun.model.document import dumps

from . import times

MOST_VALUES = 20
LONGEST_VALUE = 300
LONGEST_ERROR = 600
SERIES_SHOWN = 2
POINTS_SHOWN = 60


def columns(document: Mapping[str, Any]) -> dict[str, Any]:
    """The indexed columns of a run document whose times and state are set."""
    metadata, spec, status = (_part(document, part) for part in ("metadata", "spec", "status"))
    labels, origin = _part(metadata, "labels"), _part(spec, "origin")
    return {
        "name": str(metadata.get("name") or "")[:255],
        "state": status["state"],
        "kind": str(labels.get("kind") or "")[:64],
        "function": function_name(spec)[:255],
        "version": function_version(spec)[:100],
        "owner": str(labels.get("owner") or "")[:255],
        "host": str(status.get("host") or "")[:255],
        "notebook": str(origin.get("notebook") or "")[-255:],
        "cell_id": str(origin.get("cell_id") or "")[:255],
        "start_time": times.parse(status["start_time"]),
        "end_time": times.parse(status.get("end_time")),
        "last_update": times.parse(status["last_update"]),
        "notified": bool(spec.get("notifications")),
        "row": dumps(row(document)),
        "document": dumps(document),
    }


def row(document: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a run document whose times and state are set."""
    metadata, spec, status = (_part(document, part) for part in ("metadata", "spec", "status"))
    labels, origin = _part(metadata, "labels"), _part(spec, "origin")
    count, done = _iterations(spec, status)
    return {
        "project": metadata.get("project"),
        "uid": metadata.get("uid"),
        "iter": metadata.get("iteration") or 0,
        "name": metadata.get("name"),
        "state": status["state"],
        "start_time": status["start_time"],
        "end_time": status.get("end_time"),
        "last_update": status["last_update"],
        "duration": _duration(status),
        "kind": str(labels.get("kind") or ""),
        "function": function_name(spec),
        "owner": str(labels.get("owner") or ""),
        "labels": _short(labels),
        "parameters": _short(_part(spec, "parameters")),
        "results": _short(_declared_first(spec, _part(status, "results"))),
        "progress": status.get("progress"),
        "error": _text(status.get("error"), LONGEST_ERROR),
        "reason": _text(status.get("reason"), LONGEST_ERROR),
        "status_text": _text(status.get("status_text"), LONGEST_ERROR),
        "notebook": origin.get("notebook"),
        "cell_id": origin.get("cell_id"),
        "cell_hash": origin.get("cell_hash"),
        "iterations": count,
        "done_iterations": done,
        "series": _series(status),
        "artifact_count": len(_part(status, "artifact_uris")),
        "host": status.get("host"),
    }


def function_name(spec: Mapping[str, Any]) -> str:
    """The bare name in ``project/name:tag@hash``."""
    uri = spec.get("function")
    if not isinstance(uri, str):
        return ""
    return uri.rpartition("/")[2].partition("@")[0].partition(":")[0]


def function_version(spec: Mapping[str, Any]) -> str:
    """The hash in ``project/name:tag@hash``; empty where there is none."""
    uri = spec.get("function")
    return uri.partition("@")[2] if isinstance(uri, str) else ""


def shown(text: str, state: str, host: str, this_host: str) -> str:
    """The row's text as this host shows it: a live run of another host is ``unknown``."""
    if not is_elsewhere(state, host, this_host):
        return text
    return dumps(json.loads(text) | {"state": states.UNKNOWN})


def is_elsewhere(state: str, host: str | None, this_host: str) -> bool:
    """Whether a run is live on another host, so that nothing can be said of it here."""
    return bool(host) and host != this_host and state not in states.TERMINAL


def _part(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = value.get(key)
    return part if isinstance(part, Mapping) else {}


def _text(value: object, longest: int) -> str | None:
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _declared_first(spec: Mapping[str, Any], results: Mapping[str, Any]) -> dict[str, Any]:
    """The results, those that the run was asked for before those that it logged beside."""
    declared = spec.get("returns")
    names = [
        str(item.get("key") if isinstance(item, Mapping) else item).partition(":")[0]
        for item in (declared if isinstance(declared, list) else [])
    ]
    return {name: results[name] for name in names if name in results} | dict(results)


def _short(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _short_value(value) for key, value in list(values.items())[:MOST_VALUES]}


def _short_value(value: Any) -> Any:
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    text = value if isinstance(value, str) else dumps(value)
    if len(text) > LONGEST_VALUE:
        return text[: LONGEST_VALUE - 1] + "…"
    return value


def _duration(status: Mapping[str, Any]) -> float | None:
    start, end = times.parse(status["start_time"]), times.parse(status.get("end_time"))
    if status["state"] not in states.TERMINAL or start is None or end is None:
        return None
    if status.get("never_began"):
        return None
    return max(0, end - start) / 1e6


def _iterations(
    spec: Mapping[str, Any], status: Mapping[str, Any]
) -> tuple[int | None, int | None]:
    table = status.get("iterations")
    if isinstance(table, list) and len(table) > 1 and isinstance(table[0], list):
        done = sum(
            1 for line in table[1:]
            if isinstance(line, list) and line and str(line[0]) in states.TERMINAL
        )  # fmt: skip
        total = _part(status, "progress").get("total")
        count = total if isinstance(total, int) and total >= len(table) - 1 else len(table) - 1
        return count, done
    if spec.get("hyperparams"):
        total = _part(status, "progress").get("total")
        return (total if isinstance(total, int) else None), 0
    return None, None


def _series(status: Mapping[str, Any]) -> dict[str, Any] | None:
    series = status.get("series")
    if status["state"] in states.TERMINAL or not isinstance(series, Mapping):
        return None
    return {
        key: points[-POINTS_SHOWN:]
        for key, points in list(series.items())[:SERIES_SHOWN]
        if isinstance(points, list)
    }
