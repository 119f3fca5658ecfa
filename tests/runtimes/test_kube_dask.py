"""Dask clusters as pods: their objects, and what is done where no operator does it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunServiceUnavailableError,
)
from jupyter_mlrun_runtimes.function_cluster import ClusterTask
from jupyter_mlrun_runtimes.kube.dask import (
    LONGEST_SILENCE,
    LONGEST_SILENCE_INSTALLING,
    DaskClusterOnKubernetes,
)
from jupyter_mlrun_runtimes.kube.dask_objects import ROUTES, bounds_of, build_objects
from tests.runtimes.kube_task import (
    Keeping,
    Unconnected,
    build,
    settings,
    task,
)


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


@pytest.mark.parametrize(("wanted", "seconds"), [([], "120s"), (["numpy"], "600s")])
def test_a_run_waits_longer_for_a_scheduler_that_installs(wanted: list[str], seconds: str) -> None:
    asked = replace(task({"build": {"requirements": wanted}}, "dask"), environments="")
    request = build(asked, settings(), "dask")
    (container,) = request.root["spec"]["template"]["spec"]["containers"]
    told = {each["name"]: each.get("value") for each in container["env"]}
    assert told["DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT"] == seconds


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


def merged(body: Any, patch: Any) -> Any:
    """What a merge patch makes of it (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    body = body if isinstance(body, dict) else {}
    kept = {name: value for name, value in body.items() if name not in patch}
    given = {name: value for name, value in patch.items() if value is not None}
    return kept | {name: merged(body.get(name), value) for name, value in given.items()}


class Tended(Keeping):
    """The same with pods that run, a scheduler that says how many workers it could use."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted, self.watched = 1, True
        self.refuses: Any = None
        self.loses: Any = None
        self.heard: list[Any] | None = None
        self.gone: list[Any] = []
        self.connection = self

    def watches(self, resource: Any) -> bool:
        return self.watched

    def select(self, resource: Any, labels: Any) -> list[Any]:
        found = [each for key, each in self.kept.items() if key.startswith(f"{resource[1]}/")]
        return [each for each in found if labels.items() <= each["metadata"]["labels"].items()]

    def mirror(self, resource: Any) -> Any:
        self.watched = True
        pods = [body for key, body in self.kept.items() if key.startswith("Pod/")]
        for body in pods:
            body.setdefault("status", {"phase": "Running"})
        of_run = [(each, False) for each in pods] + [(each, True) for each in self.gone]
        return SimpleNamespace(all=lambda: self.heard or pods, of_run=lambda run: of_run)

    def read(self, resource: Any, namespace: str, name: str) -> Any:
        return self.kept.get(f"{resource[1]}/{name}")

    def patch(self, resource: Any, namespace: str, name: str, patch: Any) -> None:
        key = f"{resource[1]}/{name}"
        self.kept[key] = merged(self.kept[key], patch)

    def request(self, verb: str, path: str, body: Any = None) -> Any:
        if self.refuses:
            raise self.refuses("cannot get pods/proxy")
        assert "-scheduler:8787/proxy/api/v1/" in path
        if path.endswith("adaptive_target"):
            return {"workers": self.wanted}
        if self.loses:
            raise self.loses("no answer")
        names = sorted(key.removeprefix("Pod/") for key in self.kept if "-w" in key)
        return {name: {"name": name} for name in names[: body["n"]]}

    def workers(self) -> list[str]:
        """The last part of their names."""
        return sorted(key.rpartition("-")[2] for key in self.kept if key.startswith("Pod/"))[1:]


def adapting(dask: DaskClusterOnKubernetes, **more: Any) -> Any:
    """The request for a cluster of up to three workers."""
    spec = {"image": "i", "min_replicas": 0, "max_replicas": 3, **more}
    function = {"kind": "dask", "metadata": {"name": "f", "project": "sea"}, "spec": spec}
    return dask.build(ClusterTask(function=function, root="", interpreter="", environments=""))


@pytest.mark.row("3.403", "3.404")
def test_without_an_operator_a_cluster_adapts_and_goes_when_it_has_ended() -> None:
    cluster = Tended()
    dask = DaskClusterOnKubernetes(cluster)  # type: ignore[arg-type]
    (handle,) = dask.start(adapting(dask))
    cluster.wanted = 9
    assert not dask.tend().troubles and cluster.workers() == ["w0", "w1", "w2"]
    cluster.wanted = 0
    for _ in range(2):
        assert not dask.tend().troubles and len(cluster.workers()) == 3, (
            "a pause is no end of the work"
        )
    dask.tend()
    # those go that the scheduler names; one stays, of which others are made
    assert cluster.workers() == ["w2"]
    cluster.refuses = MLRunAccessDeniedError
    (trouble,) = dask.tend().troubles
    assert "keeps the workers it has" in trouble
    cluster.refuses = MLRunServiceUnavailableError
    assert not dask.tend().troubles
    cluster.refuses = None
    dask.scale(handle, 2)
    cluster.wanted = 3
    dask.tend()
    assert len(cluster.workers()) == 2, "who was told a number keeps it"
    cluster.kept[f"Pod/{handle['name']}-scheduler"]["status"] = {"phase": "Succeeded"}
    (removed,) = dask.tend().removed
    assert (removed.project, removed.function, removed.name) == ("sea", "f", handle["name"])
    assert f"Service/{handle['name']}-scheduler" not in cluster.kept


def test_workers_stay_while_a_scheduler_may_still_be_moving_what_they_hold() -> None:
    cluster = Tended()
    dask = DaskClusterOnKubernetes(cluster)  # type: ignore[arg-type]
    (handle,) = dask.start(adapting(dask))
    cluster.wanted = 3
    dask.tend()
    cluster.wanted, cluster.loses = 1, MLRunServiceUnavailableError
    for _ in range(9):
        assert not dask.tend().troubles and cluster.workers() == ["w0", "w1", "w2"]
    cluster.loses = MLRunBadRequestError
    told = [trouble for _ in range(3) for trouble in dask.tend().troubles]
    assert len(told) == 1 and cluster.workers() == ["w0", "w1", "w2"]
    # one that cannot be asked moves nothing, and a wish does not wait
    cluster.loses = MLRunAccessDeniedError
    for _ in range(3):
        assert not dask.tend().troubles
    assert cluster.workers() == ["w0"]
    dask.scale(handle, 3)
    cluster.loses = MLRunServiceUnavailableError
    dask.scale(handle, 2)
    assert len(cluster.workers()) == 2


def test_clusters_of_an_earlier_process_are_tended() -> None:
    cluster = Tended()
    cluster.watched = False
    dask = DaskClusterOnKubernetes(cluster)  # type: ignore[arg-type]
    dask.tend()
    assert not cluster.watched, "nobody watches for nothing"
    list(dask.start(adapting(dask)))
    cluster.wanted = 2
    DaskClusterOnKubernetes(cluster).tend()  # type: ignore[arg-type]
    assert cluster.workers() == ["w0", "w1"]


@pytest.mark.parametrize(
    ("wanted", "looks"), [([], LONGEST_SILENCE), (["numpy"], LONGEST_SILENCE_INSTALLING)]
)
def test_a_scheduler_that_never_answers_and_one_that_says_nonsense_are_told_of(
    wanted: list[str], looks: int
) -> None:
    cluster = Tended()
    dask = DaskClusterOnKubernetes(cluster)  # type: ignore[arg-type]
    list(dask.start(adapting(dask, build={"requirements": wanted})))
    cluster.refuses = MLRunServiceUnavailableError
    told = [dask.tend().troubles for _ in range(looks)]
    assert not any(told[:-1]) and "API server reach its port 8787" in told[-1][0]
    cluster.refuses, cluster.wanted = None, 2
    assert not dask.tend().troubles and cluster.workers() == ["w0", "w1"]
    cluster.refuses = MLRunServiceUnavailableError
    assert not dask.tend().troubles
    cluster.refuses, cluster.wanted = None, "many"  # type: ignore[assignment]
    (trouble,) = dask.tend().troubles
    assert "ValueError" in trouble and "keeps the workers it has" in trouble


class Operated(Tended):
    """The same with the operator, whose objects may be forbidden."""

    def serves(self, resource: Any) -> bool:
        return True

    def create(self, body: Any) -> Any:
        if self.refuses and body["kind"] == "DaskAutoscaler":
            raise self.refuses("cannot create daskautoscalers")
        if body["kind"] == "DaskCluster":
            group = {"kind": "DaskWorkerGroup", "metadata": {"name": body["metadata"]["name"]}}
            group["metadata"]["name"] += "-default"
            super().create(group)
        return super().create(body)

    def delete(self, resource: Any, namespace: str, name: str, grace: float | None = None) -> None:
        if self.refuses:
            raise self.refuses("cannot delete daskautoscalers")
        super().delete(resource, namespace, name, grace)


def test_the_operators_cluster_that_was_told_a_number_keeps_it() -> None:
    cluster = Operated()
    dask = DaskClusterOnKubernetes(cluster)  # type: ignore[arg-type]
    request = adapting(dask)
    (handle,) = dask.start(request)
    autoscaler = f"DaskAutoscaler/{handle['name']}"
    assert autoscaler in cluster.kept
    dask.scale(handle, 2)
    # the next run finds the cluster that is there
    list(dask.start(request))
    assert autoscaler not in cluster.kept
    group = cluster.kept[f"DaskWorkerGroup/{handle['name']}-default"]
    assert group["spec"]["worker"]["replicas"] == 2


@pytest.mark.parametrize("refusal", [MLRunAccessDeniedError, MLRunNotFoundError])
def test_a_role_without_autoscalers_leaves_a_fixed_number(
    refusal: Any, caplog: pytest.LogCaptureFixture
) -> None:
    cluster = Operated()
    cluster.refuses = refusal
    dask = DaskClusterOnKubernetes(cluster)  # type: ignore[arg-type]
    (handle,) = dask.start(adapting(dask))
    assert f"DaskCluster/{handle['name']}" in cluster.kept
    (told,) = [each.getMessage() for each in caplog.records]
    assert "keeps 1 workers: cannot create daskautoscalers" in told
    cluster.refuses = MLRunAccessDeniedError
    dask.scale(handle, 4)
    group = cluster.kept[f"DaskWorkerGroup/{handle['name']}-default"]
    assert group["spec"]["worker"]["replicas"] == 4


def test_a_fixed_number_is_changed_without_the_right_to_patch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster = Tended()
    dask = DaskClusterOnKubernetes(cluster)  # type: ignore[arg-type]
    spec = {"image": "i", "replicas": 1}
    function = {"kind": "dask", "metadata": {"name": "f", "project": "sea"}, "spec": spec}
    (handle,) = dask.start(dask.build(ClusterTask(function=function, root="", interpreter="")))
    monkeypatch.delattr(Tended, "patch")
    dask.scale(handle, 3)
    assert cluster.workers() == ["w0", "w1", "w2"]


@pytest.mark.parametrize("gone", [False, True])
def test_a_cluster_that_lost_its_last_worker_gets_another(gone: bool) -> None:
    cluster = Tended()
    dask = DaskClusterOnKubernetes(cluster)  # type: ignore[arg-type]
    (handle,) = dask.start(adapting(dask))
    name = f"Pod/{handle['name']}-w0"
    if gone:
        cluster.gone.append(cluster.kept.pop(name))
    else:
        cluster.kept[name]["status"] = {"phase": "Failed", "reason": "Evicted"}
    assert not dask.tend().troubles
    assert cluster.workers() == (["w0"] if gone else ["w0", "w1"])
    made = cluster.kept[name if gone else name.replace("-w0", "-w1")]
    assert made["metadata"]["labels"]["mlrun/role"] == "worker" and made["spec"]["containers"]


def test_a_cluster_that_was_just_started_again_is_not_removed() -> None:
    cluster = Tended()
    dask = DaskClusterOnKubernetes(cluster)  # type: ignore[arg-type]
    request = adapting(dask)
    (handle,) = dask.start(request)
    name = f"{handle['name']}-scheduler"
    ended = cluster.kept[f"Pod/{name}"]
    ended["status"] = {"phase": "Succeeded"}
    list(dask.start(request))
    cluster.kept[f"Pod/{name}"]["metadata"]["uid"] = "another"
    # the look began before the start
    cluster.heard = [ended]
    assert not dask.tend().troubles and f"Service/{name}" in cluster.kept
    cluster.kept[f"Pod/{name}"] = ended
    assert not dask.tend().troubles and f"Service/{name}" not in cluster.kept


@pytest.mark.parametrize(
    "spec, bounds, workers",
    [
        ({}, (0, 16), 1),
        ({"replicas": ""}, (0, 16), 1),
        ({"replicas": 2.0, "max_replicas": 9}, None, 2),
        ({"min_replicas": 3, "max_replicas": 2}, (3, 3), 3),
    ],
)
def test_how_many_workers_a_function_has(spec: dict[str, Any], bounds: Any, workers: int) -> None:
    function = {"kind": "dask", "metadata": {"name": "f", "project": "sea"},
                "spec": {"image": "i", **spec}}  # fmt: skip
    given = ClusterTask(function=function, root="", interpreter="")
    objects = build_objects(given, settings())
    assert bounds_of(function["spec"]) == bounds
    assert len([name for name in objects if name.startswith("worker")]) == workers
    if bounds:
        found = objects["autoscaler"]["spec"]
        assert (found["minimum"], found["maximum"]) == bounds
    with pytest.raises(MLRunInvalidArgumentError, match="give a whole number from 0"):
        bounds_of({"max_replicas": "many"})


@pytest.mark.parametrize("name", ["replicas", "min_replicas", "max_replicas"])
def test_no_function_has_more_workers_than_can_be_looked_after(name: str) -> None:
    bounds_of({name: 1000})
    with pytest.raises(MLRunInvalidArgumentError, match=f"^{name} is 1001: .*at most 1000 workers"):
        bounds_of({name: 1001})


def test_who_adapts_can_be_asked_and_a_variable_of_the_function_stands() -> None:
    def routes(**spec: Any) -> list[str]:
        function = {"kind": "dask", "metadata": {"name": "f", "project": "sea"},
                    "spec": {"image": "i", **spec}}  # fmt: skip
        objects = build_objects(ClusterTask(function=function, root="", interpreter=""), settings())
        (container,) = objects["scheduler"]["spec"]["containers"]
        return [each["value"] for each in container["env"] if each["name"] == ROUTES]

    assert routes(replicas=1) == []
    (given,) = routes()
    assert "distributed.http.scheduler.api" in given
    assert routes(env=[{"name": ROUTES, "value": "[]"}]) == ["[]"]
