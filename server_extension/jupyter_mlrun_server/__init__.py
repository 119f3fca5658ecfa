"""The Jupyter server extension: MLRun's REST service inside a Jupyter server."""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .app import MLRunServerApp

    return [{"module": "jupyter_mlrun_server", "app": MLRunServerApp}]
