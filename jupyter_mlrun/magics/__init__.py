"""``%%mlrun`` and ``%mlrun``."""

from __future__ import annotations

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Give a shell the magics."""
    from jupyter_mlrun.magics.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take the magics away again."""
    from jupyter_mlrun.magics.extension import unload

    unload(shell)
