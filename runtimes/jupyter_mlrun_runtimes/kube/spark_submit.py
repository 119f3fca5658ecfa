"""Spark on a cluster without Spark's operator: the run's Job is the driver, by ``spark-submit``.

It runs in client mode, so that the driver is a pod of ours, with its states, logs and end. It makes
the executors itself, from a template that is ours too; they belong to its pod and go with it.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunBadRequestError, MLRunInvalidArgumentError

from ..contract import Limits, Task
from . import begin, manifests, reasons
from .custom_resource import ROLE, role_of
from .job import KubeJob
from .manifests import Body
from .pod import CONTAINER, Parts, placement
from .reasons import Seen
from .runtime import Found, KubeRequest
from .settings import Settings
from .spark import (
    ACCOUNT,
    DEFAULTS,
    FILES_MOUNT,
    FOLDER,
    MAIN,
    checked_conf,
    files_volume,
    monitoring_of,
    spark_files,
)

PROPERTIES, EXECUTOR = "spark.properties", "executor.json"
# Spark puts an id and a number behind it
LONGEST_PREFIX = 40
# what Python needs beside the Java machine: as Spark itself reckons
OVERHEAD, LEAST_OVERHEAD = 0.4, 384
DRIVE = """\
submit=$(command -v spark-submit || echo "${SPARK_HOME:-/opt/spark}/bin/spark-submit")
if [ ! -x "$submit" ]; then
  echo "The image has no spark-submit: take one with Spark, or install pyspark in it" >&2; exit 127
fi
host() { case "$1" in *:*) echo "[$1]" ;; *) echo "$1" ;; esac; }
api=$(host "$KUBERNETES_SERVICE_HOST") driver=$(host "$MLRUN_POD_IP")
exec "$submit" --master "k8s://https://$api:$KUBERNETES_SERVICE_PORT" \\
  --deploy-mode client --properties-file "$1/spark.properties" \\
  --conf "spark.driver.host=$driver" --conf "spark.driver.bindAddress=$driver" \\
  --conf "spark.kubernetes.driver.pod.name=$MLRUN_POD_NAME" "$1/mlrun-spark-main.py"
"""
# as the entry point of Spark's own images does, for images that have pyspark alone
EXECUTE = """\
if [ -x /opt/entrypoint.sh ]; then exec /opt/entrypoint.sh "$@"; fi
find='import os, pyspark; print(os.path.dirname(pyspark.__file__))'
export SPARK_HOME="${SPARK_HOME:-$(python3 -c "$find")}"
set --
i=0
while eval "option=\\${SPARK_JAVA_OPT_$i-}"; [ -n "$option" ]; do
  set -- "$@" "$option"; i=$((i+1))
done
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" "$@" \\
  -Xms"$SPARK_EXECUTOR_MEMORY" -Xmx"$SPARK_EXECUTOR_MEMORY" \\
  -cp "$SPARK_CONF_DIR:${SPARK_EXTRA_CLASSPATH-}:$SPARK_HOME/jars/*" \\
  org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \\
  --driver-url "$SPARK_DRIVER_URL" --executor-id "$SPARK_EXECUTOR_ID" \\
  --cores "$SPARK_EXECUTOR_CORES" --app-id "$SPARK_APPLICATION_ID" \\
  --hostname "$SPARK_EXECUTOR_POD_IP" --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" \\
  --podName "$SPARK_EXECUTOR_POD_NAME"
"""
_MEMORY = re.compile(r"(\d+)\s*([kmgt]?)i?b?", re.IGNORECASE)
_MIB = {"": 1 / (1 << 20), "k": 1 / 1024, "m": 1, "g": 1024, "t": 1024 * 1024}


class KubeSparkSubmit(KubeJob):
    """A run as a Job that drives executors of its own."""

    kind: ClassVar[str] = "spark"

    def require(
        self, function: Mapping[str, Any], interpreter: str, environment: Mapping[str, str]
    ) -> None:
        """Refused where the account is missing that makes executors."""
        settings = self.cluster.settings
        given = (function.get("spec") or {}).get("service_account")
        account = str(given or settings.defaults.service_account or ACCOUNT)
        if self.cluster.read(("v1", "ServiceAccount"), settings.namespace, account) is None:
            raise MLRunBadRequestError(
                f"Kind 'spark' makes its executors with the service account '{account}', which "
                f"the namespace {settings.namespace} does not have: an administrator makes it with "
                f"kubectl -n {settings.namespace} apply -f spark-role.yaml (of this package, "
                "beside role.yaml)"
            )

    def build(self, task: Task) -> KubeRequest:
        """The objects; the driver's program and the executors' template are in a ConfigMap."""
        request, settings = super().build(task), self.cluster.settings
        files = {
            MAIN: begin.main_program(request.argv),
            PROPERTIES: _properties(task, request.root, settings),
            EXECUTOR: json.dumps(_executor(task, request.root, settings), sort_keys=True),
        }
        return replace(request, before=(*request.before, spark_files(request.root, files)))

    @classmethod
    def build_root(cls, parts: Parts, task: Task, settings: Settings) -> Body:
        """The Job of the driver."""
        root = super().build_root(parts, task, settings)
        function: Mapping[str, Any] = task.function.get("spec") or {}
        template = copy.deepcopy(parts.template)
        template["metadata"]["labels"][ROLE] = "driver"
        spec, container = template["spec"], template["spec"]["containers"][0]
        container["command"] = ["/bin/sh", "-c", DRIVE, "mlrun-spark", FOLDER]
        container.pop("args", None)
        container["env"].append(manifests.field_env("MLRUN_POD_IP", "status.podIP"))
        container["resources"] = _driver_resources(task, function)
        container["volumeMounts"] = [
            *(container.get("volumeMounts") or []),
            *(function.get("driver_volume_mounts") or []),
            FILES_MOUNT,
        ]
        spec["volumes"] = [*(spec.get("volumes") or []), files_volume(parts.name)]
        spec["serviceAccountName"] = spec.get("serviceAccountName") or ACCOUNT
        spec["automountServiceAccountToken"] = True
        template["spec"] = _placed(spec, task, settings, "driver")
        root["spec"]["template"] = template
        return root

    def main_container(self, body: Body) -> str | None:
        """The driver's container."""
        return CONTAINER if role_of(body) == "driver" else None

    def read(self, found: Found) -> Seen | None:
        """What the driver says, and what its executors wait for."""
        drivers = [each for each in found.pods if role_of(each[0]) == "driver"]
        seen = super().read(Found(found.root, drivers))
        if seen is None or seen.state in states.TERMINAL or seen.detail:
            return seen
        for pod, gone in found.pods:
            other = reasons.of_pod(pod, gone=gone)
            if role_of(pod) == "executor" and other.state == states.PENDING and other.detail:
                detail = f"{pod['metadata']['name']}: {other.detail}"
                return replace(seen, detail=detail)
        return seen


def _properties(task: Task, root: Body, settings: Settings) -> str:
    """Spark's own settings, as a file of Java's properties."""
    function: Mapping[str, Any] = task.function.get("spec") or {}
    container = root["spec"]["template"]["spec"]["containers"][0]
    name, labels = root["metadata"]["name"], root["metadata"]["labels"]
    dynamic = dict(function.get("dynamic_allocation") or {})
    replicas = function.get("replicas")
    deps = function.get("deps") or {}
    ours = {
        "spark.app.name": labels.get("mlrun/name") or name,
        "spark.executor.instances": 1 if replicas in (None, "") else int(replicas),
        "spark.executor.cores": int(function.get("executor_cores") or 1),
        "spark.executor.memory": _asked(function, "executor", "memory"),
        "spark.driver.memory": _driver_memory(task, function),
        "spark.kubernetes.executor.request.cores": _asked(function, "executor", "cpu"),
        "spark.kubernetes.executor.limit.cores": _limit(function, "executor", "cpu"),
        "spark.driver.extraJavaOptions": function.get("driver_java_options"),
        "spark.executor.extraJavaOptions": function.get("executor_java_options"),
        # the exporter is the operator's affair: Spark's own page stands in for it
        "spark.ui.prometheus.enabled": bool(monitoring_of(function)) or None,
        "spark.jars": ",".join(deps.get("jars") or ()),
        "spark.files": ",".join(deps.get("files") or ()),
        "spark.submit.pyFiles": ",".join(deps.get("pyFiles") or deps.get("py_files") or ()),
    }
    fixed = {
        "spark.kubernetes.namespace": settings.namespace,
        "spark.kubernetes.container.image": container["image"],
        "spark.kubernetes.container.image.pullPolicy": container["imagePullPolicy"],
        "spark.kubernetes.executor.podNamePrefix": manifests.name_of(name, name, LONGEST_PREFIX),
        "spark.kubernetes.executor.podTemplateFile": f"{FOLDER}/{EXECUTOR}",
        "spark.kubernetes.executor.podTemplateContainerName": CONTAINER,
    }
    hadoop = {f"spark.hadoop.{k}": v for k, v in checked_conf(function, "hadoop_conf").items()}
    allocation = {f"spark.dynamicAllocation.{key}": value for key, value in dynamic.items()}
    if dynamic:
        allocation.setdefault("spark.dynamicAllocation.shuffleTracking.enabled", True)
        ours.pop("spark.executor.instances")
    given = checked_conf(function, "spark_conf")
    found = manifests.without_empty({**ours, **allocation, **hadoop, **given, **fixed})
    return "".join(f"{_escaped(k, True)}={_escaped(v)}\n" for k, v in sorted(found.items()))


def _executor(task: Task, root: Body, settings: Settings) -> Body:
    """The pod from which Spark makes executors."""
    function: Mapping[str, Any] = task.function.get("spec") or {}
    template = copy.deepcopy(root["spec"]["template"])
    template["metadata"]["labels"][ROLE] = "executor"
    spec, container = template["spec"], template["spec"]["containers"][0]
    container["command"] = ["/bin/sh", "-c", EXECUTE, "mlrun-spark"]
    container["env"] = [
        each for each in container["env"]
        if not each["name"].startswith("MLRUN_EXEC") and each["name"] != "MLRUN_POD_IP"
    ]  # fmt: skip
    # Spark says itself what an executor may use, but for devices
    limits = (function.get("executor_resources") or {}).get("limits") or {}
    devices = {key: str(value) for key, value in limits.items() if "/" in str(key)}
    container["resources"] = {"limits": devices} if devices else {}
    only_driver = [*(function.get("driver_volume_mounts") or []), FILES_MOUNT]
    container["volumeMounts"] = [
        *(each for each in container["volumeMounts"] if each not in only_driver),
        *(function.get("executor_volume_mounts") or []),
    ]
    for field in ("restartPolicy", "serviceAccountName"):
        spec.pop(field, None)
    spec["automountServiceAccountToken"] = False
    spec["volumes"] = [each for each in spec["volumes"] if each["name"] != FILES_MOUNT["name"]]
    template["spec"] = _placed(spec, task, settings, "executor")
    return {"apiVersion": "v1", "kind": "Pod", **template}


def _placed(spec: Body, task: Task, settings: Settings, role: str) -> Body:
    """With where pods of the role may be, in the place of what holds for all."""
    own = placement(task, settings, role)
    rest = {key: value for key, value in spec.items() if key not in own}
    return {**rest, **manifests.without_empty(own)}


def _driver_resources(task: Task, function: Mapping[str, Any]) -> Body:
    """What the driver's pod may use: Java's memory, and beside it what Python needs."""
    mebibytes = _mebibytes(_driver_memory(task, function))
    memory = f"{mebibytes + max(LEAST_OVERHEAD, round(mebibytes * OVERHEAD))}Mi"
    given = (function.get("driver_resources") or {}).get("limits") or {}
    limits = {k: str(v) for k, v in given.items() if k == "cpu" or "/" in str(k)}
    asked = Limits.from_dict((task.run.get("spec") or {}).get("limits"))
    if asked.cpu is not None:
        limits["cpu"] = f"{round(asked.cpu * 1000)}m"
    requests = {"cpu": _asked(function, "driver", "cpu"), "memory": memory}
    return {"requests": requests, "limits": {**limits, "memory": memory}}


def _driver_memory(task: Task, function: Mapping[str, Any]) -> str:
    limits = Limits.from_dict((task.run.get("spec") or {}).get("limits"))
    if limits.memory is not None:
        return f"{int(limits.memory) >> 20}m"
    return _asked(function, "driver", "memory")


def _asked(function: Mapping[str, Any], role: str, what: str) -> str:
    requests = (function.get(f"{role}_resources") or {}).get("requests") or {}
    return str(requests.get(what) or DEFAULTS[role][what == "memory"])


def _limit(function: Mapping[str, Any], role: str, what: str) -> str | None:
    found = ((function.get(f"{role}_resources") or {}).get("limits") or {}).get(what)
    return str(found) if found else None


def _mebibytes(text: str) -> int:
    found = _MEMORY.fullmatch(text.strip())
    if found is None:
        raise MLRunInvalidArgumentError(
            f"The memory of a Spark driver is {text!r:.40}: give it as Java does, such as 512m"
        )
    return max(1, round(int(found[1]) * _MIB[found[2].lower()]))


def _escaped(value: object, is_key: bool = False) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    # space at the beginning would be lost, and ends a key
    return re.sub(r"([\s:=#!])", r"\\\1", text) if is_key else re.sub(r"^(\s)", r"\\\1", text)
