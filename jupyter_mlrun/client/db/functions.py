"""Functions, their images and clusters under the names of MLRun's ``get_run_db()``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .. import builds, function_clusters, functions, runtime_resources
from ..answers import Answer, answered
from ..arguments import document, labels_of, query
from ..connected import Connected
from ..pages import paged
from ..transport import part

Documents = list[dict[str, Any]]


class Functions(Connected):
    """Functions: stored, read, listed, deleted."""

    def store_function(
        self,
        function: Any,
        name: str,
        project: str = "",
        tag: str | None = None,
        versioned: bool = False,
    ) -> str:
        """Store a function; its hash. Without ``versioned`` it replaces what the tag names."""
        body = document(function, "function")
        named = {"name": name, "project": self._project(project)}
        body["metadata"] = {**document(body.get("metadata") or {}, "function.metadata"), **named}
        return functions.store(self.client, body, tag or "", versioned)

    def get_function(
        self, name: str, project: str = "", tag: str | None = None, hash_key: str = ""
    ) -> dict[str, Any]:
        """A function's document; raises MLRunNotFoundError."""
        return functions.read(self.client, self._project(project), name, tag or "", hash_key)

    def list_functions(
        self,
        name: str | None = None,
        project: str | None = None,
        tag: str | None = None,
        labels: Any = None,
        since: datetime | None = None,
        until: datetime | None = None,
        kind: str | None = None,
        format_: str = "full",
        states: list[str] | None = None,
    ) -> Documents:
        """Documents of functions, one for each version and tag."""
        asked = query(
            name=name, tag=tag, label=labels_of(labels), since=since, until=until, kind=kind,
            format=format_, state=states,
        )  # fmt: skip
        found: Documents = functions.list(self.client, self._project(project), **asked)
        return found

    def paginated_list_functions(
        self,
        *args: Any,
        page: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        **kwargs: Any,
    ) -> tuple[Any, str | None]:
        """A page of ``list_functions``, and the token of the next page; None after the last."""
        return paged(self, "list_functions", args, kwargs, page, page_size, page_token)

    def delete_function(self, name: str, project: str = "") -> None:
        """Delete a function with all its versions."""
        functions.delete(self.client, self._project(project), name)


class Deployments(Connected):
    """Images of functions, clusters of functions, and what runs have left where they work."""

    def remote_builder(
        self,
        func: Any,
        with_mlrun: bool,
        mlrun_version_specifier: str | None = None,
        skip_deployed: bool = False,
        builder_env: Mapping[str, str] | None = None,
        force_build: bool = False,
    ) -> dict[str, Any]:
        """Have a function's image built; the function as the service completed it in ``data``."""
        return builds.start(
            self.client, document(func, "func"), with_mlrun="yes" if with_mlrun else "no",
            skip_deployed=skip_deployed, force_build=force_build,
            mlrun_version_specifier=mlrun_version_specifier, builder_env=builder_env or None,
        )  # fmt: skip

    def get_builder_status(
        self,
        func: Any,
        offset: int = 0,
        logs: bool = True,
        last_log_timestamp: float = 0.0,
        verbose: bool = False,
        events_offset: int = 0,
    ) -> tuple[str, float, str]:
        """The text of a build's log from an offset on, a time, and which kind of text it is.

        The function object is told its state and, once it is built, its image.
        """
        metadata = func.metadata
        found = builds.state(
            self.client, self._project(metadata.project), metadata.name, metadata.tag or "",
            offset, logs,
        )  # fmt: skip
        func.status.state = found.state
        if found.image:
            func.spec.image = found.image
        return found.log.decode("utf-8", "replace"), last_log_timestamp, "logs"

    def deploy_nuclio_function(
        self, func: Any, builder_env: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Have a Nuclio function deployed."""
        body = {"function": document(func, "func"), "builder_env": builder_env}
        given = {key: value for key, value in body.items() if value}
        return dict(self.client.json("POST", self._nuclio(func), body=given))

    def get_nuclio_deploy_status(
        self, func: Any, last_log_timestamp: float = 0.0, verbose: bool = False
    ) -> tuple[str, float]:
        """The text of a deployment's log after a time, and the time of its last line."""
        asked = {"last_log_timestamp": last_log_timestamp, "verbose": verbose}
        answer = self.client.request("GET", self._nuclio(func), asked)
        last = float(answer.headers.get("x-mlrun-last-timestamp", last_log_timestamp))
        return answer.body.decode("utf-8", "replace"), last

    def _nuclio(self, func: Any) -> str:
        metadata = document(func, "func").get("metadata") or {}
        name = part(metadata.get("name") or "")
        return self._of(metadata.get("project"), f"nuclio/{name}/deploy")

    def start_function(self, func_url: str | None = None, function: Any = None) -> Answer:
        """Start the cluster of a ``dask`` function; the background task that does so."""
        url = func_url or getattr(function, "uri", None) or ""
        return Answer(function_clusters.start(self.client, str(url)))

    def function_status(self, project: str, name: str, kind: str, selector: Any) -> Any:
        """How the cluster of a ``dask`` function is."""
        body = {"kind": kind, "selector": selector, "project": project, "name": name}
        return answered(self.client.json("POST", "status/function", body=body)["data"])

    def list_runtime_resources(
        self,
        project: str | None = None,
        label_selector: str | None = None,
        kind: str | None = None,
        object_id: str | None = None,
        group_by: str | None = None,
    ) -> Any:
        """Processes, pods and clusters of runs by kind, or grouped by ``job`` or ``project``."""
        asked = query(
            label_selector=label_selector, kind=kind, object_id=object_id, group_by=group_by
        )
        path = f"projects/{part(project or '*')}/runtime-resources"
        return answered(self.client.json("GET", path, asked))

    def delete_runtime_resources(
        self,
        project: str | None = None,
        label_selector: str | None = None,
        kind: str | None = None,
        object_id: str | None = None,
        force: bool = False,
        grace_period: int | None = None,
    ) -> Any:
        """Remove what runs that have ended left, with ``force`` all; what was removed."""
        removed = runtime_resources.delete(
            self.client, project or "*", label_selector or "", kind, object_id, force, grace_period
        )
        return answered(removed)
