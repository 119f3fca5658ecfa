"""Runs, functions, artifacts and logs as MLRun's client stores and reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_mlrun_server.services.service import Service
from tests.server.conftest import Api
from tests.server.documents import OTHER_UID, PROJECT, UID, artifact, function, run

RUNS = f"v1/projects/{PROJECT}/runs"


async def test_a_run_is_read_as_it_was_stored(api: Api) -> None:
    sent = run(state="running", results={"accuracy": 0.9}, own={"kept": [1]})
    sent["spec"]["unknown"] = {"key": "kept"}
    assert await api.ok("POST", f"{RUNS}/{UID}?iter=0", sent) == {}
    got = (await api.ok("GET", f"{RUNS}/{UID}"))["data"]
    assert got["metadata"] | sent["metadata"] == got["metadata"]
    assert (got["metadata"]["project"], got["metadata"]["uid"]) == (PROJECT, UID)
    assert got["spec"] == sent["spec"]
    assert got["status"]["own"] == {"kept": [1]}
    assert got["status"]["start_time"] and got["status"]["last_update"]


async def test_times_and_a_missing_state_are_the_services(api: Api) -> None:
    old = "2020-01-01T00:00:00+00:00"
    sent = {"metadata": {"name": "train"}, "spec": {}, "status": {"last_update": old}}
    await api.ok("POST", f"{RUNS}/{UID}", sent)
    status = (await api.ok("GET", f"{RUNS}/{UID}"))["data"]["status"]
    assert status["state"] == "created" and "end_time" not in status
    assert status["start_time"] > old and status["last_update"] > old
    await api.ok("PATCH", f"{RUNS}/{UID}", {"status.last_update": old, "status.state": "running"})
    later = (await api.ok("GET", f"{RUNS}/{UID}"))["data"]["status"]
    assert later["start_time"] == status["start_time"]
    assert later["last_update"] > status["last_update"]
    for path, body in (
        (f"v2/projects/{PROJECT}/artifacts/model", artifact()),
        (f"v1/projects/{PROJECT}/functions/train", function("x = 1")),
    ):
        body["metadata"] |= {"updated": old, "created": old}
        await api.ok("PUT" if "v2" in path else "POST", path, body)
        found = await api.ok("GET", path)
        assert found.get("func", found)["metadata"]["updated"] > old, path


async def test_a_missing_run_in_mlruns_own_words(api: Api) -> None:
    answer = await api("GET", f"{RUNS}/nope")
    assert (answer.status, answer.detail) == (404, "Run uid nope of project lab not found")
    assert (await api("PATCH", f"{RUNS}/nope", {"a": 1})).status == 404
    assert (await api("GET", f"v1/projects/{PROJECT}/logs/nope")).status == 404


async def test_every_answer_is_strict_json(api: Api) -> None:
    body = b"""{"metadata": {"name": "odd"}, "spec": {"parameters": {"x": NaN}},
        "status": {"state": "running", "results": {"a": Infinity, "b": -Infinity, "c": [NaN]}}}"""
    await api.ok("POST", f"{RUNS}/{UID}", body)
    await api.ok("PATCH", f"{RUNS}/{UID}", b'{"status.results.d": NaN}')
    read = (await api.ok("GET", f"{RUNS}/{UID}"))["data"]
    assert read["status"]["results"] == {"a": "inf", "b": "-inf", "c": ["nan"], "d": "nan"}
    assert read["spec"]["parameters"] == {"x": "nan"}
    await api.ok("GET", f"{RUNS}?name=odd")
    (row,) = (await api.ok("GET", "v1/lab/runs"))["rows"]
    assert row["results"]["a"] == "inf"
    await api.ok("GET", "v1/lab/events?cursor=0&timeout=0")


async def test_half_a_character_is_replaced(api: Api) -> None:
    body = b'{"metadata": {"name": "odd"}, "status": {"results": {"a": "x\\ud800y"}}}'
    await api.ok("POST", f"{RUNS}/{UID}", body)
    results = (await api.ok("GET", f"{RUNS}/{UID}"))["data"]["status"]["results"]
    assert results == {"a": "x\ufffdy"}


async def test_a_terminal_state_never_reopens(api: Api) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run(state="completed"))
    await api.ok("POST", f"{RUNS}/{UID}", run(state="running"))
    await api.ok("PATCH", f"{RUNS}/{UID}", {"status.state": "error", "status.results": {"x": 1}})
    status = (await api.ok("GET", f"{RUNS}/{UID}"))["data"]["status"]
    assert (status["state"], status["results"]) == ("completed", {"x": 1})
    assert status["end_time"]


async def test_a_name_stays(api: Api) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run("first"))
    answer = await api("POST", f"{RUNS}/{UID}", run("second"))
    assert answer.status == 400
    assert "first" in answer.detail


@pytest.mark.row("4.110")
async def test_a_live_run_is_not_deleted(api: Api) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run(state="running"))
    answer = await api("DELETE", f"{RUNS}/{UID}")
    assert (answer.status, answer.detail) == (
        400, "Can not delete run in running state, consider aborting the run first",
    )  # fmt: skip
    await api.ok("PATCH", f"{RUNS}/{UID}", {"status.state": "completed"})
    await api.ok("POST", f"{RUNS}/{UID}?iter=1", run(state="completed"))
    await api.ok("DELETE", f"{RUNS}/{UID}")
    assert (await api("GET", f"{RUNS}/{UID}?iter=1")).status == 404
    assert (await api("DELETE", f"{RUNS}/{UID}")).status in (200, 204)


async def test_a_parameter_of_ten_megabytes(api: Api) -> None:
    body = run()
    body["spec"]["parameters"]["big"] = "x" * 10_000_000
    await api.ok("POST", f"{RUNS}/{UID}", body)
    assert len((await api.ok("GET", f"{RUNS}/{UID}"))["data"]["spec"]["parameters"]["big"]) == 10**7
    (row,) = (await api.ok("GET", "v1/lab/runs"))["rows"]
    assert len(row["parameters"]["big"]) < 1000


@pytest.mark.row("4.107")
async def test_lists_filter_as_mlruns_does(api: Api) -> None:
    for index in range(6):
        body = run(f"run-{index % 2}", state=("completed", "error")[index % 2])
        body["metadata"]["labels"] = {"team": f"T{index}", "kind": "local"}
        body["status"]["start_time"] = f"2026-01-0{index + 1}T00:00:00+00:00"
        await api.ok("POST", f"{RUNS}/{index}{UID[1:]}", body)
        await api.ok("POST", f"{RUNS}/{index}{UID[1:]}?iter=1", body)

    async def names(query: str) -> list[str]:
        found = (await api.ok("GET", f"{RUNS}?{query}"))["runs"]
        return [each["metadata"]["uid"][0] for each in found]

    assert await names("iter=no") == ["5", "4", "3", "2", "1", "0"]
    assert len(await names("iter=yes")) == 12
    assert await names("iter=no&name=run-1") == ["5", "3", "1"]
    assert await names("iter=no&name=~UN-0") == ["4", "2", "0"]
    assert await names("iter=no&states=error&states=aborted") == ["5", "3", "1"]
    assert await names("iter=no&label=team=T3") == ["3"]
    assert await names("iter=no&label=~TEA=~t3") == ["3"]
    assert await names("iter=no&label=team&label=kind=local") == ["5", "4", "3", "2", "1", "0"]
    assert await names("iter=no&start_time_from=2026-01-05T00:00:00") == ["5", "4"]
    assert await names(f"iter=no&uid=1{UID[1:]}&uid=2{UID[1:]}") == ["2", "1"]
    partition = "iter=no&partition-by=name&partition-sort-by=created"
    assert await names(partition) == ["5", "4"]
    assert await names(f"{partition}&rows-per-partition=2") == ["5", "4", "3", "2"]
    assert await names(f"{partition}&partition-order=asc") == ["1", "0"]
    assert await names(f"{partition}&max-partitions=1") == ["5"]
    # nothing asked: the last week, and these are older
    assert await names("") == []


@pytest.mark.row("4.108")
async def test_pages_hold_everything_once(api: Api) -> None:
    for index in range(7):
        await api.ok("POST", f"{RUNS}/{index}{UID[1:]}", run(f"r{index}", state="completed"))
    seen, token = [], ""
    for _ in range(10):
        query = f"page-token={token}" if token else "iter=no&page=1&page-size=3"
        answer = await api.ok("GET", f"{RUNS}?{query}")
        seen += [each["metadata"]["name"] for each in answer["runs"]]
        token = answer["pagination"]["page-token"]
        if not token:
            break
    assert sorted(seen) == [f"r{index}" for index in range(7)]
    second = await api.ok("GET", f"{RUNS}?iter=no&page=2&page-size=3")
    assert [each["metadata"]["name"] for each in second["runs"]] == ["r3", "r2", "r1"]


async def test_all_projects(api: Api) -> None:
    await api.ok("POST", "v1/projects", {"metadata": {"name": "two"}})
    await api.ok("POST", f"{RUNS}/{UID}", run())
    await api.ok("POST", f"v1/projects/two/runs/{OTHER_UID}", run())
    assert len((await api.ok("GET", "v1/projects/*/runs?iter=no"))["runs"]) == 2


async def test_labels_are_touched_only_by_updates_of_them(api: Api) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run())
    await api.ok("PATCH", f"{RUNS}/{UID}", {"status.results.x": 1})
    assert len((await api.ok("GET", f"{RUNS}?label=owner=ana"))["runs"]) == 1
    await api.ok("PATCH", f"{RUNS}/{UID}", {"metadata.labels": {"team": "a"}})
    assert len((await api.ok("GET", f"{RUNS}?label=owner=ana"))["runs"]) == 0


@pytest.mark.row("4.110")
async def test_delete_by_filter_takes_ended_runs_only(api: Api) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run("a", state="completed"))
    await api.ok("POST", f"{RUNS}/{OTHER_UID}", run("a", state="running"))
    await api.ok("DELETE", f"{RUNS}?name=a")
    left = (await api.ok("GET", f"{RUNS}?iter=no"))["runs"]
    assert [each["metadata"]["uid"] for each in left] == [OTHER_UID]


async def test_artifacts_of_a_run_are_kept_as_addresses_and_resolved(api: Api) -> None:
    stored = await api.ok(
        "PUT", f"v2/projects/{PROJECT}/artifacts/train_model?tree={UID}", artifact("model")
    )
    await api.ok("POST", f"{RUNS}/{UID}", run(artifacts=[stored]))
    plain = (await api.ok("GET", f"{RUNS}/{UID}"))["data"]["status"]
    assert "artifacts" not in plain
    assert list(plain["artifact_uris"]) == ["model"]
    full = (await api.ok("GET", f"{RUNS}/{UID}?format=full"))["data"]["status"]
    assert [each["metadata"]["key"] for each in full["artifacts"]] == ["model"]


async def test_function_versions_and_tags(api: Api) -> None:
    path = f"v1/projects/{PROJECT}/functions/train"
    first = await api.ok("POST", f"{path}?versioned=True", function("x = 1"))
    again = await api.ok("POST", f"{path}?versioned=True", function("x = 1"))
    second = await api.ok("POST", f"{path}?versioned=True&tag=prod", function("x = 2"))
    assert first == again != second
    assert (await api.ok("GET", path))["func"]["metadata"]["hash"] == first["hash_key"]
    by_tag = await api.ok("GET", f"{path}?tag=prod")
    assert by_tag["func"]["metadata"] | {"tag": "prod"} == by_tag["func"]["metadata"]
    by_hash = await api.ok("GET", f"{path}?hash_key={second['hash_key']}")
    assert "tag" not in by_hash["func"]["metadata"]
    await api.ok("POST", f"{path}?versioned=True", function("x = 3"))
    listed = (await api.ok("GET", f"v1/projects/{PROJECT}/functions"))["funcs"]
    assert sorted(each["metadata"]["tag"] for each in listed) == ["", "latest", "prod"]
    assert [each["status"] for each in listed if not each["metadata"]["tag"]] == [None]
    missing = await api("GET", f"v1/projects/{PROJECT}/functions/trian")
    assert missing.detail.endswith("Did you mean 'train'?")
    await api.ok("DELETE", f"v2/projects/{PROJECT}/functions/train")
    assert (await api("GET", path)).status == 404


async def test_function_names(api: Api) -> None:
    base = f"v1/projects/{PROJECT}/functions"
    assert (await api("POST", f"{base}/My_Fn", {"kind": "local"})).status == 400
    assert (await api("POST", f"{base}/a", function("x", "b"))).status == 400
    await api.ok("POST", f"{base}/my-fn", function("x", "my-fn"))
    assert (await api.ok("GET", f"{base}/My_Fn"))["func"]["metadata"]["name"] == "my-fn"


@pytest.mark.row("5.106", "5.103")
async def test_artifact_versions_and_tags(api: Api) -> None:
    path = f"v2/projects/{PROJECT}/artifacts"
    for tree, tag in ((UID, "v1"), (OTHER_UID, "v2")):
        body = artifact("a", tree=tree)
        stored = await api.ok("PUT", f"{path}/a?tag={tag}", body)
        assert len(stored["metadata"]["uid"]) == 40
        assert stored == await api.ok("PUT", f"{path}/a?tag={tag}", body) | {
            "metadata": stored["metadata"]
        }
    listed = (await api.ok("GET", f"{path}?name=a"))["artifacts"]
    assert sorted(each["metadata"]["tag"] for each in listed) == ["latest", "v1", "v2"]
    tags = await api.ok("GET", f"v1/projects/{PROJECT}/artifact-tags")
    assert tags == {"project": PROJECT, "tags": ["latest", "v1", "v2"]}
    assert (await api.ok("GET", f"{path}/a?tag=v1"))["metadata"]["tree"] == UID
    assert (await api.ok("GET", f"{path}/a?tag=latest"))["metadata"]["tree"] == OTHER_UID
    assert (await api.ok("GET", f"{path}/a?tree={UID}"))["metadata"]["tree"] == UID
    uid = (await api.ok("GET", f"{path}/a?tag=v1"))["metadata"]["uid"]
    by_uid = await api.ok("GET", f"{path}/a?tag=latest&object-uid={uid}")
    assert by_uid["metadata"]["uid"] == uid
    # what a run recorded stays true when its tag has moved on; a wrong tag alone does not
    recorded = await api.ok("GET", f"{path}/a?tag=v2&tree={UID}&object-uid={uid}")
    assert recorded["metadata"]["uid"] == uid
    assert (await api("GET", f"{path}/a?tag=v2&object-uid={uid}")).status == 404
    assert (await api("DELETE", f"{path}/a?tag=v1&object-uid={uid}")).status == 400
    assert (await api("DELETE", f"{path}/a?tag=v1")).status == 204
    assert (await api("GET", f"{path}/a?tag=v1")).status == 404
    assert (await api("DELETE", f"{path}/nothing")).status == 204


@pytest.mark.row("5.115")
async def test_iterations_and_the_best_one(api: Api) -> None:
    path = f"v2/projects/{PROJECT}/artifacts"
    for iteration in (1, 2, 3):
        body = artifact("train_model", size=iteration)
        body["metadata"]["iter"] = iteration
        await api.ok("PUT", f"{path}/train_model?tree={UID}&iter={iteration}", body)
    tagged = (await api.ok("GET", f"{path}?name=train_model&tag=latest"))["artifacts"]
    assert len(tagged) == 3
    link = {
        "kind": "link", "metadata": {"key": "train_model", "tree": UID, "iter": 0},
        "spec": {"link_iteration": 2, "link_tree": UID},
    }  # fmt: skip
    await api.ok("PUT", f"{path}/train_model?tree={UID}&iter=0", link)
    best = (await api.ok("GET", f"{path}?name=train_model&best-iteration=True"))["artifacts"]
    assert [each["spec"]["size"] for each in best] == [2]
    assert (await api.ok("GET", f"{path}/train_model?tree={UID}"))["spec"]["size"] == 2
    assert (await api.ok("GET", f"{path}/train_model?iter=0"))["spec"]["size"] == 2
    assert (await api("GET", f"{path}?iter=1&best-iteration=True")).status == 400


@pytest.mark.row("5.108")
async def test_bad_artifact_key_in_mlruns_own_words(api: Api) -> None:
    answer = await api("PUT", f"v2/projects/{PROJECT}/artifacts/a%20b", artifact("a b"))
    assert answer.status == 400
    assert answer.detail.startswith("Field 'artifact.key' is malformed.")


async def test_log_bytes(api: Api) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run(state="running"))
    log = f"v1/projects/{PROJECT}/logs/{UID}"
    await api.ok("POST", f"{log}?append=yes", b"one\n")
    await api.ok("POST", f"{log}?append=yes", b"\xff\xfe two\n")
    answer = await api("GET", log)
    assert answer.body == b"one\n\xff\xfe two\n"
    assert answer.headers["x-mlrun-run-state"] == "running"
    assert (await api("GET", f"{log}?offset=4&size=3")).body == b"\xff\xfe "
    assert await api.ok("GET", f"{log}/size") == {"size": 11}
    await api.ok("POST", f"{log}?append=no", b"new")
    assert (await api("GET", log)).body == b"new"
    assert (await api("GET", f"{log}?offset=99")).body == b""
    await api.ok("POST", f"{log}?append=no", b"x" * 1_500_000)
    assert len((await api("GET", log)).body) == 1 << 20, "one answer holds a megabyte"
    assert len((await api("GET", f"{log}?size=-1")).body) == 1_500_000


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats()
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def some(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of the keys that the service looks at, and any values."""
    return st.dictionaries(st.sampled_from(names), JSON | st.integers(2**31, 2**70), max_size=4)


DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["run", "link", "model", "", None]) | JSON,
        "metadata": some("name", "labels", "annotations", "iter", "tree", "tag", "key", "uid")
        | JSON,
        "spec": some(
            "origin", "limits", "desired_state", "producer", "link_iteration", "parameters",
            "function", "hyperparams", "secrets", "target_path",
        )
        | JSON,
        "status": some(
            "state", "start_time", "end_time", "artifacts", "artifact_uris", "iterations",
            "results", "series", "progress", "host", "times",
        )
        | JSON,
        "task": st.fixed_dictionaries({"metadata": some("name", "labels"), "spec": JSON}) | JSON,
        "function": JSON,
    },
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(DOCUMENTS)
def test_no_document_is_a_fault_of_the_service(
    service: Service, api: Api, jp_asyncio_loop: Any, document: dict[str, Any]
) -> None:
    body = json.dumps(document).encode()
    for method, path in (
        ("POST", f"{RUNS}/{UID}"),
        ("POST", f"{RUNS}/{OTHER_UID}"),
        ("PATCH", f"{RUNS}/{UID}"),
        ("POST", f"v1/projects/{PROJECT}/functions/f"),
        ("PUT", f"v2/projects/{PROJECT}/artifacts/a"),
        ("PUT", f"v1/projects/{PROJECT}"),
        ("POST", "v1/submit_job"),
    ):
        answer = jp_asyncio_loop.run_until_complete(api(method, path, body))
        assert answer.status < 500, (method, path, document, answer.body)
        assert answer.json is not None
    named = {**document, "metadata": {"name": "odd"}}
    answer = jp_asyncio_loop.run_until_complete(api("POST", f"{RUNS}/{UID}", named))
    assert answer.status < 500, (document, answer.body)
    for path in (f"{RUNS}?iter=no", "v1/lab/runs", f"v2/projects/{PROJECT}/artifacts"):
        assert jp_asyncio_loop.run_until_complete(api("GET", path)).status == 200


@pytest.mark.parametrize("sent", [{"task": None}, {"task": {}}, {"task": {"spec": 3}}, {}])
async def test_bad_tasks(api: Api, sent: dict[str, Any]) -> None:
    answer = await api("POST", "v1/submit_job", sent)
    assert 400 <= answer.status < 500
    assert answer.detail
