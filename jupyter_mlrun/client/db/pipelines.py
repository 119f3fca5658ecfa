"""Workflows, pipelines and gateways under the method names of MLRun's ``get_run_db()``.

Their engines come with later releases: the service says so where one would have to work.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...errors import MLRunInvalidArgumentError
from ..answers import Answer
from ..arguments import document, documents, plain, query
from ..connected import Connected
from ..transport import part

_TYPES = {".yaml": "application/yaml", ".zip": "application/zip"}


class Pipelines(Connected):
    """Pipelines that were recorded, and wishes to run, repeat and end one."""

    def submit_pipeline(
        self,
        project: str,
        pipeline: Any,
        arguments: Mapping[str, Any] | None = None,
        experiment: str | None = None,
        run: str | None = None,
        namespace: str | None = None,
        artifact_path: str | None = None,
        ops: Any = None,
        cleanup_ttl: int | None = None,
        timeout: float = 60,
    ) -> str:
        """Have a compiled pipeline, a .yaml or .zip file, run; its id."""
        path = Path(pipeline) if isinstance(pipeline, (str, os.PathLike)) else None
        if path is None or path.suffix not in _TYPES or not path.is_file():
            raise MLRunInvalidArgumentError(
                "'pipeline' must be the path of a compiled pipeline, a .yaml or .zip file that is "
                f"there, not {pipeline!r:.80}"
            )
        if arguments is not None and not isinstance(arguments, Mapping):
            raise MLRunInvalidArgumentError("'arguments' must be a dict of values by their names")
        headers = {"content-type": _TYPES[path.suffix]}
        if arguments:
            headers["x-mlrun-pipeline-arguments"] = str(dict(arguments))
        asked = query(namespace=namespace, run=run, experiment=experiment)
        answer = self.client.json(
            "POST", self._of(project, "pipelines"), asked, path.read_bytes(), headers,
            timeout=timeout,
        )  # fmt: skip
        return str(answer["id"])

    def list_pipelines(
        self,
        project: str,
        namespace: str | None = None,
        sort_by: str = "",
        page_token: str = "",
        filter_: str = "",
        format_: str = "metadata_only",
        page_size: int | None = None,
    ) -> Answer:
        """The pipelines of a project (``*``: of all): ``runs`` and ``total_size``."""
        if project != "*" and (page_token or page_size):
            raise MLRunInvalidArgumentError(
                "Filtering by project can not be used together with pagination"
            )
        asked = {
            "namespace": namespace, "sort_by": sort_by or None, "page_token": page_token or None,
            "filter": filter_ or None, "format": plain(format_), "page_size": page_size,
        }  # fmt: skip
        return Answer(self.client.json("GET", f"projects/{part(project)}/pipelines", asked))

    def get_pipeline(
        self,
        run_id: str,
        namespace: str | None = None,
        timeout: float = 30,
        format_: str = "summary",
        project: str | None = None,
    ) -> dict[str, Any]:
        """A pipeline with its steps; raises MLRunNotFoundError."""
        path = f"projects/{part(project or '*')}/pipelines/{part(run_id)}"
        asked = query(namespace=namespace, format=format_)
        return dict(self.client.json("GET", path, asked, timeout=timeout))

    def retry_pipeline(
        self,
        run_id: str,
        project: str,
        namespace: str | None = None,
        timeout: float = 30,
        submit_mode: str = "",
    ) -> Any:
        """Have a pipeline's failed steps run again."""
        asked = query(namespace=namespace, submit_mode=submit_mode)
        path = self._of(project, f"pipelines/{part(run_id)}/retry")
        return self.client.json("POST", path, asked, timeout=timeout)

    def terminate_pipeline(
        self, run_id: str, project: str, namespace: str | None = None, timeout: float = 30
    ) -> Any:
        """Have a pipeline ended."""
        path = self._of(project, f"pipelines/{part(run_id)}/terminate")
        return self.client.json("POST", path, query(namespace=namespace), timeout=timeout)

    def push_pipeline_notifications(
        self,
        pipeline_id: str,
        project: str = "",
        notifications: list[Any] | None = None,
        timeout: float = 45,
    ) -> None:
        """Send notifications of a pipeline now."""
        if not isinstance(notifications, list):
            raise MLRunInvalidArgumentError("The 'notifications' parameter must be a list.")
        path = self._of(project, f"pipelines/{part(pipeline_id)}/push-notifications")
        body = documents(notifications, "notifications")
        self._ended(self.client.request("POST", path, None, body, timeout=timeout), project)


class Workflows(Connected):
    """Workflows of projects that the service is to run."""

    def submit_workflow(
        self,
        project: str,
        name: str,
        workflow_spec: Any,
        arguments: Mapping[str, Any] | None = None,
        artifact_path: str | None = None,
        source: str | None = None,
        run_name: str | None = None,
        namespace: str | None = None,
        notifications: Iterable[Any] | None = None,
    ) -> Answer:
        """Have the service run a workflow."""
        spec = document(workflow_spec, "workflow_spec")
        name = name or str(spec.get("name") or "")
        body: dict[str, Any] = {
            "spec": {**spec, "name": name}, "arguments": arguments, "artifact_path": artifact_path,
            "source": source, "run_name": run_name, "namespace": namespace,
        }  # fmt: skip
        if notifications:
            body["notifications"] = documents(notifications, "notifications")
        path = self._of(project, f"workflows/{part(name)}/submit")
        return Answer(self.client.json("POST", path, body=body))

    def get_workflow_id(self, project: str, name: str, run_id: str, engine: str = "") -> Answer:
        """The id of the workflow that a run of the service started."""
        path = self._of(project, f"workflows/{part(name)}/runs/{part(run_id)}")
        return Answer(self.client.json("GET", path, query(engine=engine)))

    def set_run_retrying_status(
        self, project: str, name: str, run_id: str, retrying: bool = False
    ) -> None:
        """Say whether a workflow is being tried again."""
        path = self._of(project, f"workflows/{part(name)}/runs/{part(run_id)}/set-retry-status")
        self.client.request("POST", path, {"retrying": retrying})


class Gateways(Connected):
    """Addresses at which deployed functions are called."""

    def list_api_gateways(self, project: str | None = None) -> Answer:
        """The gateways of a project, below ``api_gateways``."""
        return Answer(self.client.json("GET", self._of(project, "api-gateways")))

    def get_api_gateway(self, name: str, project: str | None = None) -> Answer:
        """A gateway; raises MLRunNotFoundError."""
        return Answer(self.client.json("GET", self._of(project, f"api-gateways/{part(name)}")))

    def delete_api_gateway(self, name: str, project: str | None = None) -> None:
        """Remove a gateway."""
        self.client.request("DELETE", self._of(project, f"api-gateways/{part(name)}"))

    def store_api_gateway(self, api_gateway: Any, project: str | None = None) -> Answer:
        """Make or replace a gateway."""
        body = document(api_gateway, "api_gateway")
        name = str((body.get("metadata") or {}).get("name") or "")
        path = self._of(project, f"api-gateways/{part(name)}")
        return Answer(self.client.json("PUT", path, body=body))
