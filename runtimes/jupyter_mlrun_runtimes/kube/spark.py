"""Spark on Kubernetes: applications of the Spark operator, and jobs that use a Spark service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunBadRequestError

from ..contract import Limits, Task
from . import begin, manifests, reasons
from .custom_resource import ROLE, CustomResource
from .job import KubeJob
from .manifests import Body
from .pod import Parts, placement
from .reasons import Seen
from .runtime import KubeRequest
from .settings import Settings

STATES = {
    "": states.PENDING,
    "NEW": states.PENDING,
    "SUBMITTED": states.PENDING,
    "PENDING_RERUN": states.PENDING,
    "SUBMISSION_FAILED": states.ERROR,
    "RUNNING": states.RUNNING,
    "INVALIDATING": states.RUNNING,
    "SUCCEEDING": states.RUNNING,
    "FAILING": states.RUNNING,
    "COMPLETED": states.COMPLETED,
    "FAILED": states.ERROR,
    "UNKNOWN": states.UNKNOWN,
}
ACCOUNT = "sparkapp"
# the operator puts letters of its own behind the name, and a Service must still be called so
LONGEST = 29
MAIN = "mlrun-spark-main.py"
FOLDER = f"{manifests.CONFIG_FOLDER}-spark"
FILES_MOUNT: Body = {"name": "mlrun-spark", "mountPath": FOLDER, "readOnly": True}
DEFAULTS = {"driver": ("1", "2g"), "executor": ("1", "5g")}
# what Spark's own settings may say of pods: all else would go past what functions may ask for
SAFE_CONF = frozenset({
    "spark.kubernetes.allocation.batch.delay",
    "spark.kubernetes.allocation.batch.size",
    "spark.kubernetes.driver.limit.cores",
    "spark.kubernetes.driver.request.cores",
    "spark.kubernetes.executor.deleteontermination",
    "spark.kubernetes.executor.limit.cores",
    "spark.kubernetes.executor.request.cores",
    "spark.kubernetes.local.dirs.tmpfs",
    "spark.kubernetes.memoryoverheadfactor",
})  # fmt: skip
CREDENTIAL_FILE = re.compile(
    r"key-?file|keytab|credential\.provider\.path|p12"
    r"|(key|token|secret|password|credentials?|keystore|truststore)[.-]?(file|path|location)"
)
PROMETHEUS = {
    "exporter_jar": "jmxExporterJar", "port": "port", "port_name": "portName",
    "config_file": "configFile", "configuration": "configuration",
}  # fmt: skip


class KubeSparkApplication(CustomResource):
    """A run as a SparkApplication; its driver is the run's process."""

    kind: ClassVar[str] = "spark"
    root: ClassVar[tuple[str, str]] = ("sparkoperator.k8s.io/v1beta2", "SparkApplication")
    operator: ClassVar[str] = "the Kubeflow Spark operator"
    install: ClassVar[str] = (
        "helm install spark-operator spark-operator --repo "
        "https://kubeflow.github.io/spark-operator"
    )
    main_role: ClassVar[str] = "driver"

    def build(self, task: Task) -> KubeRequest:
        """The objects; the driver's program travels in a ConfigMap."""
        request = super().build(task)
        files = {MAIN: begin.main_program(request.argv)}
        return replace(request, before=(*request.before, spark_files(request.root, files)))

    @classmethod
    def build_root(cls, parts: Parts, task: Task, settings: Settings) -> Body:
        """The SparkApplication."""
        function: Mapping[str, Any] = task.function.get("spec") or {}
        if settings.defaults.runtime_class:
            raise MLRunBadRequestError(
                "A SparkApplication cannot say its pods' runtime class, which this service wants "
                f"to be {settings.defaults.runtime_class} (MLRunCluster.runtime_class): run it as "
                "kind 'remote-spark', or without Spark's operator"
            )
        name = manifests.name_of(parts.name, parts.name, LONGEST)
        limits = Limits.from_dict((task.run.get("spec") or {}).get("limits"))
        restart = dict(function.get("restart_policy") or {})
        spec: Body = {
            "type": "Python",
            "pythonVersion": str(function.get("python_version") or "3"),
            "mode": "cluster",
            "image": parts.spec["containers"][0]["image"],
            "imagePullPolicy": parts.spec["containers"][0]["imagePullPolicy"],
            "imagePullSecrets": [each["name"] for each in parts.spec.get("imagePullSecrets") or []],
            "mainApplicationFile": f"local://{FOLDER}/{MAIN}",
            "sparkVersion": str(function.get("spark_version") or "3.5.5"),
            "restartPolicy": {
                "type": restart.get("type") or "OnFailure",
                "onFailureRetries": int(restart.get("retries") or 0),
                "onFailureRetryInterval": int(restart.get("retry_interval") or 10),
                "onSubmissionFailureRetries": int(restart.get("submission_retries") or 3),
                "onSubmissionFailureRetryInterval": int(
                    restart.get("submission_retry_interval") or 20
                ),
            },
            "timeToLiveSeconds": settings.ttl,
            "deps": dict(function.get("deps") or {}),
            "sparkConf": checked_conf(function, "spark_conf"),
            "hadoopConf": checked_conf(function, "hadoop_conf"),
            "volumes": [*(parts.spec.get("volumes") or []), files_volume(name)],
            "driver": _driver(parts, task, settings, limits),
            "executor": _executor(parts, task, settings),
        }
        if dynamic := function.get("dynamic_allocation"):
            spec["dynamicAllocation"] = dict(dynamic)
        spec["monitoring"] = monitoring_of(function)
        return {
            "apiVersion": cls.root[0],
            "kind": cls.root[1],
            "metadata": manifests.metadata(name, settings.namespace, parts.labels),
            "spec": manifests.without_empty(spec),
        }

    def state_of(self, root: Body) -> Seen:
        """The application's own word."""
        told = (root.get("status") or {}).get("applicationState") or {}
        state = STATES.get(str(told.get("state") or ""), states.UNKNOWN)
        reason = reasons.one_line(told.get("errorMessage")) if state == states.ERROR else ""
        return Seen(state, reason, stage=reasons.NOT_SCHEDULED if state == states.PENDING else "")

    def main_container(self, body: Body) -> str | None:
        """The driver's container, by Spark's own name."""
        labels = body["metadata"].get("labels") or {}
        is_driver = "driver" in (labels.get("spark-role"), labels.get(ROLE))
        return "spark-kubernetes-driver" if is_driver else None


class KubeRemoteSpark(KubeJob):
    """A run as a Job whose session is that of a Spark service, by its address."""

    kind: ClassVar[str] = "remote-spark"

    def require(
        self, function: Mapping[str, Any], interpreter: str, environment: Mapping[str, str]
    ) -> None:
        """Refused without the service's address."""
        entries = (function.get("spec") or {}).get("env") or []
        named = {each.get("name") for each in entries if isinstance(each, Mapping)}
        if not named & {"SPARK_REMOTE", "MASTER"}:
            raise MLRunBadRequestError(
                "The function names no Spark service: "
                "function.with_spark_service('sc://HOST:15002')"
            )


def spark_files(root: Body, files: Mapping[str, str]) -> Body:
    """The ConfigMap with what the pods of an application read."""
    name, labels = root["metadata"]["name"], root["metadata"]["labels"]
    meta = manifests.metadata(f"{name}-main", root["metadata"]["namespace"], labels)
    return manifests.config_map(meta, files)


def files_volume(name: str) -> Body:
    """That ConfigMap as a volume of the application's pods."""
    return {"name": "mlrun-spark", "configMap": {"name": f"{name}-main"}}


def checked_conf(function: Mapping[str, Any], field: str) -> dict[str, str]:
    """Settings of Spark or Hadoop; refused where they reach for pods or credential files."""
    given = {str(key).strip(): str(value) for key, value in (function.get(field) or {}).items()}
    for key in given:
        plain = key.lower()
        if plain.startswith("spark.kubernetes.") and plain not in SAFE_CONF:
            raise MLRunBadRequestError(
                f"{field} sets {key:.200}, which would change pods past what functions may ask "
                "for: use the function's own methods for volumes, accounts, secrets and resources"
            )
        hadoop = field == "hadoop_conf" or plain.startswith(("spark.hadoop.", "spark.kerberos."))
        if hadoop and CREDENTIAL_FILE.search(plain):
            raise MLRunBadRequestError(
                f"{field} sets {key:.200}, which names a file of credentials: give them as secrets "
                "of the project, which pods read as variables"
            )
    return given


def monitoring_of(function: Mapping[str, Any]) -> Body:
    """What Prometheus is shown of driver and executors; empty where it is shown nothing."""
    given = function.get("monitoring") or {}
    if not given.get("enabled"):
        return {}
    named = {theirs: given.get(ours) for ours, theirs in PROMETHEUS.items()}
    exporter = manifests.without_empty(named)
    if exporter and not exporter.get("jmxExporterJar"):
        raise MLRunBadRequestError(
            "function.spec.monitoring names no exporter_jar: give the path of Prometheus' JMX "
            "exporter in the image, or 'enabled' alone"
        )
    port = exporter.get("port", 1)
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
        raise MLRunBadRequestError(
            f"function.spec.monitoring.port is {port!r:.40}: give a number from 1 to 65535"
        )
    shown: Body = {"exposeDriverMetrics": True, "exposeExecutorMetrics": True}
    return shown | ({"prometheus": exporter} if exporter else {})


def _driver(parts: Parts, task: Task, settings: Settings, limits: Limits) -> Body:
    role = _role(parts, task, settings, "driver")
    role["serviceAccount"] = str(parts.spec.get("serviceAccountName") or ACCOUNT)
    if limits.memory is not None:
        role["memory"] = f"{int(limits.memory) >> 20}m"
    role["volumeMounts"] = [
        *role.get("volumeMounts", []),
        FILES_MOUNT,
    ]
    return role


def _executor(parts: Parts, task: Task, settings: Settings) -> Body:
    role = _role(parts, task, settings, "executor")
    role["env"] = [each for each in role["env"] if not each["name"].startswith("MLRUN_EXEC")]
    replicas = (task.function.get("spec") or {}).get("replicas")
    return {"instances": 1 if replicas in (None, "") else int(replicas), **role}


def _role(parts: Parts, task: Task, settings: Settings, role: str) -> Body:
    function: Mapping[str, Any] = task.function.get("spec") or {}
    container = parts.spec["containers"][0]
    resources = function.get(f"{role}_resources") or {}
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    cpu, memory = DEFAULTS[role]
    cores = function.get(f"{role}_cores")
    asked = str(requests.get("cpu") or cpu)
    gpus = {key: value for key, value in limits.items() if "/" in str(key)}
    spec = parts.spec
    return manifests.without_empty({
        "cores": int(cores) if cores else 1,
        "coreRequest": asked,
        "coreLimit": str(limits["cpu"]) if limits.get("cpu") else None,
        "memory": str(requests.get("memory") or memory),
        "javaOptions": function.get(f"{role}_java_options"),
        "gpu": next(({"name": k, "quantity": int(v)} for k, v in gpus.items()), None),
        "labels": {**parts.labels, ROLE: role},
        "annotations": dict(parts.annotations),
        "env": container["env"],
        "envFrom": container.get("envFrom"),
        "terminationGracePeriodSeconds": spec.get("terminationGracePeriodSeconds"),
        "volumeMounts": [
            *(container.get("volumeMounts") or []), *(function.get(f"{role}_volume_mounts") or []),
        ],
        **placement(task, settings, role),
        "podSecurityContext": spec.get("securityContext"),
        "priorityClassName": spec.get("priorityClassName"),
    })  # fmt: skip
