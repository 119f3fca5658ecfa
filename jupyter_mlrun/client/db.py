"""The service under the method names of MLRun's ``get_run_db()``: documents in, documents out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from . import artifacts, functions, logs, notifications, secrets, submit, tags
from . import projects as project_calls
from . import runs as run_calls
from .arguments import choice, document, documents, labels_of, plain, query, refuse, times, week_ago
from .automation import Alerts, Schedules
from .connected import Connected
from .transport import part

Documents = list[dict[str, Any]]


class _Projects(Connected):
    def create_project(self, project: Any) -> dict[str, Any]:
        """Make a project of a document or a name; raises MLRunConflictError where it is there."""
        if isinstance(project, str):
            return project_calls.create(self.client, project)
        return dict(self.client.json("POST", "projects", body=document(project, "project")))

    def get_project(self, name: str) -> dict[str, Any]:
        """A project's document; raises MLRunNotFoundError with the nearest name."""
        return project_calls.get(self.client, name)

    def list_projects(
        self,
        owner: str | None = None,
        format_: str = "name_only",
        labels: Any = None,
        state: str | None = None,
    ) -> Any:
        """Projects: their names, or documents in another format of MLRun's."""
        asked = query(owner=owner, format=format_, label=labels_of(labels), state=state)
        return self.client.json("GET", "projects", asked)["projects"]

    def store_project(self, name: str, project: Any) -> dict[str, Any]:
        """Make or replace a project."""
        return dict(
            self.client.json("PUT", f"projects/{part(name)}", body=document(project, "project"))
        )

    def patch_project(
        self, name: str, project: Mapping[str, Any], patch_mode: str = "replace"
    ) -> dict[str, Any]:
        """Change the parts of a project that are given; ``additive`` keeps what lists hold."""
        headers = {"x-mlrun-patch-mode": str(plain(patch_mode))}
        body = document(project, "project")
        return dict(self.client.json("PATCH", f"projects/{part(name)}", None, body, headers))

    def delete_project(self, name: str, deletion_strategy: str = "restricted") -> None:
        """Delete a project: ``restricted`` an empty one only, ``cascade`` with all it holds."""
        headers = {"x-mlrun-deletion-strategy": str(plain(deletion_strategy))}
        self.client.request("DELETE", f"projects/{part(name)}", headers=headers, timeout=300)

    def create_project_secrets(
        self,
        project: str,
        provider: str = "kubernetes",
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """Store secrets, which runs of the project get by name."""
        choice("provider", provider, _PROVIDERS)
        _secrets.store(self.client, project, secrets or {})

    def list_project_secret_keys(
        self, project: str, provider: str = "kubernetes", token: str | None = None
    ) -> list[str]:
        """The names of the project's secrets."""
        choice("provider", provider, _PROVIDERS)
        refuse("token", token, "names of secrets are read with the connection's own")
        return _secrets.names(self.client, project)

    def delete_project_secrets(
        self,
        project: str,
        provider: str = "kubernetes",
        secrets: Iterable[str] | None = None,
    ) -> None:
        """Remove these secrets, or all."""
        choice("provider", provider, _PROVIDERS)
        _secrets.delete(self.client, project, secrets or ())


class _Runs(Connected):
    def submit_job(self, runspec: Any, schedule: Any = None) -> dict[str, Any]:
        """Have a task run, now or by a schedule; the run, or what became of the schedule."""
        return submit.submit(self.client, document(runspec, "runspec"), schedule=schedule)

    def read_run(
        self, uid: str, project: str = "", iter: int = 0, format_: str = "full"
    ) -> dict[str, Any]:
        """A run's document, in the format ``full`` with its artifacts; or MLRunNotFoundError."""
        wanted = choice("format_", format_, ("full", "standard", "notifications"))
        return run_calls.read(self.client, self._project(project), uid, iter, wanted)

    def list_runs(
        self,
        name: str | None = None,
        uid: str | list[str] | None = None,
        project: str | None = None,
        labels: Any = None,
        states: list[str] | None = None,
        sort: bool = True,
        iter: bool = False,
        start_time_from: datetime | None = None,
        start_time_to: datetime | None = None,
        last_update_time_from: datetime | None = None,
        last_update_time_to: datetime | None = None,
        end_time_from: datetime | None = None,
        end_time_to: datetime | None = None,
        partition_by: str | None = None,
        rows_per_partition: int = 1,
        partition_sort_by: str | None = None,
        partition_order: str = "desc",
        max_partitions: int = 0,
        with_notifications: bool = False,
    ) -> Documents:
        """Documents of runs, newest first; where nothing is asked, the last week's, one a name."""
        asked = query(name=name, uid=uid, label=labels_of(labels), states=states) | times(
            start_time_from=start_time_from, start_time_to=start_time_to,
            last_update_time_from=last_update_time_from, last_update_time_to=last_update_time_to,
            end_time_from=end_time_from, end_time_to=end_time_to,
        )  # fmt: skip
        if not (asked or partition_by or partition_sort_by or iter):
            asked = times(start_time_from=week_ago())
            partition_by, partition_sort_by = "project_and_name", "updated"
        if partition_by:
            asked |= query(
                partition_by=partition_by, rows_per_partition=rows_per_partition,
                partition_sort_by=partition_sort_by, partition_order=partition_order,
                max_partitions=max_partitions,
            )  # fmt: skip
        asked |= {"iter": iter} | query(with_notifications=with_notifications)
        found: Documents = run_calls.list(self.client, self._project(project), **asked)
        return found

    def abort_run(
        self,
        uid: str,
        project: str = "",
        iter: int = 0,
        timeout: float = 45,
        status_text: str = "",
    ) -> None:
        """Ask for a run's end, waiting for the service's answer at most ``timeout`` seconds."""
        refuse("iter", iter, "a run is stopped with all its iterations")
        run_calls.abort(self.client, self._project(project), uid, status_text, timeout)

    def del_run(self, uid: str, project: str = "", iter: int = 0) -> None:
        """Delete a run with its iterations, or one iteration of it."""
        run_calls.delete(self.client, self._project(project), uid, iter)

    def del_runs(
        self,
        name: str | None = None,
        project: str | None = None,
        labels: Any = None,
        state: str | None = None,
        days_ago: int = 0,
    ) -> None:
        """Delete the runs that all of these describe; all of the project's where nothing does."""
        asked = query(name=name, label=labels_of(labels), state=state and str(state))
        asked |= {"days_ago": days_ago or None}
        run_calls.delete_many(self.client, self._project(project), **asked)

    def get_log(
        self,
        uid: str,
        project: str = "",
        offset: int = 0,
        size: int | None = None,
        attempt: int | None = None,
    ) -> tuple[str, bytes]:
        """The state of a run, and its log from an offset on."""
        refuse("attempt", attempt, "a run has one log here, of all its attempts")
        chunk = logs.read(self.client, self._project(project), uid, offset, size)
        return chunk.state, chunk.data

    def set_run_notifications(
        self, project: str, run_uid: str, notifications: Iterable[Any] | None = None
    ) -> None:
        """Replace what is sent when a run ends."""
        told = documents(notifications, "notifications")
        _notifications.set_run(self.client, project, run_uid, told)

    def push_run_notifications(
        self, uid: str, project: str = "", timeout: float = 45
    ) -> dict[str, Any]:
        """Send a run's notifications now; the background task that does it."""
        return _notifications.push(self.client, self._project(project), uid, timeout)


class _Stored(Connected):
    def store_function(
        self,
        function: Any,
        name: str,
        project: str = "",
        tag: str | None = None,
        versioned: bool = False,
    ) -> str:
        """Store a function; its hash. Without ``versioned`` it replaces what the tag names."""
        body = document(function, "function")
        named = {"name": name, "project": self._project(project)}
        body["metadata"] = {**document(body.get("metadata") or {}, "function.metadata"), **named}
        return functions.store(self.client, body, tag or "", versioned)

    def get_function(
        self, name: str, project: str = "", tag: str | None = None, hash_key: str = ""
    ) -> dict[str, Any]:
        """A function's document; raises MLRunNotFoundError."""
        return functions.read(self.client, self._project(project), name, tag or "", hash_key)

    def list_functions(
        self,
        name: str | None = None,
        project: str | None = None,
        tag: str | None = None,
        labels: Any = None,
        since: datetime | None = None,
        until: datetime | None = None,
        kind: str | None = None,
        format_: str = "full",
        states: list[str] | None = None,
    ) -> Documents:
        """Documents of functions, one for each version and tag."""
        asked = query(
            name=name, tag=tag, label=labels_of(labels), since=since, until=until, kind=kind,
            format=format_, state=states,
        )  # fmt: skip
        found: Documents = functions.list(self.client, self._project(project), **asked)
        return found

    def delete_function(self, name: str, project: str = "") -> None:
        """Delete a function with all its versions."""
        functions.delete(self.client, self._project(project), name)

    def read_artifact(
        self,
        key: str,
        tag: str | None = None,
        iter: int | None = None,
        project: str = "",
        tree: str | None = None,
        uid: str | None = None,
        format_: str = "full",
    ) -> dict[str, Any]:
        """An artifact's document; raises MLRunNotFoundError."""
        wanted = str(plain(format_))
        return artifacts.read(
            self.client, self._project(project), key, tag, iter, tree, uid, wanted
        )

    def list_artifacts(
        self,
        name: str | None = None,
        project: str | None = None,
        tag: str | None = None,
        labels: Any = None,
        since: datetime | None = None,
        until: datetime | None = None,
        iter: int | None = None,
        best_iteration: bool = False,
        kind: str | None = None,
        category: str | None = None,
        tree: str | None = None,
        producer_uri: str | None = None,
        parent: str | None = None,
        format_: str | None = "full",
        partition_by: str | None = None,
        rows_per_partition: int = 1,
        partition_sort_by: str | None = "updated",
        partition_order: str = "desc",
    ) -> Documents:
        """Documents of artifacts, one for each artifact and tag."""
        asked = query(
            name=name, tag=tag, label=labels_of(labels), since=since, until=until,
            best_iteration=best_iteration, kind=kind, category=category, tree=tree,
            parent=parent, format=format_,
        ) | {"iter": iter, "producer_uri": producer_uri}  # fmt: skip
        if partition_by:
            asked |= query(
                partition_by=partition_by, rows_per_partition=rows_per_partition,
                partition_sort_by=partition_sort_by, partition_order=partition_order,
            )  # fmt: skip
        found: Documents = artifacts.list(self.client, self._project(project), **asked)
        return found

    def del_artifacts(
        self,
        name: str | None = None,
        project: str | None = None,
        tag: str | None = None,
        labels: Any = None,
        days_ago: int = 0,
        tree: str | None = None,
    ) -> None:
        """Delete the records of the artifacts that all of these describe."""
        asked = query(name=name, tag=tag, label=labels_of(labels), tree=tree)
        asked |= {"days_ago": days_ago or None}
        artifacts.delete_many(self.client, self._project(project), **asked)

    def del_artifact(
        self,
        key: str,
        tag: str | None = None,
        project: str = "",
        tree: str | None = None,
        uid: str | None = None,
        deletion_strategy: str = "metadata-only",
        secrets: Mapping[str, str] | None = None,
        iter: int | None = None,
    ) -> None:
        """Delete an artifact's record: all of the key, or one by tag, tree or uid."""
        refuse("secrets", secrets, "the service deletes data with the project's own secrets")
        which = query(tag=tag, tree=tree, object_uid=uid) | {"iter": iter}
        strategy = str(plain(deletion_strategy))
        artifacts.delete(self.client, self._project(project), key, strategy, **which)

    def tag_artifacts(
        self, artifacts: Any, project: str, tag_name: str, replace: bool = False
    ) -> None:
        """Give artifacts a tag; with ``replace`` it is the only one that they keep."""
        tags.save(self.client, project, tag_name, _identified(artifacts), replace)

    def delete_artifacts_tags(self, artifacts: Any, project: str, tag_name: str) -> None:
        """Take a tag from artifacts."""
        tags.delete(self.client, project, tag_name, _identified(artifacts))


class RunDB(_Projects, _Runs, _Stored, Schedules, Alerts):
    """All that the service knows, by MLRun's names; every call returns plain documents."""

    kind = "http"


# arguments of MLRun's methods have the names of the modules
_secrets, _notifications = secrets, notifications
# MLRun's name of a project's own secrets, wherever the service keeps them
_PROVIDERS = ("kubernetes",)


def _identified(artifacts: Any) -> list[dict[str, Any]]:
    several = artifacts if isinstance(artifacts, (list, tuple)) else [artifacts]
    return [tags.identify(document(each, "artifacts")) for each in several]
