"""A run put together as the task that its process or pod is given."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jupyter_mlrun import uris
from jupyter_mlrun_runtimes import KUBERNETES
from jupyter_mlrun_runtimes.contract import Task

from ..store import attempts, functions, projects, runs, times, tokens
from ..store.database import Database
from ..store.launches import Launch
from ..store.runs import RunKey
from ..store.tokens import Grant
from .environments import Environments
from .kernels import kernel_interpreter
from .place import Place, user_number
from .places import Places
from .secrets import Secrets, wanted_by
from .task_input import created_at, workdir_of


class Assembly:
    """Knows what goes into a task: addresses, interpreters, people's numbers, secrets."""

    def __init__(
        self,
        database: Database,
        place: Place,
        places: Places,
        secrets: Secrets,
        kernel_name: str,
    ) -> None:
        self.database = database
        self.place = place
        self.places = places
        self.secrets = secrets
        self.kernel_name = kernel_name
        self.environments = Environments()
        self.address = ""
        self.user_ids: dict[str, int] = {}
        self.interpreter_of = kernel_interpreter

    def of_launch(self, launch: Launch, secrets: Mapping[str, str]) -> Task:
        """All that the process needs, with the secrets that the run brought; its token is new."""
        key = RunKey(launch.project, launch.uid)
        token = tokens.new("run")
        with self.database.write() as connection:
            run, now = runs.read(connection, key), times.now()
            attempts.check_fresh(run, now)
            queued = (now - created_at(run)) / 1e6
            run = runs.update(connection, key, {"status.times.queued": round(queued, 3)})
            uri = uris.parse_function(run["spec"]["function"])
            function = functions.read_hash(connection, launch.project, uri.name, uri.hash_key)
            project = projects.read(connection, launch.project)
            if not launch.handle:  # else a start whose answer was lost may use the one it has
                tokens.drop_run(connection, launch.project, launch.uid)
            tokens.add(connection, token, Grant("run", launch.project, launch.uid))
        wanted = wanted_by(run, function, launch.project, others=launch.place == KUBERNETES)
        given = (token, launch.place, launch.owner)
        task = self.of_run(run, function, json.loads(project), *given)
        if launch.place == KUBERNETES and self.secrets.on_cluster:
            self.secrets.require(launch.project, wanted.values())
            return replace(task, secret_refs=wanted, secrets=dict(secrets))
        return replace(task, secrets={**self._handed(launch.project, wanted), **secrets})

    def of_run(
        self,
        run: Mapping[str, Any],
        function: Mapping[str, Any],
        project: Mapping[str, Any],
        token: str,
        place: str,
        owner: str,
    ) -> Task:
        """The task without its secrets."""
        metadata = run["metadata"]
        task = Task(
            run=run, function=function, project=project,
            folder=str(self.place.run_folder(metadata["project"], metadata["uid"])),
            address=self.address, token=token,
            interpreter=self.interpreter(run),
            workdir=workdir_of(run, function, self.place.files_root),
            environment=dict(os.environ),
            environments=self.environments.of(place, self.place.root),
        )  # fmt: skip
        return task if place != KUBERNETES else self.for_pods(task, owner)

    def for_pods(self, task: Task, owner: str) -> Task:
        """The task as pods are given it."""
        root = str(self.place.artifacts)
        is_ours = str(task.run["spec"].get("output_path") or root).startswith(root)
        return replace(
            task,
            address=(self.places.settings.url or self.address).rstrip("/"),
            environment={},
            environments=self.environments.of(KUBERNETES, self.place.root),
            attempt=attempts.made(task.run),
            user_id=self.user_number(owner),
            artifacts=root if is_ours else "",
        )

    def interpreter(self, run: Mapping[str, Any]) -> str:
        """The Python of whoever sent the run, else that of the kernels here."""
        origin = run["spec"].get("origin") or {}
        return self.python(str(origin.get("executable") or ""))

    def python(self, asked: str = "") -> str:
        """A Python that was asked for, else that of the kernels here."""
        return str(asked or self.interpreter_of(self.kernel_name) or sys.executable)

    def user_number(self, owner: str) -> int | None:
        """The number of the user as whom somebody's pods run; None where nobody says."""
        return user_number(owner or self.place.owner, self.place.owner, self.user_ids)

    def _handed(self, project: str, wanted: Mapping[str, str]) -> dict[str, str]:
        """The values of the project's secrets, by variable."""
        if not wanted:
            return {}
        self.secrets.require(project, wanted.values())
        values = self.secrets.read(project, set(wanted.values()))
        return {variable: values[name] for variable, name in wanted.items()}
