"""Builds at the service: who may, what is refused before anything is made, and what is answered."""

from __future__ import annotations

import asyncio
import re
import stat
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun.errors import MLRunServiceUnavailableError
from jupyter_mlrun_runtimes.build.contract import BuildTask
from jupyter_mlrun_runtimes.build.here import BuilderHere
from jupyter_mlrun_runtimes.build.settings import BuildSettings
from jupyter_mlrun_server.services.build_folders import HANDLE_FILE
from jupyter_mlrun_server.services.builds import Builds
from jupyter_mlrun_server.services.service import Service
from tests.server.alone import Alone
from tests.server.conftest import Api
from tests.server.documents import PROJECT

START, NAME = "v1/build/function", "train"


def function(project: str = PROJECT, image: str = "", **build: Any) -> dict[str, Any]:
    return {
        "kind": "job",
        "metadata": {"name": NAME, "project": project},
        "spec": {"image": image, "build": build},
    }


async def until(look: Callable[[], Awaitable[Any]], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    return found


@pytest.fixture
def buildah(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A buildah that only says what it is asked, for what the service does around it."""
    folder = tmp_path / "programs"
    folder.mkdir()
    program = folder / "buildah"
    program.write_text('#!/bin/sh\necho "asked: $*"; [ -e "$HOME/fail" ] && exit 3; '
                       '[ -e "$HOME/slow" ] && sleep 60; exit 0\n')  # fmt: skip
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


async def status(api: Api, **query: Any) -> Any:
    words = "&".join(f"{key}={value}" for key, value in query.items())
    return await api("GET", f"v1/build/status?project={PROJECT}&name={NAME}&{words}")


async def ended(api: Api) -> tuple[str, str]:
    """The state at the end of the newest build, and its log."""

    async def look() -> Any:
        found = await status(api, logs="yes")
        state = found.headers["x-mlrun-function-status"]
        return (state, found.body.decode()) if state not in ("pending", "running") else None

    state, log = await until(look)
    return str(state), str(log)


async def test_a_log_of_this_machine_shows_no_secret_of_the_project(
    api: Api, buildah: Path
) -> None:
    """One of a source that holds it, or of a program that knows it; the builder is not told it."""
    secrets = {"provider": "kubernetes", "secrets": {"KEY": "tide-s3cret", "LONG": "y" * 200_000}}
    await api.ok("POST", f"v1/projects/{PROJECT}/secrets", secrets)
    program = buildah / "programs" / "buildah"
    program.write_text("#!/bin/sh\necho it is tide-s; printf 'it is tide-s3'; sleep 0.3; "
                       "echo cret; env | grep -c JUPYTER_MLRUN_HIDDEN; exit 0\n")  # fmt: skip
    document = function(base_image="a/b:1", commands=["true"])
    await api.ok("POST", START, {"function": document, "with_mlrun": "no"})
    state, log = await ended(api)
    assert state == "ready"
    assert "it is tide-s\nit is *****\n0\n" in log and "tide-s3cret" not in log


async def test_a_build_from_its_start_to_its_end(api: Api, buildah: Path) -> None:
    document = function(base_image="a/b:1", commands=["true"], builder_env={"X": "secret-value"})
    answer = await api.ok("POST", START, {"function": document, "with_mlrun": "no"})
    data = answer["data"]
    assert answer["ready"] is False and data["status"]["state"] == "deploying"
    assert data["status"]["build_pod"].startswith("mlrun-build-train-")
    # values for the builder are kept nowhere
    assert data["spec"]["build"]["builder_env"] == {"X": "*****"}
    state, log = await ended(api)
    assert state == "ready" and re.search("asked: --short-name-alias-conf .* bud ", log)
    again = await status(api, logs="yes", offset=10)
    assert again.body.decode() == log[10:]
    assert (await status(api, logs="no")).body == b""
    assert again.headers["function_image"] == f".mlrun/func-{PROJECT}-train:latest"
    stored = (await api.ok("GET", f"v1/projects/{PROJECT}/functions/{NAME}"))["func"]
    assert stored["status"]["state"] == "ready"
    assert stored["spec"]["image"] == again.headers["function_image"]
    # as it is stored, it cannot be built again with masked values
    refused = await api("POST", START, {"function": stored})
    assert refused.status == 400 and "never stored" in refused.detail
    skipped = await api.ok(
        "POST", START, {"function": stored | {"spec": {"image": "x"}}, "skip_deployed": True}
    )
    assert skipped["ready"] is True


async def test_a_build_that_fails_and_one_that_is_stopped(api: Api, buildah: Path) -> None:
    (buildah / "fail").touch()
    body = {"function": function(base_image="a/b:1", commands=["true"])}
    await api.ok("POST", START, body)
    state, log = await ended(api)
    assert state == "error" and "buildah ended with exit code 3" in log
    stored = (await api.ok("GET", f"v1/projects/{PROJECT}/functions/{NAME}"))["func"]
    assert stored["spec"]["image"] == "" and "exit code 3" in stored["status"]["build"]["reason"]
    (buildah / "fail").unlink()
    (buildah / "slow").touch()
    first = await api.ok("POST", START, body)
    # a newer one takes its place
    second = await api.ok("POST", START, body)
    assert first["data"]["status"]["build"]["id"] != second["data"]["status"]["build"]["id"]
    await api.ok("DELETE", f"v1/lab/projects/{PROJECT}/builds/{NAME}")
    state, log = await ended(api)
    assert state == "error"
    stored = (await api.ok("GET", f"v1/projects/{PROJECT}/functions/{NAME}"))["func"]
    assert "stopped by its user" in stored["status"]["build"]["reason"]


async def test_nothing_is_made_for_bad_input(
    api: Api, service: Service, buildah: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad: list[tuple[dict[str, Any], int, str]] = [
        ({}, 400, "no 'function'"),
        ({"function": {"metadata": {}}}, 400, "name"),
        ({"function": function(project="nowhere", commands=["x"])}, 404, "nowhere"),
        ({"function": function(base_image="a b", commands=["x"])}, 400, "no name of an image"),
        ({"function": function(commands=["x"], secret="u:p4ssword")}, 400, "never given here"),
        ({"function": function(source="../../etc")}, 400, "is not below"),
        ({"function": function(commands=["x"]), "builder_env": {"LD_PRELOAD": "x"}}, 403, "obeys"),
        ({"function": function(commands=["x"]), "builder_env": ["x"]}, 400, "builder_env"),
        ({"function": function(commands=["x"]), "with_mlrun": "maybe"}, 400, "yes or no"),
        ({"function": function(commands=["x"], extra_args="--volume /:/x")}, 403, "not allowed"),
    ]
    for body, code, words in bad:
        answer = await api("POST", START, body)
        assert (answer.status, words in answer.detail) == (code, True), (body, answer.detail)
    monkeypatch.setenv("PATH", "/nowhere")
    answer = await api("POST", START, {"function": function(commands=["x"])})
    assert answer.status == 400 and "apt-get install buildah" in answer.detail
    assert (await api("GET", f"v1/projects/{PROJECT}/functions/{NAME}")).status == 404
    assert not (service.place.root / "builds").exists()
    gone = await api("DELETE", f"v1/lab/projects/{PROJECT}/builds/{NAME}")
    assert gone.status == 404


async def test_projects_whose_names_run_together_keep_their_images(api: Api, buildah: Path) -> None:
    """func-a-b-c would be the image of c in a-b, and of b-c in a."""
    for project in ("a", "a-b"):
        await api.ok("POST", "v1/projects", {"metadata": {"name": project}, "spec": {}})
    mine = function("a-b", base_image="x/y:1", commands=["true"])
    mine["metadata"]["name"] = "c"
    await api.ok("POST", START, {"function": mine})
    theirs = function("a", base_image="x/y:1", commands=["true"])
    theirs["metadata"]["name"] = "b-c"
    answer = await api("POST", START, {"function": theirs})
    assert answer.status == 409 and "another project's function" in answer.detail
    # the same by a name that is given
    theirs["metadata"]["name"], theirs["spec"]["build"]["image"] = "d", ".any/where"
    await api.ok("POST", START, {"function": theirs})
    mine["spec"]["build"]["image"] = ".any/where:latest"
    assert (await api("POST", START, {"function": mine})).status == 409


async def test_no_more_builds_than_are_allowed(api: Api, service: Service, buildah: Path) -> None:
    (buildah / "slow").touch()
    service.builds.most_working = 1
    body = {"function": function(base_image="a/b:1", commands=["true"])}
    await api.ok("POST", START, body)
    second = function(base_image="a/b:1", commands=["true"])
    second["metadata"]["name"] = "other"
    answer = await api("POST", START, {"function": second})
    assert answer.status == 503 and "MLRunBuilder.max_running" in answer.detail
    # the same function anew takes its own place
    await api.ok("POST", START, body)
    await api.ok("DELETE", f"v1/lab/projects/{PROJECT}/builds/{NAME}")
    await api.ok("POST", START, {"function": second})
    await api.ok("DELETE", f"v1/lab/projects/{PROJECT}/builds/other")


async def test_a_build_whose_secrets_are_away_is_asked_for_again(
    api: Api, service: Service, buildah: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is stored meanwhile, and the build before it works on."""
    (buildah / "slow").touch()
    body = {"function": function(base_image="a/b:1", commands=["true"])}
    await api.ok("POST", START, body)
    before = service.builds.state(PROJECT, NAME, "latest")

    def away(project: str) -> Any:
        raise MLRunServiceUnavailableError("The secrets are away: try again")

    with monkeypatch.context() as patched:
        patched.setattr(service.launcher.project_secrets, "masker", away)
        assert (await api("POST", START, body)).status == 503
    after = service.builds.state(PROJECT, NAME, "latest")
    assert before and after and after.is_working
    assert after.record["id"] == before.record["id"]
    (buildah / "slow").unlink()
    await api.ok("POST", START, body)
    assert (await ended(api))[0] == "ready"


async def test_a_builder_environment_of_another_shape(api: Api, buildah: Path) -> None:
    document = function(base_image="a/b:1", commands=["true"])
    document["spec"]["build"]["builder_env"] = ["A=1"]
    answer = await api("POST", START, {"function": document})
    assert answer.status == 400 and "function.spec.build.builder_env" in answer.detail


async def test_a_spec_that_no_builder_can_read(
    api: Api, buildah: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(self: BuilderHere, task: BuildTask) -> Any:
        yield from [{**task.function["spec"]["node_selector"]}]

    monkeypatch.setattr(BuilderHere, "start", start)
    document = function(base_image="a/b:1", commands=["true"])
    document["spec"]["node_selector"] = ["disk"]
    answer = await api("POST", START, {"function": document})
    assert answer.status == 400 and "cannot be read ('list' object" in answer.detail
    stored = (await api.ok("GET", f"v1/projects/{PROJECT}/functions/{NAME}"))["func"]
    assert stored["status"]["state"] == "error"
    assert "'list' object" in stored["status"]["build"]["reason"]


async def test_a_server_that_does_not_lead_settles_nothing(
    api: Api, service: Service, buildah: Path
) -> None:
    """A build that begins has no handle yet, which is no sign that it was lost."""
    (buildah / "slow").touch()
    await api.ok("POST", START, {"function": function(base_image="a/b:1", commands=["true"])})
    builds = Builds(service.database, service.place, service.launcher, service.threads, service.log)
    builds.leads = lambda: False
    (handle,) = (service.place.root / "builds").glob(f"*/*/*/*/{HANDLE_FILE}")
    kept = handle.read_bytes()
    with service.builds._lock:
        handle.unlink()
        found = builds.state(PROJECT, NAME, "")
        handle.write_bytes(kept)
    assert found is not None and found.is_working
    await api.ok("DELETE", f"v1/lab/projects/{PROJECT}/builds/{NAME}")


async def test_a_function_without_anything_to_add_is_ready(api: Api) -> None:
    answer = await api.ok("POST", START, {"function": function(image="x/y:1")})
    assert answer["ready"] is True and answer["data"]["spec"]["image"] == "x/y:1"
    found = await status(api)
    assert found.headers["x-mlrun-function-status"] == "ready"


async def test_a_function_of_the_same_name_is_not_built(api: Api, buildah: Path) -> None:
    await api.ok("POST", START, {"function": function(base_image="a/b:1", commands=["true"])})
    assert (await ended(api))[0] == "ready"
    path = f"v1/projects/{PROJECT}/functions/{NAME}"
    assert (await api("DELETE", path)).status == 204
    await api.ok("POST", path, function())
    found = await status(api, logs="yes")
    assert found.headers["x-mlrun-function-status"] == "" and found.body == b""
    assert found.headers["function_image"] == ""


async def test_builds_go_with_their_project(api: Api, service: Service, buildah: Path) -> None:
    (buildah / "slow").touch()
    await api.ok("POST", START, {"function": function(base_image="a/b:1", commands=["true"])})
    (folder,) = (service.place.root / "builds" / PROJECT).iterdir()
    headers = {"x-mlrun-deletion-strategy": "cascade"}
    answer = await api("DELETE", f"v1/projects/{PROJECT}", headers=headers)
    assert answer.status < 300

    async def gone() -> bool:
        return not folder.exists()

    await until(gone)


async def test_who_may_build_in_a_service_of_many(alone: Alone) -> None:
    await alone.project("sea", ann="editor", eve="viewer")
    body = {"function": function("sea", base_image="a/b", commands=["true"])}
    for user in ("eve", "mallory"):
        answer = await alone(user, "POST", START, body)
        assert answer.status == 403, answer.body
    # with nobody's machine to build on
    answer = await alone("ann", "POST", START, body)
    assert answer.status == 400 and "executes nothing itself" in answer.detail
    assert (await alone("eve", "DELETE", "v1/lab/projects/sea/builds/train")).status == 403


def test_settings_without_a_word() -> None:
    found = BuildSettings()
    assert found.builder == "kaniko" and found.registry == "" and found.secret == ""
