"""Templates of alerts: MLRun's own, and those that were stored."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunBadRequestError, MLRunNotFoundError
from jupyter_mlrun.model.alert import TEMPLATES
from jupyter_mlrun.model.document import dumps

from .service_tables import alert_templates as table

OWN = {template["template_name"]: template for template in TEMPLATES}
MOST = 1000


def select(connection: Connection) -> list[dict[str, Any]]:
    """All templates, MLRun's first."""
    stored = connection.execute(sa.select(table).order_by(table.c.id))
    return [*TEMPLATES, *(_template(row) for row in stored)]


def read(connection: Connection, name: str) -> dict[str, Any]:
    """One template."""
    if name in OWN:
        return OWN[name]
    row = connection.execute(sa.select(table).where(table.c.name == name)).first()
    if row is None:
        raise MLRunNotFoundError(f"Alert template {name} not found")
    return _template(row)


def save(connection: Connection, name: str, template: dict[str, Any]) -> dict[str, Any]:
    """The template as stored."""
    _check_own(name)
    values = {"document": dumps({**template, "system_generated": False})}
    changed = connection.execute(table.update().where(table.c.name == name).values(**values))
    if not changed.rowcount:
        number = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0
        if number >= MOST:
            raise MLRunBadRequestError(f"There are {MOST} alert templates already: delete some")
        connection.execute(table.insert(), {"name": name, **values})
    return read(connection, name)


def delete(connection: Connection, name: str) -> None:
    """Remove a template, whether it is there or not."""
    _check_own(name)
    connection.execute(table.delete().where(table.c.name == name))


def _check_own(name: str) -> None:
    if name in OWN:
        raise MLRunBadRequestError(f"Template {name} is the system's own: store another name")


def _template(row: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(row.document)
    # MLRun's own have the first ids
    return document | {"template_id": len(TEMPLATES) + row.id}
