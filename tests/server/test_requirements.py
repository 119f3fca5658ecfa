"""Requirements of functions without an image: installed when their runs start, once for all."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from jupyter_mlrun import requirements
from jupyter_mlrun.errors import MLRunBadRequestError
from jupyter_mlrun_runtimes.function_cluster import ClusterTask
from jupyter_mlrun_runtimes.kube import pod
from jupyter_mlrun_runtimes.kube.dask import build_objects
from jupyter_mlrun_runtimes.requirements import require_built, variables
from jupyter_mlrun_server.services.background import TIMEOUT
from jupyter_mlrun_server.services.environments import Environments
from jupyter_mlrun_server.services.function_clusters import INSTALLING
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import functions
from tests.base_image import write_wheel
from tests.runtimes.kube_task import settings, task
from tests.server.conftest import Api
from tests.server.documents import PROJECT, function
from tests.server.test_local_runs import ENDED, until

CODE = "import demo_sum\ndef train(context):\n    return demo_sum.VERSION\n"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages, the only one that pip knows; no environments of before."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for version in ("1.0", "2.0"):
        write_wheel(folder, version=version)
    write_wheel(folder, "demo_more")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("JUPYTER_MLRUN_ENVIRONMENTS", str(tmp_path / "environments"))
    return folder


async def send(api: Api, *wanted: str, kind: str = "local") -> str:
    document = function(CODE)
    document["kind"] = kind
    document["spec"].setdefault("build", {})["requirements"] = list(wanted)
    body = {"task": {"metadata": {"name": "train", "project": PROJECT}, "spec": {}},
            "function": document}  # fmt: skip
    return str((await api.ok("POST", "v1/submit_job", body))["data"]["metadata"]["uid"])


async def log_of(api: Api, uid: str) -> str:
    return (await api("GET", f"v1/projects/{PROJECT}/logs/{uid}")).body.decode()


async def test_runs_that_start_together_install_once(
    api: Api, wheels: Path, tmp_path: Path
) -> None:
    uids = [await send(api, "demo-sum<2", kind=kind) for kind in ("local", "job", "local")]
    logs = []
    for uid in uids:
        done = await until(api, uid, *ENDED, timeout=90)
        logs.append(await log_of(api, uid))
        assert done["status"]["state"] == "completed", logs[-1]
        assert done["status"]["results"] == {"return": "1.0"}
        told = done["status"]["requirements"]
        assert told["lock"] == ["demo-sum==1.0"] and told["wanted"] == ["demo-sum<2"]
    assert sum("Successfully installed demo-sum-1.0" in log for log in logs) == 1
    # others are kept apart
    other = await until(api, await send(api, "demo-sum", "demo_more"), *ENDED, timeout=90)
    assert other["status"]["results"] == {"return": "2.0"}
    assert other["status"]["requirements"]["lock"] == ["demo-more==1.0", "demo-sum==2.0"]
    made = [path for path in (tmp_path / "environments").iterdir() if path.is_dir()]
    assert len(made) == 2


async def test_what_cannot_be_installed_is_the_end_of_the_run(api: Api, wheels: Path) -> None:
    done = await until(api, await send(api, "no-such-package>=3"), *ENDED, timeout=90)
    status = done["status"]
    assert status["state"] == "error" and status["requirements"]["wanted"] == ["no-such-package>=3"]
    assert "requirements could not be installed" in status["error"]
    assert "No matching distribution found for no-such-package>=3" in status["error"]
    assert "ERROR" in await log_of(api, done["metadata"]["uid"])


async def test_an_install_that_was_cut_off_is_made_anew(
    api: Api, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "environments"
    half = root / requirements.key_of(["demo-sum"])
    (half / "bin").mkdir(parents=True)
    (half / "bin" / "python").write_text("half a file")
    await asyncio.to_thread(requirements.make, ["demo-sum"], root)
    assert (half / requirements.LOCK_FILE).exists() and (half / "bin" / "python").is_symlink()


def test_a_pod_installs_what_its_image_does_not_have() -> None:
    def env(**spec: Any) -> dict[str, str]:
        of = task(spec, environments="/tmp/e")
        return variables(of, "job", in_image=True)

    wanted = {"requirements": ["a", "b>1"]}
    assert env(image="", build={**wanted, "base_image": "x/y"}) == {
        "JUPYTER_MLRUN_REQUIREMENTS": "a\nb>1", "JUPYTER_MLRUN_ENVIRONMENTS": "/tmp/e",
    }  # fmt: skip
    assert env(image="x/y", build=wanted)
    assert env(image=".built", build={**wanted, "base_image": "x/y"}) == {}
    assert env(image="x/y", build={}) == {}
    assert variables(task({"image": "x/y", "build": wanted}), "job") == {}
    # it runs on what it would be built on
    made = pod.parts(task({"image": "", "build": {**wanted, "base_image": "x/y:1"}}), settings(),
                     "job")  # fmt: skip
    assert made.spec["containers"][0]["image"] == "x/y:1"


@pytest.mark.parametrize("kind", ["spark", "remote-spark"])
def test_kinds_that_install_nothing_say_so(kind: str) -> None:
    def wants(*lines: str, in_image: bool = False, **spec: Any) -> dict[str, str]:
        build = {"requirements": list(lines), "base_image": "x/y"}
        given = task({"build": build, **spec}, environments="/tmp/e", interpreter=sys.executable)
        return variables(given, kind, in_image)

    with pytest.raises(MLRunBadRequestError, match=r"wants no-such-package>=3: install it into"):
        wants("no-such-package>=3", "tornado")
    with pytest.raises(MLRunBadRequestError, match=r"wants tornado<2"):
        wants("tornado<2")
    with pytest.raises(MLRunBadRequestError, match=r"deploy\(\) first"):
        wants("tornado", in_image=True, image="")
    # what is there already, and what was built, need no installing
    assert wants("tornado>=5") == {} and wants() == {}
    assert wants("tornado", in_image=True, image=".built") == {}


def test_environments_that_nobody_uses_are_removed(tmp_path: Path) -> None:
    names = ["a" * 20, "b" * 20, "c" * 20, "mine"]
    for name in names:
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / requirements.LOCK_FILE).write_text("{}")
    for name in (names[0], names[2], names[3]):
        os.utime(tmp_path / name, (1, 1))
    environments = Environments(folder=str(tmp_path))
    assert environments.remove_unused(tmp_path) == 0
    environments.keep_days = 1
    with FileLock(f"{tmp_path / names[2]}.lock"):
        assert environments.remove_unused(tmp_path) == 1
    # the one in use, the one that is locked and what is no environment are there yet
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_dir()) == names[1:]
    assert environments.remove_unused(tmp_path) == 1
    assert Environments(keep_days=1).remove_unused(tmp_path / "nowhere") == 0


def test_an_environment_in_which_a_run_works_stays(tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 20)
    folder.mkdir()
    (folder / requirements.LOCK_FILE).write_text("{}")
    # as a run goes on in its environment: by another program of the same process
    code = (
        "import os, sys, pathlib\nfrom jupyter_mlrun.requirements import hold\n"
        "hold(pathlib.Path(sys.argv[1]))\nos.execvp('bash', ['bash', '-c', 'echo in; read _'])"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with run:
        assert run.stdout is not None and run.stdout.readline() == "in\n"
        os.utime(folder, (1, 1))
        assert requirements.remove_unused(tmp_path, time.time()) == 0 and folder.is_dir()
        run.communicate("\n")
    assert requirements.remove_unused(tmp_path, time.time()) == 1 and not folder.exists()
    assert not Path(f"{folder}.used").exists()


def test_an_environment_that_cannot_be_looked_at_keeps_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for letter in "abc":
        (tmp_path / (letter * 20)).mkdir()
        os.utime(tmp_path / (letter * 20), (1, 1))
    # what cannot be opened to be locked
    (tmp_path / f"{'b' * 20}.used").mkdir()
    assert requirements.remove_unused(tmp_path, time.time()) == 2
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ""] == ["b" * 20]
    assert "b stays: [Errno" in caplog.text


def test_old_packages_whose_words_nobody_reads(tmp_path: Path) -> None:
    """Requires-Dist as it was written before there were rules, such as ``pytz (>dev)``."""
    info = tmp_path / "demo_old-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: demo_old\nVersion: 1.0\nRequires-Dist: pytz (>dev)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", requirements._RESOLVE, '["demo_old"]', str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == '["demo-old==1.0"]'


def test_what_only_an_image_can_have_wants_a_build() -> None:
    for build in ({"commands": ["x"]}, {"source": "git://h/r.git"}):
        given = {"metadata": {"name": "f"}, "spec": {"build": {**build, "base_image": "x/y"}}}
        with pytest.raises(MLRunBadRequestError, match=r"not built/ready.*auto_build=True"):
            require_built(given)
        given["spec"]["image"] = ".built"  # type: ignore[index]
        require_built(given)


async def test_a_cluster_that_starts_by_itself_has_what_its_function_wants(
    api: Api, service: Service, wheels: Path
) -> None:
    """Its processes install it as runs do, in the same environment."""
    document = function("x", kind="dask")
    document["spec"]["build"]["requirements"] = ["demo-sum"]
    await service.write(functions.save, PROJECT, "train", document, "latest")
    clusters = service.function_clusters
    known = await service.read(functions.read, PROJECT, "train")
    cluster = clusters._checked(known, sys.executable, "")
    given = clusters._task(cluster.place, known, sys.executable, "")
    environment = cluster.build(given).environment
    assert environment["JUPYTER_MLRUN_REQUIREMENTS"] == "demo-sum"
    assert environment["JUPYTER_MLRUN_ENVIRONMENTS"].endswith("environments")
    # and it has the time for that
    clusters._start = lambda *_: None  # type: ignore[method-assign]
    told = await clusters.start(known, sys.executable)
    assert told["metadata"]["timeout"] == TIMEOUT + INSTALLING
    del known["spec"]["build"]["requirements"]
    assert (await clusters.start(known, sys.executable))["metadata"]["timeout"] == TIMEOUT
    known["spec"]["build"]["requirements"] = ["demo-sum"]
    # nothing is installed by a server that leaves requirements to their users
    service.launcher.assembly.environments = Environments(enabled=False)
    given = clusters._task(cluster.place, known, sys.executable, "")
    assert "JUPYTER_MLRUN_REQUIREMENTS" not in cluster.build(given).environment


def test_pods_of_a_cluster_install_what_their_function_wants() -> None:
    wanted = {"build": {"requirements": ["demo-sum"]}}
    asked = task(wanted, "dask", environments="/tmp/e")
    for given, installs in ((asked, True), (task(wanted, "dask"), False)):
        objects = build_objects(
            ClusterTask(given.function, "", "", environments=given.environments), settings()
        )
        for name in ("scheduler", "worker-0"):
            (container,) = objects[name]["spec"]["containers"]
            first = container["args"][0]
            names = {each["name"] for each in container["env"]}
            assert (first, requirements.WANTED in names) == (
                ("/bin/sh", True) if installs else ("dask", False)
            )
    (container,) = objects["cluster"]["spec"]["worker"]["spec"]["containers"]
    assert "dask" in container["args"]


def test_the_command_that_runs_a_module_with_its_requirements(
    wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(requirements.WANTED, "demo-sum")
    command = [sys.executable, "-P", "-m", "jupyter_mlrun.requirements", "demo_sum"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "installing demo-sum" in done.stdout, done.stderr
    monkeypatch.setenv(requirements.WANTED, "no-such-package")
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "could not be installed: pip ended" in done.stderr
