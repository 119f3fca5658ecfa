"""Reading and writing data by address: paths, URLs, ``store://`` and ``data:``."""

from __future__ import annotations

from .item import DataItem
from .resolve import get_dataitem

__all__ = ["DataItem", "get_dataitem"]
