"""What a line asks of a run, as the run document that is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlrun import names
from jupyter_mlrun.engines import GIVEN
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.grammar import values
from jupyter_mlrun.grammar.options import Parsed
from jupyter_mlrun.grammar.secrets import take_secrets
from jupyter_mlrun.magics.inputs import parse_inputs
from jupyter_mlrun.packagers.values import KINDS as OUTPUT_KINDS

CONTEXT_TYPES = ("MLClientCtx", "Context")


@dataclass
class Wishes:
    """All that a line says of a run, read and checked."""

    name: str
    parameters: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    sweep: dict[str, list[Any]] = field(default_factory=dict)
    select: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    project_secrets: list[str] = field(default_factory=list)
    """names that the kernel's environment does not have"""
    limits: dict[str, Any] = field(default_factory=dict)
    place: str = ""
    """``here`` or ``kubernetes``; empty: the service decides"""

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names that are read at the end."""
        return tuple(hint.partition(":")[0] for hint in self.outputs)


def read_wishes(
    parsed: Parsed,
    name: str,
    space: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
) -> Wishes:
    """What the options say; raises where one is wrong, before anything is done.

    ``space`` holds the kernel's names, ``environment`` its variables.
    """
    parameters = values.parse_parameters(parsed.texts("param"), space)
    inputs = parse_inputs(parsed.texts("input"))
    for twice in parameters.keys() & inputs.keys():
        values.check_name("-i", twice, parameters)
    sweep = values.parse_sweep(parsed.texts("sweep"), space)
    for twice in sweep.keys() & {*parameters, *inputs}:
        values.check_name("-x", twice, sweep)
    labels = values.parse_pairs("--label", parsed.texts("label"))
    for key, value in labels.items():
        names.validate_label(key, value)
    select = parsed.get("select")
    secrets, project_secrets = take_secrets(parsed.texts("secret"), environment)
    wishes = Wishes(
        name=names.validate_run(parsed.get("name") or name),
        parameters=parameters,
        inputs=inputs,
        outputs=values.parse_outputs(parsed.texts("output"), OUTPUT_KINDS),
        sweep=sweep,
        select=values.parse_select(select, sweep) if select else "",
        labels=labels,
        env=values.parse_pairs("--env", parsed.texts("env")),
        secrets=secrets,
        project_secrets=project_secrets,
        limits=_limits(parsed),
        place=_place(parsed),
    )
    if parsed.get("as"):
        values.check_name("--as", parsed.get("as"))
    return wishes


def _limits(parsed: Parsed) -> dict[str, Any]:
    readers = {
        "timeout": values.parse_seconds,
        "cpu": values.parse_cores,
        "memory": values.parse_bytes,
    }
    return {key: read(parsed.get(key)) for key, read in readers.items() if parsed.get(key)}


def _place(parsed: Parsed) -> str:
    if parsed.get("local") and parsed.get("kubernetes"):
        raise MLRunInvalidArgumentError(
            "--local contradicts --kubernetes, which stands there too: leave one of them out"
        )
    return "here" if parsed.get("local") else "kubernetes" if parsed.get("kubernetes") else ""


def build_task(
    wishes: Wishes, project: str, handler: str, inputs: Mapping[str, str], origin: Mapping[str, Any]
) -> dict[str, Any]:
    """The run document to send."""
    spec: dict[str, Any] = {
        "handler": handler,
        "parameters": wishes.parameters,
        "inputs": dict(inputs),
        "returns": wishes.outputs,
        "outputs": list(wishes.output_names),
        "origin": dict(origin),
        "limits": wishes.limits,
        "env": wishes.env,
        "secrets": sorted(wishes.secrets),
    }
    if wishes.place:
        spec["place"] = wishes.place
    if wishes.sweep:
        spec["hyperparams"] = wishes.sweep
        spec["hyper_param_options"] = {"strategy": "grid"}
        if wishes.select:
            spec["hyper_param_options"]["selector"] = wishes.select
    if wishes.project_secrets:
        source = {"kind": "kubernetes", "source": list(wishes.project_secrets)}
        spec["secret_sources"] = [source]
    metadata = {"name": wishes.name, "project": project, "labels": dict(wishes.labels)}
    return {"kind": "run", "metadata": metadata, "spec": spec, "status": {}}


def check_arguments(handler: str, entry: Mapping[str, Any], wishes: Wishes) -> None:
    """Refuses a parameter or input that the function does not take."""
    if not entry or entry.get("has_kwargs"):
        return
    known = [parameter["name"] for parameter in entry.get("parameters") or []]
    given = [
        *(("-p", name) for name in wishes.parameters),
        *(("-x", name) for name in wishes.sweep),
    ]
    given += [("-i", name) for name in wishes.inputs]
    for option, name in given:
        if name not in known:
            takes = ", ".join(n for n in known if n != "context") or "nothing"
            raise MLRunInvalidArgumentError(
                f"{option} {name}: {handler}() takes {takes}.{names.near(name, known)}"
            )


def require_arguments(handler: str, entry: Mapping[str, Any], wishes: Wishes) -> None:
    """Refuses a run without an argument that the function needs."""
    # functions that other clients describe do not say a default of None
    if entry.get("form") != "handler":
        return
    engine = {name for given in GIVEN.values() for name in given}
    known = engine | {*wishes.parameters, *wishes.sweep, *wishes.inputs}
    for parameter in entry.get("parameters") or []:
        name = parameter["name"]
        is_context = name == "context" or parameter.get("type") in CONTEXT_TYPES
        if name in known or is_context or "default" in parameter:
            continue
        raise MLRunInvalidArgumentError(
            f"{handler}() needs {name}: give it by -p {name}=VALUE or -i {name}=ADDRESS"
        )
