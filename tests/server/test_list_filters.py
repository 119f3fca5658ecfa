"""Each filter of a list by itself, and names that are too long, too odd, or nobody's."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.server.conftest import Api
from tests.server.documents import OTHER_UID, PROJECT, UID, artifact, function, run

V1 = f"v1/projects/{PROJECT}"
ARTIFACTS = f"v2/projects/{PROJECT}/artifacts"
MADE = (
    ("clf", "model", UID), ("frame", "dataset", OTHER_UID), ("roc", "plot", UID),
    ("note", "artifact", UID), ("paper", "document", UID),
)  # fmt: skip


async def made_artifacts(api: Api) -> dict[str, Any]:
    """One artifact of each kind as stored, by key; one of them is a sweep's."""
    stored = {}
    for key, kind, tree in MADE:
        body = artifact(key, tree, producer={"kind": "run", "uri": f"{PROJECT}/{tree}"})
        body |= {"kind": kind}
        body["metadata"]["labels"] = {"of": kind}
        stored[key] = await api.ok("PUT", f"{ARTIFACTS}/{key}?tree={tree}", body)
    body = artifact("swept")
    stored["swept"] = await api.ok("PUT", f"{ARTIFACTS}/swept?tree={UID}&iter=2", body)
    return stored


@pytest.mark.row("5.116")
async def test_artifacts(api: Api) -> None:
    stored = await made_artifacts(api)
    third = quote(stored["roc"]["metadata"]["updated"])
    for query, keys in {
        "kind=dataset": {"frame"},
        "kind=artifact": {"note", "swept"},
        "category=model": {"clf"},
        "category=dataset": {"frame"},
        "category=document": {"paper"},
        "category=other": {"roc", "note", "swept"},
        f"producer_uri={OTHER_UID[3:20]}": {"frame"},
        f"producer_uri={PROJECT}/": {"clf", "frame", "roc", "note", "paper"},
        f"tree={OTHER_UID}": {"frame"},
        "name=note": {"note"},
        "name=~O": {"roc", "note"},
        "label=of=plot": {"roc"},
        "label=of=~A": {"frame", "note"},
        "iter=2": {"swept"},
        f"object-uid={stored['roc']['metadata']['uid']}": {"roc"},
        "limit=2": {"paper", "swept"},
        f"since={third}": {"roc", "note", "paper", "swept"},
        f"until={third}": {"clf", "frame", "roc"},
        f"since={third}&until={third}": {"roc"},
        "tag=none": set(),
    }.items():
        of_tag = "" if "tag=" in query else "tag=latest&"
        found = (await api.ok("GET", f"{ARTIFACTS}?{of_tag}{query}"))["artifacts"]
        assert sorted(each["metadata"]["key"] for each in found) == sorted(keys), query
    for query, status in {
        "kind=model&category=model": 400, "category=odd": 422, "iter=x": 422, "since=soon": 400,
    }.items():  # fmt: skip
        assert (await api("GET", f"{ARTIFACTS}?{query}")).status == status, query


async def test_functions(api: Api) -> None:
    stored = {}
    for name, kind in (("one", "local"), ("two", "job"), ("three", "job")):
        body = function("x = 1", name, kind)
        body["metadata"]["labels"] = {"of": kind}
        body["status"] = {"state": "ready" if name == "two" else ""}
        path = f"{V1}/functions/{name}"
        key = (await api.ok("POST", f"{path}?versioned=True", body))["hash_key"]
        stored[name] = (key, quote((await api.ok("GET", path))["func"]["metadata"]["updated"]))
    await api.ok("POST", f"{V1}/functions/one?tag=v1", function("x = 2", "one"))
    hash_key, moment = stored["two"]
    for query, names in {
        "kind=job": ["three", "two"],
        "kind=local": ["one", "one"],
        "state=ready": ["two"],
        "tag=v1": ["one"],
        "tag=latest": ["one", "three", "two"],
        "name=two": ["two"],
        "name=~E": ["one", "one", "three"],
        "label=of=local": ["one"],
        f"hash_key={hash_key}": ["two"],
        f"since={moment}": ["one", "three", "two"],
        f"until={moment}": ["one", "two"],
    }.items():
        found = (await api.ok("GET", f"{V1}/functions?{query}"))["funcs"]
        assert sorted(each["metadata"]["name"] for each in found) == names, query
    (short,) = (await api.ok("GET", f"{V1}/functions?name=two&format=minimal"))["funcs"]
    assert short["status"]["state"] == "ready" and "build" not in short["spec"]
    # what stands behind a tag alone is not listed once the tag names something else
    again = await api.ok(
        "POST", f"{V1}/functions/one?tag=v1&versioned=True", function("x = 3", "one")
    )
    found = (await api.ok("GET", f"{V1}/functions?name=one"))["funcs"]
    assert {each["metadata"]["tag"]: each["metadata"]["hash"] for each in found} == {
        "latest": stored["one"][0], "v1": again["hash_key"],
    }  # fmt: skip


async def test_runs(api: Api) -> None:
    uids = {name: f"{number:032x}" for number, name in enumerate(("old", "mid", "new"), 1)}
    for number, (name, uid) in enumerate(uids.items(), 1):
        day = f"2026-01-0{number}T00:00:00+00:00"
        body = run(name, state="completed", start_time=day, end_time=day.replace("T00", "T12"))
        await api.ok("POST", f"{V1}/runs/{uid}", body)
    told = {"kind": "console", "name": "n", "when": ["completed"], "message": "x"}
    await api.ok("PUT", f"{V1}/runs/{uids['mid']}/notifications", {"notifications": [told]})
    await api.ok("PATCH", f"{V1}/runs/{uids['old']}", {"status.results.x": 1})
    moment = (await api.ok("GET", f"{V1}/runs/{uids['new']}"))["data"]["status"]["last_update"]
    for query, names in {
        "start_time_to=2026-01-02T00:00:00": {"old", "mid"},
        "end_time_from=2026-01-02T12:00:00": {"mid", "new"},
        "end_time_to=2026-01-02T12:00:00": {"old", "mid"},
        "end_time_from=2026-01-02T12:00:01&end_time_to=2026-01-03T11:59:59": set(),
        f"last_update_time_to={quote(moment)}": {"new"},
        "last_update_time_from=2100-01-01T00:00:00": set(),
        "with-notifications=yes": {"mid"},
        "name=new": {"new"},
    }.items():
        found = (await api.ok("GET", f"{V1}/runs?iter=no&{query}"))["runs"]
        assert {each["metadata"]["name"] for each in found} == names, query
    for query, status in {
        "partition-by=name": 400, "partition-by=size&partition-sort-by=created": 422,
        "partition-by=name&partition-sort-by=size": 422, "state=odd": 422, "states=odd": 422,
        "states=odd&states=completed": 422,
        "partition-by=name&partition-sort-by=created&rows-per-partition=0": 422,
        "iter=perhaps": 422,
    }.items():  # fmt: skip
        assert (await api("GET", f"{V1}/runs?{query}")).status == status, query


LONG = "a" * 64
NAMED = [
    ("POST", "v1/projects", {"metadata": {"name": LONG}}, "longer than 63"),
    ("POST", f"{V1}/functions/{LONG}", function("x", LONG), "longer than 63"),
    ("POST", f"{V1}/functions/a?tag={LONG}", function("x", "a"), "longer than 63"),
    ("POST", f"{V1}/functions/a?tag=a%20b", function("x", "a"), "malformed"),
    ("POST", f"{V1}/runs/{UID}", run(LONG), "longer than 63"),
    ("POST", f"{V1}/runs/{UID}", run("-a"), "malformed"),
    ("POST", f"{V1}/runs/{UID}", run("a."), "malformed"),
    ("POST", f"{V1}/runs/{UID}", {"metadata": {}, "spec": {}}, "no metadata.name"),
    ("PUT", f"{ARTIFACTS}/a?tag={LONG}", artifact("a"), "longer than 63"),
    ("PUT", f"{ARTIFACTS}/a?tag=-a", artifact("a"), "malformed"),
    ("PUT", f"{ARTIFACTS}/a_", artifact("a_"), "malformed"),
    ("PUT", f"{ARTIFACTS}/a?object-uid={'0' * 40}", artifact("a"), "object-uid"),
]  # fmt: skip


async def test_names_that_are_refused(api: Api) -> None:
    for verb, path, body, words in NAMED:
        answer = await api(verb, path, body)
        assert (answer.status, words in str(answer.detail)) == (400, True), (path, answer.body)
    key = "a" * 200
    await api.ok("PUT", f"{ARTIFACTS}/{key}", artifact(key))
    stored = await api.ok("GET", f"{ARTIFACTS}/{key}")
    again = f"{ARTIFACTS}/{key}?object-uid={stored['metadata']['uid']}"
    await api.ok("PUT", again, artifact(key))
    for path, key in ((ARTIFACTS, "artifacts"), (f"{V1}/functions", "funcs")):
        found = (await api.ok("GET", path))[key]
        assert len(found) == (1 if key == "artifacts" else 0)


NOWHERE = "v1/projects/nowhere"
TASK = {
    "task": {"metadata": {"name": "t", "project": "nowhere"}, "spec": {"handler": "t"}},
    "function": function("def t(): pass", "t") | {"metadata": {"name": "t", "project": "nowhere"}},
}
FEATURES = {"metadata": {"name": "s"}, "spec": {"entities": [], "features": []}, "status": {}}
VECTOR = {"metadata": {"name": "s"}, "spec": {"features": []}, "status": {}}
ALERT = {
    "summary": "x", "severity": "low", "trigger": {"events": ["failed"]},
    "entities": {"kind": "job", "project": "nowhere", "ids": ["*"]},
    "notifications": [{"notification": {
        "kind": "slack", "name": "n", "params": {"webhook": "https://hooks.example.org/x"},
    }}],
}  # fmt: skip
GATEWAY = {
    "metadata": {"name": "g"},
    "spec": {"name": "g", "path": "/", "upstreams": [{"nucliofunction": {"name": "f"}}]},
}
PROFILE = {"name": "p", "type": "redis", "object": "{}", "project": "nowhere"}
WRITES: list[tuple[str, str, Any]] = [
    ("POST", f"{NOWHERE}/runs/{UID}", run()),
    ("PATCH", f"{NOWHERE}/runs/{UID}", {"status.state": "completed"}),
    ("POST", f"{NOWHERE}/runs/{UID}/abort", {}),
    ("PUT", f"{NOWHERE}/runs/{UID}/notifications", {"notifications": []}),
    ("POST", f"{NOWHERE}/logs/{UID}", b"a line"),
    ("POST", f"{NOWHERE}/functions/f", function("x", "f")),
    ("PUT", "v2/projects/nowhere/artifacts/a", artifact("a")),
    ("POST", "v2/projects/nowhere/artifacts", artifact("a")),
    ("POST", f"{NOWHERE}/artifacts/{UID}/a", artifact("a")),
    ("PUT", f"{NOWHERE}/tags/t", {"kind": "artifact", "identifiers": [{"key": "a"}]}),
    ("POST", f"{NOWHERE}/feature-sets", FEATURES),
    ("PUT", f"{NOWHERE}/feature-sets/s/references/latest", FEATURES),
    ("POST", f"{NOWHERE}/feature-vectors", VECTOR),
    ("PUT", f"{NOWHERE}/feature-vectors/s/references/latest", VECTOR),
    ("POST", f"{NOWHERE}/secrets", {"provider": "kubernetes", "secrets": {"a": "abcdefgh"}}),
    ("PUT", f"{NOWHERE}/datastore-profiles", PROFILE),
    ("PUT", f"{NOWHERE}/alerts/a", ALERT),
    ("POST", f"{NOWHERE}/events/failed", {"kind": "failed", "entity": ALERT["entities"]}),
    ("PUT", f"{NOWHERE}/api-gateways/g", GATEWAY),
    ("PUT", f"{NOWHERE}/schedules/s", {"cron_trigger": "0 3 * * *"}),
    ("PATCH", NOWHERE, {"spec": {"goals": "x"}}),
    ("POST", "v1/submit_job", TASK),
    ("POST", "v1/submit_job", TASK | {"schedule": "0 3 * * *"}),
    ("POST", "v1/build/function", {"function": TASK["function"]}),
]


async def test_nothing_is_written_into_a_project_that_is_not_there(api: Api) -> None:
    for verb, path, body in WRITES:
        answer = await api(verb, path, body)
        assert answer.status == 404, (verb, path, answer.status, answer.body)
        assert "nowhere" in answer.detail, (verb, path, answer.detail)
    assert (await api("GET", NOWHERE)).status == 404
    assert (await api.ok("GET", "v1/projects?format=name_only"))["projects"] == [PROJECT]
