"""Running a handler once for each set of parameters, and choosing the best iteration."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import hyperparams, states
from .errors import MLRunBadRequestError, MLRunInvalidArgumentError
from .names import near

if TYPE_CHECKING:
    from .context import Context

TABLE, CHART = "iteration_results", "parallel_coordinates"


class Ended(NamedTuple):
    """An iteration that has ended, and why it failed; empty where it did not."""

    child: Context
    problem: str


Runner = Callable[[Iterator["Context"]], Iterable[Ended]]
"""Runs the iterations that it is given, in any order, and gives each when it has ended."""


class Plan(NamedTuple):
    """What a sweep tries, and when it stops."""

    sets: list[dict[str, Any]]
    selector: str
    stop: ast.expr | None
    max_errors: int


class Sweep:
    """The iterations of one run while they work: their table, the best of them, the failures."""

    def __init__(self, context: Context, spec: Mapping[str, Any]) -> None:
        self.context = context
        self.plan = _plan(context, spec)
        self.failures: list[str] = []
        self._ended: list[Context] = []
        self._best = 0
        self._is_over = False

    def work(self, run: Runner) -> str:
        """Run every iteration; the parent's error, empty where all went well."""
        total = len(self.plan.sets)
        for child, problem in run(self._children(total)):
            self._ended.append(child)
            if problem:
                self.failures.append(f"iteration {child.iteration} ({_words(child)}): {problem}")
            self._record()
            done = len(self._ended)
            self.context.log_progress(done, total, f"{done} of {total} iterations")
            self._judge(child)
        self._choose()
        log_tables(self.context)
        if not self.failures:
            return ""
        self.context.set_status(reason=self.failures[0])
        count = len(self._ended)
        return f"{len(self.failures)} of {count} tasks failed, check logs in db for details"

    def _children(self, total: int) -> Iterator[Context]:
        self.context.log_progress(0, total, f"0 of {total} iterations")
        for parameters in self.plan.sets:
            if self._is_over:
                return
            child = self.context.get_child_context(with_parent_params=True, **parameters)
            child.swept = tuple(parameters)
            child.store_run()
            yield child

    def _judge(self, child: Context) -> None:
        """Stop where the condition is met, or where too many failed."""
        stop = self.plan.stop
        if stop is not None and hyperparams.is_met(stop, child.results):
            self._end(f"iteration {child.iteration} meets the stop condition")
        if len(self.failures) > self.plan.max_errors:
            self._end(f"{len(self.failures)} iterations failed, more than {self.plan.max_errors}")

    def _end(self, why: str) -> None:
        if not self._is_over:
            self.context.logger.info(f"no more iterations: {why}")
        self._is_over = True

    def _record(self) -> None:
        self.context.set_status(iterations=build_rows(self._ended))
        best = best_of(self.plan.selector, self._ended)
        if best is not None and best.iteration != self._best:
            self._best = best.iteration
            self.context.take_from(best, instead=True)

    def _choose(self) -> None:
        selector = self.plan.selector
        best = best_of(selector, self._ended)
        if best is not None:
            self.context.choose_child(best, instead=True)
        elif selector:
            key = hyperparams.parse_selector(selector)[1]
            known = {name for child in self._ended for name in child.results}
            self.context.logger.warning(
                f"no iteration has a number as its result '{key}': none is selected."
                f"{near(key, known)}"
            )


def announce(child: Context, total: int) -> None:
    """Say in the log which iteration begins."""
    print(f"# iteration {child.iteration} of {total}: {_words(child)}", flush=True)


def _words(child: Context) -> str:
    given = child.parameters
    return ", ".join(f"{name}={given.get(name)!r}" for name in child.swept)


def _plan(context: Context, spec: Mapping[str, Any]) -> Plan:
    options = dict(spec.get("hyper_param_options") or {})
    strategy = str(options.get("strategy") or spec.get("strategy") or "")
    values, strategy = _values(context, spec, options, strategy)
    condition = options.get("stop_condition")
    selector = str(options.get("selector") or spec.get("selector") or spec.get("select") or "")
    if selector:
        hyperparams.parse_selector(selector)
    limit = options.get("max_errors")
    return Plan(
        sets=hyperparams.parameter_sets(values, strategy, options.get("max_iterations")),
        selector=selector,
        stop=hyperparams.parse_condition(condition) if condition else None,
        max_errors=hyperparams.MAX_ERRORS if limit is None else int(limit),
    )


def _values(
    context: Context, spec: Mapping[str, Any], options: Mapping[str, Any], strategy: str
) -> tuple[dict[str, Any], str]:
    path = options.get("param_file") or spec.get("param_file")
    given = dict(spec.get("hyperparams") or {})
    if not path:
        return given, strategy or "grid"
    if given:
        raise MLRunInvalidArgumentError(
            "Give either hyperparams or a param_file, not both: "
            f"hyperparams has {', '.join(given)}, and param_file is {path}"
        )
    return read_values(context.get_dataitem(str(path)), strategy)


def read_values(item: Any, strategy: str = "") -> tuple[dict[str, list[Any]], str]:
    """The values to try and the strategy, of a CSV file of rows or a JSON file of lists."""
    if item.suffix == ".csv":
        if strategy in ("grid", "random"):
            raise MLRunInvalidArgumentError(
                f"The rows of the CSV file {item.url} are tried one by one, not by the strategy "
                f"{strategy}: use strategy list, or a JSON file"
            )
        return item.as_df().to_dict(orient="list"), strategy or "list"
    try:
        found = json.loads(item.get())
    except ValueError as error:
        raise MLRunBadRequestError(
            f"The parameter file {item.url} is no JSON: {error}; "
            'it is written as {"name": [values]}, or as CSV with names in its first row'
        ) from None
    if not isinstance(found, Mapping):
        raise MLRunBadRequestError(
            f'The parameter file {item.url} must be a dict, as {{"name": [values]}}, '
            f"not {type(found).__name__}"
        )
    return dict(found), strategy or "grid"


def best_of(selector: str, children: Sequence[Context]) -> Context | None:
    """The best of the completed iterations; None where none can be chosen."""
    done = {c.iteration: c.results for c in children if c.state == states.COMPLETED}
    number = hyperparams.best_iteration(selector, dict(sorted(done.items())))
    return next((child for child in children if number and child.iteration == number), None)


def record_children(context: Context, children: Sequence[Context], best: int) -> None:
    """Put the table of iterations that the code made itself into the run, and the best one."""
    context.set_status(iterations=build_rows(children))
    chosen = next((child for child in children if child.iteration == best), None)
    if chosen is not None:
        context.choose_child(chosen)
    log_tables(context)


def build_rows(children: Sequence[Context]) -> list[list[Any]]:
    """The header ``state, iter, param.…, output.…``, and a row for each iteration by its number."""
    ordered = sorted(children, key=lambda child: child.iteration)
    given = [(child, child.parameters, child.results) for child in ordered]
    names = list(dict.fromkeys(name for _, parameters, _ in given for name in parameters))
    outputs = list(dict.fromkeys(key for _, _, results in given for key in results))
    header = ["state", "iter", *(f"param.{n}" for n in names), *(f"output.{o}" for o in outputs)]
    rows = [
        [child.state, child.iteration, *map(parameters.get, names), *map(results.get, outputs)]
        for child, parameters, results in given
    ]
    return [header, *rows]


def log_tables(context: Context) -> None:
    """The table of iterations as a CSV and as a chart, artifacts of the run."""
    from .artifacts.parallel import log_parallel_coordinates
    from .artifacts.table import log_table

    table = context.to_dict()["status"].get("iterations") or []
    if len(table) < 2:
        return
    log_table(context, TABLE, table[0], table[1:])
    log_parallel_coordinates(context, table)
