"""The service under the method names of MLRun's ``get_run_db()``: documents in, documents out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from . import (
    alerts,
    artifacts,
    background_tasks,
    functions,
    logs,
    notifications,
    schedules,
    secrets,
    submit,
    tags,
)
from . import projects as project_calls
from . import runs as run_calls
from .transport import Client, part

Documents = list[dict[str, Any]]


class _Part:
    """One connection, and the project of calls that name none."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def _project(self, name: str | None) -> str:
        return name or os.environ.get("MLRUN_ACTIVE_PROJECT") or "default"


class _Projects(_Part):
    def create_project(self, project: Any) -> dict[str, Any]:
        """Make a project of a document or a name; raises MLRunConflictError where it is there."""
        if isinstance(project, str):
            return project_calls.create(self.client, project)
        return dict(self.client.json("POST", "projects", body=_document(project)))

    def get_project(self, name: str) -> dict[str, Any]:
        """A project's document; raises MLRunNotFoundError with the nearest name."""
        return project_calls.get(self.client, name)

    def list_projects(self, format_: str = "name_only", **filters: Any) -> Any:
        """Projects: their names, or documents in another format of MLRun's."""
        return self.client.json("GET", "projects", {"format": format_, **filters})["projects"]

    def store_project(self, name: str, project: Any) -> dict[str, Any]:
        """Make or replace a project."""
        return dict(self.client.json("PUT", f"projects/{part(name)}", body=_document(project)))

    def patch_project(
        self, name: str, project: Mapping[str, Any], patch_mode: str = "replace"
    ) -> dict[str, Any]:
        """Change the parts of a project that are given; ``additive`` keeps what lists hold."""
        headers = {"x-mlrun-patch-mode": patch_mode}
        return dict(
            self.client.json("PATCH", f"projects/{part(name)}", None, dict(project), headers)
        )

    def delete_project(self, name: str, deletion_strategy: str = "restricted") -> None:
        """Delete a project: ``restricted`` an empty one only, ``cascade`` with all it holds."""
        headers = {"x-mlrun-deletion-strategy": deletion_strategy}
        self.client.request("DELETE", f"projects/{part(name)}", headers=headers, timeout=300)

    def create_project_secrets(
        self,
        project: str,
        provider: str = "kubernetes",
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """Store secrets, which runs of the project get by name."""
        _secrets.store(self.client, project, secrets or {})

    def list_project_secret_keys(
        self, project: str, provider: str = "kubernetes", token: str | None = None
    ) -> list[str]:
        """The names of the project's secrets."""
        return _secrets.names(self.client, project)

    def delete_project_secrets(
        self,
        project: str,
        provider: str = "kubernetes",
        secrets: Iterable[str] | None = None,
    ) -> None:
        """Remove these secrets, or all."""
        _secrets.delete(self.client, project, secrets or ())


class _Runs(_Part):
    def submit_job(self, runspec: Any, schedule: Any = None) -> dict[str, Any]:
        """Have a task run, now or by a schedule; the run, or what became of the schedule."""
        return submit.submit(self.client, _document(runspec), schedule=schedule)

    def read_run(self, uid: str, project: str = "", iter: int = 0) -> dict[str, Any]:
        """A run's document; raises MLRunNotFoundError."""
        return run_calls.read(self.client, self._project(project), uid, iter)

    def list_runs(self, name: str | None = None, project: str = "", **filters: Any) -> Documents:
        """Documents of runs, newest first; filters are MLRun's query names with ``_``."""
        found: Documents = run_calls.list(self.client, self._project(project), name=name, **filters)
        return found

    def abort_run(self, uid: str, project: str = "", status_text: str = "") -> None:
        """Ask for a run's end."""
        run_calls.abort(self.client, self._project(project), uid, status_text)

    def del_run(self, uid: str, project: str = "") -> None:
        """Delete a run with its iterations."""
        run_calls.delete(self.client, self._project(project), uid)

    def get_log(
        self, uid: str, project: str = "", offset: int = 0, size: int | None = None
    ) -> tuple[str, bytes]:
        """The state of a run, and its log from an offset on."""
        chunk = logs.read(self.client, self._project(project), uid, offset, size)
        return chunk.state, chunk.data

    def set_run_notifications(
        self, project: str, run_uid: str, notifications: Iterable[Any] | None = None
    ) -> None:
        """Replace what is sent when a run ends."""
        told = [_document(each) for each in notifications or ()]
        _notifications.set_run(self.client, project, run_uid, told)

    def push_run_notifications(self, uid: str, project: str = "") -> dict[str, Any]:
        """Send a run's notifications now; the background task that does it."""
        return _notifications.push(self.client, self._project(project), uid)


class _Stored(_Part):
    def store_function(
        self, function: Any, name: str, project: str = "", tag: str = "", versioned: bool = True
    ) -> str:
        """Store a function; its hash."""
        document = _document(function)
        named = {"name": name, "project": self._project(project)}
        document["metadata"] = {**(document.get("metadata") or {}), **named}
        return functions.store(self.client, document, tag, versioned)

    def get_function(
        self, name: str, project: str = "", tag: str = "", hash_key: str = ""
    ) -> dict[str, Any]:
        """A function's document; raises MLRunNotFoundError."""
        return functions.read(self.client, self._project(project), name, tag, hash_key)

    def list_functions(self, name: str = "", project: str = "", tag: str = "") -> Documents:
        """Documents of functions, one for each version and tag."""
        found: Documents = functions.list(
            self.client, self._project(project), name=name or None, tag=tag or None
        )
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
    ) -> dict[str, Any]:
        """An artifact's document; raises MLRunNotFoundError."""
        return artifacts.read(self.client, self._project(project), key, tag, iter, tree, uid)

    def list_artifacts(self, name: str = "", project: str = "", **filters: Any) -> Documents:
        """Documents of artifacts; filters are MLRun's query names with ``_``."""
        found: Documents = artifacts.list(
            self.client, self._project(project), name=name or None, **filters
        )
        return found

    def del_artifact(self, key: str, project: str = "", **which: Any) -> None:
        """Delete an artifact's record: all of the key, or one by tag, tree or uid."""
        artifacts.delete(self.client, self._project(project), key, **which)

    def tag_artifacts(
        self, artifacts: Any, project: str, tag_name: str, replace: bool = False
    ) -> None:
        """Give artifacts a tag; with ``replace`` it is the only one that they keep."""
        tags.save(self.client, project, tag_name, _identified(artifacts), replace)

    def delete_artifacts_tags(self, artifacts: Any, project: str, tag_name: str) -> None:
        """Take a tag from artifacts."""
        tags.delete(self.client, project, tag_name, _identified(artifacts))


class _Schedules(_Part):
    def create_schedule(self, project: str, schedule: Any) -> None:
        """Make a schedule; raises MLRunConflictError where its name is taken."""
        schedules.create(self.client, project, _document(schedule))

    def update_schedule(self, project: str, name: str, schedule: Any) -> None:
        """Change a schedule's trigger, object, labels or state."""
        schedules.update(self.client, project, name, _document(schedule))

    def get_schedule(
        self, project: str, name: str, include_last_run: bool = False
    ) -> dict[str, Any]:
        """A schedule with its next times; raises MLRunNotFoundError."""
        return schedules.read(self.client, project, name, include_last_run)

    def list_schedules(self, project: str, name: str | None = None, **filters: Any) -> Documents:
        """The schedules of a project; filters are MLRun's query names."""
        found: Documents = schedules.list(self.client, project, name=name, **filters)
        return found

    def delete_schedule(self, project: str, name: str) -> None:
        """Delete a schedule; runs that it made stay."""
        schedules.delete(self.client, project, name)

    def invoke_schedule(self, project: str, name: str) -> dict[str, Any]:
        """Run a schedule's object now; the run."""
        return schedules.invoke(self.client, project, name)

    def set_schedule_notifications(
        self, project: str, schedule_name: str, notifications: Iterable[Any] | None = None
    ) -> None:
        """Replace what is sent when a run of a schedule ends."""
        told = [_document(each) for each in notifications or ()]
        _notifications.set_schedule(self.client, project, schedule_name, told)

    def get_project_background_task(self, project: str, name: str) -> dict[str, Any]:
        """How far a project's task is."""
        return background_tasks.read(self.client, name, project)

    def list_project_background_tasks(self, project: str = "", **filters: Any) -> Documents:
        """A project's tasks, newest first."""
        found: Documents = background_tasks.list(self.client, self._project(project), **filters)
        return found

    def get_background_task(self, name: str) -> dict[str, Any]:
        """How far a task of the service itself is."""
        return background_tasks.read(self.client, name)


class _Alerts(_Part):
    def store_alert_config(
        self, alert_name: str, alert_data: Any, project: str = ""
    ) -> dict[str, Any]:
        """Make or replace an alert; it as it was stored."""
        return alerts.store(self.client, self._project(project), alert_name, _document(alert_data))

    def get_alert_config(self, alert_name: str, project: str = "") -> dict[str, Any]:
        """An alert with its state; raises MLRunNotFoundError."""
        return alerts.read(self.client, self._project(project), alert_name)

    def list_alerts_configs(
        self, project: str = "", limit: int | None = None, offset: int | None = None
    ) -> Documents:
        """The alerts of a project, by name."""
        found: Documents = alerts.list(
            self.client, self._project(project), limit=limit, offset=offset
        )
        return found

    def delete_alert_config(self, alert_name: str, project: str = "") -> None:
        """Delete an alert."""
        alerts.delete(self.client, self._project(project), alert_name)

    def reset_alert_config(self, alert_name: str, project: str = "") -> None:
        """Make an alert listen again, with nothing seen."""
        alerts.reset(self.client, self._project(project), alert_name)

    def list_alert_templates(self) -> Documents:
        """What alerts can be made of."""
        found: Documents = alerts.templates(self.client)
        return found

    def get_alert_template(self, template_name: str) -> dict[str, Any]:
        """One template."""
        return alerts.template(self.client, template_name)

    def list_alert_activations(self, project: str = "", **filters: Any) -> Documents:
        """The activations of a project's alerts, newest first."""
        found: Documents = alerts.activations(self.client, self._project(project), **filters)
        return found

    def generate_event(self, name: str, event_data: Any, project: str = "") -> None:
        """Tell an event, which the alerts that listen to it count."""
        alerts.send_event(self.client, self._project(project), name, _document(event_data))


class RunDB(_Projects, _Runs, _Stored, _Schedules, _Alerts):
    """All that the service knows, by MLRun's names; every call returns plain documents."""

    kind = "http"


# arguments of MLRun's methods have the names of the modules
_secrets, _notifications = secrets, notifications


def _document(value: Any) -> dict[str, Any]:
    return dict(value.to_dict() if hasattr(value, "to_dict") else value)


def _identified(artifacts: Any) -> list[dict[str, Any]]:
    several = artifacts if isinstance(artifacts, (list, tuple)) else [artifacts]
    return [tags.identify(_document(each)) for each in several]
