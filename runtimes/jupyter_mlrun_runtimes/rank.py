"""``python -m jupyter_mlrun_runtimes.rank FOLDER COMMAND…``: one rank of an MPI job.

Keeps what the command prints in ``FOLDER/parts/rank-N.log`` and passes it on, each line with its
rank in front where there are several, and leaves ``rank-N.json`` when the command has ended.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from jupyter_mlrun.ranks import of_environment

_LONGEST_LINE = 8192
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(folder: str, argv: list[str]) -> int:
    """The exit code of the command, as a shell tells it."""
    rank, size = of_environment()
    parts = Path(folder) / "parts"
    parts.mkdir(mode=0o700, exist_ok=True)
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for number in _SIGNALS:
        signal.signal(number, lambda number, _: _pass_on(child, number))
    assert child.stdout is not None
    own = os.open(parts / f"rank-{rank}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    _pump(child.stdout.fileno(), own, f"[rank {rank}] ".encode() if size > 1 else b"")
    code = child.wait()
    code = 128 - code if code < 0 else code
    _leave(parts / f"rank-{rank}.json", code)
    return code


def _pass_on(child: subprocess.Popen[bytes], number: int) -> None:
    if child.poll() is None:
        child.send_signal(number)


def _pump(source: int, own: int, prefix: bytes) -> None:
    mask = _mask()
    line = b""
    while data := os.read(source, 1 << 16):
        shown = mask.feed(data) if mask else data
        line = _pass(line + shown, own, prefix, len(shown))
    rest = mask.close() if mask else b""
    line = _pass(line + rest, own, prefix, len(rest))
    if line:
        _write(1, prefix + line + (b"\n" if prefix else b""))


def _pass(text: bytes, own: int, prefix: bytes, new: int) -> bytes:
    """Keep the last ``new`` bytes, pass whole lines on, and give back the line that is begun."""
    if new:
        _write(own, text[-new:])
    if not prefix:
        _write(1, text)
        return b""
    whole, newline, begun = text.rpartition(b"\n")
    if len(begun) > _LONGEST_LINE:
        whole, newline, begun = text, b"\n", b""
    if newline:
        lines = b"".join(prefix + line + b"\n" for line in whole.split(b"\n"))
        _write(1, lines)
    return begun


def _write(target: int, data: bytes) -> None:
    while data:
        data = data[os.write(target, data) :]


def _mask() -> Any:
    if not os.environ.get("JUPYTER_MLRUN_SECRETS"):
        return None
    from jupyter_mlrun.masking import of_environment as masker

    return masker().stream()


def _leave(path: Path, code: int) -> None:
    """Say how the command ended, where it has not said so itself."""
    if path.exists():
        return
    error = f"it ended with exit code {code}" if code else None
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps({"error": error}), encoding="utf-8")
    os.replace(draft, path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
