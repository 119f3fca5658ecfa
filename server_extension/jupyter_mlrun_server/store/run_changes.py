"""What follows from a run's new state: notifications become due, alerts hear of failures."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun import states
from jupyter_mlrun.model import alert

from . import alerts, attempts, notifications

LONGEST_ERROR = 2000


def follow(connection: Connection, document: dict[str, Any], old: str | None) -> None:
    """Do so in the transaction of the change itself, so that nothing is lost or done twice."""
    if document["status"]["state"] == old or document["metadata"]["iteration"]:
        return
    if not attempts.are_to_be_decided(connection, document):
        tell(connection, document)


def tell(connection: Connection, document: dict[str, Any]) -> None:
    """Let notifications and alerts have the state of a run."""
    state, metadata = document["status"]["state"], document["metadata"]
    project, uid = metadata["project"], metadata["uid"]
    if document["spec"].get("notifications"):
        notifications.wake_run(connection, project, uid, state)
    if state != states.ERROR:
        return
    name = str(metadata["name"])
    entity = {"kind": alert.JOB, "project": project, "ids": [name]}
    error = str(document["status"].get("error") or "")[:LONGEST_ERROR]
    values = {"uid": uid, "error": error}
    alerts.take(connection, project, alert.FAILED, entity, values, names=[f"{name}.{uid}", uid])
