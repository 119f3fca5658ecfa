"""``python -m tests.cluster.registry PORT``: a registry that pods reach, for tests in a browser."""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path

from tests import base_image


def main(port: int) -> None:
    """Serve until told to end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    with (
        tempfile.TemporaryDirectory() as folder,
        base_image.registry(Path(folder), "0.0.0.0", port),
    ):
        signal.pause()


if __name__ == "__main__":
    main(int(sys.argv[1]))
