"""Running a handler once for each set of parameters, in one process, and choosing the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from . import hyperparams, states
from .errors import MLRunInvalidArgumentError

if TYPE_CHECKING:
    from .context import Context


def sweep(context: Context, spec: dict[str, Any], attempt: Callable[[Context], bool]) -> str:
    """Run every iteration; the parent's error, empty where all went well.

    ``attempt`` runs one iteration and says whether it succeeded.
    """
    options = dict(spec.get("hyper_param_options") or {})
    if options.get("parallel_runs") or options.get("dask_cluster_uri"):
        raise MLRunInvalidArgumentError(
            "parallel_runs needs the kind dask, which is not in this release: "
            "iterations run one after the other in one process"
        )
    values, strategy = _values(context, spec, options)
    sets = hyperparams.parameter_sets(values, strategy, options.get("max_iterations"))
    condition = options.get("stop_condition")
    stop = hyperparams.parse_condition(condition) if condition else None
    selector = str(options.get("selector") or spec.get("select") or "")
    if selector:
        hyperparams.parse_selector(selector)
    limit = options.get("max_errors")
    allowed = hyperparams.MAX_ERRORS if limit is None else int(limit)
    children: list[Context] = []
    failed = 0
    for number, parameters in enumerate(sets, 1):
        child = context.get_child_context(with_parent_params=True, **parameters)
        children.append(child)
        child.store_run()
        context.log_progress(number - 1, len(sets), f"iteration {number} of {len(sets)}")
        failed += not attempt(child)
        record(context, children, _best(selector, children), list(values))
        if failed > allowed or (stop is not None and hyperparams.is_met(stop, child.results)):
            break
    context.log_progress(len(children), len(sets), f"{len(children)} of {len(sets)} iterations")
    _link_best(context, children, _best(selector, children))
    _log_table(context, list(values))
    if not failed:
        return ""
    return f"{failed} of {len(children)} tasks failed, check logs in db for details"


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
