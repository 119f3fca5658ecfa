"""Under which key, as which kind and how a value is logged."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from ..errors import MLRunInvalidArgumentError

_FIELDS = (
    "key", "tag", "itemized", "artifact_type", "packing_kwargs", "labels", "artifact_path",
    "extra_data", "metrics",
)  # fmt: skip
_LINKING = {"extra_data", "metrics"}
_LINK = "..."
_UNSAID: tuple[Any, ...] = (None, "", False, {})


class LogHint:
    """How one returned value is logged, by MLRun's names.

    ``itemized`` logs the items of a collection one by one: all of them, or to that depth.
    ``...`` as a value of ``extra_data`` or ``metrics`` links the output of that key.
    """

    __slots__ = _FIELDS

    def __init__(
        self,
        key: str,
        tag: str = "",
        itemized: bool | int = False,
        artifact_type: str | None = None,
        packing_kwargs: Mapping[str, Any] | None = None,
        labels: Mapping[str, str] | None = None,
        artifact_path: str | None = None,
        extra_data: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(key, str) or not key.strip():
            raise MLRunInvalidArgumentError(f"A log hint needs a key that is text, not {key!r}")
        if not isinstance(itemized, (bool, int)):
            raise MLRunInvalidArgumentError(
                f"'itemized' of the log hint '{key}' must be true, false or a depth, "
                f"not {type(itemized).__name__}"
            )
        self.key, self.tag, self.itemized = key.strip(), tag or "", itemized
        self.artifact_type = artifact_type or None
        self.packing_kwargs = dict(packing_kwargs or {})
        self.labels = None if labels is None else dict(labels)
        self.artifact_path = artifact_path
        self.extra_data, self.metrics = dict(extra_data or {}), dict(metrics or {})

    @classmethod
    def parse_obj(cls, obj: Any) -> LogHint:
        """The hint of ``key``, ``key : type[a=1]``, ``2*key``, a dict, or a hint."""
        if isinstance(obj, LogHint):
            return obj.copy()
        if isinstance(obj, Mapping):
            return cls._of_dict(dict(obj))
        if not isinstance(obj, str):
            raise MLRunInvalidArgumentError(
                f"{obj!r} does not say what to log: write KEY or KEY:KIND, such as model:model"
            )
        return cls._of_text(obj)

    @classmethod
    def _of_dict(cls, given: dict[str, Any]) -> LogHint:
        if "key" not in given:
            raise MLRunInvalidArgumentError(f"The log hint {given!r} has no key: add 'key': NAME")
        key, itemized = _items_of(str(given.pop("key")))
        known = {name: given.pop(name) for name in _FIELDS if name in given}
        for name in _LINKING:
            known[name] = _linked(name, known.get(name) or {})
        known["itemized"] = known.get("itemized") or itemized
        # MLRun's older form: what is no field goes to the packager
        known["packing_kwargs"] = {**(known.get("packing_kwargs") or {}), **given}
        return cls(key, **known)

    @classmethod
    def _of_text(cls, text: str) -> LogHint:
        name, colon, kind = text.partition(":")
        kind, bracket, how = kind.partition("[")
        is_closed = how.strip().endswith("]") if bracket else True
        if ":" in kind or not name.strip() or (colon and not kind.strip()) or not is_closed:
            raise MLRunInvalidArgumentError(
                f"'{text}' does not say what to log: write KEY or KEY:KIND, such as model:model, "
                "or KEY:KIND[NAME=VALUE, …]"
            )
        key, itemized = _items_of(name)
        options = _options(text, how.strip()[:-1]) if bracket else {}
        return cls(key, "", itemized, kind.strip() or None, options)

    def copy(self) -> LogHint:
        """A copy."""
        return LogHint(**self.dict())

    def dict(self) -> dict[str, Any]:
        """The hint as a dict."""
        return {name: getattr(self, name) for name in _FIELDS}

    def to_dict(self) -> Mapping[str, Any]:
        """What was said, as a run's document has it: a link is the text ``...``."""
        said = {name: value for name, value in self.dict().items() if value not in _UNSAID}
        for name in _LINKING & said.keys():
            said[name] = {k: _LINK if v is ... else v for k, v in said[name].items()}
        return said

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LogHint) and self.dict() == other.dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        given = {k: v for k, v in self.dict().items() if v not in _UNSAID}
        return f"LogHint({', '.join(f'{k}={v!r}' for k, v in given.items())})"


def _linked(name: str, links: Any) -> dict[str, Any]:
    if not isinstance(links, Mapping):
        raise MLRunInvalidArgumentError(f"{name} of a log hint is a dict, not {links!r:.60}")
    return {key: ... if isinstance(v, str) and v == _LINK else v for key, v in links.items()}


def _items_of(key: str) -> tuple[str, bool | int]:
    depth, star, name = key.replace("**", "*").partition("*")
    if not star:
        return key.strip(), False
    if not name.strip() or (depth.strip() and not depth.strip().isdigit()):
        raise MLRunInvalidArgumentError(
            f"'{key}' does not say which items to log: write *KEY for all, or 2*KEY for a depth"
        )
    return name.strip(), int(depth) if depth.strip() else True


def _options(hint: str, text: str) -> dict[str, Any]:
    """``a=1, b='x'`` as values; a word without quotes is text."""
    try:
        call = ast.parse(f"_({text})", mode="eval").body
        assert isinstance(call, ast.Call) and not call.args
        return {str(each.arg): _value(each.value) for each in call.keywords if each.arg}
    except (SyntaxError, ValueError, AssertionError):
        raise MLRunInvalidArgumentError(
            f"The options of '{hint}' must be Python literals by name, such as file_format='csv'"
        ) from None


def _value(node: ast.expr) -> Any:
    return node.id if isinstance(node, ast.Name) else ast.literal_eval(node)
