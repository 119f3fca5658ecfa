"""Running a handler once for each set of parameters, and choosing the best iteration."""

from __future__ import annotations

import ast
import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from . import hyperparams, states
from .errors import MLRunBadRequestError, MLRunInvalidArgumentError
from .model.texts import recorded
from .names import near

if TYPE_CHECKING:
    from .context import Context

TABLE, CHART = "iteration_results", "parallel_coordinates"


class Ended(NamedTuple):
    """An iteration that has ended, and why it failed; empty where it did not."""

    child: Context
    problem: str


Runner = Callable[[Iterator["Context"]], Generator[Ended]]
"""Runs the iterations that it is given, in any order, and gives each when it has ended."""


class Plan(NamedTuple):
    """What a sweep tries, and when it stops."""

    sets: list[dict[str, Any]]
    selector: str
    stop: ast.expr | None
    max_errors: int


def flat(values: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """Values by their names; those within a dict by the names of both, ``outer.inner``."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            found |= flat(value, f"{within}{name}.")
        else:
            found[f"{within}{name}"] = value
    return found


class Table:
    """The rows of iterations as they end: adding one costs the same however many there are."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self._outputs: dict[str, None] = {}
        self._lines: list[tuple[int, str, dict[str, Any], dict[str, Any]]] = []

    def add(self, child: Context) -> None:
        """Take in an iteration as it is now."""
        parameters, results = flat(recorded(child.parameters)[0]), flat(child.results)
        self._names |= dict.fromkeys(parameters)
        self._outputs |= dict.fromkeys(results)
        self._lines.append((child.iteration, child.state, parameters, results))

    def rows(self) -> list[list[Any]]:
        """The header ``state, iter, param.…, output.…``, and a row for each, by its number."""
        names, outputs = list(self._names), list(self._outputs)
        head = ["state", "iter", *(f"param.{n}" for n in names), *(f"output.{o}" for o in outputs)]
        lines = sorted(self._lines, key=lambda line: line[0])
        return [head] + [
            [state, number, *map(parameters.get, names), *map(results.get, outputs)]
            for number, state, parameters, results in lines
        ]


class Sweep:
    """The iterations of one run while they work: their table, the best of them, the failures."""

    def __init__(self, context: Context, spec: Mapping[str, Any], plan: Plan | None = None) -> None:
        self.context = context
        plan = plan or make_plan(spec, context.get_dataitem)
        assert plan is not None
        self.plan = plan
        self.failures: list[str] = []
        self._table = Table()
        self._known: dict[str, None] = {}
        self._count = 0
        self._at_work: dict[int, Context] = {}
        self._best: Context | None = None
        self._rest = 0.0
        self._is_over = False

    def work(self, run: Runner) -> str:
        """Run every iteration; the parent's error, empty where all went well."""
        total = len(self.plan.sets)
        try:
            # what works elsewhere is ended with the block, however that is left
            with closing(run(self._children(total))) as ended:
                for child, problem in ended:
                    self._take(child, problem, total)
        except BaseException as error:
            self._leave(error)
            raise
        self.context.set_status(iterations=self._table.rows())
        self._choose()
        log_tables(self.context)
        if not self.failures:
            return ""
        self.context.set_status(reason=self.failures[0])
        return f"{len(self.failures)} of {self._count} tasks failed, check logs in db for details"

    def _take(self, child: Context, problem: str, total: int) -> None:
        del self._at_work[child.iteration]
        self._count += 1
        if problem:
            self.failures.append(f"iteration {child.iteration} ({_words(child)}): {problem}")
        self._take_in(child)
        done = self._count
        self.context.log_progress(done, total, f"{done} of {total} iterations")
        self._judge(child)

    def _leave(self, error: BaseException) -> None:
        """Give the iterations that have not ended the end that their run has."""
        for child in self._at_work.values():
            if child.state not in states.TERMINAL:
                child.set_status(reason=str(error) or "interrupted")
                child.set_state(states.ABORTED, commit=False)
                child.finish()
            self._table.add(child)
        self.context.set_status(iterations=self._table.rows())

    def _children(self, total: int) -> Iterator[Context]:
        self.context.log_progress(0, total, f"0 of {total} iterations")
        for parameters in self.plan.sets:
            if self._is_over:
                return
            child = self.context.get_child_context(with_parent_params=True, **parameters)
            child.swept = tuple(parameters)
            self._at_work[child.iteration] = child
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

    def _take_in(self, child: Context) -> None:
        self._table.add(child)
        self._known |= dict.fromkeys(child.results)
        if (best := best_of(self.plan.selector, self._pair(child))) is not self._best:
            self._best = best
            if best is not None:
                self.context.take_from(best, instead=True)
        began = time.monotonic()
        if began >= self._rest:
            self.context.set_status(iterations=self._table.rows())
            # a table of many rows is told less often, so that telling stays a small part
            self._rest = time.monotonic() + max(0.3, 20 * (time.monotonic() - began))

    def _pair(self, child: Context) -> list[Context]:
        return [child] if self._best is None else [self._best, child]

    def _choose(self) -> None:
        selector = self.plan.selector
        if self._best is not None:
            self.context.choose_child(self._best, instead=True)
        elif selector:
            key = hyperparams.parse_selector(selector)[1]
            self.context.logger.warning(
                f"no iteration has a number as its result '{key}': none is selected."
                f"{near(key, self._known)}"
            )


def announce(child: Context, total: int) -> None:
    """Say in the log which iteration begins."""
    print(f"# iteration {child.iteration} of {total}: {_words(child)}", flush=True)


def _words(child: Context) -> str:
    given = child.parameters
    return ", ".join(f"{name}={given.get(name)!r}" for name in child.swept)


def make_plan(spec: Mapping[str, Any], read: Callable[[str], Any] | None = None) -> Plan | None:
    """What a sweep tries; None where that is in a file that is not read here.

    ``read`` gives the data at an address. Raises MLRunInvalidArgumentError for what cannot be
    followed, and for an address that cannot be read.
    """
    found = check_plan(spec, read)
    if found is None:
        return None
    options = spec.get("hyper_param_options") or {}
    condition, limit = options.get("stop_condition"), options.get("max_errors")
    return Plan(
        sets=hyperparams.parameter_sets(*found, options.get("max_iterations")),
        selector=_selector(spec, options),
        stop=hyperparams.parse_condition(condition) if condition else None,
        max_errors=hyperparams.MAX_ERRORS if limit is None else int(limit),
    )


def check_plan(
    spec: Mapping[str, Any], read: Callable[[str], Any] | None = None
) -> tuple[dict[str, Any], str] | None:
    """The values that a sweep tries and its strategy, as ``make_plan`` finds them.

    What cannot be followed is refused, and nothing is drawn or built.
    """
    options = dict(spec.get("hyper_param_options") or {})
    if selector := _selector(spec, options):
        hyperparams.parse_selector(selector)
    if condition := options.get("stop_condition"):
        hyperparams.parse_condition(condition)
    strategy = str(options.get("strategy") or spec.get("strategy") or "")
    if options.get("max_iterations") and strategy != "random":
        raise MLRunInvalidArgumentError(
            "max_iterations is only valid in random strategy: leave it out, or add "
            "strategy='random'"
        )
    found = _values(read, spec, options, strategy)
    if found is not None:
        hyperparams.check_values(*found)
    return found


def _selector(spec: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    return str(options.get("selector") or spec.get("selector") or spec.get("select") or "")


def _values(
    read: Callable[[str], Any] | None,
    spec: Mapping[str, Any],
    options: Mapping[str, Any],
    strategy: str,
) -> tuple[dict[str, Any], str] | None:
    path = options.get("param_file") or spec.get("param_file")
    given = dict(spec.get("hyperparams") or {})
    if not path:
        return given, strategy or "grid"
    if given:
        raise MLRunInvalidArgumentError(
            "Give either hyperparams or a param_file, not both: "
            f"hyperparams has {', '.join(given)}, and param_file is {path}"
        )
    return read_values(read(str(path)), strategy) if read is not None else None


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
    """The table of iterations, with its header."""
    table = Table()
    for child in children:
        table.add(child)
    return table.rows()


def log_tables(context: Context) -> None:
    """The table of iterations as a CSV and as a chart, artifacts of the run."""
    from .artifacts.parallel import log_parallel_coordinates
    from .artifacts.table import log_table

    table = context.to_dict()["status"].get("iterations") or []
    if len(table) < 2:
        return
    log_table(context, TABLE, table[0], table[1:])
    log_parallel_coordinates(context, table)
