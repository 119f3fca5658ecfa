"""Values as Python expressions that read back equal."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import math
import pathlib
import re
import sys
import types
import typing
import uuid
import zoneinfo
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlrun.capture.equality import same

WIDTH = 88


class NotLiteral(Exception):
    """The value has no expression that reads back equal."""


@dataclass
class Literal:
    """An expression, the modules it names (``_name`` → module) and the names it needs."""

    text: str
    modules: set[str] = field(default_factory=set)
    names: dict[str, Any] = field(default_factory=dict)
    shared: bool = False

    @property
    def imports(self) -> list[str]:
        """Import lines under private names, so that no name of the user is taken."""
        return [f"import {name} as {alias(name)}" for name in sorted(self.modules)]


def alias(module: str) -> str:
    """The private name under which generated code imports a module."""
    return "_" + module.replace(".", "_")


def format_literal(
    value: object, find_name: Callable[[object], str | None] | None = None
) -> Literal:
    """The expression of a value, proved by evaluating it; NotLiteral where there is none.

    ``find_name`` gives the name of a class or function that the expression may refer to.
    """
    writer = _Writer(find_name or (lambda value: None))
    try:
        text = writer.write(value, 0)
        literal = Literal(text, writer.modules, writer.names, writer.shared)
        back = _evaluate(literal)
    except RecursionError:
        raise NotLiteral("it is nested too deeply") from None
    except NotLiteral:
        raise
    except Exception as error:
        # to make the value again is to call its own class
        raise NotLiteral(f"its expression cannot be read back: {error}") from None
    if not same(value, back):
        raise NotLiteral("its expression does not read back equal")
    return literal


def _evaluate(literal: Literal) -> object:
    space: dict[str, Any] = dict(literal.names)
    for name in literal.modules:
        __import__(name)
        space[alias(name)] = sys.modules[name]
    return eval(compile(f"(\n{literal.text}\n)", "<literal>", "eval"), space)


class _Writer:
    def __init__(self, find_name: Callable[[object], str | None]) -> None:
        self.modules: set[str] = set()
        self.names: dict[str, Any] = {}
        self.shared = False
        self._find_name = find_name
        self._open: set[int] = set()
        self._seen: set[int] = set()

    def write(self, value: Any, depth: int) -> str:
        scalar = SCALARS.get(type(value))
        if scalar is not None:
            return scalar(self, value)
        if id(value) in self._open:
            raise NotLiteral("it contains itself")
        container = CONTAINERS.get(type(value))
        if container is None:
            return self._other(value, depth)
        mutable = not isinstance(value, (tuple, frozenset))
        self.shared |= mutable and id(value) in self._seen
        self._seen.add(id(value))
        self._open.add(id(value))
        text = container(self, value, depth)
        self._open.discard(id(value))
        return text

    def module(self, name: str) -> str:
        self.modules.add(name)
        return alias(name)

    def items(self, parts: list[str], start: str, end: str, depth: int) -> str:
        one_line = start + ", ".join(parts) + end
        if len(one_line) + 4 * depth <= WIDTH and "\n" not in one_line:
            return one_line
        indent = "    " * (depth + 1)
        lines: list[str] = []
        for part in parts:
            short = len(part) <= 24 and lines and "\n" not in lines[-1]
            if short and len(lines[-1]) + len(part) + 2 <= WIDTH:
                lines[-1] += f" {part},"
            else:
                lines.append(f"{indent}{part},")
        return "\n".join([start, *lines, "    " * depth + end])

    def refer(self, value: Any) -> str:
        """The expression of a class or function: a name of the cell's, or an import."""
        name = self._find_name(value)
        if name is not None:
            self.names[name] = value
            return name
        module = getattr(value, "__module__", None)
        path = getattr(value, "__qualname__", "")
        if module == "builtins":
            return path
        if not module or module == "__main__" or "<" in path:
            raise NotLiteral(f"it refers to {path or value!r}, which has no importable name")
        found: Any = sys.modules.get(module)
        for part in path.split("."):
            found = getattr(found, part, None)
        if found is not value:
            raise NotLiteral(f"it refers to {module}.{path}, which is not that object any more")
        return f"{self.module(module)}.{path}"

    def _other(self, value: Any, depth: int) -> str:
        if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)) and not (
            typing.get_args(value)
        ):
            return self.refer(value)
        if typing.get_origin(value) is not None:
            return self._annotation(value)
        if isinstance(value, (functools.partial, typing.TypeVar)):
            return self._made(value, depth)
        if isinstance(value, enum.Enum):
            if type(value)(value.value) is not value or not hasattr(value, "name"):
                raise NotLiteral("its enum member has no single name")
            if value.name is None or "|" in value.name:
                raise NotLiteral("it combines flags of an enum")
            return f"{self.refer(type(value))}.{value.name}"
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            named = zip(value._fields, value, strict=True)
            pairs = [f"{name}={self.write(item, depth + 1)}" for name, item in named]
            return self.items(pairs, self.refer(type(value)) + "(", ")", depth)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._dataclass(value, depth)
        if isinstance(value, pathlib.PurePath):
            return f"{self.module('pathlib')}.{_path_class(value)}({str(value)!r})"
        writer = _foreign(value)
        if writer is not None:
            return writer(self, value)
        raise NotLiteral(f"a {_type_name(value)} has no expression that reads back equal")

    def _made(self, value: Any, depth: int) -> str:
        """The call that makes a partial function or a type variable."""
        if isinstance(value, functools.partial):
            maker, named = self.refer(type(value)), value.keywords
            parts = [self.write(item, depth + 1) for item in (value.func, *value.args)]
        else:
            maker, named = f"{self.module('typing')}.TypeVar", {}
            parts = [repr(value.__name__), *(self._type(each) for each in value.__constraints__)]
            if value.__bound__ is not None:
                parts.append(f"bound={self._type(value.__bound__)}")
            kinds = ("covariant", "contravariant", "infer_variance")
            parts += [f"{name}=True" for name in kinds if getattr(value, f"__{name}__", False)]
        parts += [f"{name}={self.write(item, depth + 1)}" for name, item in named.items()]
        return self.items(parts, f"{maker}(", ")", depth)

    def _annotation(self, value: Any) -> str:
        """The expression of a type such as ``list[int]`` or ``Optional[str]``."""
        origin, arguments = typing.get_origin(value), typing.get_args(value)
        if isinstance(value, types.UnionType):
            return " | ".join(self._type(item) for item in arguments)
        inside = ", ".join(self._type(item) for item in arguments)
        if type(value).__module__ != "typing":
            return f"{self.refer(origin)}[{inside}]"
        name = getattr(value, "_name", None) or getattr(origin, "_name", None)
        if not isinstance(name, str) or not hasattr(typing, name):
            raise NotLiteral(f"{value!r} has no expression that reads back equal")
        name = "Union" if name == "Optional" else name
        return f"{self.module('typing')}.{name}[{inside}]"

    def _type(self, value: Any) -> str:
        if value is type(None):
            return "None"
        if isinstance(value, list):
            return "[" + ", ".join(self._type(item) for item in value) + "]"
        if typing.get_origin(value) is not None:
            return self._annotation(value)
        if isinstance(value, type):
            return self.refer(value)
        if getattr(value, "__module__", "") == "typing" and hasattr(value, "_name"):
            return f"{self.module('typing')}.{value._name}"
        return self.write(value, 0)

    def _dataclass(self, value: Any, depth: int) -> str:
        if hasattr(value, "__post_init__"):
            raise NotLiteral("its class does work in __post_init__")
        fields = dataclasses.fields(value)
        names = {item.name for item in fields}
        if any(not item.init for item in fields) or set(getattr(value, "__dict__", names)) - names:
            raise NotLiteral("it holds more than its class's arguments")
        pairs = [f"{n.name}={self.write(getattr(value, n.name), depth + 1)}" for n in fields]
        return self.items(pairs, self.refer(type(value)) + "(", ")", depth)


def _type_name(value: object) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _path_class(value: pathlib.PurePath) -> str:
    if type(value) in (pathlib.PosixPath, pathlib.WindowsPath):
        return "Path"
    if type(value) in (pathlib.PurePosixPath, pathlib.PureWindowsPath):
        return type(value).__name__
    raise NotLiteral(f"a {_type_name(value)} has no expression that reads back equal")


# scalars


def _int(writer: _Writer, value: int) -> str:
    return hex(value) if abs(value) > 10**1000 else repr(value)


def _float(writer: _Writer, value: float) -> str:
    return repr(value) if math.isfinite(value) else f"float({str(value)!r})"


def _complex(writer: _Writer, value: complex) -> str:
    return f"complex({_float(writer, value.real)}, {_float(writer, value.imag)})"


def _datetime(writer: _Writer, value: Any) -> str:
    """``repr`` of the datetime module, with the module under its private name."""
    zone = getattr(value, "tzinfo", None)
    naive = value.replace(tzinfo=None) if zone is not None else value
    text = repr(naive).replace("datetime.", writer.module("datetime") + ".", 1)
    if zone is None:
        return text
    zone_text = SCALARS[type(zone)](writer, zone) if type(zone) in SCALARS else None
    if zone_text is None:
        raise NotLiteral(f"its time zone is a {_type_name(zone)}")
    return f"{text[:-1]}, tzinfo={zone_text})"


def _timezone(writer: _Writer, value: datetime.timezone) -> str:
    name = writer.module("datetime")
    if value is datetime.UTC:
        return f"{name}.timezone.utc"
    offset = value.utcoffset(None)
    return f"{name}.timezone({_timedelta(writer, offset)}, {str(value)!r})"


def _timedelta(writer: _Writer, value: datetime.timedelta) -> str:
    name = writer.module("datetime")
    return f"{name}.timedelta({value.days}, {value.seconds}, {value.microseconds})"


def _zone(writer: _Writer, value: zoneinfo.ZoneInfo) -> str:
    if not value.key:
        raise NotLiteral("its time zone has no name")
    return f"{writer.module('zoneinfo')}.ZoneInfo({value.key!r})"


def _called(module: str, name: str, text: Callable[[Any], str]) -> Callable[[_Writer, Any], str]:
    return lambda writer, value: f"{writer.module(module)}.{name}({text(value)!r})"


def _pattern(writer: _Writer, value: re.Pattern[Any]) -> str:
    return (
        f"{writer.module('re')}.compile({value.pattern!r}, {int(value.flags) & ~int(re.UNICODE)})"
    )


def _plain(writer: _Writer, value: object) -> str:
    return repr(value)


SCALARS: dict[type, Callable[[_Writer, Any], str]] = {
    type(None): _plain,
    bool: _plain,
    int: _int,
    float: _float,
    complex: _complex,
    str: _plain,
    bytes: _plain,
    range: _plain,
    slice: _plain,
    type(...): lambda writer, value: "...",
    type(NotImplemented): _plain,
    datetime.date: _datetime,
    datetime.time: _datetime,
    datetime.datetime: _datetime,
    datetime.timedelta: _timedelta,
    datetime.timezone: _timezone,
    zoneinfo.ZoneInfo: _zone,
    decimal.Decimal: _called("decimal", "Decimal", str),
    fractions.Fraction: _called("fractions", "Fraction", str),
    uuid.UUID: _called("uuid", "UUID", str),
    re.Pattern: _pattern,
}


# containers


def _list(writer: _Writer, value: list[Any], depth: int) -> str:
    return writer.items([writer.write(item, depth + 1) for item in value], "[", "]", depth)


def _tuple(writer: _Writer, value: tuple[Any, ...], depth: int) -> str:
    parts = [writer.write(item, depth + 1) for item in value]
    if len(parts) == 1:
        return f"({parts[0]},)"
    return writer.items(parts, "(", ")", depth) if parts else "()"


def _dict(writer: _Writer, value: dict[Any, Any], depth: int) -> str:
    parts = [
        f"{writer.write(k, depth + 1)}: {writer.write(v, depth + 1)}" for k, v in value.items()
    ]
    return writer.items(parts, "{", "}", depth)


def _set(writer: _Writer, value: set[Any] | frozenset[Any], depth: int) -> str:
    parts = sorted(writer.write(item, depth + 1) for item in value)
    text = writer.items(parts, "{", "}", depth) if parts else ""
    return text if parts and isinstance(value, set) else f"{type(value).__name__}({text})"


def _bytearray(writer: _Writer, value: bytearray, depth: int) -> str:
    return f"bytearray({bytes(value)!r})"


def _ordered(writer: _Writer, value: OrderedDict[Any, Any], depth: int) -> str:
    pairs = _list(writer, list(value.items()), depth)
    return f"{writer.module('collections')}.OrderedDict({pairs})"


def _counter(writer: _Writer, value: Counter[Any], depth: int) -> str:
    return f"{writer.module('collections')}.Counter({_dict(writer, dict(value), depth)})"


def _deque(writer: _Writer, value: deque[Any], depth: int) -> str:
    items = _list(writer, list(value), depth)
    return f"{writer.module('collections')}.deque({items}, {value.maxlen})"


def _defaultdict(writer: _Writer, value: defaultdict[Any, Any], depth: int) -> str:
    factory = "None" if value.default_factory is None else writer.refer(value.default_factory)
    body = _dict(writer, dict(value), depth)
    return f"{writer.module('collections')}.defaultdict({factory}, {body})"


CONTAINERS: dict[type, Callable[[_Writer, Any, int], str]] = {
    list: _list,
    tuple: _tuple,
    dict: _dict,
    set: _set,
    frozenset: _set,
    bytearray: _bytearray,
    OrderedDict: _ordered,
    Counter: _counter,
    deque: _deque,
    defaultdict: _defaultdict,
}


def _foreign(value: Any) -> Callable[[_Writer, Any], str] | None:
    """The writer of a logger or of a scalar of NumPy or pandas, whose modules are loaded then."""
    kind = type(value)
    package = kind.__module__.partition(".")[0]
    if kind.__module__ == "logging" and kind.__name__ == "RootLogger":
        return lambda writer, item: f"{writer.module('logging')}.getLogger()"
    if kind.__module__ == "logging" and kind.__name__ == "Logger":
        return lambda writer, item: f"{writer.module('logging')}.getLogger({item.name!r})"
    if package == "numpy" and (hasattr(value, "dtype") and getattr(value, "shape", 1) == ()):
        return _numpy_scalar if kind.__name__ != "ndarray" else None
    if package == "numpy" and "dtype" in [base.__name__ for base in kind.__mro__]:
        return lambda writer, item: f"{writer.module('numpy')}.dtype({item.str!r})"
    if package == "pandas" and kind.__name__ in ("Timestamp", "Timedelta", "NaTType", "NAType"):
        return _pandas_scalar
    return None


def _numpy_scalar(writer: _Writer, value: Any) -> str:
    name = writer.module("numpy")
    kind = value.dtype.kind
    if kind in "mM":
        unit = sys.modules["numpy"].datetime_data(value.dtype)
        amount = value.astype("int64").item()
        return f"{name}.{type(value).__name__}({amount}, ({unit[0]!r}, {unit[1]}))"
    if kind in "biuf" and value.dtype.itemsize <= 8:
        item = value.item()
        text = _float(writer, item) if isinstance(item, float) else repr(item)
        return f"{name}.{type(value).__name__}({text})"
    if kind in "USc":
        return f"{name}.{type(value).__name__}({SCALARS[type(value.item())](writer, value.item())})"
    raise NotLiteral(f"a {_type_name(value)} has no expression that reads back equal")


def _pandas_scalar(writer: _Writer, value: Any) -> str:
    name = writer.module("pandas")
    kind = type(value).__name__
    if kind == "NaTType":
        return f"{name}.NaT"
    if kind == "NAType":
        return f"{name}.NA"
    if kind == "Timedelta":
        return f"{name}.Timedelta({value.value}, unit='ns').as_unit({value.unit!r})"
    zone = "" if value.tz is None else f", tz={str(value.tz)!r}"
    return f"{name}.Timestamp({value.isoformat()!r}{zone}).as_unit({value.unit!r})"
