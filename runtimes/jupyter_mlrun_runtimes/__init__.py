"""Where runs run: one runtime per kind, imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .contract import Runtime

KINDS = {
    "handler": "jupyter_mlrun_runtimes.handler:HandlerRuntime",
    "local": "jupyter_mlrun_runtimes.local:LocalRuntime",
}
ENTRY_POINTS = "jupyter_mlrun.runtimes"


def kinds() -> list[str]:
    """The kinds that this installation can run, ours and those of installed packages."""
    return sorted({*KINDS, *_installed()})


def get_runtime(kind: str) -> Runtime:
    """The runtime of a kind; a kind that is not here is refused with the list of those that are."""
    path = KINDS.get(kind) or _installed().get(kind)
    if path is None:
        from jupyter_mlrun.errors import MLRunBadRequestError

        raise MLRunBadRequestError(
            f"kind '{kind}' is not in this release; available: {', '.join(kinds())}"
        )
    module, _, name = path.partition(":")
    runtime: type[Runtime] = getattr(import_module(module), name)
    return runtime()


def _installed() -> dict[str, str]:
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
