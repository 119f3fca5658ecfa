"""Where the requirements of functions without an image are installed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jupyter_mlrun.paths import environments_folder
from jupyter_mlrun_runtimes import KUBERNETES

# on a pod's own disk
IN_PODS = "/tmp/jupyter-mlrun-environments"


@dataclass
class Environments:
    """What the settings say of them; ``folder`` is for runs here and in pods."""

    enabled: bool = True
    folder: str = ""

    def of(self, place: str, root: Path) -> str | None:
        """The folder for a run in a place; None where nothing is installed."""
        if not self.enabled:
            return None
        own = IN_PODS if place == KUBERNETES else str(environments_folder(root))
        return self.folder or own
