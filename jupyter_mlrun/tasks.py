"""What is to be run, before it is: MLRun's task templates."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Self


class RunTemplate:
    """A run document that is being written."""

    kind = "run"

    def __init__(
        self, spec: Mapping[str, Any] | None = None, metadata: Mapping[str, Any] | None = None
    ) -> None:
        self.spec: dict[str, Any] = copy.deepcopy(dict(spec or {}))
        self.metadata: dict[str, Any] = copy.deepcopy(dict(metadata or {}))

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """A template of a run document; what came of that run is left out."""
        template = cls(value.get("spec"), value.get("metadata"))
        for key in ("uid", "iteration"):
            template.metadata.pop(key, None)
        return template

    def with_params(self, **kwargs: Any) -> Self:
        """Set parameters."""
        self.spec.setdefault("parameters", {}).update(kwargs)
        return self

    def with_input(self, key: str, path: str) -> Self:
        """Set an input's address."""
        self.spec.setdefault("inputs", {})[key] = path
        return self

    def with_hyper_params(
        self,
        hyperparams: Mapping[str, list[Any]],
        selector: str | None = None,
        strategy: str | None = None,
        **options: Any,
    ) -> Self:
        """Run once for each combination of these values; the selector says which is best."""
        self.spec["hyperparams"] = dict(hyperparams)
        return self._with_options(selector, strategy, options)

    def with_param_file(
        self,
        param_file: str,
        selector: str | None = None,
        strategy: str | None = None,
        **options: Any,
    ) -> Self:
        """Run once for each row of a CSV file, or each combination of a JSON file."""
        return self._with_options(selector, strategy, {"param_file": param_file, **options})

    def with_secrets(self, kind: str, source: Any) -> Self:
        """Name a source of secrets."""
        self.spec.setdefault("secret_sources", []).append({"kind": kind, "source": source})
        return self

    def set_label(self, key: str, value: Any) -> Self:
        """Give the run a label."""
        from .names import validate_label

        validate_label(key, value)
        self.metadata.setdefault("labels", {})[key] = str(value)
        return self

    def to_dict(self) -> dict[str, Any]:
        """The document."""
        return copy.deepcopy({"kind": "run", "metadata": self.metadata, "spec": self.spec})

    def _with_options(
        self, selector: str | None, strategy: str | None, options: Mapping[str, Any]
    ) -> Self:
        given = {"selector": selector, "strategy": strategy, **options}
        chosen = {key: value for key, value in given.items() if value is not None}
        self.spec.setdefault("hyper_param_options", {}).update(chosen)
        return self


def new_task(
    name: str | None = None,
    project: str | None = None,
    handler: Any = None,
    params: Mapping[str, Any] | None = None,
    hyper_params: Mapping[str, list[Any]] | None = None,
    param_file: str | None = None,
    selector: str | None = None,
    hyper_param_options: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
    outputs: list[Any] | None = None,
    in_path: str | None = None,
    out_path: str | None = None,
    artifact_path: str | None = None,
    secrets: list[Any] | None = None,
    base: Any = None,
    returns: list[Any] | None = None,
) -> RunTemplate:
    """A task with MLRun's arguments, on top of ``base`` where one is given."""
    if isinstance(base, RunTemplate):
        template = RunTemplate(base.spec, base.metadata)
    else:
        template = RunTemplate.from_dict(base or {})
    spec = {
        "handler": getattr(handler, "__name__", handler),
        "parameters": dict(params) if params else None,
        "hyperparams": dict(hyper_params) if hyper_params else None,
        "hyper_param_options": dict(hyper_param_options) if hyper_param_options else None,
        "inputs": dict(inputs) if inputs else None,
        "outputs": outputs,
        "input_path": in_path,
        "output_path": artifact_path or out_path,
        "secret_sources": secrets,
        "returns": returns,
    }
    template.spec.update({key: value for key, value in spec.items() if value is not None})
    if selector or param_file:
        options = {"param_file": param_file} if param_file else {}
        template._with_options(selector, None, options)
    metadata = {"name": name, "project": project}
    template.metadata.update({key: value for key, value in metadata.items() if value})
    return template


_INT64 = range(-(2**63), 2**63)


def validate_parameters(parameters: Mapping[str, Any]) -> None:
    """Nothing, when every number among the parameters fits what other languages can read."""
    for key, value in parameters.items():
        if isinstance(value, int) and value not in _INT64:
            from .errors import MLRunInvalidArgumentError

            raise MLRunInvalidArgumentError(f"Parameter {key} value {value} exceeds int64")
        if isinstance(value, Mapping):
            validate_parameters({f"{key}.{name}": item for name, item in value.items()})
        if isinstance(value, (list, tuple)):
            validate_parameters({f"{key}.{place}": item for place, item in enumerate(value)})
