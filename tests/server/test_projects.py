"""Projects over REST: lists, patches, deletion with all that a project holds."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_mlrun.errors import MLRunServiceUnavailableError
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import projects
from tests.server.conftest import Api
from tests.server.documents import PROJECT, UID, artifact, function, run

BASE = f"v1/projects/{PROJECT}"
CASCADE = {"x-mlrun-deletion-strategy": "cascade"}


@pytest.mark.row("1.31")
async def test_lists(bare_api: Api) -> None:
    for name, labels in (("a", {"team": "sea"}), ("b", {"team": "lake"}), ("c", {})):
        spec = {"owner": f"ann-{name}", "functions": [{"url": "x"}], "description": name}
        body = {"metadata": {"name": name, "labels": labels}, "spec": spec}
        await bare_api.ok("POST", "v1/projects", body)

    async def names(query: str) -> list[str]:
        found: list[str] = (await bare_api.ok("GET", f"v1/projects?format=name_only&{query}"))[
            "projects"
        ]
        return found

    assert await names("") == ["a", "b", "c"]
    assert await names("label=team") == ["a", "b"]
    assert await names("label=team=~LA") == ["b"]
    assert await names("owner=ann-c") == ["c"] and await names("owner=ann-c&label=team") == []
    assert await names("state=archived") == []
    short = (await bare_api.ok("GET", "v1/projects?format=minimal&label=team=sea"))["projects"]
    assert short[0]["spec"] == {"owner": "ann-a", "description": "a"}
    made = (await bare_api.ok("GET", "v1/projects?format=name_and_creation_time"))["projects"]
    assert [name for name, _ in made] == ["a", "b", "c"] and made[0][1].startswith("20")
    assert (await bare_api("GET", "v1/projects?format=large")).status == 422


@pytest.mark.row("1.32", "1.14", "1.13")
async def test_patches(api: Api) -> None:
    await api.ok("PATCH", BASE, {"spec": {"tags": ["a"], "source": {"x": 1}}})
    added = {"x-mlrun-patch-mode": "additive"}
    found = await api.ok(
        "PATCH", BASE, {"spec": {"tags": ["b"], "source": {"y": 2}}}, headers=added
    )
    assert found["spec"]["tags"] == ["a", "b"] and found["spec"]["source"] == {"x": 1, "y": 2}
    found = await api.ok("PATCH", BASE, {"spec": {"tags": ["c"]}})
    assert found["spec"]["tags"] == ["c"] and found["spec"]["source"] == {"x": 1, "y": 2}
    wrong = await api("PATCH", BASE, {}, headers={"x-mlrun-patch-mode": "append"})
    assert wrong.status == 422
    assert wrong.detail[0]["loc"] == ["header", "x-mlrun-patch-mode"]
    assert wrong.detail[0]["ctx"]["enum_values"] == ["replace", "additive"]
    assert (await api("PATCH", BASE, {"metadata": {"name": "other"}})).status == 400
    assert (await api("PATCH", "v1/projects/none", {})).status == 404


@pytest.mark.row("1.30")
async def test_deletion_says_what_is_held(api: Api) -> None:
    await api.ok("POST", f"{BASE}/runs/{UID}", run("train", state="completed"))
    for strategy in ("restrict", "restricted", "check"):
        headers = {"x-mlrun-deletion-strategy": strategy}
        refused = await api("DELETE", f"v2/projects/{PROJECT}", headers=headers)
        assert (refused.status, refused.detail) == (
            412, f"Project {PROJECT} can not be deleted since related resources found: runs",
        )  # fmt: skip
    await api.ok("POST", "v1/projects", {"metadata": {"name": "empty"}})
    check = {"x-mlrun-deletion-strategy": "check"}
    assert (await api("DELETE", "v2/projects/empty", headers=check)).status == 204
    assert (await api("GET", "v1/projects/empty")).status == 200
    assert (await api("DELETE", "v2/projects/empty")).status == 204
    assert (await api("DELETE", "v2/projects/empty")).status == 204


@pytest.mark.row("1.30")
async def test_a_cascade_takes_the_files_and_the_name_is_free(api: Api, service: Service) -> None:
    async def fill() -> None:
        await api.ok("POST", f"{BASE}/runs/{UID}", run("train", state="completed"))
        await api.ok("POST", f"{BASE}/logs/{UID}?append=no", b"a line of the first")
        await api.ok("POST", f"{BASE}/functions/train", function("x = 1"))
        path = f"v2/projects/{PROJECT}/artifacts/model?tree={UID}&tag=v1"
        await api.ok("PUT", path, artifact("model"))

    await fill()
    created = (await api.ok("GET", BASE))["metadata"]["created"]
    folder = service.place.artifacts / PROJECT / UID
    folder.mkdir(parents=True)
    (folder / "model.pkl").write_text("weights")
    assert (await api("DELETE", f"v2/projects/{PROJECT}", headers=CASCADE)).status == 204
    assert not (service.place.artifacts / PROJECT).exists()
    assert not service.place.project_folder(PROJECT).exists()
    assert list(service.deletion.trash.iterdir()) == []
    assert (await api("POST", f"{BASE}/runs/{UID}", run("train"))).status == 404
    again = await api.ok("POST", "v1/projects", {"metadata": {"name": PROJECT}})
    assert again["metadata"]["created"] > created
    for path, key in (("v1", "runs"), ("v1", "functions"), ("v2", "artifacts")):
        assert (await api.ok("GET", f"{path}/projects/{PROJECT}/{key}?name=~a"))[
            "funcs" if key == "functions" else key
        ] == []
    assert (await api("GET", f"{BASE}/logs/{UID}")).status == 404
    await fill()
    assert (await api("GET", f"{BASE}/logs/{UID}")).body == b"a line of the first"


async def test_what_is_left_of_a_project_takes_nothing_of_its_successor(
    api: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []
    dropped: list[tuple[str, int]] = []

    def away(project: str, born: int) -> None:
        raise MLRunServiceUnavailableError("the vault is away")

    monkeypatch.setattr(service.function_clusters, "forget", stopped.append)
    monkeypatch.setattr(service.secrets.provider, "forget", away)
    with service.database.read() as connection:
        born = projects.created(connection, PROJECT)
    assert (await api("DELETE", f"v2/projects/{PROJECT}", headers=CASCADE)).status == 204
    assert stopped == [PROJECT]
    (note,) = service.deletion.trash.iterdir()
    await service.threads.call(service.deletion.sweep)
    assert stopped == [PROJECT] * 2 and note.exists()
    await api.ok("POST", "v1/projects", {"metadata": {"name": PROJECT}})
    await service.threads.call(service.deletion.sweep)
    assert stopped == [PROJECT] * 2 and note.exists(), "the clusters are of the new project"
    monkeypatch.setattr(service.secrets.provider, "forget", lambda *what: dropped.append(what))
    await service.threads.call(service.deletion.sweep)
    assert stopped == [PROJECT] * 2 and dropped == [(PROJECT, born)] and not note.exists()


@pytest.mark.parametrize("days, left", [("1", ["old"]), ("0", []), ("", [])])
async def test_runs_of_the_last_days_are_deleted(api: Api, days: str, left: list[str]) -> None:
    """MLRun's ``days_ago`` names those that began since then."""
    for name, start in (("old", "2026-01-01T00:00:00+00:00"), ("new", None)):
        document: dict[str, Any] = run(name, state="completed", start_time=start)
        await api.ok("POST", f"{BASE}/runs/{name}", document)
    await api.ok("DELETE", f"{BASE}/runs?days_ago={days}")
    found = (await api.ok("GET", f"{BASE}/runs?name=~"))["runs"]
    assert [each["metadata"]["name"] for each in found] == left


async def test_labels_of_projects(bare_api: Api) -> None:
    empty = {"metadata": {"name": "a", "labels": None}, "spec": {}}
    await bare_api.ok("POST", "v1/projects", empty)
    for labels in ({"a b": "c"}, {"a": "b c"}, {"a": "x" * 64}, {"a": ["x"]}):
        body = {"metadata": {"name": "b", "labels": labels}}
        refused = await bare_api("POST", "v1/projects", body)
        assert (refused.status, "is malformed" in refused.detail) == (400, True), labels
    assert (await bare_api("GET", "v1/projects/b")).status == 404
