"""The service as functions over a connection: one module for each noun of the REST API."""

from __future__ import annotations

from .transport import Client, connect

__all__ = ["Client", "connect"]
