"""A run's document as properties: the part of a context that only reads."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from . import states

Tree = TypeVar("Tree")


class RunView:
    """What a run is: names, labels, parameters, inputs, results, where things go."""

    def __init__(self, run: dict[str, Any]) -> None:
        self._run = run
        for part in ("metadata", "spec", "status"):
            run.setdefault(part, {})
        self._metadata.setdefault("iteration", 0)
        self._status.setdefault("results", {})
        self._status.setdefault("artifact_uris", {})

    @property
    def _metadata(self) -> dict[str, Any]:
        part: dict[str, Any] = self._run["metadata"]
        return part

    @property
    def _spec(self) -> dict[str, Any]:
        part: dict[str, Any] = self._run["spec"]
        return part

    @property
    def _status(self) -> dict[str, Any]:
        part: dict[str, Any] = self._run["status"]
        return part

    @property
    def uid(self) -> str:
        """The run's uid; an iteration's has its number after a dash."""
        return f"{self.run_uid}-{self.iteration}" if self.iteration else self.run_uid

    @property
    def run_uid(self) -> str:
        """The uid that a run and its iterations share."""
        return str(self._metadata["uid"])

    @property
    def tag(self) -> str:
        """The tree of its artifacts: the workflow's id where it is part of one, or the uid."""
        return str((self._metadata.get("labels") or {}).get("workflow") or self.run_uid)

    @property
    def name(self) -> str:
        """The run's name."""
        return str(self._metadata.get("name") or "")

    @property
    def iteration(self) -> int:
        """The iteration's number; 0 for the run itself."""
        return int(self._metadata.get("iteration") or 0)

    @property
    def project(self) -> str:
        """The project's name."""
        return str(self._metadata.get("project") or "default")

    @property
    def state(self) -> str:
        """The state as the run knows it."""
        return str(self._status.get("state") or states.CREATED)

    @property
    def parameters(self) -> dict[str, Any]:
        """A copy of the parameters."""
        return copy_tree(self._spec.get("parameters") or {})

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs' addresses."""
        return copy_tree(self._spec.get("inputs") or {})

    @property
    def inputs_type_hints(self) -> dict[str, Any]:
        """The types that the inputs' keys ask for, by name."""
        return copy_tree(self._spec.get("inputs_type_hints") or {})

    @property
    def results(self) -> dict[str, Any]:
        """A copy of the results so far."""
        return copy_tree(self._status["results"])

    @property
    def artifact_uris(self) -> dict[str, str]:
        """The addresses of the artifacts so far."""
        return copy_tree(self._status["artifact_uris"])

    @property
    def in_path(self) -> str:
        """The folder that relative inputs are below."""
        return str(self._spec.get("input_path") or "")

    @property
    def out_path(self) -> str:
        """The path below which artifacts go; empty for the service's own place."""
        return str(self._spec.get("output_path") or "")

    @property
    def labels(self) -> dict[str, str]:
        """A copy of the labels."""
        return copy_tree(self._metadata.get("labels") or {})

    @property
    def annotations(self) -> dict[str, str]:
        """A copy of the annotations."""
        return copy_tree(self._metadata.get("annotations") or {})

    @property
    def node_selector(self) -> dict[str, str]:
        """The labels of nodes that the run asks for."""
        return copy_tree(self._spec.get("node_selector") or {})

    @property
    def tolerations(self) -> Any:
        """The taints of nodes that the run tolerates."""
        return copy_tree(self._spec.get("tolerations") or [])

    @property
    def affinity(self) -> Any:
        """Which nodes and pods the run wants to be near."""
        return copy_tree(self._spec.get("affinity") or {})

    @property
    def auth(self) -> dict[str, Any]:
        """The credentials by name that the run was given."""
        return copy_tree(self._spec.get("auth") or {})

    @property
    def host(self) -> str:
        """The machine on which the run works."""
        return str(self._status.get("host") or os.uname().nodename)

    def get_meta(self) -> dict[str, Any]:
        """The producer's part of an artifact document."""
        return self.producer()

    def producer(self) -> dict[str, Any]:
        """Who makes the artifacts of this run."""
        labels = self._metadata.get("labels") or {}
        made = {
            "kind": "run",
            "name": self.name,
            "uri": f"{self.project}/{self.uid}",
            "owner": labels.get("owner"),
        }
        if workflow := labels.get("workflow"):
            made["workflow"] = workflow
        return made

    def to_dict(self) -> dict[str, Any]:
        """A copy of the run document."""
        return copy_tree(self._run)

    def to_json(self) -> str:
        """The run document as JSON."""
        return json.dumps(self._run, indent=2)

    def to_yaml(self) -> str:
        """The run document as YAML."""
        import yaml

        text: str = yaml.safe_dump(self.to_dict(), sort_keys=False)
        return text

    def __str__(self) -> str:
        return describe(self._run)

    def __repr__(self) -> str:
        return f"<context of run {self.project}/{self.name} {self.state} {self.uid}>"


def describe(run: Mapping[str, Any]) -> str:
    """A run's document as lines of text."""
    from importlib import import_module

    # how things look is decided storeys above
    text: str = import_module("jupyter_mlrun.display.run_text").build_text(run)
    return text


def is_sweep(spec: Mapping[str, Any]) -> bool:
    """Whether a run's handler is to be called once for each of several sets of parameters."""
    options = spec.get("hyper_param_options") or {}
    has_values = spec.get("hyperparams") or spec.get("param_file") or options.get("param_file")
    return bool(has_values) and options.get("strategy") != "custom"


def copy_tree(value: Tree) -> Tree:
    if isinstance(value, dict):
        return cast("Tree", {key: copy_tree(item) for key, item in value.items()})
    if isinstance(value, list):
        return cast("Tree", [copy_tree(item) for item in value])
    return value
