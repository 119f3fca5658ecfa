"""Runs and their notifications under the method names of MLRun's ``get_run_db()``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from .. import notifications as notification_calls
from .. import runs as run_calls
from .. import submit
from ..answers import Answer
from ..arguments import (
    choice,
    document,
    documents,
    labels_of,
    partitions,
    query,
    refuse,
    times,
    week_ago,
)
from ..connected import Connected
from ..pages import paged
from ..transport import part

Documents = list[dict[str, Any]]


class Runs(Connected):
    """Runs: sent, recorded, read, listed, ended, deleted."""

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
        asked |= partitions(
            partition_by, rows_per_partition, partition_sort_by, partition_order, max_partitions
        )
        asked |= {"iter": iter} | query(with_notifications=with_notifications)
        found: Documents = run_calls.list(self.client, self._project(project), **asked)
        return found

    def paginated_list_runs(
        self,
        *args: Any,
        page: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        **kwargs: Any,
    ) -> tuple[Any, str | None]:
        """A page of ``list_runs``, and the token of the next page; None after the last."""
        return paged(self, "list_runs", args, kwargs, page, page_size, page_token)

    def store_run(self, struct: Any, uid: str, project: str = "", iter: int = 0) -> None:
        """Store a run's whole document, new or known."""
        body = document(struct, "struct")
        path = self._of(project, f"runs/{part(uid)}")
        self.client.request("POST", path, {"iter": iter}, body, idempotent=True)

    def update_run(
        self,
        updates: Mapping[str, Any],
        uid: str,
        project: str = "",
        iter: int = 0,
        timeout: float = 45,
    ) -> None:
        """Set dotted paths of a stored run, such as ``{"status.state": "completed"}``."""
        body = document(updates, "updates")
        path = self._of(project, f"runs/{part(uid)}")
        self.client.request("PATCH", path, {"iter": iter}, body, timeout=timeout)

    def abort_run(
        self,
        uid: str,
        project: str = "",
        iter: int = 0,
        timeout: float = 45,
        status_text: str = "",
    ) -> Answer | None:
        """Have a run ended: the background task, when its processes are gone.

        The service is given ``timeout`` seconds to take the wish.
        """
        refuse("iter", iter, "a run is stopped with all its iterations")
        project = self._project(project)
        return self._ended(
            run_calls.abort(self.client, project, uid, status_text, timeout), project
        )

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

    def set_run_notifications(
        self, project: str, run_uid: str, notifications: Iterable[Any] | None = None
    ) -> None:
        """Replace what is sent when a run ends."""
        told = documents(notifications, "notifications")
        notification_calls.set_run(self.client, project, run_uid, told)

    def push_run_notifications(self, uid: str, project: str = "", timeout: float = 45) -> Answer:
        """Send a run's notifications; the background task, when it has done so."""
        project = self._project(project)
        task = notification_calls.push(self.client, project, uid, timeout)
        return self._task_ended(task["metadata"]["name"], project)

    def store_run_notifications(
        self,
        notification_objects: Iterable[Any],
        run_uid: str,
        project: str | None = None,
        mask_params: bool = True,
    ) -> None:
        """Nothing: as in MLRun's client, a run's document carries them to the service."""
