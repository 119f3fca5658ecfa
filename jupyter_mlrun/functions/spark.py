"""Functions of the kind ``spark``: each run is a Spark application, a driver and executors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn, Self

from jupyter_mlrun import cluster_settings
from jupyter_mlrun.errors import (
    MLRunInvalidArgumentError,
    MLRunInvalidArgumentTypeError,
    MLRunPreconditionFailedError,
)
from jupyter_mlrun.model.fields import Table
from jupyter_mlrun.mounts import mount_v3io, mount_v3iod

from .default_image import deploy_default
from .job import KubejobRuntime
from .pod_fields import Complete, PodFields
from .pod_spec import POD
from .resources import complete_spark
from .spark_roles import SparkRoles

ROLE_DEFAULTS: dict[str, Any] = {
    "driver_resources": {
        "requests": {"cpu": "1", "memory": "2g"},
        "limits": {"cpu": "2", "memory": "2g"},
    },
    "executor_resources": {
        "requests": {"cpu": "1", "memory": "5g"},
        "limits": {"cpu": "2", "memory": "5g"},
    },
}
DEFAULT_IMAGE, GPU_SUFFIX = ".spark-job-default-image", "-cuda"
TEMPORARY = "spark-default-image-deploy-temp"
EXPORTER = "/spark/jars/jmx_prometheus_javaagent-0.16.1.jar"
IGUAZIO = {
    "jars": [
        "local:///spark/v3io-libs/v3io-hcfs_2.12.jar",
        "local:///spark/v3io-libs/v3io-spark3-streaming_2.12.jar",
        "local:///spark/v3io-libs/v3io-spark3-object-dataframe_2.12.jar",
        "local:///igz/java/libs/scala-library-2.12.14.jar",
        f"local://{EXPORTER}",
    ],
    "files": ["local:///igz/java/libs/v3io-pyspark.zip"],
}
_ROLE_FIELDS = (
    "node_selector", "tolerations", "affinity", "preemption_mode", "java_options", "cores",
)  # fmt: skip


def _complete_role(field: str, given: Any) -> Any:
    return complete_spark(field, given, ROLE_DEFAULTS[field])


def _nothing(field: str, given: Any) -> Any:
    return {}


class SparkFields(PodFields):
    """The fields of a Spark application; its resources are those of its roles."""

    COMPLETE: ClassVar[Mapping[str, Complete]] = {
        "resources": _nothing,
        "driver_resources": _complete_role,
        "executor_resources": _complete_role,
    }
    OBJECTS: ClassVar[Mapping[str, str]] = {
        **PodFields.OBJECTS,
        "driver_affinity": "V1Affinity",
        "executor_affinity": "V1Affinity",
        "driver_tolerations": "List[V1.Toleration]",
        "executor_tolerations": "List[V1.Toleration]",
    }


class Spark3Runtime(SparkRoles, KubejobRuntime):
    """A function that runs as a Spark application; its handler is given the session."""

    SPEC: Table = {
        **POD,
        **{f"{role}_{name}": None for role in ("driver", "executor") for name in _ROLE_FIELDS},
        "driver_resources": dict,
        "executor_resources": dict,
        "driver_volume_mounts": list,
        "executor_volume_mounts": list,
        "job_type": None,
        "python_version": None,
        "spark_version": None,
        "restart_policy": dict,
        "deps": dict,
        "main_class": None,
        "spark_conf": dict,
        "hadoop_conf": dict,
        "use_default_image": None,
        "monitoring": dict,
        "dynamic_allocation": dict,
    }
    FIELDS: ClassVar[type[PodFields]] = SparkFields
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        **KubejobRuntime.DEFAULTS,
        "driver_resources": {},
        "executor_resources": {},
        "use_default_image": False,
    }
    MODES: ClassVar[tuple[str, ...]] = (
        "preemption_mode", "driver_preemption_mode", "executor_preemption_mode",
    )  # fmt: skip
    ALWAYS: ClassVar[Mapping[str, Any]] = {
        **KubejobRuntime.ALWAYS,
        **{
            f"{role}_{name}": None
            for role in ("driver", "executor")
            for name in ("node_selector", "tolerations", "affinity")
        },
    }
    MOUNTS: ClassVar[tuple[str, ...]] = ("driver_volume_mounts", "executor_volume_mounts")
    STRIPPED: ClassVar[tuple[str, ...]] = tuple(
        f"{role}_{name}"
        for role in ("driver", "executor")
        for name in ("node_selector", "tolerations", "affinity", "volume_mounts", "cores")
    )

    @classmethod
    def deploy_default_image(cls, with_gpu: bool = False) -> None:
        """Build the image of functions with ``spec.use_default_image``: Spark's own, and mlrun.

        Spark's is named by MLRUN_SPARK_APP_IMAGE and MLRUN_SPARK_APP_IMAGE_TAG, or by the service.
        """
        named = [cluster_settings.read(name) for name in ("spark_app_image", "spark_app_image_tag")]
        if not all(named):
            raise MLRunInvalidArgumentError(
                "Spark's image is not known: set MLRUN_SPARK_APP_IMAGE and "
                "MLRUN_SPARK_APP_IMAGE_TAG to its name and tag"
            )
        suffix = GPU_SUFFIX if with_gpu else ""
        function = cls({"kind": "spark", "metadata": {"name": TEMPORARY}, "spec": {}})
        function.spec.build.update(
            image=f"{DEFAULT_IMAGE}{suffix}", base_image=f"{named[0]}{suffix}:{named[1]}"
        )
        deploy_default(function, with_mlrun=True)

    def with_dynamic_allocation(
        self,
        min_executors: int | None = None,
        max_executors: int | None = None,
        initial_executors: int | None = None,
    ) -> Self:
        """Let Spark add and remove executors as the work asks."""
        given = {
            "minExecutors": min_executors,
            "maxExecutors": max_executors,
            "initialExecutors": initial_executors,
        }
        found = {name: value for name, value in given.items() if value}
        self.spec.dynamic_allocation.update({"enabled": True, **found})
        return self

    def with_spark_conf(self, conf: Mapping[str, Any]) -> Self:
        """Set properties of Spark's configuration."""
        self.spec.spark_conf.update({key: str(value) for key, value in conf.items()})
        return self

    def with_restart_policy(
        self,
        restart_type: str = "OnFailure",
        retries: int = 0,
        retry_interval: int = 10,
        submission_retries: int = 3,
        submission_retry_interval: int = 20,
    ) -> Self:
        """Say when Spark's operator starts the application again: OnFailure, Never or Always."""
        self.spec.restart_policy.update(
            type=restart_type,
            retries=retries,
            retry_interval=retry_interval,
            submission_retries=submission_retries,
            submission_retry_interval=submission_retry_interval,
        )
        return self

    def with_cores(
        self, executor_cores: int | None = None, driver_cores: int | None = None
    ) -> Self:
        """Set how many tasks an executor, and how many cores the driver, works with."""
        for name, cores in (("executor_cores", executor_cores), ("driver_cores", driver_cores)):
            if cores is None:
                continue
            if not isinstance(cores, int) or cores < 1:
                raise MLRunInvalidArgumentError(
                    f"{name} must be an integer greater than or equal to 1. Got: {cores}"
                )
            self.spec[name] = cores
        return self

    def disable_monitoring(self) -> Self:
        """Let Prometheus alone."""
        self.spec.monitoring["enabled"] = False
        return self

    def with_igz_spark(self, mount_v3io_to_executor: bool = True) -> Self:
        """Give the driver and the executors Iguazio's data layer, by files and by Hadoop.

        The image has to be one of Iguazio's: the libraries are in it.
        """
        for part, paths in IGUAZIO.items():
            known = self.spec.deps.setdefault(part, [])
            known += [path for path in paths if path not in known]
        self.apply(mount_v3io(name="v3io"))
        if not mount_v3io_to_executor:
            mounts = list(self.spec.volume_mounts)
            own = [each for each in mounts if each["name"] == "v3io"]
            self.spec.volume_mounts = [each for each in mounts if each["name"] != "v3io"]
            self.spec.driver_volume_mounts = [*(self.spec.driver_volume_mounts or []), *own]
        namespace = cluster_settings.read("namespace")
        self.apply(mount_v3iod(namespace, "spark-operator-v3io-config"))
        if self.spec.monitoring.get("enabled", True):
            self.spec.monitoring.update(enabled=True, exporter_jar=EXPORTER)
        return self

    def with_source_archive(
        self,
        source: str,
        workdir: str | None = None,
        handler: str | None = None,
        pull_at_runtime: bool = True,
        target_dir: str | None = None,
    ) -> Self:
        """Take the code from an archive or a git repository when the image is built."""
        if pull_at_runtime:
            raise MLRunInvalidArgumentError(
                "pull_at_runtime is not supported for spark runtime, use pull_at_runtime=False"
            )
        return super().with_source_archive(source, workdir, handler, pull_at_runtime, target_dir)

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Run it, as every function; its code cannot be loaded at run time."""
        build = self.spec.get("build") or {}
        if build.get("source") and build.get("load_source_on_run"):
            raise MLRunPreconditionFailedError(
                "Sparkjob does not support loading source code on run, "
                "use func.with_source_archive(pull_at_runtime=False)"
            )
        return super().run(*args, **kwargs)

    def with_limits(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: the driver and the executors have limits of their own."""
        raise NotImplementedError(
            "In spark runtimes, use 'with_driver_limits' & 'with_executor_limits'"
        )

    def with_requests(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: the driver and the executors have requests of their own."""
        raise NotImplementedError(
            "In spark runtimes, use 'with_driver_requests' & 'with_executor_requests'"
        )

    def gpus(self, gpus: int, gpu_type: str = "") -> NoReturn:
        """Refused: the driver and the executors have limits of their own."""
        raise NotImplementedError(
            "In spark runtimes, use 'with_driver_limits' & 'with_executor_limits'"
        )

    def with_preemption_mode(self, mode: Any) -> NoReturn:
        """Refused: the driver and the executors have modes of their own."""
        raise MLRunInvalidArgumentTypeError(
            "with_preemption_mode is not supported, use with_driver_preemption_mode / "
            "with_executor_preemption_mode to set preemption mode for spark operator"
        )

    def with_security_context(self, security_context: Any) -> NoReturn:
        """Refused, as in MLRun."""
        raise MLRunInvalidArgumentTypeError(
            "with_security_context is not supported with spark operator"
        )
