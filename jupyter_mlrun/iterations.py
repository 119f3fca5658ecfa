"""Running a handler once for each set of parameters, in one process, and choosing the best."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import hyperparams, states
from .errors import MLRunInvalidArgumentError
from .names import near

if TYPE_CHECKING:
    from .context import Context


class Plan(NamedTuple):
    """What a sweep tries, and when it stops."""

    names: list[str]
    sets: list[dict[str, Any]]
    selector: str
    stop: ast.expr | None
    max_errors: int


def sweep(context: Context, spec: dict[str, Any], attempt: Callable[[Context], str]) -> str:
    """Run every iteration; the parent's error, empty where all went well.

    ``attempt`` runs one iteration and says why it failed; empty where it did not.
    """
    plan = _plan(context, spec)
    total = len(plan.sets)
    children: list[Context] = []
    failures: list[str] = []
    for number, parameters in enumerate(plan.sets, 1):
        child = context.get_child_context(with_parent_params=True, **parameters)
        children.append(child)
        child.store_run()
        context.log_progress(number - 1, total, f"iteration {number} of {total}")
        words = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
        print(f"# iteration {number} of {total}: {words}", flush=True)
        if problem := attempt(child):
            failures.append(f"iteration {number} ({words}): {problem}")
        record(context, children, _best(plan.selector, children), plan.names)
        is_done = plan.stop is not None and hyperparams.is_met(plan.stop, child.results)
        if is_done or len(failures) > plan.max_errors:
            break
    context.log_progress(len(children), total, f"{len(children)} of {total} iterations")
    _choose(context, children, plan.selector)
    _log_table(context, plan.names)
    if not failures:
        return ""
    context.set_status(reason=failures[0])
    return f"{len(failures)} of {len(children)} tasks failed, check logs in db for details"


def _plan(context: Context, spec: dict[str, Any]) -> Plan:
    options = dict(spec.get("hyper_param_options") or {})
    if options.get("parallel_runs") or options.get("dask_cluster_uri"):
        raise MLRunInvalidArgumentError(
            "parallel_runs needs the kind dask, which is not in this release: "
            "iterations run one after the other in one process"
        )
    values, strategy = _values(context, spec, options)
    condition = options.get("stop_condition")
    selector = str(options.get("selector") or spec.get("select") or "")
    if selector:
        hyperparams.parse_selector(selector)
    limit = options.get("max_errors")
    return Plan(
        names=list(values),
        sets=hyperparams.parameter_sets(values, strategy, options.get("max_iterations")),
        selector=selector,
        stop=hyperparams.parse_condition(condition) if condition else None,
        max_errors=hyperparams.MAX_ERRORS if limit is None else int(limit),
    )


def _choose(context: Context, children: Sequence[Context], selector: str) -> None:
    best = _best(selector, children)
    if best or not selector:
        _link_best(context, children, best)
        return
    key = hyperparams.parse_selector(selector)[1]
    known = {name for child in children for name in child.results}
    context.logger.warning(
        f"no iteration has a number as its result '{key}': none is selected.{near(key, known)}"
    )


def _values(
    context: Context, spec: dict[str, Any], options: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    strategy = str(options.get("strategy") or "")
    if path := options.get("param_file") or spec.get("param_file"):
        item = context.get_dataitem(str(path))
        frame = item.as_df() if item.suffix == ".csv" else None
        if frame is not None:
            return frame.to_dict(orient="list"), strategy or "list"
        import json

        return dict(json.loads(item.get())), strategy or "grid"
    return dict(spec.get("hyperparams") or {}), strategy or "grid"


def _best(selector: str, children: Sequence[Context]) -> int:
    done = {c.iteration: c.results for c in children if c.state == states.COMPLETED}
    return hyperparams.best_iteration(selector, done)


def record(
    context: Context,
    children: Sequence[Context],
    best: int,
    names: Sequence[str] | None = None,
) -> None:
    """Put the table of iterations into the run; the best one's results and artifacts with it."""
    if names is None:
        names = list(dict.fromkeys(name for child in children for name in child.parameters))
    context.set_status(iterations=_table(children, names))
    chosen = next((child for child in children if child.iteration == best), None)
    if chosen is None:
        return
    context.take_from(chosen)


def _link_best(context: Context, children: Sequence[Context], best: int) -> None:
    """Let the run's own artifacts, of iteration 0, be those of the best iteration."""
    for child in children:
        if child.iteration != best:
            continue
        for document in child.artifacts:
            key = document["metadata"]["key"]
            context.link_artifact(key, document["spec"].get("db_key") or key, best)


def _table(children: Sequence[Context], names: Sequence[str]) -> list[list[Any]]:
    outputs = list(dict.fromkeys(key for child in children for key in child.results))
    header = ["state", "iter", *(f"param.{n}" for n in names), *(f"output.{o}" for o in outputs)]
    rows = [
        [
            child.state,
            child.iteration,
            *(child.parameters.get(name) for name in names),
            *(child.results.get(key) for key in outputs),
        ]
        for child in children
    ]
    return [header, *rows]


def _log_table(context: Context, names: Sequence[str]) -> None:
    from .artifacts.parallel import log_parallel_coordinates
    from .artifacts.table import log_table

    table = context.to_dict()["status"].get("iterations") or []
    if len(table) < 2:
        return
    log_table(context, "iteration_results", table[0], table[1:])
    log_parallel_coordinates(context, table)
