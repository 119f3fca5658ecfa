"""The card of a run: one bundle of data, a static picture and a line of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from jupyter_mlrun.display import words

RUN_MIME = "application/vnd.jupyter-mlrun.run+json"
SHOWN_RESULTS = 6
TAIL_LINES = 4


def build_bundle(run: Mapping[str, Any], tail: Sequence[str] = ()) -> dict[str, Any]:
    """The MIME bundle of a run document: for Lab, for any page, for a terminal."""
    return {
        RUN_MIME: build_card(run, tail),
        "text/html": format_html(run, tail),
        "text/plain": format_line(run),
    }


def build_card(run: Mapping[str, Any], tail: Sequence[str] = ()) -> dict[str, Any]:
    """What the live card starts from: the run's ids and how it was when this was made."""
    metadata, origin = run["metadata"], run["spec"].get("origin") or {}
    labels = metadata.get("labels") or {}
    return {
        "version": 1,
        "project": metadata["project"],
        "uid": metadata["uid"],
        "name": metadata.get("name") or "",
        "kind": labels.get("kind") or "",
        "state": run["status"].get("state") or "created",
        "cell_id": origin.get("cell_id"),
        "notebook": origin.get("notebook"),
        "snapshot": build_snapshot(run, tail),
        "service": "/mlrun",
    }


def build_snapshot(run: Mapping[str, Any], tail: Sequence[str] = ()) -> dict[str, Any]:
    """A run as its card shows it."""
    metadata, spec, status = run["metadata"], run["spec"], run["status"]
    origin, labels = spec.get("origin") or {}, metadata.get("labels") or {}
    plain = ("start_time", "end_time", "last_update", "progress", "error", "reason",
             "status_text", "error_type", "error_frames", "exit_code", "host")  # fmt: skip
    return {
        "project": metadata["project"],
        "uid": metadata["uid"],
        "iter": metadata.get("iteration") or 0,
        "name": metadata.get("name") or "",
        "state": status.get("state") or "created",
        **{key: status.get(key) for key in plain},
        "duration": words.seconds_of(status),
        "kind": labels.get("kind") or "",
        "function": function_name(spec),
        "owner": labels.get("owner") or "",
        "labels": labels,
        "parameters": _first(spec.get("parameters")),
        "results": _first(status.get("results")),
        "notebook": origin.get("notebook"),
        "cell_id": origin.get("cell_id"),
        "cell_hash": origin.get("cell_hash"),
        "execution_count": origin.get("execution_count"),
        "command_line": origin.get("command_line"),
        "inputs": dict(spec.get("inputs") or {}),
        "outputs_declared": [hint_key(hint) for hint in spec.get("returns") or []],
        "artifacts": list_artifacts(run),
        "artifact_count": len(status.get("artifact_uris") or {}),
        "log_tail": list(tail)[-TAIL_LINES:],
    }


def function_name(spec: Mapping[str, Any]) -> str:
    """The bare name in ``project/name:tag@hash``."""
    address = str(spec.get("function") or "")
    return address.rpartition("/")[2].partition("@")[0].partition(":")[0]


def hint_key(hint: Any) -> str:
    """The name in a log hint ``key : kind``."""
    return str(hint).partition(":")[0].strip()


def list_artifacts(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Key, kind, address and size of a run's artifacts."""
    addresses = run["status"].get("artifact_uris") or {}
    known = {
        artifact["metadata"]["key"]: artifact
        for artifact in run["status"].get("artifacts") or []
        if (artifact.get("metadata") or {}).get("key")
    }
    return [
        {
            "key": key,
            "kind": (known.get(key) or {}).get("kind") or "artifact",
            "uri": address,
            "size": ((known.get(key) or {}).get("spec") or {}).get("size"),
        }
        for key, address in addresses.items()
    ]


def _first(values: Mapping[str, Any] | None, most: int = 20) -> dict[str, Any]:
    return dict(list((values or {}).items())[:most])


def format_line(run: Mapping[str, Any]) -> str:
    """The run on one line: mark, name, state, time, first results, id."""
    status, metadata = run["status"], run["metadata"]
    state = status.get("state") or "created"
    parts = [f"{words.MARKS.get(state, '?')} {metadata.get('name')} {words.format_state(state)}"]
    seconds = words.seconds_of(status)
    if seconds is not None and status.get("end_time"):
        parts.append(words.format_duration(seconds))
    results = list((status.get("results") or {}).items())[:3]
    parts += [f"{key} {words.shorten(words.format_number(value))}" for key, value in results]
    if state == "error" and status.get("error"):
        parts.append(words.shorten(status["error"]))
    elif "of the log are missing" in (status.get("reason") or ""):
        parts.append(words.shorten(status["reason"]))
    parts.append(f"{metadata['project']}/{metadata['uid'][:7]}")
    return " · ".join(parts)


# the static card: inline colours with enough contrast on white and on black, no script


def format_html(run: Mapping[str, Any], tail: Sequence[str] = ()) -> str:
    """A picture of the run for places where the live card is not known."""
    state = run["status"].get("state") or "created"
    colour = words.COLOURS.get(state, words.OTHER_COLOUR)
    pieces = [_header(run, state, colour), _error(run), *_tables(run), _tail(tail, state)]
    body = "".join(piece for piece in pieces if piece)
    style = (
        f"border:1px solid #8886;border-left:3px solid {colour};border-radius:2px;"
        "padding:6px 12px;font-family:sans-serif;font-size:13px;max-width:720px"
    )
    return f'<div style="{style}">{body}</div>'


def _header(run: Mapping[str, Any], state: str, colour: str) -> str:
    status, metadata = run["status"], run["metadata"]
    seconds = words.seconds_of(status)
    facts = [words.format_duration(seconds) if status.get("end_time") else "", _moment(status)]
    facts += [f"{metadata['project']}/{metadata['uid'][:7]}", "Snapshot"]
    rest = escape(" · ".join(fact for fact in facts if fact))
    mark = f'<span style="color:{colour}">{words.MARKS.get(state, "?")}</span>'
    name = f"<b>{escape(str(metadata.get('name')))}</b>"
    return f"<div>{mark} {name} {escape(words.format_state(state))}" + (
        f' <span style="opacity:.75">· {rest}</span></div>'
    )


def _moment(status: Mapping[str, Any]) -> str:
    moment = words.parse_time(status.get("end_time") or status.get("start_time"))
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _error(run: Mapping[str, Any]) -> str:
    status = run["status"]
    reason = status.get("reason") or ""
    # of a run that went well this alone matters: its log is not whole
    is_told = status.get("state") != "completed" or "of the log are missing" in reason
    text = (status.get("error") or reason) if is_told else ""
    if not text:
        return ""
    kind = status.get("error_type")
    line = next(
        (f["cell_line"] for f in reversed(status.get("error_frames") or []) if f.get("cell")), None
    )
    count = (run["spec"].get("origin") or {}).get("execution_count")
    where = f" <span style='opacity:.75'>Cell [{count}], line {line}</span>" if line else ""
    message = f"{kind}: {text}" if kind and kind != text else str(text)
    return f'<div style="margin-top:4px">{escape(words.shorten(message, 600))}{where}</div>'


def _tables(run: Mapping[str, Any]) -> list[str]:
    spec, status = run["spec"], run["status"]
    results = status.get("results") or {}
    shown = {key: words.format_number(results[key]) for key in list(results)[:SHOWN_RESULTS]}
    if len(results) > SHOWN_RESULTS:
        shown[f"+{len(results) - SHOWN_RESULTS} more"] = ""
    parameters = {key: repr(value) for key, value in _first(spec.get("parameters")).items()}
    artifacts = {item["key"]: item["kind"] for item in list_artifacts(run)}
    groups = (
        ("Parameters", parameters), ("Inputs", dict(spec.get("inputs") or {})),
        ("Results", shown), ("Artifacts", artifacts),
    )  # fmt: skip
    cells = [_group(title, values) for title, values in groups if values]
    gap = "display:flex;flex-wrap:wrap;gap:4px 20px;margin-top:4px"
    return [f'<div style="{gap}">{"".join(cells)}</div>'] if cells else []


def _group(title: str, values: Mapping[str, Any]) -> str:
    rows = "".join(
        f'<div><span style="opacity:.75">{escape(str(key))}</span> '
        f"<code>{escape(words.shorten(value))}</code></div>"
        for key, value in values.items()
    )
    return f'<div><div style="opacity:.75;font-size:11px">{title}</div>{rows}</div>'


def _tail(tail: Sequence[str], state: str) -> str:
    if not tail or state == "completed":
        return ""
    text = escape("\n".join(line[:200] for line in list(tail)[-TAIL_LINES:]))
    return f'<pre style="margin:4px 0 0;font-size:12px;opacity:.85">{text}</pre>'
