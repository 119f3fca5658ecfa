"""``client-spec`` and ``healthz``: what every client asks first."""

from __future__ import annotations

import functools
from importlib import metadata

from . import Route
from .base import ANYBODY, OPEN, SERVICE, Handler, guarded
from .clients import client_of, version_for

# what MLRun's clients know of a service and this one has nothing to say to: it needs a cluster
UNSET = (
    "auto_mount_params", "auto_mount_type", "authorization_namespaces_mlrun", "ce",
    "dask_kfp_image", "default_function_node_selector", "default_function_pod_resources",
    "default_preemption_mode", "default_tensorboard_logs_path", "external_platform_tracking",
    "feature_store_data_prefixes", "feature_store_default_targets", "function",
    "kfp_default_workflow_timeout", "kfp_image", "logs",
    "model_endpoint_monitoring_store_prefixes", "oauth_external_token_endpoint",
    "oauth_internal_token_endpoint", "packagers", "preemptible_nodes_node_selector",
    "preemptible_nodes_tolerations", "redis_type", "scrape_metrics", "spark_operator_version",
    "system_id", "telemetry_insecure", "telemetry_model_monitoring_interval",
    "telemetry_otlp_endpoint", "ui_projects_prefix",
)  # fmt: skip
# the same, of which clients of 1.7 expect a text
EMPTY = (
    "default_function_priority_class_name", "docker_registry", "igz_version",
    "mpijob_crd_version", "redis_url", "remote_host", "spark_app_image", "spark_app_image_tag",
    "spark_history_server_path", "sql_url", "ui_url", "valid_function_priority_class_names",
)  # fmt: skip


@functools.cache
def _own_version() -> str:
    return metadata.version("jupyter-mlrun")


class ClientSpec(Handler):
    """What a client should know of the service."""

    @guarded("service", run=SERVICE, where=ANYBODY)
    async def get(self) -> None:
        cluster = self.service.launcher.places.cluster
        self.answer(
            {
                **dict.fromkeys(UNSET),
                **dict.fromkeys(EMPTY, ""),
                "version": version_for(client_of(self.request)),
                "jupyter_mlrun_version": _own_version(),
                "artifact_path": self.service.place.clients_path,
                # where it is named, project.run_function of a client does not run in the client
                "namespace": "" if cluster is None else cluster.settings.namespace,
                "kfp_url": "",
                "nuclio_version": "",
                "force_run_local": "auto",
                "api_url": self.service.url,
                "calculate_artifact_hash": True,
                "generate_artifact_target_path_from_artifact_hash": False,
                "alerts_mode": "enabled",
                "authentication_mode": "none",
                "default_runtime_image_by_kind": {},
                "telemetry_enabled": False,
            }
        )


class Health(Handler):
    """Whether the service answers."""

    @guarded("service", run=SERVICE, where=OPEN)
    async def get(self) -> None:
        known = {} if self.service.alone else {"version": _own_version()}
        self.answer({**known, "status": "ok"})


ROUTES = [Route("client-spec", ClientSpec, "all"), Route("healthz", Health, "all")]
