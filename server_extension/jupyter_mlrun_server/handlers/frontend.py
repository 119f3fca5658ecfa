"""What pages and clustered services ask: settings for a UI, and who leads."""

from __future__ import annotations

from importlib.metadata import version

from . import Route
from .base import ANYBODY, Handler, guarded

CHUNK, PREVIEW, DOWNLOAD = 1024 * 1024, 10 * 1024 * 1024, 100 * 1024 * 1024


class FrontendSpec(Handler):
    """What MLRun's own pages should know of the service."""

    @guarded("service", where=ANYBODY)
    async def get(self) -> None:
        """As MLRun says it; what needs a cluster is empty."""
        artifacts = self.service.place.artifacts
        self.answer(
            {
                "jobs_dashboard_url": None,
                "model_monitoring_dashboard_url": None,
                "abortable_function_kinds": ["local", "handler"],
                "feature_flags": {
                    "project_membership": "enabled",
                    "authentication": "none",
                    "nuclio_streams": "disabled",
                    "preemption_nodes": "disabled",
                },
                "default_function_priority_class_name": None,
                "valid_function_priority_class_names": [],
                "default_function_image_by_kind": {},
                "function_deployment_target_image_template": None,
                "function_deployment_target_image_name_prefix_template": "func-{project}-{name}",
                "function_deployment_target_image_registries_to_enforce_prefix": [],
                "function_deployment_mlrun_requirement": None,
                "auto_mount_type": "none",
                "auto_mount_params": {},
                "default_artifact_path": str(artifacts / "{{run.project}}" / "{{run.uid}}"),
                "default_function_pod_resources": {"requests": {}, "limits": {}},
                "default_function_preemption_mode": "prevent",
                "feature_store_data_prefixes": {},
                "allowed_artifact_path_prefixes_list": [str(artifacts)],
                "ce": {"mode": "jupyter", "release": version("jupyter-mlrun")},
                "internal_labels": ["kind", "owner", "host", "v3io_user"],
                "artifact_limits": {
                    "max_chunk_size": CHUNK,
                    "max_preview_size": PREVIEW,
                    "max_download_size": DOWNLOAD,
                },
            }
        )


class ClusterizationSpec(Handler):
    """Whether a service leads."""

    @guarded("service", where=ANYBODY)
    async def get(self) -> None:
        """The state of the service that leads, and its version."""
        state = "online" if self.service.leader.leads else "waitingForChief"
        self.answer({"chief_api_state": state, "chief_version": version("jupyter-mlrun")})


ROUTES = [
    Route("frontend-spec", FrontendSpec, "all"),
    Route("clusterization-spec", ClusterizationSpec, "all"),
]
