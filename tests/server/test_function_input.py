"""Functions with parts of another shape than starting them relies on: refused, the part named."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun_runtimes import KINDS
from jupyter_mlrun_server.services.function_input import check_function
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import functions
from tests.server.conftest import Api
from tests.server.documents import PROJECT, function

FUNCTIONS = f"v1/projects/{PROJECT}/functions"
# the part, a value that nobody can start with, and what the sentence names
WRONG: list[tuple[str, Any, str]] = [
    ("env", "A=1", "function.spec.env is a text: give a list of objects"),
    ("env", {"A": "1"}, "function.spec.env"),
    ("env", ["A=1"], "function.spec.env[0]"),
    ("env", [{"value": "1"}], "function.spec.env[0].name"),
    ("env", [{"name": 3, "value": "1"}], "function.spec.env[0].name"),
    ("env", [{"name": "A", "value": {"b": 1}}], "function.spec.env[0].value"),
    ("env", [{"name": "A", "valueFrom": "secret"}], "function.spec.env[0].valueFrom"),
    ("env", [{"name": "A", "valueFrom": {"secretKeyRef": "s"}}],
     "function.spec.env[0].valueFrom.secretKeyRef"),
    ("env_from", ["x"], "function.spec.env_from[0]"),
    ("volumes", {"name": "v"}, "function.spec.volumes"),
    ("volumes", [{"emptyDir": {}}], "function.spec.volumes[0].name"),
    ("volume_mounts", [{"name": "v"}], "function.spec.volume_mounts[0].mountPath"),
    ("resources", "2Gi", "function.spec.resources"),
    ("resources", {"limits": ["2Gi"]}, "function.spec.resources.limits"),
    ("worker_resources", {"requests": 4}, "function.spec.worker_resources.requests"),
    ("node_selector", ["gpu"], "function.spec.node_selector"),
    ("tolerations", ["NoSchedule"], "function.spec.tolerations[0]"),
    ("affinity", "zone", "function.spec.affinity"),
    ("security_context", "root", "function.spec.security_context"),
    ("args", "--fast", "function.spec.args"),
    ("replicas", "many", "function.spec.replicas"),
    ("replicas", 1.5, "function.spec.replicas"),
    ("replicas", float("inf"), "function.spec.replicas"),
    ("replicas", True, "function.spec.replicas"),
    ("replicas", -1, "function.spec.replicas"),
    ("nthreads", [2], "function.spec.nthreads"),
    ("workdir", 7, "function.spec.workdir"),
    ("image", {"name": "x"}, "function.spec.image"),
    ("build", "src", "function.spec.build"),
    ("build", {"requirements": "pandas"}, "function.spec.build.requirements"),
    ("build", {"commands": [1]}, "function.spec.build.commands[0]"),
    ("build", {"source": ["git"]}, "function.spec.build.source"),
    ("spark_conf", ["a=b"], "function.spec.spark_conf"),
    ("deps", "x.jar", "function.spec.deps"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "value", "named"), WRONG)
def test_a_part_of_another_shape_is_named(part: str, value: Any, named: str) -> None:
    document = function("def train(context): pass")
    check_function(document)
    document["spec"][part] = value
    with pytest.raises(MLRunInvalidArgumentError) as caught:
        check_function(document)
    assert str(caught.value).startswith(named) and "give " in str(caught.value)


@pytest.mark.parametrize(
    "env", ["K=hush", {"K": "hush"}, ["K=hush"], [{"name": "K", "value": ["hush"]}]]
)
def test_what_a_variable_held_is_not_repeated(env: Any) -> None:
    document = function("def train(context): pass")
    document["spec"]["env"] = env
    with pytest.raises(MLRunInvalidArgumentError) as caught:
        check_function(document)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("empty", [None, "", [], {}, 0])
def test_what_is_empty_says_nothing(empty: Any) -> None:
    document = function("def train(context): pass")
    parts = {part for part, _, _ in WRONG} - {"build", "replicas", "nthreads"}
    document["spec"] |= {part: copy.deepcopy(empty) for part in parts}
    document["metadata"]["labels"] = empty
    check_function(document)


@pytest.mark.parametrize("number", [None, "", 0, 2, "2", 2.0])
def test_a_number_is_empty_or_whole(number: Any) -> None:
    document = function("def train(context): pass")
    document["spec"] |= {"replicas": number, "min_replicas": number, "nthreads": number}
    check_function(document)


async def test_no_kind_starts_with_a_part_of_another_shape(api: Api, service: Service) -> None:
    """Whether the function comes along or was stored before; and nothing of a run is left."""
    for kind in sorted(KINDS):
        document = function("def train(context): pass", kind="" if kind == "handler" else kind)
        document["spec"]["env"] = ["A=1"]
        task = {"metadata": {"project": PROJECT, "name": "t"}, "spec": {}}
        answer = await api("POST", "v1/submit_job", {"task": task, "function": document})
        assert (answer.status, "function.spec.env[0] is a text" in answer.detail) == (400, True)
        await service.write(functions.save, PROJECT, "train", document, "latest")
        task["spec"]["function"] = f"{PROJECT}/train"
        for body in ({"task": task}, {"task": task, "schedule": "0 2 * * *"}):
            answer = await api("POST", "v1/submit_job", body)
            assert (answer.status, "function.spec.env[0]" in answer.detail) == (400, True)
    assert not (await api.ok("GET", f"v1/projects/{PROJECT}/runs"))["runs"]
    connect = {"functionUrl": f"{PROJECT}/train"}
    document["kind"] = "dask"
    await service.write(functions.save, PROJECT, "train", document, "latest")
    answer = await api("POST", "v1/start/function", connect)
    assert (answer.status, "function.spec.env[0]" in answer.detail) == (400, True)
