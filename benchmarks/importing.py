"""How long ``import jupyter_mlrun`` takes."""

from __future__ import annotations

import subprocess
import sys

from .figure import Figure, added, in_turn, median

ROUNDS = 25


def measure() -> list[Figure]:
    """Import over bare Python; the client beside it."""
    bare, package, client = in_turn(
        [
            lambda: python("pass"),
            lambda: python("import jupyter_mlrun"),
            lambda: python("import jupyter_mlrun.client"),
        ],
        ROUNDS,
    )
    floor = median(bare)
    beside = f"bare Python {floor * 1e3:.0f} ms"
    return [
        Figure("import jupyter_mlrun, over bare Python", added(package, bare), 0.030, "ms", beside),
        Figure("import of the client, over bare Python", added(client, bare), 0.250, "ms", beside),
    ]


def python(code: str) -> None:
    """Runs one line in a new interpreter, from a folder that is not the checkout."""
    subprocess.run([sys.executable, "-c", code], check=True, cwd="/")
