"""The whole schema: the tables of ``tables`` and of every module named ``…_tables`` beside it."""

from __future__ import annotations

import importlib
from pathlib import Path

from .tables import metadata

for _path in sorted(Path(__file__).parent.glob("*_tables.py")):
    importlib.import_module(f".{_path.stem}", __package__)

__all__ = ["metadata"]
