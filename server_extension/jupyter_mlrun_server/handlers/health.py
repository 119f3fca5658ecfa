"""``client-spec`` and ``healthz``: what every client asks first."""

from __future__ import annotations

from importlib.metadata import version

from . import Route
from .base import ANYBODY, OPEN, SERVICE, Handler, guarded

OLDEST = "1.12.1"


def version_for(client: str) -> str:
    """A version that MLRun's client takes as its equal, since we speak its language."""
    parts = client.split(".")
    known = len(parts) >= 2 and parts[0].isdigit() and parts[1].isdigit()
    return client if known and client[:4].isascii() and len(client) < 40 else OLDEST


class ClientSpec(Handler):
    """What a client should know of the service."""

    @guarded("service", run=SERVICE, where=ANYBODY)
    async def get(self) -> None:
        self.answer(
            {
                "version": version_for(self.request.headers.get("x-mlrun-client-version", "")),
                "jupyter_mlrun_version": version("jupyter-mlrun"),
                "artifact_path": self.service.place.clients_path,
                "ui_url": None,
                "namespace": "",
                "kfp_url": "",
                "nuclio_version": "",
                "force_run_local": "auto",
                "api_url": self.service.url,
                "calculate_artifact_hash": True,
                "generate_artifact_target_path_from_artifact_hash": False,
                "alerts_mode": "disabled",
            }
        )


class Health(Handler):
    """Whether the service answers."""

    @guarded("service", run=SERVICE, where=OPEN)
    async def get(self) -> None:
        known = {} if self.service.alone else {"version": version("jupyter-mlrun")}
        self.answer({**known, "status": "ok"})


ROUTES = [Route("client-spec", ClientSpec, "all"), Route("healthz", Health, "all")]
