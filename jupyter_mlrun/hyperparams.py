"""From the values to try to the parameters of each iteration, and to the best of them: pure."""

from __future__ import annotations

import ast
import itertools
import math
import operator
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .errors import MLRunInvalidArgumentError

STRATEGIES = ("grid", "list", "random", "custom")
MAX_ITERATIONS, MAX_ERRORS, MAX_GRID = 10, 3, 100_000


def check_values(values: Mapping[str, Sequence[Any]], strategy: str = "grid") -> None:
    """Nothing, where the strategy can try these values; nothing is drawn or built."""
    strategy = strategy or "grid"
    if strategy not in STRATEGIES:
        raise MLRunInvalidArgumentError(
            f"There is no strategy '{strategy}': choose {', '.join(STRATEGIES)}"
        )
    for name, items in values.items():
        if not isinstance(items, (list, tuple)) or not items:
            raise MLRunInvalidArgumentError(
                f"The values of '{name}' must be a list that is not empty, not {items!r:.60}"
            )
    if strategy == "list":
        _check_rows(values)
    elif strategy != "random":
        _check_grid(values)


def parameter_sets(
    values: Mapping[str, Sequence[Any]], strategy: str = "grid", max_iterations: int | None = None
) -> list[dict[str, Any]]:
    """The parameters of each iteration: every combination, row by row, or a random sample."""
    check_values(values, strategy)
    if strategy == "list":
        rows = zip(*values.values(), strict=True)
        return [dict(zip(values, row, strict=True)) for row in rows]
    if strategy == "random":
        count = max_iterations or MAX_ITERATIONS
        return [
            {name: random.choice(items) for name, items in values.items()} for _ in range(count)
        ]
    return _grid(values)


def _check_grid(values: Mapping[str, Sequence[Any]]) -> None:
    count = 1
    for items in values.values():
        count *= len(items)
    if count > MAX_GRID:
        raise MLRunInvalidArgumentError(
            f"The grid has {count} combinations, more than {MAX_GRID}: "
            "give fewer values, or the strategy random"
        )


def _grid(values: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    # as in MLRun, the first name changes first
    rows = itertools.product(*reversed(list(values.values())))
    return [dict(zip(values, row[::-1], strict=True)) for row in rows]


def _check_rows(values: Mapping[str, Sequence[Any]]) -> None:
    lengths = {name: len(items) for name, items in values.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} has {count}" for name, count in lengths.items())
        raise MLRunInvalidArgumentError(
            f"The strategy list needs lists of one length, but {listed}"
        )


def parse_selector(selector: str) -> tuple[str, str]:
    """Whether ``max`` or ``min`` of which result is best; ``max`` where neither is named."""
    way, dot, key = selector.partition(".")
    if not dot:
        return "max", selector
    if way not in ("max", "min"):
        raise MLRunInvalidArgumentError(
            f"The selector '{selector}' begins with neither max nor min: "
            "write max.RESULT or min.RESULT"
        )
    if not key:
        raise MLRunInvalidArgumentError(f"'{selector}' names no result: write {way}.RESULT")
    return way, key


def best_iteration(selector: str, results: Mapping[int, Mapping[str, Any]]) -> int:
    """The number of the best iteration among those that have the result; 0 where none has."""
    if not selector:
        return 0
    way, key = parse_selector(selector)
    numbers = {number: _number(values.get(key)) for number, values in results.items()}
    found = {number: value for number, value in numbers.items() if value == value}
    if not found:
        return 0
    choose = max if way == "max" else min
    return choose(found, key=lambda number: found[number])


def _number(value: Any) -> float:
    """The value as a number; what is none is ``nan``."""
    if value is None or not isinstance(value, (int, float, str)):
        return math.nan
    try:
        return float(value)
    except ValueError:
        return math.nan


_COMPARE: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


def parse_condition(text: str) -> ast.expr:
    """The condition, when it only compares results and numbers; never code to be run."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise MLRunInvalidArgumentError(
            f"The stop condition '{text}' cannot be read: {error.msg}"
        ) from None
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise MLRunInvalidArgumentError(
                f"The stop condition '{text}' may only compare results, as in accuracy>=0.9 "
                f"and loss<0.1; it holds {type(node).__name__}"
            )
    return tree


_ALLOWED = (
    ast.Compare, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Name,
    ast.Load, ast.Constant, *_COMPARE, *_ARITHMETIC,
)  # fmt: skip


def is_met(condition: ast.expr, results: Mapping[str, Any]) -> bool:
    """Whether the results meet the condition; one that names a missing result is not met."""
    try:
        return bool(_value(condition, results))
    except (KeyError, TypeError, ZeroDivisionError):
        return False


def _value(node: ast.expr, results: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return results[node.id]
        case ast.BoolOp(op=ast.And()):
            return all(_value(part, results) for part in node.values)
        case ast.BoolOp():
            return any(_value(part, results) for part in node.values)
        case ast.UnaryOp(op=ast.Not()):
            return not _value(node.operand, results)
        case ast.UnaryOp():
            return -_value(node.operand, results)
        case ast.BinOp():
            apply = _ARITHMETIC[type(node.op)]
            return apply(_value(node.left, results), _value(node.right, results))
        case ast.Compare():
            values = [_value(part, results) for part in (node.left, *node.comparators)]
            pairs = zip(node.ops, values, values[1:], strict=False)
            return all(_COMPARE[type(op)](left, right) for op, left, right in pairs)
    raise TypeError(type(node).__name__)
