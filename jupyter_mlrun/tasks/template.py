"""Tasks: run documents that are being written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Self

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunInvalidArgumentTypeError
from jupyter_mlrun.model.fields import plain
from jupyter_mlrun.model.texts import has_mark, text_of

from .defaults import asked_thresholds
from .fields import RunMetadata, RunSpec, without
from .options import Retry, validate_options


class RunTemplate:
    """What is to be run: ``spec`` and ``metadata`` by MLRun's names, as attributes and as keys."""

    kind = "run"

    def __init__(
        self, spec: Mapping[str, Any] | None = None, metadata: Mapping[str, Any] | None = None
    ) -> None:
        self.spec = spec
        self.metadata = metadata

    @property
    def spec(self) -> RunSpec:
        """What is asked."""
        return self._spec

    @spec.setter
    def spec(self, value: Mapping[str, Any] | None) -> None:
        self._spec = RunSpec(_part(value, "spec"))

    @property
    def metadata(self) -> RunMetadata:
        """Name, project, labels."""
        return self._metadata

    @metadata.setter
    def metadata(self, value: Mapping[str, Any] | None) -> None:
        self._metadata = RunMetadata(_part(value, "metadata"))

    @classmethod
    def from_dict(cls, struct: Mapping[str, Any] | None = None) -> Self:
        """A template of a run document; what came of that run is left out."""
        document = struct or {}
        template = cls(document.get("spec"), document.get("metadata"))
        uid = template.metadata.pop("uid", None)
        template.metadata.pop("iteration", None)
        if uid and str(template.spec.get("output_path") or "").endswith(f"/{uid}"):
            # the folder of that run alone
            template.spec.pop("output_path")
        if uid and (limits := template.spec.get("state_thresholds")):
            # those that every run is recorded with were not asked for
            template.spec["state_thresholds"] = asked_thresholds(limits)
        return template

    def with_params(self, **kwargs: Any) -> Self:
        """Set parameters."""
        self.spec.parameters.update(kwargs)
        return self

    def with_input(self, key: str, path: str) -> Self:
        """Set an input's address."""
        self.spec.inputs[key] = path
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
        self.spec.secret_sources.append({"kind": kind, "source": source})
        return self

    def set_label(self, key: str, value: Any) -> Self:
        """Give the run a label."""
        from jupyter_mlrun.names import validate_label

        validate_label(key, value)
        self.metadata.labels[key] = str(value)
        return self

    def to_dict(self) -> dict[str, Any]:
        """The document; a handler that is a callable is in it by name."""
        spec = _copied("parameters", self.spec)
        if callable(spec.get("handler")):
            spec["handler"] = handler_name(spec["handler"])
        return {"kind": "run", "metadata": plain(self.metadata), "spec": spec}

    def to_json(self, exclude: Sequence[str] | None = None) -> str:
        """The document as JSON, without some keys."""
        import json

        return json.dumps(without(self.to_dict(), exclude), indent=2, default=str)

    def to_yaml(self, exclude: Sequence[str] | None = None) -> str:
        """The document as YAML, without some keys."""
        import yaml

        text: str = yaml.safe_dump(without(self.to_dict(), exclude), sort_keys=False)
        return text

    def to_str(self) -> str:
        """The document as the text of a dict."""
        return str(self.to_dict())

    def copy(self) -> Self:
        """Another one, which can be changed apart from this one."""
        return type(self)(plain(self.spec), plain(self.metadata))

    def to_env(self) -> list[str]:
        """Parameters as lines ``NAME=VALUE`` of an environment."""
        return [f"{key.upper()}={value}" for key, value in self.spec.parameters.items()]

    def _with_options(
        self, selector: str | None, strategy: str | None, options: Mapping[str, Any]
    ) -> Self:
        given = {"selector": selector, "strategy": strategy, **options}
        chosen = {key: value for key, value in given.items() if value is not None}
        validate_options(chosen)
        self.spec.hyper_param_options.update(chosen)
        return self

    def __repr__(self) -> str:
        parts = [self.metadata.name or "task"]
        parts += [f"{key}={value!r}" for key, value in (self.spec.get("parameters") or {}).items()]
        return f"<task {' '.join(parts)}>"


def _part(value: Any, name: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise MLRunInvalidArgumentError(f"'{name}' of a run is a dict, not {type(value).__name__}")


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
    retry: Any = None,
) -> RunTemplate:
    """A task with MLRun's arguments, on top of ``base`` where one is given."""
    template = RunTemplate.from_dict(_document(base))
    for what, given in (("params", params), ("hyper_params", hyper_params), ("inputs", inputs)):
        _check_named(what, given)
    if isinstance(returns, (str, Mapping)):
        raise MLRunInvalidArgumentTypeError(
            f"returns is a list of the names of what comes back, such as ['model'], not {returns!r}"
        )
    if hyper_param_options:
        validate_options(hyper_param_options)
    spec = {
        "handler": handler or _called(base),
        "parameters": _copied("params", params) if params else None,
        "hyperparams": _copied("hyper_params", hyper_params) if hyper_params else None,
        "hyper_param_options": plain(hyper_param_options) if hyper_param_options else None,
        "inputs": dict(inputs) if inputs else None,
        "outputs": outputs,
        "input_path": in_path,
        "output_path": artifact_path or out_path,
        "secret_sources": secrets,
        "returns": returns,
        "retry": plain(Retry(**retry) if isinstance(retry, Mapping) else retry) or None,
    }
    template.spec.update({key: value for key, value in spec.items() if value is not None})
    if selector or param_file:
        template._with_options(selector, None, {"param_file": param_file} if param_file else {})
    # a recorded run's uid stays its own; one that was chosen for a task holds
    uid = base.metadata.get("uid") if type(base) is RunTemplate else None
    metadata = {"name": name, "project": project, "uid": uid}
    template.metadata.update({key: value for key, value in metadata.items() if value})
    return template


def handler_name(handler: Any) -> str:
    """What a callable is called in documents."""
    return str(getattr(handler, "__name__", None) or type(handler).__name__)


def _check_named(what: str, given: Any) -> None:
    if given is not None and not isinstance(given, Mapping):
        raise MLRunInvalidArgumentTypeError(
            f"{what} is a dict of values by their names, such as {{'x': 1}}, not "
            f"{type(given).__name__}"
        )


def _called(base: Any) -> Any:
    handler = base.spec.get("handler") if isinstance(base, RunTemplate) else None
    return handler if callable(handler) else None


def _document(base: Any) -> Mapping[str, Any]:
    if base is None or isinstance(base, Mapping):
        return base or {}
    if hasattr(base, "to_dict"):
        document: dict[str, Any] = base.to_dict()
        return document
    raise MLRunInvalidArgumentError(
        f"A task is made of another task, a run or its dict, not of {type(base).__name__}"
    )


_INT64 = 2**63


def validate_parameters(parameters: Mapping[str, Any]) -> None:
    """Nothing, when every number among the parameters fits what other languages can read."""
    for key, value in parameters.items():
        if isinstance(value, int) and not -_INT64 <= value < _INT64:
            raise MLRunInvalidArgumentError(f"Parameter {key} value {value} exceeds int64")
        if isinstance(value, Mapping):
            validate_parameters({f"{key}.{name}": item for name, item in value.items()})
        if isinstance(value, (list, tuple)):
            validate_parameters({f"{key}.{place}": item for place, item in enumerate(value)})


def sendable(key: str, value: Any) -> Any:
    """The parameter as JSON has it without loss; raises MLRunInvalidArgumentTypeError else."""
    if value is None or (isinstance(value, (str, int, float)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Mapping):
        return {str(name): sendable(f"{key}.{name}", item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [sendable(f"{key}.{place}", item) for place, item in enumerate(value)]
    found = text_of(value)
    if found is not value:
        return sendable(key, found)
    raise MLRunInvalidArgumentTypeError(
        f"The parameter {key} is of type {type(value).__name__}, and a run in another "
        "process takes text, numbers, lists and dicts: give it as an input, or run with "
        "local=True"
    )


def refuse_marks(spec: Mapping[str, Any]) -> None:
    """Nothing, where the objects that a recorded run was given are given anew."""
    origin = spec.get("origin") or {}
    given = {**(spec.get("hyperparams") or {}), **(spec.get("parameters") or {})}
    if missing := [name for name in origin.pop("objects", ()) if has_mark(given.get(name))]:
        raise MLRunInvalidArgumentError(
            f"The run was given objects that are kept nowhere: give {', '.join(missing)} anew, "
            "as params"
        )


def _copied(what: str, given: Any) -> Any:
    try:
        return plain(given)
    except RecursionError:
        raise MLRunInvalidArgumentError(
            f"{what} hold a list or dict that contains itself, or one that is too deep: give "
            "values that end"
        ) from None
