"""The parts of a run document as people write them, by the names that MLRun gives their fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

from jupyter_mlrun.model.fields import Fields, Table

OPTIONS: Table = {
    "param_file": None,
    "strategy": None,
    "selector": None,
    "stop_condition": None,
    "parallel_runs": None,
    "dask_cluster_uri": None,
    "max_iterations": None,
    "max_errors": None,
    "teardown_dask": None,
}
RETRY: Table = {"count": None, "backoff": {"base_delay": None}}
METADATA: Table = {
    "uid": None,
    "name": None,
    "project": None,
    "labels": dict,
    "annotations": dict,
    "iteration": int,
}
SPEC: Table = {
    "parameters": dict,
    "hyperparams": dict,
    "param_file": None,
    "selector": None,
    "strategy": None,
    "handler": None,
    "inputs": dict,
    "inputs_type_hints": dict,
    "outputs": list,
    "input_path": None,
    "output_path": None,
    "function": None,
    "secret_sources": list,
    "data_stores": list,
    "log_level": None,
    "verbose": None,
    "scrape_metrics": None,
    "hyper_param_options": OPTIONS,
    "allow_empty_resources": None,
    "returns": list,
    "notifications": list,
    "state_thresholds": dict,
    "reset_on_run": None,
    "node_selector": dict,
    "tolerations": list,
    "affinity": None,
    "retry": RETRY,
    "auth": dict,
    # additions of ours
    "origin": dict,
    "limits": dict,
    "env": dict,
    "secrets": list,
    "place": None,
}
STATUS: Table = {
    "state": None,
    "error": None,
    "host": None,
    "commit": None,
    "status_text": None,
    "results": dict,
    "artifacts": list,
    "artifact_uris": dict,
    "start_time": None,
    "end_time": None,
    "last_update": None,
    "iterations": None,
    "ui_url": None,
    "reason": None,
    "notifications": dict,
    "retry_count": None,
    "retries": list,
    # additions of ours
    "error_type": None,
    "error_frames": list,
    "place": None,
    "place_reason": None,
    "exit_code": None,
    "progress": None,
    "series": dict,
    "times": dict,
}
FAILED = frozenset({"error", "aborted", "aborting"})


class Part(Fields):
    """A part that is made of a dict, or of its fields by name."""

    TABLE: Table = {}

    def __init__(self, value: Mapping[str, Any] | None = None, **fields: Any) -> None:
        given = {key: item for key, item in fields.items() if item is not None}
        super().__init__({**(value or {}), **given}, self.TABLE)

    @classmethod
    def from_dict(cls, struct: Mapping[str, Any] | None = None) -> Self:
        """The part of a dict; keys that are not known are kept."""
        made = cls()
        made.update(struct or {})
        return made

    def to_json(self, exclude: Sequence[str] | None = None) -> str:
        """The part as JSON, without some keys."""
        return json.dumps(without(self.to_dict(), exclude), indent=2, default=str)

    def to_yaml(self, exclude: Sequence[str] | None = None) -> str:
        """The part as YAML, without some keys."""
        import yaml

        text: str = yaml.safe_dump(without(self.to_dict(), exclude), sort_keys=False)
        return text

    def to_str(self) -> str:
        """The part as the text of a dict."""
        return str(self.to_dict())


def without(document: dict[str, Any], exclude: Sequence[str] | None) -> dict[str, Any]:
    """The document without some of its keys."""
    return {key: value for key, value in document.items() if key not in (exclude or ())}


class RunMetadata(Part):
    """Who a run is: name, uid, project, labels."""

    TABLE = METADATA


class RunSpec(Part):
    """What is asked of a run."""

    TABLE = SPEC

    def is_hyper_job(self) -> bool:
        """Whether it is to run once for each of several sets of parameters."""
        options = self.get("hyper_param_options") or {}
        return bool(self.get("hyperparams") or self.get("param_file") or options.get("param_file"))

    @property
    def handler_name(self) -> str:
        """The name of the handler; empty where there is none."""
        handler = self.get("handler") or ""
        return str(getattr(handler, "__name__", handler))

    def to_dict(self) -> dict[str, Any]:
        """A plain copy; a handler that is a callable is itself in it, whatever it holds."""
        handler = self.get("handler")
        if not callable(handler):
            return super().to_dict()
        rest = RunSpec({**self, "handler": ""})
        rest._made.update(self._made)
        return {**rest.to_dict(), "handler": handler}


class RunStatus(Part):
    """What came of a run."""

    TABLE = STATUS

    def is_failed(self) -> bool | None:
        """Whether it failed or was aborted; None where nothing is known of it."""
        return self["state"] in FAILED if self.get("state") else None
