"""Collections whose items are packed one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import MLRunNotFoundError

if TYPE_CHECKING:
    from .hint import LogHint
    from .manager import PackagersManager


class Bundles:
    """The collections that were taken apart, and under which keys their items are."""

    def __init__(self, manager: PackagersManager) -> None:
        self._manager = manager
        self._kept: dict[str, Any] = {}

    def pack(self, obj: Any, hint: LogHint) -> list[Any]:
        """The packages of the items; where there are none to take apart, of the value itself."""
        packages: list[Any] = []
        form = self._take(obj, hint, hint.itemized, packages)
        if not isinstance(form, str):
            self._kept[hint.key] = form
        return packages

    def _take(self, obj: Any, hint: LogHint, depth: bool | int, packages: list[Any]) -> Any:
        items = self._manager.unbundle(obj) if depth else None
        if items is None:
            single = hint.copy()
            single.itemized = False
            packages.append(self._manager.pack_one(obj, single))
            return hint.key
        below = depth if isinstance(depth, bool) else depth - 1

        def take(name: Any, item: Any) -> Any:
            one = hint.copy()
            one.key = f"{hint.key}_{name}"
            return self._take(item, one, below, packages)

        if isinstance(items, dict):
            return {str(name): take(name, item) for name, item in items.items()}
        return [take(place, item) for place, item in enumerate(items)]

    def filled(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """The collections with the address or result of each item in its place."""
        return {key: _fill(form, outputs) for key, form in self._kept.items()}

    def clear(self) -> None:
        """Forget them."""
        self._kept.clear()


def _fill(form: Any, outputs: Mapping[str, Any]) -> Any:
    if isinstance(form, dict):
        return {name: _fill(below, outputs) for name, below in form.items()}
    if isinstance(form, list):
        return [_fill(below, outputs) for below in form]
    if form not in outputs:
        raise MLRunNotFoundError(f"The item '{form}' was packed, but not logged")
    return outputs[form]
