"""Type hints: what a parameter or an input's key asks for, as types that packagers know."""

from __future__ import annotations

import builtins
import collections.abc
import re
import sys
import types
import typing
from importlib import import_module
from inspect import Parameter
from typing import Any

from ..errors import MLRunInvalidArgumentError

_NAME = re.compile(r"([A-Za-z_]\w*\.)*[A-Za-z_]\w*")
_WORDS = re.compile(r"[A-Za-z_][\w.]*")
# names of typing that a hint given as text may hold
_TYPING = {name: getattr(typing, name) for name in ("Any", "Dict", "List", "Optional", "Set",
                                                   "Tuple", "Union", "Literal")}  # fmt: skip


class TypeHintUtils:
    """Questions about type hints, by MLRun's names."""

    @staticmethod
    def is_typing_type(type_hint: Any) -> bool:
        """Whether the hint is no class: a union, a generic alias, a type variable and the like."""
        is_alias = isinstance(type_hint, (types.GenericAlias, typing.TypeVar, typing.ForwardRef))
        return is_alias or typing.get_origin(type_hint) is not None or type_hint is Any

    @staticmethod
    def is_pure_hint(type_hint: Any) -> bool:
        """Whether the hint stands for other types, as a union does, and is none itself."""
        origin = typing.get_origin(type_hint)
        is_class = isinstance(origin, type) and origin is not types.UnionType
        return TypeHintUtils.is_typing_type(type_hint) and not is_class

    @staticmethod
    def parse_type_hint(type_hint: Any) -> Any:
        """The hint that a text such as ``pandas.DataFrame`` or ``list[int]`` names."""
        if not isinstance(type_hint, str):
            return type_hint
        text = type_hint.strip().strip("'\"")
        scope: dict[str, Any] = {"None": None, "__builtins__": {}}
        for word in set(_WORDS.findall(text)):
            scope[word.replace(".", "_")] = _named(word, type_hint)
        code = _WORDS.sub(lambda match: match.group().replace(".", "_"), text)
        try:
            # the names were found above, and nothing else can be called or reached
            return eval(compile(_checked(code), "<hint>", "eval"), scope)
        except (SyntaxError, TypeError, NameError) as error:
            raise MLRunInvalidArgumentError(
                f"'{type_hint}' is no type hint ({error}): write it such as pandas.DataFrame"
            ) from None

    @staticmethod
    def is_matching(
        object_type: Any,
        type_hint: Any,
        include_subclasses: bool = True,
        reduce_type_hint: bool = True,
    ) -> bool:
        """Whether a type is one that a hint (or a set of hints) asks for."""
        hints = type_hint if isinstance(type_hint, set) else {type_hint}
        while hints:
            for hint in hints:
                if object_type == hint:
                    return True
                both = isinstance(object_type, type) and isinstance(hint, type)
                plain = both and not TypeHintUtils.is_typing_type(hint)
                plain = plain and not TypeHintUtils.is_typing_type(object_type)
                if plain and include_subclasses and issubclass(object_type, hint):
                    return True
            hints = TypeHintUtils.reduce_type_hint(hints) if reduce_type_hint else set()
        return False

    @staticmethod
    def deconstruct_type_hint(type_hint: Any) -> tuple[Any, Any]:
        """The class of a collection, and the hints of its items; ``Parameter.empty`` for none."""
        origin = typing.get_origin(type_hint)
        if origin is None:
            return type_hint, Parameter.empty
        arguments = tuple(each for each in typing.get_args(type_hint) if each is not ...)
        return origin, arguments or Parameter.empty

    @staticmethod
    def reduce_type_hint(type_hint: Any) -> set[Any]:
        """The hints that a hint (or a set of hints) stands for; empty where it is a class."""
        hints = type_hint if isinstance(type_hint, set) else {type_hint}
        return {part for hint in hints for part in _parts(hint)}


def _parts(hint: Any) -> list[Any]:
    if isinstance(hint, typing.TypeVar):
        return list(hint.__constraints__)
    if isinstance(hint, typing.ForwardRef):
        try:
            return [TypeHintUtils.parse_type_hint(hint.__forward_arg__)]
        except MLRunInvalidArgumentError:
            # what only a type checker sees is no type here
            return []
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is None:
        return []
    if origin is collections.abc.Callable:
        return [collections.abc.Callable]
    if origin is typing.Literal:
        return [type(each) for each in arguments]
    if origin is typing.Union or origin is types.UnionType:
        return list(arguments)
    if origin in (typing.Annotated, typing.Final, typing.ClassVar):
        return [arguments[0]]
    return [origin]


def choices(hint: Any) -> list[Any]:
    """The alternatives of a hint in their order: unions apart, ``None`` left away."""
    if isinstance(hint, str):
        hint = TypeHintUtils.parse_type_hint(hint)
    origin = typing.get_origin(hint)
    if TypeHintUtils.is_pure_hint(hint) and hint is not Any and origin is not None:
        found = [each for part in _parts(hint) for each in choices(part)]
        return [each for each in found if each is not type(None)]
    if isinstance(hint, (typing.TypeVar, typing.ForwardRef)):
        return [each for part in _parts(hint) for each in choices(part)]
    return [hint]


def name_of(kind: Any) -> str:
    """A type as people write it."""
    return kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))


def _checked(code: str) -> Any:
    import ast

    tree = ast.parse(code, mode="eval")
    allowed = (ast.Expression, ast.Name, ast.Load, ast.Subscript, ast.Tuple, ast.BinOp, ast.BitOr,
               ast.Constant, ast.List)  # fmt: skip
    for node in ast.walk(tree):
        if not isinstance(node, allowed):
            raise SyntaxError(f"{type(node).__name__} has no place in it")
    return tree


def _named(word: str, hint: str) -> Any:
    found = getattr(builtins, word, None) or _TYPING.get(word) or (word == "None" and type(None))
    if found:
        return found
    module, dot, name = word.rpartition(".")
    if not dot:
        module = "__main__"
    if not _NAME.fullmatch(word):
        raise MLRunInvalidArgumentError(f"'{hint}' is no type hint: write one such as list[int]")
    try:
        return getattr(sys.modules.get(module) or import_module(module), name)
    except (ImportError, AttributeError):
        raise MLRunInvalidArgumentError(
            f"The type '{word}' of the hint '{hint}' cannot be imported here: name it with its "
            "module, such as pandas.DataFrame, and install what it is of"
        ) from None
