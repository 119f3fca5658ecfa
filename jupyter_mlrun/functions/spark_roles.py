"""The driver and the executors of a Spark application: their resources, nodes and folders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from jupyter_mlrun.errors import MLRunInvalidArgumentTypeError

from .pod_resources import PodResources
from .resources import GPU, build_jvm_requests
from .scheduling import preemption_mode, warn_of_labels

DRIVER, EXECUTOR = "driver", "executor"


class SparkRoles(PodResources):
    """The part of a Spark function that tells driver and executors apart."""

    def with_driver_requests(
        self, mem: str | None = None, cpu: Any = None, patch: bool = False
    ) -> Self:
        """Set what the driver is to find free; memory as the JVM writes it, such as 512m."""
        return self._role_requests(DRIVER, mem, cpu, patch)

    def with_executor_requests(
        self, mem: str | None = None, cpu: Any = None, patch: bool = False
    ) -> Self:
        """Set what each executor is to find free; memory as the JVM writes it, such as 512m."""
        return self._role_requests(EXECUTOR, mem, cpu, patch)

    def with_driver_limits(
        self,
        cpu: Any = None,
        gpus: int | None = None,
        gpu_type: str = GPU,
        patch: bool = False,
    ) -> Self:
        """Set what the driver may use at most; its memory is what it requests."""
        return self._set_limits("driver_resources", None, cpu, gpus, gpu_type, patch)

    def with_executor_limits(
        self,
        cpu: Any = None,
        gpus: int | None = None,
        gpu_type: str = GPU,
        patch: bool = False,
    ) -> Self:
        """Set what each executor may use at most; its memory is what it requests."""
        return self._set_limits("executor_resources", None, cpu, gpus, gpu_type, patch)

    def with_node_selection(
        self,
        node_name: str | None = None,
        node_selector: Mapping[str, str] | None = None,
        affinity: Any = None,
        tolerations: Any = None,
    ) -> Self:
        """Choose the nodes of driver and executors by labels."""
        if affinity:
            raise NotImplementedError("Setting affinity is not supported for spark runtime")
        if tolerations:
            raise MLRunInvalidArgumentTypeError(
                "Tolerations can be set in spark runtime but not in with_node_selection. "
                "Instead, use with_driver_node_selection and with_executor_node_selection "
                "to set tolerations."
            )
        for role in (DRIVER, EXECUTOR):
            self._place_role(role, node_name, node_selector, affinity, tolerations)
        return self

    def with_driver_node_selection(
        self,
        node_name: str | None = None,
        node_selector: Mapping[str, str] | None = None,
        affinity: Any = None,
        tolerations: Any = None,
    ) -> Self:
        """Choose the driver's node by labels, affinity, or the taints to tolerate."""
        return self._place_role(DRIVER, node_name, node_selector, affinity, tolerations)

    def with_executor_node_selection(
        self,
        node_name: str | None = None,
        node_selector: Mapping[str, str] | None = None,
        affinity: Any = None,
        tolerations: Any = None,
    ) -> Self:
        """Choose the executors' nodes by labels, affinity, or the taints to tolerate."""
        return self._place_role(EXECUTOR, node_name, node_selector, affinity, tolerations)

    def with_driver_preemption_mode(self, mode: Any) -> Self:
        """Say whether the driver may be on a node that can be taken away."""
        self.spec.driver_preemption_mode = preemption_mode(mode)
        return self

    def with_executor_preemption_mode(self, mode: Any) -> Self:
        """Say whether executors may be on nodes that can be taken away."""
        self.spec.executor_preemption_mode = preemption_mode(mode)
        return self

    def with_driver_host_path_volume(
        self,
        host_path: str,
        mount_path: str,
        type: str = "",
        volume_name: str = "host-path-volume",
    ) -> Self:
        """Mount a folder of the node in the driver."""
        return self._mount_folder(DRIVER, host_path, mount_path, type, volume_name)

    def with_executor_host_path_volume(
        self,
        host_path: str,
        mount_path: str,
        type: str = "",
        volume_name: str = "host-path-volume",
    ) -> Self:
        """Mount a folder of the node in each executor."""
        return self._mount_folder(EXECUTOR, host_path, mount_path, type, volume_name)

    def _role_requests(self, role: str, mem: Any, cpu: Any, patch: bool) -> Self:
        field = f"{role}_resources"
        found = build_jvm_requests(field, mem, cpu)
        return self._set_section(field, "requests", found, patch)

    def _place_role(
        self, role: str, node_name: Any, node_selector: Any, affinity: Any, tolerations: Any
    ) -> Self:
        if node_name:
            raise NotImplementedError("Setting node name is not supported for spark runtime")
        if affinity is not None:
            self.spec[f"{role}_affinity"] = affinity
        if node_selector is not None:
            warn_of_labels(node_selector)
            self.spec[f"{role}_node_selector"] = dict(node_selector)
        if tolerations is not None:
            self.spec[f"{role}_tolerations"] = tolerations
        return self

    def _mount_folder(
        self, role: str, host_path: str, mount_path: str, kind: str, volume_name: str
    ) -> Self:
        source = {"path": host_path, "type": kind}
        self.spec.with_volumes({"name": volume_name, "hostPath": source})
        mount = {"mountPath": mount_path, "name": volume_name}
        self.spec.with_volume_mounts(mount, f"{role}_volume_mounts")
        return self
