"""Model endpoints and their monitoring under the names of MLRun's ``get_run_db()``.

Endpoints are stored and listed; what watches them comes with a later release, as the service says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...errors import MLRunInvalidArgumentError
from ..answers import Answer, answered
from ..arguments import document, labels_of, plain, query
from ..connected import Connected
from ..transport import part


class ModelEndpoints(Connected):
    """Model endpoints: stored, read, listed, deleted."""

    def create_model_endpoint(
        self, model_endpoint: Any, creation_strategy: str = "inplace"
    ) -> Answer:
        """Store an endpoint: a new one, or by the strategy over the latest of its name."""
        body = document(model_endpoint, "model_endpoint")
        project = str((body.get("metadata") or {}).get("project") or "")
        asked = query(creation_strategy=creation_strategy)
        return Answer(self.client.json("POST", self._of(project, "model-endpoints"), asked, body))

    def delete_model_endpoint(
        self,
        name: str,
        project: str,
        function_name: str | None = None,
        function_tag: str | None = None,
        endpoint_id: str | None = None,
    ) -> None:
        """Remove an endpoint, named by its function and tag or by its id."""
        asked = _which(function_name, function_tag, endpoint_id)
        path = self._of(project, f"model-endpoints/{part(name)}")
        self.client.request("DELETE", path, asked)

    def list_model_endpoints(
        self,
        project: str,
        names: str | list[str] | None = None,
        function_name: str | None = None,
        function_tag: str | None = None,
        model_name: str | None = None,
        model_tag: str | None = None,
        labels: Any = None,
        start: datetime | None = None,
        end: datetime | None = None,
        tsdb_metrics: bool = False,
        metric_list: list[str] | None = None,
        top_level: bool = False,
        modes: Any = None,
        uids: list[str] | None = None,
        latest_only: bool = False,
    ) -> Answer:
        """The endpoints of a project that all of these describe, below ``endpoints``."""
        several = modes if isinstance(modes, (list, tuple)) or modes is None else [modes]
        asked = query(
            name=names, function_name=function_name, function_tag=function_tag,
            model_name=model_name, model_tag=model_tag, label=labels_of(labels), start=start,
            end=end, tsdb_metrics=tsdb_metrics, metric=metric_list, top_level=top_level,
            uid=uids, latest_only=latest_only,
        )  # fmt: skip
        if several is not None:
            asked["mode"] = [getattr(mode, "value", mode) for mode in several]
        return Answer(self.client.json("GET", self._of(project, "model-endpoints"), asked))

    def get_model_endpoint(
        self,
        name: str,
        project: str,
        function_name: str | None = None,
        function_tag: str | None = None,
        endpoint_id: str | None = None,
        tsdb_metrics: bool = True,
        metric_list: list[str] | None = None,
        feature_analysis: bool = False,
    ) -> Answer:
        """An endpoint, named by its function and tag or by its id."""
        asked = _which(function_name, function_tag, endpoint_id) | query(
            tsdb_metrics=tsdb_metrics, metric=metric_list, feature_analysis=feature_analysis
        )
        path = self._of(project, f"model-endpoints/{part(name)}")
        return Answer(self.client.json("GET", path, asked))

    def patch_model_endpoint(
        self,
        name: str,
        project: str,
        attributes: Mapping[str, Any],
        function_name: str | None = None,
        function_tag: str | None = None,
        endpoint_id: str | None = None,
    ) -> None:
        """Change these attributes of an endpoint, whichever part of it holds them."""
        given = document(attributes, "attributes")
        metadata = {"name": name, "project": project, "uid": endpoint_id or None}
        spec = {"function_name": function_name or None, "function_tag": function_tag or None}
        body = {
            "metadata": _below(given, _METADATA) | metadata,
            "spec": _below(given, _SPEC) | spec,
            "status": {k: v for k, v in given.items() if k not in (*_METADATA, *_SPEC)},
        }
        path = self._of(project, "model-endpoints")
        self.client.request("PATCH", path, {"attribute-key": [*given]}, body)

    def get_model_endpoint_monitoring_metrics(
        self, project: str, endpoint_id: str, type: str = "all"
    ) -> list[Answer]:
        """The metrics that are known of an endpoint."""
        path = self._of(project, f"model-endpoints/{part(endpoint_id)}/metrics")
        return [Answer(each) for each in self.client.json("GET", path, {"type": type})]

    def get_metrics_by_multiple_endpoints(
        self,
        project: str,
        endpoint_ids: str | list[str],
        type: str = "all",
        events_format: str = "separation",
    ) -> Any:
        """The metrics that are known of several endpoints."""
        asked = query(endpoint_id=endpoint_ids, events_format=events_format) | {"type": type}
        path = self._of(project, "model-monitoring/metrics")
        return answered(self.client.json("GET", path, asked))


class Monitoring(Connected):
    """What watches the models of a project."""

    def update_model_monitoring_controller(
        self, project: str, base_period: int = 10, image: str | None = None
    ) -> None:
        """Change how often models are looked at."""
        asked = {"base_period": base_period, "image": image}
        self._monitor("PATCH", project, "/controller", asked)

    def enable_model_monitoring(
        self,
        project: str,
        base_period: int = 10,
        image: str | None = None,
        deploy_histogram_data_drift_app: bool = True,
        lag_threshold: int | None = None,
        lag_event_cooldown: int | None = None,
        otlp_enabled: bool = False,
    ) -> None:
        """Have the models of a project watched."""
        asked = {
            "base_period": base_period, "image": image, "lag_threshold": lag_threshold,
            "deploy_histogram_data_drift_app": deploy_histogram_data_drift_app,
            "lag_event_cooldown": lag_event_cooldown, "otlp_enabled": otlp_enabled,
        }  # fmt: skip
        self._monitor("PUT", project, "/", asked)

    def disable_model_monitoring(
        self,
        project: str,
        delete_resources: bool = True,
        delete_stream_function: bool = False,
        delete_histogram_data_drift_app: bool = True,
        delete_user_applications: bool = False,
        user_application_list: list[str] | None = None,
    ) -> bool:
        """Have the models of a project watched no more; whether all was removed."""
        asked = {
            "delete_resources": delete_resources,
            "delete_stream_function": delete_stream_function,
            "delete_histogram_data_drift_app": delete_histogram_data_drift_app,
            "delete_user_applications": delete_user_applications,
            "user_application_list": user_application_list,
        }
        self._monitor("DELETE", project, "/", asked)
        return True

    def delete_model_monitoring_function(self, project: str, functions: list[str]) -> bool:
        """Remove applications that watch models; whether all were removed."""
        self._monitor("DELETE", project, "/functions", {"function": functions})
        return True

    def set_model_monitoring_credentials(
        self, project: str, credentials: Mapping[str, str | None], replace_creds: bool
    ) -> None:
        """Say where what is seen of models is kept."""
        asked = {**credentials, "replace_creds": replace_creds}
        self._monitor("PUT", project, "/credentials", asked)

    def delete_model_monitoring_metrics(
        self, project: str, application_name: str, endpoint_ids: list[str] | None = None
    ) -> None:
        """Remove the metrics that an application wrote."""
        asked = query(endpoint_id=endpoint_ids, application_name=application_name)
        self._monitor("DELETE", project, "/metrics", asked)

    def get_model_monitoring_url(self, project: str) -> str | None:
        """Where events of models are sent to."""
        found: str | None = self._monitor("GET", project, "/stream-pod-http-url", {})
        return found

    def get_monitoring_function_summaries(
        self,
        project: str,
        start: datetime | None = None,
        end: datetime | None = None,
        names: str | list[str] | None = None,
        labels: Any = None,
        include_stats: bool = False,
        include_infra: bool = True,
    ) -> list[Answer]:
        """What watches the models of a project, and how it does."""
        asked = query(start=start, end=end, name=names, label=labels_of(labels))
        asked |= {"include-stats": include_stats, "include-infra": include_infra}
        found = self._monitor("GET", project, "/function-summaries", asked)
        return [Answer(each) for each in found]

    def get_monitoring_function_summary(
        self,
        project: str,
        function_name: str,
        start: datetime | None = None,
        end: datetime | None = None,
        include_latest_metrics: bool = False,
    ) -> Answer:
        """One of what watches the models of a project."""
        asked = query(start=start, end=end, include_latest_metrics=include_latest_metrics)
        path = f"/function-summaries/{part(function_name)}"
        return Answer(self._monitor("GET", project, path, asked))

    def get_drift_over_time(
        self, project: str, start: datetime | None = None, end: datetime | None = None
    ) -> Answer:
        """How many models were suspected of drift, hour by hour."""
        return Answer(
            self._monitor("GET", project, "/drift-over-time", query(start=start, end=end))
        )

    def _monitor(self, verb: str, project: str, path: str, asked: Mapping[str, Any]) -> Any:
        given = {name: plain(value) if not isinstance(value, bool) else value
                 for name, value in asked.items()}  # fmt: skip
        address = self._of(project, f"model-monitoring{path}")
        return self.client.json(verb, address, given, timeout=300)


_METADATA = ("name", "project", "labels", "uid", "endpoint_type", "mode")
_SPEC = (
    "model_class", "function_name", "function_tag", "model_path", "model_name", "model_tags",
    "children", "children_uids", "monitoring_feature_set_uri", "feature_names", "label_names",
    "feature_stats", "function_uri", "model_uri",
)  # fmt: skip


def _below(given: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _which(function: str | None, tag: str | None, uid: str | None) -> dict[str, Any]:
    if not (uid or (function and tag)):
        raise MLRunInvalidArgumentError(
            "Either endpoint_uid or function_name and function_tag must be provided"
        )
    return query(function_name=function, function_tag=tag, endpoint_id=uid)
