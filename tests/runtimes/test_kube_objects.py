"""What goes to a cluster, whole: a field more or less fails. ``GOLDEN_WRITE=1`` writes anew."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
)
from jupyter_mlrun_runtimes import ON_KUBERNETES, get_runtime
from jupyter_mlrun_runtimes.function_cluster import ClusterTask
from jupyter_mlrun_runtimes.kube import begin, manifests, pod
from jupyter_mlrun_runtimes.kube.dask_objects import build_objects
from jupyter_mlrun_runtimes.kube.runtime import KubeRequest
from jupyter_mlrun_runtimes.kube.settings import (
    Allowed,
    Defaults,
    Settings,
)
from tests.runtimes.kube_task import (
    FULL,
    SPARK,
    TOKEN,
    WIDE,
    Unconnected,
    build,
    container,
    settings,
    task,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "kubernetes"


@pytest.mark.row("3.301", "3.009")
@pytest.mark.parametrize("kind", sorted(ON_KUBERNETES))
@pytest.mark.parametrize("name, given, where", [("plain", {}, settings()), ("full", FULL, WIDE)])
def test_golden(kind: str, name: str, given: dict[str, Any], where: Settings) -> None:
    more = SPARK if (kind, name) == ("spark", "full") else {}
    check_golden(build(task({**given, **more}, kind), where, kind), f"{kind}-{name}")


@pytest.mark.row("3.402", "3.403")
@pytest.mark.parametrize("name, given, where", [("plain", {}, settings()), ("full", FULL, WIDE)])
def test_golden_of_a_dask_cluster(name: str, given: dict[str, Any], where: Settings) -> None:
    """The operator's objects, and the pods and Service where there is none."""
    function = task(given, "dask").function
    asked = ClusterTask(function, root="", interpreter="", user_id=1000)
    check_objects(build_objects(asked, where).values(), f"dask-cluster-{name}")


def check_golden(request: KubeRequest, name: str) -> None:
    """Nothing, where all objects are as the file has them."""
    check_objects([*request.before, request.root], name)


def check_objects(objects: Iterable[Any], name: str) -> None:
    text = yaml.safe_dump_all(objects, sort_keys=False)
    file = GOLDEN / f"{name}.yaml"
    if os.environ.get("GOLDEN_WRITE"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert list(yaml.safe_load_all(text)) == list(yaml.safe_load_all(file.read_text()))


@pytest.mark.row("3.602", "3.604")
@pytest.mark.parametrize("name, given, where", [("plain", {}, settings()), ("full", FULL, WIDE)])
def test_golden_of_spark_without_its_operator(
    name: str, given: dict[str, Any], where: Settings
) -> None:
    more = SPARK if name == "full" else {}
    request = build(task({**given, **more}, "spark"), where, "spark", operators=False)
    check_golden(request, f"spark-submit-{name}")


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


@pytest.mark.row("3.008")
def test_limits_of_the_run_win() -> None:
    found = build(task(FULL, run={"limits": {"cpu": 1.5, "memory": 1 << 30}}), WIDE)
    assert container(found)["resources"] == {
        "requests": {"cpu": "500m", "memory": "1Gi", "nvidia.com/gpu": "1"},
        "limits": {"memory": "1073741824", "nvidia.com/gpu": "1", "cpu": "1500m"},
    }


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


@pytest.mark.parametrize("sources", [[], [{"secretRef": {"name": "keys"}}]])
def test_what_ranks_get_of_their_launchers_variables(tmp_path: Path, sources: list[Any]) -> None:
    """By name; what comes from a whole Secret is found out in the pod."""
    given = {"env_from": sources, "env": [{"name": "PATH", "value": f"{tmp_path}:/usr/bin:/bin"}]}
    where = settings(allowed=Allowed(secrets=("keys",)))
    replicas = build(task(given, "mpijob"), where, "mpijob").root["spec"]["mpiReplicaSpecs"]
    (launcher,) = replicas["Launcher"]["template"]["spec"]["containers"]
    mpirun = tmp_path / "mpirun"
    mpirun.write_text('#!/bin/sh\necho "$@"\n')
    mpirun.chmod(0o755)
    words = [word for word in launcher["command"] if "hostfile" not in word]
    script = next(word for word in launcher["command"] if "hostfile" in word)
    words.insert(2, script.partition("fi; ")[2])
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HELD": "two words", "HOME": "/root"}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    told = done.stdout.partition(" /bin/sh ")[0]
    assert ("-x HELD" in told) == bool(sources)
    assert told.count("-x PATH") == 1 and "-x HOME" not in told


@pytest.mark.row("3.016")
def test_labels_of_a_pod_say_whose_run_it_is() -> None:
    asked = task()
    asked.run["metadata"] |= {"iteration": 3, "labels": {"owner": "ann@lab.org"}}
    labels = pod.labels_of(asked, settings(defaults=Defaults(labels={"mlrun/uid": "x"})), "job")
    assert labels["mlrun/iteration"] == "3" and labels["mlrun/uid"] == "ab" * 16
    assert (labels["mlrun/owner"], labels["mlrun/owner_domain"]) == ("ann", "lab.org")
    assert "mlrun/iteration" not in pod.labels_of(task(), settings(), "job")
