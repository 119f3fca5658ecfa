"""Functions of the kind ``dask``: their runs share a cluster, which is kept for the next one."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn, Self

from jupyter_mlrun import session
from jupyter_mlrun.client import function_clusters
from jupyter_mlrun.errors import (
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunRuntimeError,
    MLRunTimeoutError,
)
from jupyter_mlrun.iterations import Plan
from jupyter_mlrun.model.fields import Table

from . import fields
from .job import KubejobRuntime
from .pod_fields import Complete, PodFields
from .pod_spec import POD
from .resources import GPU, complete
from .running import Place

LONGEST_START = 600.0
NO_THRESHOLDS = (
    "State thresholds is not supported for Dask runtime yet, use spec.scheduler_timeout instead."
)


class DaskFields(PodFields):
    """The fields of a Dask cluster; scheduler and workers have resources of their own."""

    COMPLETE: ClassVar[Mapping[str, Complete]] = {
        "resources": complete,
        "scheduler_resources": complete,
        "worker_resources": complete,
    }


class DaskCluster(KubejobRuntime):
    """A function with a Dask cluster of its own.

    ``spec.replicas`` is the number of workers; without it they come and go with the work, between
    ``spec.min_replicas`` and ``spec.max_replicas``.
    """

    SPEC: Table = {
        **POD,
        "extra_pip": None,
        "remote": None,
        "service_type": None,
        "nthreads": None,
        "kfp_image": None,
        "node_port": None,
        "min_replicas": None,
        "max_replicas": None,
        "scheduler_timeout": None,
        "scheduler_resources": dict,
        "worker_resources": dict,
    }
    STATUS: Table = {
        **fields.STATUS,
        "scheduler_address": None,
        "cluster_name": None,
        "node_ports": None,
    }
    FIELDS: ClassVar[type[PodFields]] = DaskFields
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        **{k: v for k, v in KubejobRuntime.DEFAULTS.items() if k != "state_thresholds"},
        "remote": True,
        "min_replicas": 0,
        "max_replicas": 16,
        "scheduler_timeout": "60 minutes",
        "nthreads": 1,
    }
    # what a LocalCluster of this process is, where ``spec.remote`` is off
    _here: Any = None
    # the client of a run in this process
    _lent: Any = None

    @property
    def initialized(self) -> bool:
        """Whether this object has a cluster to work with."""
        return self._here is not None or bool(self.status.get("scheduler_address"))

    @property
    def client(self) -> Any:
        """A ``distributed.Client`` of the cluster, which is started where it is not there."""
        if not self.spec.remote:
            return self._client_here()
        from jupyter_mlrun.dask_client import connect, find

        seen = self.get_status() if self.status.get("scheduler_address") else ""
        if seen != "running":
            self.start()
        find(self.status.scheduler_address)
        try:
            return connect(self.status.scheduler_address)
        except OSError:
            # it came to its end between the two questions
            self.start()
            return connect(self.status.scheduler_address)

    def cluster(self) -> Any:
        """The cluster's object where it belongs to this process; None for the service's."""
        return self._here

    def start(self, watch: bool = True) -> Self:
        """Start the cluster at the service, where it does not run; wait until it does."""
        self.try_auto_mount_based_on_config()
        self.save()
        task = function_clusters.start(session.client(), self._address())
        if not watch:
            return self
        metadata = task["metadata"]
        # the service gives one longer that installs something first
        deadline = time.monotonic() + (metadata.get("timeout") or LONGEST_START)
        while task["status"]["state"] == "running":
            if time.monotonic() > deadline:
                raise MLRunTimeoutError("Timeout waiting for Dask cluster to start")
            time.sleep(0.2)
            task = function_clusters.task(session.client(), self.project, metadata["name"])
        if task["status"]["state"] != "succeeded":
            raise MLRunRuntimeError(
                f"Failed bringing up dask cluster: {task['status'].get('error') or 'no reason'}"
            )
        self._load_status()
        return self

    def get_status(self) -> str:
        """How the cluster is: ``running``, ``pending`` or, where there is none, empty."""
        return function_clusters.status(session.client(), self.project, self.name, str(self.kind))

    def close(self, running: bool = True) -> None:
        """Stop the cluster; its workers end. The next ``client`` or run starts another."""
        if self._here is not None:
            client, self._here = self._here, None
            client.shutdown()
            client.close()
            return
        function_clusters.stop(session.client(), self.project, self.name)
        for name in ("scheduler_address", "cluster_name", "node_ports", "state"):
            self.status.pop(name, None)

    def _client_here(self) -> Any:
        from jupyter_mlrun.dask_client import require

        distributed = require()
        if self._here is None:
            self._here = distributed.Client(
                n_workers=self.spec.replicas or self.spec.min_replicas or None,
                threads_per_worker=self.spec.nthreads,
            )
        return self._here

    def _address(self) -> str:
        tag = self.metadata.get("tag") or "latest"
        return f"{self.project}/{self.name}:{tag}"

    def _load_status(self) -> None:
        from jupyter_mlrun.client import functions

        tag = self.metadata.get("tag") or "latest"
        try:
            found = functions.read(session.client(), self.project, self.name, tag)
        except MLRunNotFoundError:
            return
        self.status.clear()
        self.status.update(found.get("status") or {})

    def _kind_here(self) -> str:
        return str(self.kind)

    def _given(self) -> dict[str, Any]:
        self._lent = self.client
        return {"dask_client": self._lent}

    def _run_here(
        self, task: dict[str, Any], handler: Any, place: Place, plan: Plan | None = None
    ) -> Any:
        try:
            return super()._run_here(task, handler, place, plan)
        finally:
            if self._lent is not None and self._lent is not self._here:
                self._lent.close()
            self._lent = None

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Run it, as every function; its handler has the cluster's client."""
        if kwargs.get("state_thresholds"):
            raise MLRunInvalidArgumentError(NO_THRESHOLDS)
        return super().run(*args, **kwargs)

    def set_state_thresholds(
        self, state_thresholds: Mapping[str, str], patch: bool = True
    ) -> NoReturn:
        """Refused: a cluster that idles ends by ``spec.scheduler_timeout``."""
        raise NotImplementedError(NO_THRESHOLDS)

    def with_limits(
        self,
        mem: str | None = None,
        cpu: Any = None,
        gpus: int | None = None,
        gpu_type: str = GPU,
        patch: bool = False,
    ) -> NoReturn:
        """Refused, as in MLRun: scheduler and workers have limits of their own."""
        raise NotImplementedError(
            "Use with_scheduler_limits/with_worker_limits to set resource limits"
        )

    def with_requests(
        self, mem: str | None = None, cpu: Any = None, patch: bool = False
    ) -> NoReturn:
        """Refused, as in MLRun: scheduler and workers have requests of their own."""
        raise NotImplementedError(
            "Use with_scheduler_requests/with_worker_requests to set resource requests"
        )

    def gpus(self, gpus: int, gpu_type: str = GPU) -> Self:
        """Give each worker that many GPUs; ``with_worker_limits(gpus=…)`` does it now."""
        warnings.warn(
            "gpus() was removed from MLRun: write with_worker_limits(gpus=…, patch=True)",
            FutureWarning,
            stacklevel=2,
        )
        return self.with_worker_limits(gpus=gpus, gpu_type=gpu_type, patch=True)

    def with_scheduler_limits(
        self,
        mem: str | None = None,
        cpu: Any = None,
        gpus: int | None = None,
        gpu_type: str = GPU,
        patch: bool = False,
    ) -> Self:
        """Set what the scheduler may use at most."""
        return self._set_limits("scheduler_resources", mem, cpu, gpus, gpu_type, patch)

    def with_scheduler_requests(
        self, mem: str | None = None, cpu: Any = None, patch: bool = False
    ) -> Self:
        """Set what the scheduler is to find free."""
        return self._set_requests("scheduler_resources", mem, cpu, patch)

    def with_worker_limits(
        self,
        mem: str | None = None,
        cpu: Any = None,
        gpus: int | None = None,
        gpu_type: str = GPU,
        patch: bool = False,
    ) -> Self:
        """Set what each worker may use at most."""
        return self._set_limits("worker_resources", mem, cpu, gpus, gpu_type, patch)

    def with_worker_requests(
        self, mem: str | None = None, cpu: Any = None, patch: bool = False
    ) -> Self:
        """Set what each worker is to find free."""
        return self._set_requests("worker_resources", mem, cpu, patch)
