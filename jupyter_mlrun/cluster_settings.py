"""What the administrator of a cluster has set, by MLRun's names of its settings.

An environment variable of this process comes first (``storage.auto_mount_type`` is
``MLRUN_STORAGE__AUTO_MOUNT_TYPE``), then what the service tells its clients, then MLRun's default.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import time
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun import session
from jupyter_mlrun.client.files import client_spec
from jupyter_mlrun.errors import MLRunBaseError, MLRunInvalidArgumentError

_TOLD_AS = {
    "storage.auto_mount_type": "auto_mount_type",
    "storage.auto_mount_params": "auto_mount_params",
    "function_defaults.preemption_mode": "default_preemption_mode",
    "preemptible_nodes.node_selector": "preemptible_nodes_node_selector",
    "preemptible_nodes.tolerations": "preemptible_nodes_tolerations",
}
_KEPT = 60.0
_told: dict[str, Any] = {}


def read(name: str, default: str = "") -> str:
    """The setting's text."""
    variable = "MLRUN_" + name.upper().replace(".", "__")
    if variable in os.environ:
        return os.environ[variable]
    found = _of_service().get(_TOLD_AS.get(name, name))
    return default if found is None else str(found)


def read_encoded(name: str, default: Any) -> Any:
    """The setting that MLRun writes as base64 of JSON; plain JSON is read too."""
    text = read(name)
    if not text:
        return default
    try:
        return json.loads(text if text[0] in "[{" else base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        raise MLRunInvalidArgumentError(
            f"The setting {name} is neither JSON nor base64 of JSON: {text[:63]!r}"
        ) from None


def read_parameters(name: str) -> dict[str, Any]:
    """The setting that holds ``name=value`` pairs between commas, or base64 of a JSON object."""
    text = read(name)
    if not text or "=" not in text.rstrip("="):
        return dict(read_encoded(name, {}))
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _of_service() -> Mapping[str, Any]:
    """What the service tells clients; nothing where none is connected to or none answers."""
    client = session.connected()
    if client is None:
        return {}
    if _told.get("client") is not client or time.monotonic() > _told["until"]:
        try:
            spec = client_spec(client)
        except MLRunBaseError:
            # a function can be described while no service answers
            spec = {}
        _told.update(client=client, spec=spec, until=time.monotonic() + _KEPT)
    found: Mapping[str, Any] = _told["spec"]
    return found
