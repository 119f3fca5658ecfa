"""Showing a MIME bundle in the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def show(bundle: Mapping[str, Any], display_id: str | None = None) -> Any:
    """Show a bundle below the cell; with an id, the handle that changes it later."""
    from IPython import display

    module: Any = display
    return module.display(dict(bundle), raw=True, display_id=display_id)
