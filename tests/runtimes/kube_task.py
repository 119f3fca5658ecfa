"""One task as the launcher would assemble it, for goldens."""

from __future__ import annotations

import base64
from typing import Any

from jupyter_mlrun_runtimes import get_runtime
from jupyter_mlrun_runtimes.contract import Task
from jupyter_mlrun_runtimes.kube.cluster import Cluster
from jupyter_mlrun_runtimes.kube.connection import Address
from jupyter_mlrun_runtimes.kube.mirror import Resource
from jupyter_mlrun_runtimes.kube.runtime import KubeRequest
from jupyter_mlrun_runtimes.kube.settings import Allowed, Defaults, Settings

CODE = base64.b64encode(b"def handler(context):\n    pass\n").decode()
TOKEN = "mlrr" + "0" * 40


def settings(**given: Any) -> Settings:
    """Settings of a cluster."""
    return Settings(
        **{"namespace": "lab", "service": "ours", "url": "http://10.0.0.5:8888/mlrun", **given}
    )


def task(function: dict[str, Any] | None = None, kind: str = "job", **given: Any) -> Task:
    """A task of a function with these fields in its spec; ``run`` adds to the run's spec."""
    spec = {
        "image": "registry.local/train:1",
        "build": {"functionSourceCode": CODE, "origin_filename": "train.py"},
        "default_handler": "handler",
        **(function or {}),
    }
    run = {
        "kind": "run",
        "metadata": {
            "name": "train", "project": "sea", "uid": "ab" * 16, "iteration": 0,
            "labels": {"owner": "ann", "kind": kind},
        },
        "spec": {"handler": "handler", "parameters": {"n": 1}, **given.pop("run", {})},
        "status": {"state": "pending"},
    }  # fmt: skip
    document = {
        "kind": kind,
        "metadata": {"name": "train", "project": "sea", "tag": "latest"},
        "spec": spec,
    }
    values: dict[str, Any] = {
        "run": run, "function": document, "folder": "/data/runs/sea/x",
        "address": "http://10.0.0.5:8888/mlrun", "token": TOKEN, "interpreter": "/usr/bin/python3",
        "workdir": "/home/ann", "secrets": {"PASSWORD": "s3cret"}, "user_id": 1000,
        "artifacts": "/data/artifacts", **given,
    }  # fmt: skip
    return Task(**values)


FULL: dict[str, Any] = {
    "command": "train.py --fast",
    "args": ["a", "b"],
    "env": [
        {"name": "MODE", "value": 3},
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s3-keys", "key": "KEY"}}},
        {"name": "FROM", "value_from": {"configMapKeyRef": {"name": "conf", "key": "from"}}},
    ],
    "volumes": [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "conf", "configMap": {"name": "conf"}},
        {"name": "tmp", "emptyDir": {}},
    ],
    "volume_mounts": [
        {"name": "data", "mountPath": "/data"},
        {"name": "conf", "mountPath": "/conf"},
        {"name": "tmp", "mountPath": "/scratch"},
    ],
    "resources": {"limits": {"memory": "2Gi", "nvidia.com/gpu": 1}, "requests": {"cpu": "500m"}},
    "node_selector": {"zone": "b", "disk": ""},
    "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
    "priority_class_name": "high",
    "image_pull_policy": "Always",
    "image_pull_secret": "registry",
    "service_account": "trainer",
    "security_context": {"fsGroup": 100},
    "workdir": "/work",
    "pythonpath": "/work/lib",
    "replicas": 3,
    "annotations": {"team": "north"},
    "env_from": [{"secretRef": {"name": "s3-all"}}],
}


SPARK: dict[str, Any] = {
    "driver_resources": {"requests": {"cpu": "500m", "memory": "1g"}, "limits": {"cpu": "2"}},
    "executor_resources": {
        "requests": {"cpu": "2", "memory": "3g"},
        "limits": {"cpu": "4", "nvidia.com/gpu": 1},
    },
    "driver_cores": 2,
    "executor_cores": 4,
    "driver_java_options": "-Dlevel=debug",
    "executor_java_options": "-XX:+UseG1GC",
    "driver_node_selector": {"disk": "nvme"},
    "executor_tolerations": [{"key": "spot", "operator": "Exists"}],
    "driver_volume_mounts": [{"name": "tmp", "mountPath": "/driver"}],
    "executor_volume_mounts": [{"name": "tmp", "mountPath": "/executor"}],
    "spark_conf": {"spark.eventLog.enabled": "true", "spark.a path": " b\\c"},
    "hadoop_conf": {"fs.s3a.endpoint": "http://minio:9000"},
    "deps": {
        "jars": ["local:///a.jar"],
        "files": ["local:///b.txt"],
        "pyFiles": ["local:///c.zip"],
    },
    "dynamic_allocation": {"enabled": True, "minExecutors": 1, "maxExecutors": 4},
    "restart_policy": {"type": "Always", "retries": 2, "retry_interval": 5},
    "monitoring": {
        "enabled": True,
        "exporter_jar": "/spark/jars/jmx_prometheus_javaagent-0.16.1.jar",
        "port": 8090,
    },
    "spark_version": "3.5.1",
    "python_version": "3",
}


DEFAULTS = Defaults(
    node_selector={"disk": "ssd", "zone": "a"},
    labels={"team": "sea"},
    env={"REGION": "eu"},
    resources={"requests": {"cpu": "100m", "memory": "1Gi"}},
)


WIDE = settings(
    defaults=DEFAULTS, allowed=Allowed(secrets=("s3-*",), service_accounts=("trainer",))
)


class Unconnected(Cluster):
    """A cluster of which nothing is known but whether it has operators."""

    def __init__(self, settings: Settings, has_operators: bool) -> None:
        super().__init__(Address("nowhere"), settings)
        self.has_operators = has_operators

    def serves(self, resource: Resource) -> bool:
        return self.has_operators


def build(task: Task, settings: Settings, kind: str = "job", operators: bool = True) -> KubeRequest:
    """The request for a task; nothing connects for it."""
    runtime = get_runtime(kind, "kubernetes", Unconnected(settings, operators))
    request = runtime.build(task)
    assert isinstance(request, KubeRequest)
    return request


def container(request: KubeRequest) -> dict[str, Any]:
    """The main container of a Job."""
    return dict(request.root["spec"]["template"]["spec"]["containers"][0])


class Keeping:
    """A cluster without an operator that may create and delete, and nothing more."""

    def __init__(self) -> None:
        self.settings = settings()
        self.kept: dict[str, Any] = {}

    def serves(self, resource: Any) -> bool:
        return False

    def create(self, body: Any) -> Any:
        key = f"{body['kind']}/{body['metadata']['name']}"
        if key not in self.kept:
            self.kept[key] = {**body, "metadata": {**body["metadata"], "uid": key}}
        return self.kept[key]

    def delete(self, resource: Any, namespace: str, name: str, grace: float | None = None) -> None:
        del self.kept[f"{resource[1]}/{name}"]

    def know(self, body: Any) -> None:
        assert body is self.kept[f"Pod/{body['metadata']['name']}"]
