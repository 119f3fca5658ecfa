"""The service under MLRun's method names, with lists that show themselves."""

from __future__ import annotations

from functools import wraps
from typing import Any

from .client import db
from .runs import ArtifactList, FunctionList, RunList


class RunDB(db.RunDB):
    """All that the service knows, by MLRun's names: plain documents, and lists of them.

    Lists are MLRun's: ``to_df``, ``show``, ``to_objects``, ``compare``.
    """

    @wraps(db.RunDB.list_runs)
    def list_runs(self, *args: Any, **kwargs: Any) -> RunList:  # type: ignore[override]
        return RunList(super().list_runs(*args, **kwargs), self.client)

    @wraps(db.RunDB.list_artifacts)
    def list_artifacts(self, *args: Any, **kwargs: Any) -> ArtifactList:  # type: ignore[override]
        found = ArtifactList(super().list_artifacts(*args, **kwargs), self.client)
        found.tag = str(kwargs.get("tag") or "")
        return found

    @wraps(db.RunDB.list_functions)
    def list_functions(self, *args: Any, **kwargs: Any) -> FunctionList:  # type: ignore[override]
        return FunctionList(super().list_functions(*args, **kwargs), self.client)
