"""Where pods may be put, by selectors and preemption modes, and what is mounted for all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
)
from jupyter_mlrun_runtimes import ON_KUBERNETES
from jupyter_mlrun_runtimes.kube.settings import (
    Allowed,
    Defaults,
    Preemptible,
)
from tests.runtimes.kube_task import (
    build,
    settings,
    task,
)

_NODES = Preemptible({"spot": "yes"}, ({"key": "spot", "operator": "Exists"},))


_SELECTED = Preemptible({"spot": "yes"})


@pytest.mark.row("3.011")
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


@pytest.mark.row("3.603")
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


def test_a_function_bound_to_preemptible_nodes_is_unbound_where_they_are_prevented() -> None:
    given = {
        "node_selector": {"spot": "yes"},
        "tolerations": [{"key": "spot", "operator": "Exists"}],
    }
    spec = build(task(given), settings(preemptible=_NODES)).root["spec"]["template"]["spec"]
    assert "nodeSelector" not in spec and "tolerations" not in spec


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


@pytest.mark.row("3.006")
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
