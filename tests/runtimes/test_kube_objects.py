"""What goes to a cluster, whole: a field more or less fails. ``GOLDEN_WRITE=1`` writes anew."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
    MLRunServiceUnavailableError,
)
from jupyter_mlrun_runtimes import ON_KUBERNETES, get_runtime
from jupyter_mlrun_runtimes.contract import Task
from jupyter_mlrun_runtimes.function_cluster import ClusterTask
from jupyter_mlrun_runtimes.kube import begin, manifests, pod, spark_submit
from jupyter_mlrun_runtimes.kube.cluster import Cluster
from jupyter_mlrun_runtimes.kube.connection import Address
from jupyter_mlrun_runtimes.kube.dask import DaskClusterOnKubernetes
from jupyter_mlrun_runtimes.kube.mirror import Resource
from jupyter_mlrun_runtimes.kube.runtime import KubeRequest
from jupyter_mlrun_runtimes.kube.settings import (
    OVERRIDE,
    RETAIN,
    Allowed,
    Defaults,
    Preemptible,
    Settings,
)
from tests.runtimes.kube_task import TOKEN, settings, task

GOLDEN = Path(__file__).parents[1] / "golden" / "kubernetes"

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


@pytest.mark.parametrize("kind", sorted(ON_KUBERNETES))
@pytest.mark.parametrize("name, given, where", [("plain", {}, settings()), ("full", FULL, WIDE)])
def test_golden(kind: str, name: str, given: dict[str, Any], where: Settings) -> None:
    more = SPARK if (kind, name) == ("spark", "full") else {}
    check_golden(build(task({**given, **more}, kind), where, kind), f"{kind}-{name}")


def check_golden(request: KubeRequest, name: str) -> None:
    """Nothing, where all objects are as the file has them."""
    text = yaml.safe_dump_all([*request.before, request.root], sort_keys=False)
    file = GOLDEN / f"{name}.yaml"
    if os.environ.get("GOLDEN_WRITE"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert list(yaml.safe_load_all(text)) == list(yaml.safe_load_all(file.read_text()))


@pytest.mark.parametrize("name, given, where", [("plain", {}, settings()), ("full", FULL, WIDE)])
def test_golden_of_spark_without_its_operator(
    name: str, given: dict[str, Any], where: Settings
) -> None:
    more = SPARK if name == "full" else {}
    request = build(task({**given, **more}, "spark"), where, "spark", operators=False)
    check_golden(request, f"spark-submit-{name}")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, None),
        ({"enabled": False, "exporter_jar": "/a.jar"}, None),
        ({"enabled": True}, {"exposeDriverMetrics": True, "exposeExecutorMetrics": True}),
        ({"enabled": True, "port": 8090}, "names no exporter_jar"),
        ({"enabled": True, "exporter_jar": "/a.jar", "port": "x"}, "give a number from 1"),
    ],
)
def test_what_prometheus_is_shown_of_spark(given: dict[str, Any], shown: Any) -> None:
    asked = task({"monitoring": given}, "spark")
    if isinstance(shown, str):
        for operators in (True, False):
            with pytest.raises(MLRunBadRequestError, match=shown):
                build(asked, settings(), "spark", operators)
        return
    assert build(asked, settings(), "spark").root["spec"].get("monitoring") == shown
    files = build(asked, settings(), "spark", operators=False).before[-1]["data"]
    assert ("spark.ui.prometheus.enabled=true" in files["spark.properties"]) == bool(shown)


def test_numbers_of_spark_that_are_empty_or_whole_floats() -> None:
    parts = ("replicas", "executor_cores", "driver_cores", "termination_grace_period_seconds")
    for given, count in (("", 1), (2.0, 2), ("2", 2)):
        asked = task(dict.fromkeys(parts, given), "spark")
        executor = build(asked, settings(), "spark").root["spec"]["executor"]
        assert repr((executor["instances"], executor["cores"])) == repr((count, count))
        files = build(asked, settings(), "spark", operators=False).before[-1]["data"]
        for part in ("instances", "cores"):
            assert f"spark.executor.{part}={count}\n" in files["spark.properties"]


def test_spark_functions_can_run_in_the_image_that_was_built_for_all() -> None:
    asked = {"image": "", "use_default_image": True, "build": {}}
    gpu = {"executor_resources": {"limits": {"nvidia.com/gpu": 1}}}
    where = settings(images={"MLRUN_HTTPDB__BUILDER__DOCKER_REGISTRY": "reg.local"})
    for more, name in (({}, "spark-job-default-image"), (gpu, "spark-job-default-image-cuda")):
        found = pod.image_of(task({**asked, **more}, "spark"), where)
        assert found.startswith(f"reg.local/{name}") and ("cuda" in found) == bool(more)
    own = task({**asked, "image": "lab/spark:1"}, "spark")
    assert pod.image_of(own, settings()) == "lab/spark:1"


@pytest.mark.parametrize("kind", sorted(ON_KUBERNETES))
def test_artifacts_that_stay_in_a_pod_are_told_of(kind: str) -> None:
    """MLRun's own images send them as to a V3IO, but where the function has one of its own."""
    runtime = get_runtime(kind, "kubernetes", Unconnected(settings(), True))
    key = {"env": [{"name": "V3IO_ACCESS_KEY", "value": "x"}]}
    official = {"image": "mlrun/mlrun:1.12.1", **key}
    said = runtime.remark(task(official, kind))
    assert "artifacts stay in the pod" in said and "mlrun/mlrun:1.12.1" in said and "v3io:" in said
    built = {"image": "lab/train:1", "build": {"base_image": "mlrun/mlrun"}, **key}
    assert "artifacts stay in the pod" in runtime.remark(task(built, kind))
    assert runtime.remark(task({"image": "mlrun/mlrun:1.12.1"}, kind)) == ""
    # ours sends them, and where they go elsewhere nothing has to be sent
    assert runtime.remark(task(key, kind)) == ""
    assert runtime.remark(task(official, kind, artifacts="")) == ""


@pytest.mark.parametrize(
    "by, sentence",
    [
        ({"run": {"env": {"V3IO_ACCESS_KEY": "x"}}}, "the pod has V3IO_ACCESS_KEY, with"),
        ({"secret_refs": {"V3IO_ACCESS_KEY": "key"}}, "the pod has V3IO_ACCESS_KEY, with"),
        ({"env_from": [{"secretRef": {"name": "v3io-keys"}}]}, "where v3io-keys holds it"),
        ({"env_from": [{"prefix": "S3_", "secretRef": {"name": "keys"}}]}, ""),
        ({"env": [{"name": "V3IO_ACCESS_KEY", "value": ""}]}, ""),
        ({}, ""),
    ],
)
def test_a_v3io_of_ones_own_can_come_by_every_way_of_a_variable(
    by: dict[str, Any], sentence: str
) -> None:
    function = {k: by[k] for k in ("env", "env_from") if k in by}
    given = {k: by[k] for k in ("run", "secret_refs") if k in by}
    asked = task({"image": "mlrun/mlrun:1.12.1", **function}, **given)
    found = pod.remark(asked, settings())
    assert sentence in found and bool(found) == bool(sentence)
    where = settings(defaults=Defaults(env={"V3IO_ACCESS_KEY": "x"}))
    assert "the pod has V3IO_ACCESS_KEY" in pod.remark(asked, where)


def test_a_dask_cluster_installs_where_its_image_can(tmp_path: Path) -> None:
    def objects(image: str) -> dict[str, Any]:
        spec = {"image": image, "build": {"requirements": ["a"]}}
        given = ClusterTask({"kind": "dask", "metadata": {"name": "f", "project": "sea"},
                             "spec": spec}, root="", interpreter="", environments="")  # fmt: skip
        request = DaskClusterOnKubernetes(Unconnected(settings(), False)).build(given)
        return {name: json.loads(body) for name, body in request.files.items()}

    for official in ("mlrun/mlrun:1.12.1", "quay.io:5000/mlrun/mlrun-gpu@sha256:ab", "mlrun/mlrun"):
        with pytest.raises(MLRunBadRequestError, match=r"no jupyter-mlrun.*function\.deploy\(\)"):
            objects(official)
    (scheduler,) = objects("registry.local/mlrun/mlrun-lab:1")["scheduler"]["spec"]["containers"]
    words = scheduler["args"]
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(words, env=env, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1 and "call function.deploy() first" in done.stderr
    assert "Traceback" not in done.stderr
    # where the package is, its own module goes on with the words of Dask
    python.write_text('#!/bin/sh\n[ "$2" = -c ] || echo "$@"\n')
    done = subprocess.run(words, env=env, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.startswith("-P -m jupyter_mlrun.requirements dask scheduler --host"), done


TOLD = """#!/bin/sh
echo "$(basename "$0")|$*|$V3IO_API|$V3IO_ACCESS_KEY"
"""


@pytest.mark.parametrize(
    "command, env, told",
    [
        ("jupyter-mlrun", {}, "jupyter-mlrun|run --name train||"),
        ("mlrun", {}, "mlrun|run --out-path v3io:///hub/mlrun/api/v1/lab/runs/sea/"
         f"{'ab' * 16}/files/{'ab' * 16} --name train|https://lab:8443|{TOKEN}"),
        ("mlrun", {"V3IO_ACCESS_KEY": "own"}, "mlrun|run --name train||own"),
        ("mlrun", {"JUPYTER_MLRUN_SEND": ""}, "mlrun|run --name train||"),
    ],
)  # fmt: skip
def test_how_a_pod_begins(tmp_path: Path, command: str, env: dict[str, str], told: str) -> None:
    """By the command that its image has; MLRun's is told where the service takes artifacts."""
    file = tmp_path / command
    file.write_text(TOLD)
    file.chmod(0o755)
    asked = task(address="https://lab:8443/hub/mlrun")
    given = {
        **begin.variables(asked), "MLRUN_DBPATH": asked.address, "MLRUN_HTTPDB__TOKEN": TOKEN,
        "PATH": f"{tmp_path}:/usr/bin:/bin", **env,
    }  # fmt: skip
    done = subprocess.run(
        [*begin.START, "run", "--name", "train"], env=given, capture_output=True, text=True
    )
    assert done.stdout.strip() == told, done.stderr
    # in the process of a driver
    package = tmp_path / "modules" / "mlrun"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(
        "import os\ndef main(words):\n    print('mlrun', ' '.join(words), "
        "os.environ.get('V3IO_API', ''), os.environ.get('V3IO_ACCESS_KEY', ''), sep='|')\n"
    )
    if command == "mlrun":
        program = begin.main_program(["run", "--name", "train"])
        done = subprocess.run(
            [sys.executable, "-S", "-c", program], capture_output=True, text=True,
            env={**given, "PYTHONPATH": str(package.parent)}, cwd=tmp_path,
        )  # fmt: skip
        assert done.stdout.strip() == told, done.stderr


@pytest.mark.parametrize("kind", sorted(ON_KUBERNETES))
def test_the_same_task_gives_the_same_objects_and_shows_no_secret(kind: str) -> None:
    one, two = (build(task({}, kind), settings(), kind) for _ in range(2))
    assert one == two
    assert TOKEN not in str(one.root) and "s3cret" not in str(one.root)
    assert TOKEN not in repr(one) and "s3cret" not in repr(one)


@pytest.mark.row("2.31")
def test_code_and_task_that_are_long_travel_as_files() -> None:
    code = base64.b64encode(b"x = 1\n" * 20_000).decode()
    request = build(
        task({"build": {"functionSourceCode": code}}, run={"parameters": {"t": "y" * 100_000}}),
        settings(),
    )
    secret, config_map = request.before
    assert (secret["kind"], config_map["kind"]) == ("Secret", "ConfigMap")
    assert config_map["data"]["main.py"].startswith("x = 1\n")
    found = container(request)
    assert found["args"][3:] == [
        "--from-env", "--task", "/etc/config/mlrun/task.json", "--handler", "handler",
        "/etc/config/mlrun/main.py",
    ]  # fmt: skip
    assert not {"MLRUN_EXEC_CODE", "MLRUN_EXEC_CONFIG"} & {each["name"] for each in found["env"]}


@pytest.mark.row("2.31")
def test_code_that_no_object_can_hold_is_refused() -> None:
    code = base64.b64encode(b"x" * 1_100_000).decode()
    with pytest.raises(MLRunBadRequestError, match="with_source_archive"):
        build(task({"build": {"functionSourceCode": code}}), settings())


def test_a_function_without_an_image() -> None:
    with pytest.raises(MLRunBadRequestError, match=r"MLRunCluster\.default_image"):
        build(task({"image": ""}), settings())
    found = build(task({"image": ""}), settings(defaults=Defaults(image="lab/base:2")))
    assert container(found)["image"] == "lab/base:2"


@pytest.mark.row("2.15")
@pytest.mark.parametrize(
    "image, expected",
    [
        ("mlrun/mlrun", "mlrun/mlrun:1.12.1"),
        (".train", "reg.local/train"),
        ("quay.io/team/x", "quay.io/team/x"),
    ],
)
def test_names_of_images_are_completed(image: str, expected: str) -> None:
    where = settings(images={"MLRUN_HTTPDB__BUILDER__DOCKER_REGISTRY": "reg.local"})
    assert container(build(task({"image": image}), where))["image"] == expected


def test_limits_of_the_run_win() -> None:
    found = build(task(FULL, run={"limits": {"cpu": 1.5, "memory": 1 << 30}}), WIDE)
    assert container(found)["resources"] == {
        "requests": {"cpu": "500m", "memory": "1Gi", "nvidia.com/gpu": "1"},
        "limits": {"memory": "1073741824", "nvidia.com/gpu": "1", "cpu": "1500m"},
    }


@pytest.mark.parametrize(
    "mode, asked, user, expected",
    [
        ("disabled", {}, 1000, {}),
        ("disabled", {"runAsUser": 0}, 1000, {"runAsUser": 0}),
        (RETAIN, {"runAsUser": 7}, 1000, {"runAsUser": 7}),
        (RETAIN, {}, 1000, {"runAsUser": 1000, "runAsGroup": 65534, "fsGroup": 65534}),
        (OVERRIDE, {}, 1000, {"runAsUser": 1000, "runAsGroup": 65534, "fsGroup": 65534}),
        (
            OVERRIDE,
            {"runAsUser": 55, "runAsGroup": 0, "supplementalGroups": [0], "sysctls": []},
            1000,
            {"runAsUser": 55, "runAsGroup": 65534, "fsGroup": 65534},
        ),
        (
            OVERRIDE,
            {"runAsNonRoot": True, "fsGroup": 0, "seLinuxOptions": {"type": "x"}},
            1000,
            {"runAsNonRoot": True, "runAsUser": 1000, "runAsGroup": 65534, "fsGroup": 65534},
        ),
    ],
)
def test_security_context(mode: str, asked: Any, user: int, expected: Any) -> None:
    where = settings(security_mode=mode, allowed=Allowed(users=(55,)))
    request = build(task({"security_context": asked}, user_id=user), where)
    assert request.root["spec"]["template"]["spec"].get("securityContext", {}) == expected


@pytest.mark.parametrize("mode", [RETAIN, OVERRIDE])
def test_a_sender_who_is_root_takes_an_administrator(mode: str) -> None:
    with pytest.raises(MLRunAccessDeniedError, match=r"allowed_users = \[0\]"):
        build(task(user_id=0), settings(security_mode=mode))
    where = settings(security_mode=mode, allowed=Allowed(users=(0,)))
    spec = build(task(user_id=0), where).root["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsUser"] == 0


@pytest.mark.parametrize(
    "given, setting",
    [
        ({"volumes": [{"name": "h", "hostPath": {"path": "/data/../etc"}}]}, "allowed_host_paths"),
        ({"volumes": [{"name": "s", "secret": {"secretName": "other"}}]}, "allowed_secrets"),
        ({"env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "o", "key": "k"}}}]},
         "allowed_secrets"),
        ({"service_account": "cluster-admin"}, "allowed_service_accounts"),
        ({"security_context": {"runAsUser": 0}}, "allowed_users"),
        ({"volumes": [{"name": "s", "secret": {"secretName": "mlrun-project-secrets-lake"}}]},
         "no setting"),
        ({"volumes": [{"name": "p", "projected": {"sources": [{"serviceAccountToken": {}}]}}]},
         "no setting"),
    ],
)  # fmt: skip
def test_what_takes_an_administrator(given: dict[str, Any], setting: str) -> None:
    where = settings(security_mode=OVERRIDE, allowed=Allowed(host_paths=("/data",)))
    with pytest.raises(MLRunAccessDeniedError, match=setting):
        build(task(given), where)


@pytest.mark.parametrize(
    "field, key",
    [
        ("spark_conf", "spark.kubernetes.driver.volumes.hostPath.etc.mount.path"),
        ("spark_conf", " Spark.Kubernetes.authenticate.driver.serviceAccountName"),
        ("spark_conf", "spark.kubernetes.executor.secretKeyRef.TOKEN"),
        ("spark_conf", "spark.kubernetes.driver.podTemplateFile"),
        ("spark_conf", "spark.hadoop.fs.gs.auth.service.account.json.keyfile"),
        ("hadoop_conf", "hadoop.security.credential.provider.path"),
    ],
)
def test_settings_of_spark_do_not_reach_past_what_functions_may_ask(field: str, key: str) -> None:
    with pytest.raises(MLRunBadRequestError, match=key.strip()):
        build(task({field: {key: "x"}}, "spark"), settings(), "spark")
    safe = {
        "spark_conf": {"spark.kubernetes.local.dirs.tmpfs": True, "spark.eventLog.enabled": "true"},
        "hadoop_conf": {"fs.s3a.aws.credentials.provider": "org.example.Provider"},
    }
    spec = build(task(safe, "spark"), settings(), "spark").root["spec"]
    assert spec["sparkConf"]["spark.kubernetes.local.dirs.tmpfs"] == "True"
    assert spec["hadoopConf"] == safe["hadoop_conf"]


@pytest.mark.parametrize("mode", [RETAIN, OVERRIDE])
def test_a_cluster_of_dask_has_the_rights_of_its_user(mode: str) -> None:
    where = settings(security_mode=mode)
    names = set()
    for user in (1000, 1001):
        request = build(task(kind="dask", user_id=user), where, "dask")
        objects = {name: json.loads(text) for name, text in request.files.items()}
        names.add(objects["cluster"]["metadata"]["name"])
        for part in ("scheduler", "worker-0"):
            assert objects[part]["spec"]["securityContext"]["runAsUser"] == user
    assert len(names) == 2


def test_what_is_allowed_passes() -> None:
    given = {"volumes": [{"name": "h", "hostPath": {"path": "/data/x"}}]}
    request = build(task(given), settings(allowed=Allowed(host_paths=("/data",))))
    assert request.root["spec"]["template"]["spec"]["volumes"] == given["volumes"]


def test_names_are_valid_and_their_own() -> None:
    names = {manifests.name_of(text, text) for text in ("A_b", "a-b", "9" * 80, "", "ü", "a" * 90)}
    assert len(names) == 6
    assert all(len(name) <= 56 and name[0].isalpha() and name.isascii() for name in names)
    first, second = task(), task(attempt=1)
    assert pod.object_name(first) != pod.object_name(second)


def test_an_attempt_is_told() -> None:
    request = build(task(attempt=2), settings())
    assert request.root["metadata"]["labels"]["mlrun/attempt"] == "2"
    config = next(e for e in container(request)["env"] if e["name"] == "MLRUN_EXEC_CONFIG")
    assert '"retry_count":2' in config["value"]


_NODES = Preemptible({"spot": "yes"}, ({"key": "spot", "operator": "Exists"},))
_SELECTED = Preemptible({"spot": "yes"})


@pytest.mark.parametrize(
    "mode, nodes, expected",
    [
        ("none", _NODES, {}),
        ("allow", _NODES, {"tolerations": [{"key": "spot", "operator": "Exists"}]}),
        ("constrain", _NODES, {
            "tolerations": [{"key": "spot", "operator": "Exists"}],
            "affinity": {"nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                    {"matchExpressions": [{"key": "spot", "operator": "In", "values": ["yes"]}]},
                ]}}},
        }),
        ("prevent", _NODES, {}),
        ("prevent", _SELECTED, {
            "affinity": {"nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                    {"matchExpressions": [{"key": "spot", "operator": "NotIn", "values": ["yes"]}]},
                ]}}},
        }),
        ("allow", _SELECTED, {}),
    ],
)  # fmt: skip
def test_preemption(mode: str, nodes: Preemptible, expected: dict[str, Any]) -> None:
    request = build(task({"preemption_mode": mode}), settings(preemptible=nodes))
    spec = request.root["spec"]["template"]["spec"]
    assert {
        k: spec[k] for k in ("tolerations", "affinity", "nodeSelector") if k in spec
    } == expected


@pytest.mark.parametrize("operators", [True, False])
def test_preemption_of_the_roles_of_spark(operators: bool) -> None:
    """Each role by its own mode, which starts from what the function says of all."""
    taints = [{"key": "spot", "operator": "Exists"}]

    def placed(**given: Any) -> tuple[Any, Any]:
        request = build(task(given, "spark"), settings(preemptible=_NODES), "spark", operators)
        if operators:
            spec = request.root["spec"]
            return spec["driver"], spec["executor"]
        pod_of_executor = json.loads(request.before[-1]["data"]["executor.json"])
        return request.root["spec"]["template"]["spec"], pod_of_executor["spec"]

    driver, executor = placed(executor_preemption_mode="constrain")
    assert not {"tolerations", "affinity"} & set(driver)
    assert executor["tolerations"] == taints and "spot" in str(executor["affinity"])
    driver, executor = placed(preemption_mode="allow", driver_preemption_mode="prevent")
    assert "tolerations" not in driver and executor["tolerations"] == taints
    driver, executor = placed(
        executor_tolerations=taints, driver_tolerations=taints, driver_preemption_mode="none"
    )
    assert driver["tolerations"] == taints and "tolerations" not in executor
    only = settings(preemptible=_SELECTED)
    given = {"driver_preemption_mode": "none"}
    request = build(task(given, "spark"), only, "spark", operators)
    if operators:
        roles = request.root["spec"]["driver"], request.root["spec"]["executor"]
    else:
        executor_pod = json.loads(request.before[-1]["data"]["executor.json"])
        roles = request.root["spec"]["template"]["spec"], executor_pod["spec"]
    assert ["affinity" in each for each in roles] == [False, True]
    with pytest.raises(MLRunInvalidArgumentError, match="'never' is unknown"):
        placed(executor_preemption_mode="never")


@pytest.mark.parametrize("given, count", [(2, 2), (2.0, 2), ("2", 2), (None, 1), ("", 1)])
def test_whole_numbers_of_workers(given: Any, count: int) -> None:
    workers = build(task({"replicas": given}, "mpijob"), settings(), "mpijob").root["spec"][
        "mpiReplicaSpecs"
    ]["Worker"]
    assert repr(workers["replicas"]) == str(count)


@pytest.mark.parametrize("given", [2.5, 0, "two", True, [2], "-1"])
def test_workers_that_are_no_number(given: Any) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="give a whole number from 1"):
        build(task({"replicas": given}, "mpijob"), settings(), "mpijob")


@pytest.mark.parametrize("kind", sorted(ON_KUBERNETES))
def test_pods_of_runs_have_the_runtime_class_that_an_administrator_names(kind: str) -> None:
    where = settings(defaults=Defaults(runtime_class="gvisor"))
    if kind == "spark":
        with pytest.raises(MLRunBadRequestError, match=r"MLRunCluster\.runtime_class"):
            build(task({}, kind), where, kind)
    request = build(task({}, kind), where, kind, operators=kind != "spark")
    specs = [request.root["spec"]]
    if kind == "mpijob":
        specs = list(request.root["spec"]["mpiReplicaSpecs"].values())
    assert [each["template"]["spec"]["runtimeClassName"] for each in specs] == ["gvisor"] * len(
        specs
    )


def test_a_function_bound_to_preemptible_nodes_is_unbound_where_they_are_prevented() -> None:
    given = {
        "node_selector": {"spot": "yes"},
        "tolerations": [{"key": "spot", "operator": "Exists"}],
    }
    spec = build(task(given), settings(preemptible=_NODES)).root["spec"]["template"]["spec"]
    assert "nodeSelector" not in spec and "tolerations" not in spec


@pytest.mark.parametrize(
    "kind, params, variables",
    [
        ("pvc", {"pvc_name": "shared"}, []),
        ("env", {"A": "b"}, ["A"]),
        ("s3", {"secret_name": "keys", "endpoint_url": "http://minio"},
         ["AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]),
    ],
)  # fmt: skip
def test_auto_mount(kind: str, params: dict[str, str], variables: list[str]) -> None:
    where = settings(
        defaults=Defaults(auto_mount_type=kind, auto_mount_params=params),
        allowed=Allowed(secrets=("keys",)),
    )
    spec = build(task(), where).root["spec"]["template"]["spec"]
    names = [each["name"] for each in spec["containers"][0]["env"]]
    assert names[: len(variables)] == variables
    claims = [each["persistentVolumeClaim"]["claimName"] for each in spec.get("volumes", [])]
    assert claims == (["shared"] if kind == "pvc" else [])
    off = build(task({"disable_auto_mount": True}), where).root["spec"]["template"]["spec"]
    assert "volumes" not in off


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


def test_pods_of_a_dask_cluster_are_made_owned_and_anew_where_they_have_ended() -> None:
    cluster = Keeping()
    dask = DaskClusterOnKubernetes(cluster)  # type: ignore[arg-type]
    function = {"kind": "dask", "metadata": {"name": "f", "project": "sea"}, "spec": {"image": "i"}}
    request = dask.build(ClusterTask(function=function, root="", interpreter=""))
    (handle,) = dask.start(request)
    owner, pod = f"Service/{handle['name']}-scheduler", f"Pod/{handle['name']}-scheduler"
    worker = cluster.kept[f"Pod/{handle['name']}-w0"]
    for body in (cluster.kept[pod], worker):
        (reference,) = body["metadata"]["ownerReferences"]
        assert (reference["kind"], reference["uid"]) == ("Service", owner)
    ended = cluster.kept[pod]
    ended["status"] = {"phase": "Succeeded"}
    list(dask.start(request))
    assert cluster.kept[pod] is not ended and "status" not in cluster.kept[pod]
    assert cluster.kept[f"Pod/{handle['name']}-w0"] is worker


@pytest.mark.parametrize("shown, ip", [("10.0.0.7", "10.0.0.7"), ("[fd00::7]", "fd00::7")])
def test_spark_is_told_addresses_as_it_reads_them(tmp_path: Path, shown: str, ip: str) -> None:
    submit = tmp_path / "spark-submit"
    submit.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    submit.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}", "KUBERNETES_SERVICE_HOST": ip,
        "KUBERNETES_SERVICE_PORT": "443", "MLRUN_POD_IP": ip, "MLRUN_POD_NAME": "train",
    }  # fmt: skip
    argv = ["/bin/sh", "-c", spark_submit.DRIVE, "mlrun-spark", "/folder"]
    said = subprocess.run(argv, env=environment, check=True, capture_output=True, text=True).stdout
    assert f"\nk8s://https://{shown}:443\n" in said
    assert f"spark.driver.host={shown}\n" in said
    assert f"spark.driver.bindAddress={shown}\n" in said


def starting(error: type[Exception]) -> tuple[Keeping, Any, list[Any]]:
    """A cluster that lets nothing be owned at first, a runtime there, and what became owned."""
    cluster, given = Keeping(), []
    errors = [error("no patch")]

    def give(body: Any, owner: Any) -> None:
        if errors:
            raise errors.pop()
        given.append((body["kind"], owner["kind"]))

    cluster.replace, cluster.give = cluster.create, give  # type: ignore[attr-defined]
    cluster.know = lambda body: None  # type: ignore[method-assign]
    cluster.is_synced = lambda root: True  # type: ignore[attr-defined]
    nothing = SimpleNamespace(of_run=lambda run: [])
    cluster.mirror = lambda resource: nothing  # type: ignore[attr-defined]
    return cluster, get_runtime("job", "kubernetes", cluster), given  # type: ignore[arg-type]


def test_what_was_made_for_a_run_that_cannot_start_goes() -> None:
    cluster, runtime, given = starting(MLRunAccessDeniedError)
    with pytest.raises(MLRunAccessDeniedError, match="no patch"):
        list(runtime.submit(runtime.build(task())))
    assert not cluster.kept and not given


def test_a_run_that_has_started_is_not_sent_again_for_what_it_shall_own() -> None:
    cluster, runtime, given = starting(MLRunServiceUnavailableError)
    *_, handle = runtime.submit(runtime.build(task()))
    assert handle["submitted"]
    assert sorted(name.partition("/")[0] for name in cluster.kept) == ["Job", "Secret"]
    runtime.poll([handle])
    assert not given, "the cluster is given time"
    runtime._ownership._not_before.clear()
    runtime.poll([handle])
    assert given == [("Secret", "Job")]
    runtime.poll([handle])
    assert len(given) == 1
    # what belongs to nobody yet goes with an abort
    cluster, runtime, given = starting(MLRunServiceUnavailableError)
    *_, handle = runtime.submit(runtime.build(task()))
    runtime.cancel(handle)
    assert not cluster.kept and not runtime._ownership._not_before


@pytest.mark.parametrize("error", [MLRunServiceUnavailableError, None])
def test_what_belongs_to_nobody_is_given_after_a_restart(error: type[Exception] | None) -> None:
    """Or by another host: the run's handle, as it was kept, says what is left to do."""
    cluster, runtime, given = starting(error or MLRunServiceUnavailableError)
    if error is None:
        with pytest.raises(MLRunServiceUnavailableError):
            cluster.give({}, {})  # type: ignore[attr-defined]
    *_, handle = runtime.submit(runtime.build(task()))
    assert ("owned" in handle, len(given)) == (error is None, int(error is None))
    handle = json.loads(json.dumps(handle))
    runtime = get_runtime("job", "kubernetes", cluster)  # type: ignore[arg-type]
    for _ in range(2):
        runtime.poll([handle])
        assert given == [("Secret", "Job")]
    # what has an owner goes with it, and is not asked for
    runtime.cancel(handle)
    assert [name.partition("/")[0] for name in cluster.kept] == ["Secret"]
