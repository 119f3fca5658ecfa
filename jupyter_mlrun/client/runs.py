"""Runs at the service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .transport import TIMEOUT, Client, Response, part


def path(project: str, uid: str) -> str:
    """The address of a run below the API."""
    return f"projects/{part(project)}/runs/{part(uid)}"


def store(client: Client, run: Mapping[str, Any], iter: int = 0) -> None:
    """Store the whole run document, new or known."""
    metadata = run["metadata"]
    address = path(metadata["project"], metadata["uid"])
    client.request("POST", address, {"iter": iter}, run, idempotent=True)


def update(
    client: Client, project: str, uid: str, updates: Mapping[str, Any], iter: int = 0
) -> None:
    """Set dotted paths of a stored run, such as ``{"status.state": "running"}``."""
    client.request("PATCH", path(project, uid), {"iter": iter}, dict(updates))


def read(
    client: Client, project: str, uid: str, iter: int = 0, style: str = "full"
) -> dict[str, Any]:
    """The run document, in the style ``full`` with its artifacts; raises MLRunNotFoundError."""
    params = {"iter": iter, "format": style}
    run: dict[str, Any] = client.json("GET", path(project, uid), params)["data"]
    return run


def list(client: Client, project: str, **filters: Any) -> Any:
    """Run documents, newest first; filters are MLRun's query names with ``_`` for ``-``."""
    params = {key.replace("_", "-") if "page" in key else key: v for key, v in filters.items()}
    return client.json("GET", f"projects/{part(project)}/runs", params)["runs"]


def delete(client: Client, project: str, uid: str, iter: int = 0) -> None:
    """Delete a run with all its iterations, or one of them; raises for one that still works."""
    client.request("DELETE", path(project, uid), {"iter": iter or None})


def delete_many(client: Client, project: str, **filters: Any) -> None:
    """Delete the runs that MLRun's filters describe."""
    client.request("DELETE", f"projects/{part(project)}/runs", filters)


def abort(
    client: Client, project: str, uid: str, status_text: str = "", timeout: float = TIMEOUT
) -> Response:
    """Ask for the end of a run; it is ``aborting`` until its processes are gone.

    The answer names the background task that ends with the run.
    """
    body = {"status.status_text": status_text} if status_text else {}
    return client.request(
        "POST", f"{path(project, uid)}/abort", body=body, idempotent=True, timeout=timeout
    )


def rows(client: Client, project: str | None = None, **filters: Any) -> dict[str, Any]:
    """Rows for lists with counts by state, as the panel sees them: total, counts, rows."""
    answer: dict[str, Any] = client.json("GET", "lab/runs", {"project": project, **filters})
    return answer


def rerun(
    client: Client,
    project: str,
    uid: str,
    parameters: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Run again what a stored run ran, with changed parameters and inputs; the new run."""
    address = f"lab/runs/{part(project)}/{part(uid)}/rerun"
    body = {"parameters": dict(parameters or {}), "inputs": dict(inputs or {})}
    run: dict[str, Any] = client.json("POST", address, body=body)["data"]
    return run
