"""Values on a magic line: parameters, sweeps, outputs, labels, limits."""

from __future__ import annotations

import ast
import builtins
import difflib
import json
import keyword
import math
from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.grammar.secrets import refuse_secret
from jupyter_mlrun.grammar.split import QUOTES, split_commas, unquote

MOST_PARAMETER = 1_000_000
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SIZES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12,
         "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}  # fmt: skip


def split_pair(option: str, text: str, what: str = "VALUE") -> tuple[str, str]:
    """The two sides of ``NAME=VALUE``."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise MLRunInvalidArgumentError(f"{option} {text}: write {option} NAME={what}")
    return name.strip(), value


def parse_parameters(texts: Iterable[str], space: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of ``-p``."""
    found: dict[str, Any] = {}
    for text in texts:
        name, value = split_pair("-p", text)
        check_name("-p", name, found)
        found[name] = parse_value("-p", name, value, space)
        refuse_secret("-p", name, found[name])
        _check_size("-p", name, found[name])
    return found


def check_name(option: str, name: str, taken: Iterable[str] = ()) -> None:
    """Refuses what cannot be an argument of a function, and what is given twice."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise MLRunInvalidArgumentError(
            f"{option} {name}: {name!r} is not a Python name, so the run cannot hold it"
        )
    if name == "context":
        raise MLRunInvalidArgumentError(
            f"{option} context=…: that name is the run's own context. Choose another"
        )
    if name in taken:
        raise MLRunInvalidArgumentError(f"{option} {name} is given twice: write it once")


def check_function_name(word: str) -> str:
    """The Python name of the function that a cell becomes."""
    name = word.replace("-", "_")
    is_name = name.isidentifier() and name.isascii() and not keyword.iskeyword(name)
    if not is_name or name.strip("_") != name:
        raise MLRunInvalidArgumentError(
            f"{word!r} cannot name a function: use letters, digits and, between them, _: "
            "such as train_model"
        )
    return name


def refuse_builtin(name: str) -> None:
    """Refuses a cell's body the name of a builtin: the body would call itself by it."""
    if hasattr(builtins, name):
        raise MLRunInvalidArgumentError(
            f"{name} is a builtin of Python, and the cell's function would stand in its place: "
            f"name it otherwise, such as run_{name}"
        )


def parse_value(option: str, name: str, text: str, space: Mapping[str, Any]) -> Any:
    """A value: ``{NAME}`` of the kernel, JSON, a Python literal, else the text itself."""
    stripped = text.strip()
    inner = stripped[1:-1].strip()
    if stripped[:1] == "{" and stripped[-1:] == "}" and inner.isidentifier():
        return _kernel_value(option, name, inner, space)
    if stripped[:1] in tuple(QUOTES) and stripped[-1:] == stripped[:1]:
        # quoted as for a shell: the quotes hold the JSON together and are no part of it
        within = ("{", "[", '"') if stripped[0] == "'" else ("{", "[")
        quoted = _try_json(inner) if inner.startswith(within) else None
        if quoted is not None:
            return _plain(option, name, quoted)
    try:
        value = json.loads(stripped, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        value = _literal(option, name, stripped, text, error)
    return _plain(option, name, value)


def _try_json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _kernel_value(option: str, name: str, source: str, space: Mapping[str, Any]) -> Any:
    if source not in space:
        near = difflib.get_close_matches(source, [n for n in space if n[:1] != "_"], 1)
        hint = f" Did you mean {{{near[0]}}}?" if near else ""
        raise MLRunInvalidArgumentError(
            f"{option} {name}={{{source}}}: {source} is not defined in this kernel.{hint}"
        )
    value = space[source]
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()
    return _plain(option, name, value, source)


def _literal(option: str, name: str, stripped: str, text: str, error: Exception) -> Any:
    try:
        return ast.literal_eval(stripped)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        pass
    if stripped[:1] in ("{", "["):
        at = f", column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise MLRunInvalidArgumentError(
            f"{option} {name}: the value begins with {stripped[0]} but is neither JSON nor a "
            f"Python literal ({error}{at if at not in str(error) else ''}). Quote it to pass text"
        )
    return text


def _plain(option: str, name: str, value: Any, source: str = "") -> Any:
    """The value as JSON has it: tuples are lists; anything else is refused."""
    where = f"{option} {name}={{{source}}}" if source else f"{option} {name}"
    if isinstance(value, float) and not math.isfinite(value):
        raise MLRunInvalidArgumentError(f"{where}: {value} is no JSON number")
    if type(value) is int and not -(2**63) <= value < 2**63:
        raise MLRunInvalidArgumentError(f"{where}: the value exceeds int64. Give it as text")
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(option, name, item, source) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(option, name, item, source) for key, item in value.items()}
    raise MLRunInvalidArgumentError(
        f"{where}: a {type(value).__name__} is not JSON. Give text, numbers, lists or objects; "
        "use the variable in the cell to capture it, or hand over a file with -i"
    )


def _check_size(option: str, name: str, value: Any) -> None:
    size = len(json.dumps(value))
    if size > MOST_PARAMETER:
        raise MLRunInvalidArgumentError(
            f"{option} {name}: {size:,} characters are too many for a parameter (at most "
            f"{MOST_PARAMETER:,}). Keep the value in a file and hand it over: -i {name}=PATH"
        )


def parse_sweep(texts: Iterable[str], space: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The values of ``-x NAME=a,b,c``, as a list or as ``{NAME}`` of the kernel."""
    found: dict[str, list[Any]] = {}
    for text in texts:
        name, value = split_pair("-x", text, "A,B,C")
        check_name("-x", name, found)
        values = _sweep_values(name, value.strip(), space)
        if not values:
            raise MLRunInvalidArgumentError(f"-x {name}: give at least one value: -x {name}=1,2,3")
        for item in values:
            refuse_secret("-x", name, item)
            _check_size("-x", name, item)
        found[name] = values
    return found


def _sweep_values(name: str, text: str, space: Mapping[str, Any]) -> list[Any]:
    found = [parse_value("-x", name, part, space) for part in split_commas(text)]
    return found[0] if len(found) == 1 and isinstance(found[0], list) else found


def parse_outputs(texts: Iterable[str], kinds: Iterable[str]) -> list[str]:
    """The outputs of ``-o NAME[:KIND]`` as MLRun's hints."""
    known, found = tuple(kinds), list[str]()
    for text in texts:
        name, colon, kind = text.partition(":")
        if "=" in text:
            raise MLRunInvalidArgumentError(
                f"-o {text}: an output is a name of the cell, NAME or NAME:KIND; "
                "a value is given by -p NAME=VALUE"
            )
        if "," in name:
            each = " ".join(f"-o {part.strip()}" for part in text.split(","))
            raise MLRunInvalidArgumentError(f"-o {text}: write each output by itself: {each}")
        check_name("-o", name.strip(), [hint.partition(":")[0] for hint in found])
        kind = kind.strip()
        if colon and kind.partition("[")[0] not in known:
            near = difflib.get_close_matches(kind, known, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise MLRunInvalidArgumentError(
                f"-o {text}: there is no kind {kind!r}; choose {', '.join(known)}.{hint}"
            )
        found.append(f"{name.strip()}:{kind}" if kind else name.strip())
    return found


def parse_pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    """``NAME=VALUE`` pairs of texts."""
    found: dict[str, str] = {}
    for text in texts:
        name, value = split_pair(option, text)
        value = unquote(value)
        if name in found:
            raise MLRunInvalidArgumentError(f"{option} {name} is given twice: write it once")
        refuse_secret(option, name, value)
        found[name] = value
    return found


def parse_seconds(text: str) -> float:
    """A time: ``90``, ``90s``, ``15m``, ``2h``, ``1d``."""
    number, unit = (text[:-1], text[-1:]) if text[-1:] in UNITS else (text, "s")
    return _positive("--timeout", text, number, "90s, 15m or 2h") * UNITS[unit]


def parse_bytes(text: str) -> int:
    """A size: ``500M``, ``4G``, ``2Gi``, or bytes."""
    lower = text.lower().removesuffix("b")
    digits = lower.rstrip("kmgti")
    factor = SIZES.get(lower[len(digits) :])
    if factor is None:
        raise MLRunInvalidArgumentError(f"--memory {text}: write a size such as 500M or 4G")
    return int(_positive("--memory", text, digits, "500M or 4G") * factor)


def parse_cores(text: str) -> float:
    """A number of processor cores."""
    return _positive("--cpu", text, text, "2 or 0.5")


def _positive(option: str, text: str, number: str, example: str) -> float:
    try:
        value = float(number)
    except ValueError:
        value = -1
    if not 0 < value < math.inf:
        raise MLRunInvalidArgumentError(f"{option} {text}: write it as {example}")
    return value


def parse_select(text: str, sweep: Mapping[str, Any]) -> str:
    """MLRun's selector ``max.RESULT`` or ``min.RESULT``."""
    direction, dot, result = text.partition(".")
    if direction not in ("max", "min") or not dot or not result:
        raise MLRunInvalidArgumentError(
            f"--select {text}: write max.RESULT or min.RESULT, such as max.accuracy"
        )
    if not sweep:
        raise MLRunInvalidArgumentError("--select needs values to choose among: add -x NAME=A,B,C")
    return text
