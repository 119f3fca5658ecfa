"""Take in what a run wrote to its outbox while no server answered it."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunHTTPError
from jupyter_mlrun.outbox import FILE
from jupyter_mlrun.paths import run_path
from jupyter_mlrun_runtimes.local import write_private

from ..store import artifacts, functions, launches, runs
from ..store.artifacts import ArtifactKey
from ..store.database import Database
from ..store.runs import RunKey
from .logs import Logs
from .place import Place

DONE = "outbox.done"

Entry = Mapping[str, Any]


class Outboxes:
    """The outboxes of this data directory; each line is taken in once."""

    def __init__(self, database: Database, place: Place, logs: Logs, log: logging.Logger) -> None:
        self.database = database
        self.place = place
        self.logs = logs
        self.log = log
        self.conceal: Callable[[str, Any], Any] = lambda project, document: document
        self.notifications: Callable[[str, Any], Any] = lambda project, document: document
        self._taken: dict[str, int] = {}

    def waits(self, project: str, uid: str) -> bool:
        """Whether the run's outbox holds more than was taken in."""
        try:
            folder = run_path(project, uid, self.place.root)
            return os.stat(f"{folder}/{FILE}").st_size > self._taken.get(folder, 0)
        except (OSError, ValueError):
            return False

    def take_in(self, project: str, uid: str) -> int:
        """How many lines of the run's outbox were taken in now."""
        if not self.waits(project, uid):
            return 0
        folder, count = self.place.run_folder(project, uid), 0
        with FileLock(folder / f"{DONE}.lock", timeout=60):
            end = done(folder)
            for line, line_end in lines(folder / FILE, end):
                self._take(project, uid, line)
                end, count = line_end, count + 1
            if count:
                write_private(folder / DONE, str(end))
            self._taken[str(folder)] = end
        return count

    def take_in_all(self) -> int:
        """How many lines of all outboxes were taken in: for a server that has just begun."""
        return sum(
            self.take_in(outbox.parent.parent.name, outbox.parent.name)
            for outbox in sorted(self.place.root.glob(f"runs/*/*/{FILE}"))
        )

    def _take(self, project: str, uid: str, line: bytes) -> None:
        """One line; one that cannot be stored is logged, so that the others are not lost."""
        try:
            self._apply(project, uid, json.loads(line))
        except (MLRunHTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            self.log.warning(
                "A line of the outbox of run %s of project %s was not taken in: %s (%.200r)",
                uid, project, error, line,
            )  # fmt: skip

    def _apply(self, project: str, uid: str, entry: Entry) -> None:
        path = str(entry["path"]).partition("?")[0]
        path = re.sub(r"^/*(?:mlrun/+)?(?:api/)?(?:v[12]/)?", "", path)
        parts = path.split("/", 3)
        if len(parts) < 4 or parts[0] != "projects" or parts[1] != project:
            raise ValueError(f"{path} is not below projects/{project}")
        params = entry.get("params") or {}
        if parts[2] == "logs":
            self._append_log(project, uid, parts[3], entry)
            return
        store = self._store_call(project, uid, parts[2], parts[3], str(entry["method"]), params)
        body = self.conceal(project, dict(entry["body"]))
        if parts[2] == "runs":
            body = self.notifications(project, body)
        with self.database.write() as connection:
            store(connection, body)

    def _store_call(
        self, project: str, uid: str, noun: str, rest: str, method: str, params: Mapping[str, Any]
    ) -> Callable[[Connection, dict[str, Any]], Any]:
        if noun == "runs" and rest == uid:
            key = RunKey(project, uid, int(params.get("iter") or 0))
            write = runs.update if method == "PATCH" else runs.save
            return lambda connection, body: write(connection, key, body)
        if noun == "artifacts" and method in ("PUT", "POST"):
            return lambda connection, body: _save_artifact(
                connection, project, uid, rest, params, body
            )
        if noun == "functions" and method == "POST":
            versioned = str(params.get("versioned", "")).lower() in ("true", "yes", "1")
            tag = str(params.get("tag") or "")
            return lambda connection, body: functions.save(
                connection, project, rest, body, tag, versioned
            )
        raise ValueError(f"{method} {noun}/{rest} is none of the run's own documents")

    def _append_log(self, project: str, uid: str, rest: str, entry: Entry) -> None:
        if rest != uid:
            raise ValueError("the log of another run")
        body = entry.get("body") or ""
        data = base64.b64decode(body["base64"]) if isinstance(body, Mapping) else str(body).encode()
        truncate = str((entry.get("params") or {}).get("append", "yes")).lower() in ("no", "false")
        self.logs.append(project, uid, [data], truncate)


def _save_artifact(
    connection: Connection,
    project: str,
    uid: str,
    name: str,
    params: Mapping[str, Any],
    body: dict[str, Any],
) -> None:
    metadata = body.get("metadata") or {}
    tree = str(params.get("tree") or metadata.get("tree") or "")
    wanted = artifacts.trees(tree, body)
    is_own = wanted == {uid} or (
        wanted <= launches.trees(connection, project, uid)
        and artifacts.is_made_by(body, project, uid)
    )
    if not is_own:
        raise ValueError(f"artifact {name} is of another run than {uid}")
    iteration = params.get("iter", metadata.get("iter"))
    artifacts.save(
        connection,
        ArtifactKey(
            project, name, str(params.get("tag") or ""), tree, iteration=int(iteration or 0)
        ),
        body,
    )


def done(folder: Path) -> int:
    """How many bytes of a run's outbox were taken in."""
    try:
        return int((folder / DONE).read_text())
    except (OSError, ValueError):
        return 0


def lines(path: Path, begin: int) -> Iterator[tuple[bytes, int]]:
    """The whole lines after ``begin``, each with the offset of its end."""
    with open(path, "rb") as file:
        file.seek(begin)
        for line in file:
            if not line.endswith(b"\n"):
                return
            begin += len(line)
            yield line, begin
