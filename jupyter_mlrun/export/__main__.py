"""``python -m jupyter_mlrun.export``: one export, asked and answered as JSON.

The server asks this way, so that no notebook's code is read in its own process. On stdin: path,
notebook, force, dry_run. On stdout the answer, or ``{"error": …, "status": …}``.
"""

from __future__ import annotations

import json
import sys

from jupyter_mlrun.errors import MLRunBaseError
from jupyter_mlrun.export.notebook import export_notebook


def main() -> int:
    """Answer the one request."""
    asked = json.load(sys.stdin)
    try:
        answer = export_notebook(
            asked["path"],
            asked.get("notebook"),
            bool(asked.get("force")),
            bool(asked.get("dry_run")),
        )
    except MLRunBaseError as error:
        answer = {"error": str(error), "status": getattr(error, "status_code", 400)}
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
