"""Showing a MIME bundle in the notebook, and its text where there is none."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any


def show(bundle: Mapping[str, Any], display_id: str | None = None) -> Any:
    """Show a bundle below the cell; with an id, the handle that changes it later.

    A program without IPython's shell is shown the text.
    """
    shell = sys.modules.get("IPython")
    if shell is None or shell.get_ipython() is None:
        if text := bundle.get("text/plain"):
            print(text)
        return None
    from IPython import display

    module: Any = display
    return module.display(dict(bundle), raw=True, display_id=display_id)
