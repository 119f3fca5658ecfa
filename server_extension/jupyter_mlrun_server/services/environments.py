"""Where the requirements of functions without an image are installed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from jupyter_mlrun.paths import environments_folder
from jupyter_mlrun.requirements import remove_unused
from jupyter_mlrun_runtimes import KUBERNETES

# on a pod's own disk
IN_PODS = "/tmp/jupyter-mlrun-environments"


@dataclass
class Environments:
    """What the settings say of them; ``folder`` is for runs here and in pods.

    Those that no run has entered for ``keep_days`` are removed; 0 is never.
    """

    enabled: bool = True
    folder: str = ""
    keep_days: int = 0

    def of(self, place: str, root: Path) -> str | None:
        """The folder for a run in a place; None where nothing is installed."""
        if not self.enabled:
            return None
        own = IN_PODS if place == KUBERNETES else str(environments_folder(root))
        return self.folder or own

    def remove_unused(self, root: Path) -> int:
        """Remove those that are kept here and that nobody has used for long; how many."""
        if not self.keep_days:
            return 0
        folder = Path(self.folder) if self.folder else environments_folder(root)
        return remove_unused(folder, time.time() - self.keep_days * 86_400)
