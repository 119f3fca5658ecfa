"""Plans of builds, their Dockerfiles and the objects of builders: pure, compared whole."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
)
from jupyter_mlrun.model import images
from jupyter_mlrun_runtimes.build.contract import BuildTask, last_words
from jupyter_mlrun_runtimes.build.here import OWN, build_steps, dockerfile_of, find_source
from jupyter_mlrun_runtimes.build.plan import Plan, Wish, build_plan
from jupyter_mlrun_runtimes.build.settings import BUILDAH, BUILDKIT, KANIKO, BuildSettings
from jupyter_mlrun_runtimes.build.short_names import build_aliases
from jupyter_mlrun_runtimes.kube import build_jobs
from jupyter_mlrun_runtimes.kube.builder import BuilderOnKubernetes, build_objects
from jupyter_mlrun_runtimes.kube.settings import OVERRIDE, Defaults, Settings

GOLDEN = Path(__file__).parents[1] / "golden" / "builds"
SETTINGS = BuildSettings(registry="registry.example.org/lab", secret="push")
CLIENT = {"client_version": "1.12.1", "client_python": "3.11.7"}


def function(kind: str = "job", image: str = "", **build: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "metadata": {"name": "train", "project": "sea", "tag": "latest"},
        "spec": {"image": image, "build": build},
    }


def plan_of(settings: BuildSettings = SETTINGS, here: bool = False, **build: Any) -> Plan:
    wish = Wish(**CLIENT, builder_env={"GIT_TOKEN": "t0ken-value"})
    document = function()
    document["spec"]["build"] = build
    found = build_plan(document, wish, settings, here)
    assert found is not None
    return found


def golden(name: str, found: str) -> None:
    """What a file of the golden folder holds; ``GOLDEN_WRITE=1`` writes it anew."""
    if os.environ.get("GOLDEN_WRITE"):
        (GOLDEN / name).write_text(found)
    assert found == (GOLDEN / name).read_text()


FULL = {
    "base_image": "python:3.11-slim", "commands": ["apt-get install -y git", "echo done"],
    "requirements": ["pandas>=2", "scikit-learn"], "extra": "LABEL by=sea\n",
    "source": "git://github.com/lab/sea.git#main", "extra_args": "--build-arg A=1 --label b=c",
}  # fmt: skip


def test_nothing_to_add_is_nothing_to_build() -> None:
    assert build_plan(function(base_image="x/y"), Wish(), SETTINGS, False) is None
    assert build_plan(function(), Wish(force=True), SETTINGS, False) is not None
    # MLRun's own images have MLRun already
    assert build_plan(function(image="mlrun/mlrun"), Wish(with_mlrun=True), SETTINGS, True) is None
    pulled = function(source="git://h/r.git#m", load_source_on_run=True)
    assert build_plan(pulled, Wish(), SETTINGS, False) is None


def test_names_of_images_as_mlrun_has_them() -> None:
    plan = plan_of(requirements=["a"])
    assert plan.base_image == "mlrun/mlrun" and plan.from_image == "mlrun/mlrun:1.12.1"
    assert plan.image == ".lab/func-sea-train:latest"
    assert plan.destination == "registry.example.org/lab/func-sea-train:latest"
    assert plan.requirements == ("mlrun[complete]==1.12.1", "a") and plan.secret == "push"
    bare = replace(SETTINGS, registry="registry.example.org")
    assert plan_of(bare, requirements=["a"]).image == ".mlrun/func-sea-train:latest"
    for address, whole in (
        ("registry.example.org", "registry.example.org/mlrun/func-sea-train:latest"),
        ("", "localhost/mlrun/func-sea-train:latest"),
    ):
        settings = replace(SETTINGS, registry=address)
        assert plan_of(settings, here=True, requirements=["a"]).destination == whole
    named = plan_of(image="https://other.org/mine:2", requirements=["a"])
    assert named.destination == "other.org/mine:2" and named.secret == ""
    # the same name where the image is run
    env = {images.OWN: SETTINGS.registry}
    assert images.complete(".lab/func-sea-train:latest", env) == plan.destination
    assert images.complete(".mine:1", env) == "registry.example.org/lab/mine:1"


def test_mlrun_is_installed_with_the_rest_in_one_go() -> None:
    wish = Wish(with_mlrun=True, **CLIENT)
    plan = build_plan(function(image="python:3.11", requirements=["a"]), wish, SETTINGS, True)
    assert plan is not None
    assert plan.requirements == ("mlrun[complete]==1.12.1", "a")
    assert plan.commands == ("python -m pip install --upgrade pip~=26.0",)
    own = replace(wish, mlrun_specifier="mlrun==9")
    plan = build_plan(function(image="python:3.11"), own, SETTINGS, True)
    assert plan is not None and plan.requirements == ("mlrun==9",)
    given = ["pip install mlrun==1", "pip install --upgrade pip"]
    plan = build_plan(function(image="x/y", commands=given), wish, SETTINGS, True)
    assert plan is not None and plan.commands == tuple(given) and plan.requirements == ()


@pytest.mark.parametrize(("build", "words"), [
    ({"commands": "pip install x"}, "list of strings"),
    ({"requirements": [1]}, "list of strings"),
    ({"commands": ["a\nFROM x"]}, "one line each"),
    ({"requirements": ["a"], "base_image": "x y"}, "no name of an image"),
    ({"requirements": ["a"], "base_image": "x\nRUN y"}, "no name of an image"),
    ({"requirements": ["a"], "image": "--privileged"}, "no name of an image"),
    ({"requirements": ["a"], "image": ".lab/other:1"}, "start with this prefix: func-sea-train"),
    ({"requirements": ["a"], "secret": "user:Passw0rd"}, "logins themselves are never given"),
    ({"requirements": ["a"], "builder_env": {"A B": "1"}}, "letters, digits"),
    ({"requirements": ["a"], "builder_env": {"A": "1\n2"}}, "one line"),
    ({"requirements": ["a"], "extra_args": "x --label y"}, "follows no flag"),
    ({"requirements": ["a"], "extra_args": "--build-arg x"}, "NAME=VALUE"),
    ({"requirements": ["a"], "extra_args": "--build-arg"}, "without NAME=VALUE"),
    ({"requirements": ["a"], "extra_args": "--build-arg A=1 --build-arg A=2"}, "two values"),
    ({"source": "git://h/r.git", "source_code_target_dir": "../../etc"}, "leaves /home/mlrun_code"),
    ({"source": "git://h/r.git", "source_code_target_dir": "/a b"}, "characters"),
])  # fmt: skip
def test_bad_input_is_one_sentence(build: dict[str, Any], words: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match=words):
        plan_of(**build)


def test_flags_that_reach_beyond_a_build_are_refused() -> None:
    flags = "--volume /:/host", "--context=dir:///", "--destination x", "--registry-mirror x"
    short = "-v/:/host", "-d=reg/x", "-d reg/x", "-c .", "-f x", "--label a=b -v=/:/host", "-", "--"
    hidden = "--cleanup -d=reg.io/other:1", "--build-arg A=1 -c=dir:///", "--build-context a=/"
    for flag in (*flags, *short, *hidden):
        with pytest.raises(MLRunAccessDeniedError, match="is not allowed"):
            plan_of(requirements=["a"], extra_args=flag)
    for flag in ("--squash=-v/:/host", "--label=-v=/:/host", "--cleanup=--destination=x"):
        with pytest.raises(MLRunAccessDeniedError, match="begins with a dash"):
            plan_of(requirements=["a"], extra_args=flag)


@pytest.mark.parametrize("image", [
    ".func-victim-fn:latest", ".func-victim-fn", ".lab/func-victim-fn:1",
    "registry.example.org/lab/func-victim-fn", "https://registry.example.org/lab/other:1",
    "REGISTRY.example.org:443/lab/func-victim-fn:1", ".func-sea-train-more:1",
    ".lab/func-sea-trainer", ".lab/../func-sea-train", "registry.example.org/lab//func-victim-fn",
])  # fmt: skip
def test_nobody_builds_over_the_image_of_another(image: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match=r"start with this prefix|empty part"):
        plan_of(image=image, requirements=["a"])
    # images that stay on this machine lie side by side too
    stays = replace(SETTINGS, registry="")
    with pytest.raises(MLRunInvalidArgumentError, match="start with this prefix"):
        plan_of(stays, here=True, image="localhost/mlrun/func-victim-fn:1", requirements=["a"])


def test_what_a_function_may_call_its_image() -> None:
    lab = "registry.example.org/lab"
    for image, whole in (
        (".func-sea-train:2", f"{lab}/func-sea-train:2"),
        (".lab/func-sea-train/part", f"{lab}/func-sea-train/part"),
        (f"{lab}/func-sea-train", f"{lab}/func-sea-train"),
        (".mlrun-project-image-sea", f"{lab}/mlrun-project-image-sea"),
        # the repository is a part of the path, not some letters in it
        (".mylab/x:1", f"{lab}/mylab/x:1"),
    ):
        assert plan_of(image=image, requirements=["a"]).destination == whole
    # the login of the service is for its own repository
    with pytest.raises(MLRunInvalidArgumentError, match=r"lies outside of .* login of your own"):
        plan_of(image="registry.example.org/other/x:1", requirements=["a"])
    mine = plan_of(image="registry.example.org/other/x:1", secret="mine", requirements=["a"])
    assert mine.secret == "mine"
    here = replace(SETTINGS, auth_file="/auth.json")
    with pytest.raises(MLRunInvalidArgumentError, match="lies outside of"):
        plan_of(here, here=True, image="registry.example.org/x:1", requirements=["a"])


@pytest.mark.parametrize(
    "image, line",
    [
        ("mlrun/mlrun:1.12.1", '"mlrun/mlrun" = "docker.io/mlrun/mlrun"'),
        ("python", '"python" = "docker.io/library/python"'),
        ("a/b/c@sha256:0000", '"a/b/c" = "docker.io/a/b/c"'),
        ("quay.io/a/b:1", ""),
        ("registry:5000/a", ""),
        ("localhost/a:1", ""),
    ],
)
def test_a_name_without_a_registry_means_what_it_means_on_a_cluster(image: str, line: str) -> None:
    assert build_aliases(image) == (f"[aliases]\n{line}\n" if line else "")


def test_no_value_of_an_extra_flag_stands_alone() -> None:
    """A word of its own could be the context of the build, or another flag."""
    words = "--label b=c --target two --squash dir:///"
    plan = plan_of(base_image="x/y:1", requirements=["a"], extra_args=words)
    task = BuildTask(plan, "/builds/1", "mlrun-build-train-1")
    wanted = ["--label=b=c", "--target=two", "--squash=dir:///"]
    for args in (
        build_steps(task, SETTINGS)["commands"][0],
        build_jobs.kaniko_args(plan, SETTINGS),
        build_jobs.buildah_script(plan, SETTINGS).split(),
    ):
        assert set(wanted) < set(args)
        assert not {"b=c", "two", "dir:///"} & set(args)


def test_variables_that_the_builder_obeys_are_refused_by_their_names() -> None:
    for name in ("GITHUB_TOKEN", "GITLAB_TOKEN", "GIT_TOKEN", "LDAP_PW", "STORAGE_KEY", "USERS",
                 "HOMEPAGE", "CONTAINERD_KEY"):  # fmt: skip
        assert not OWN.fullmatch(name), name
    for name in ("PATH", "LD_PRELOAD", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "PYTHONPATH",
                 "STORAGE_DRIVER", "STORAGE_OPTS", "BUILDAH_ISOLATION", "CONTAINERS_CONF",
                 "XDG_RUNTIME_DIR", "REGISTRY_AUTH_FILE", "SSL_CERT_FILE"):  # fmt: skip
        assert OWN.fullmatch(name), name


def test_a_cluster_needs_a_registry() -> None:
    with pytest.raises(MLRunInvalidArgumentError, match=r"MLRunBuilder\.registry"):
        plan_of(replace(SETTINGS, registry=""), requirements=["a"])
    plan = plan_of(image="some.org/x:1", requirements=["a"])
    with pytest.raises(MLRunInvalidArgumentError, match=r"MLRunBuilder\.registry"):
        build_jobs.check_cluster(plan, replace(SETTINGS, registry=""))


@pytest.mark.row("2.13")
def test_dockerfiles() -> None:
    plan = plan_of(**FULL)
    args = replace(SETTINGS, build_args={"INDEX": "https://pypi.example.org"})
    golden("full.Dockerfile", build_jobs.dockerfile_of(plan, args, KANIKO, "1000:65534"))
    golden("here.Dockerfile", dockerfile_of(plan, args))
    zipped = plan_of(base_image="a/b:1", source="https://x.org/code.zip")
    golden("zip.Dockerfile", build_jobs.dockerfile_of(zipped, SETTINGS, KANIKO))
    carried = build_jobs.dockerfile_of(plan_of(requirements=["a"]), SETTINGS, BUILDKIT)
    word = next(line for line in carried.splitlines() if "base64" in line).split()[6]
    assert base64.b64decode(word) == b"mlrun[complete]==1.12.1\na\n"


def test_steps_on_this_machine(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    settings = BuildSettings(registry="127.0.0.1:5000", storage="/s", storage_driver="vfs")
    plan = plan_of(settings, here=True, **{**FULL, "source": "code"})
    task = BuildTask(plan, "/builds/1", "mlrun-build-train-1", files_root=str(tmp_path))
    found = json.dumps(build_steps(task, settings), indent=2).replace(str(tmp_path), "/root")
    golden("here.json", found + "\n")
    assert "t0ken-value" not in found


def test_sources_do_not_leave_the_folder_that_is_shown(tmp_path: Path) -> None:
    root = tmp_path / "shown"
    (root / "code").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (root / "away").symlink_to(tmp_path / "other")
    assert find_source("code", str(root)) == ("folder", str(root / "code"))
    assert find_source(str(root / "code"), str(root))[0] == "folder"
    assert find_source("git://h/r.git#main", str(root)) == ("fetch", "git://h/r.git#main")
    for source in ("../other", "away", "/etc", ".", "", "code/../..", "file:///etc", "none"):
        with pytest.raises(MLRunBadRequestError, match=r"is not below|is not there"):
            find_source(source, str(root))
    for source in ("store://x", "v3io:///x", "s3://bucket/folder"):
        with pytest.raises(MLRunBadRequestError, match="pulled when"):
            find_source(source, str(root))


@pytest.mark.parametrize("builder", [KANIKO, BUILDAH, BUILDKIT])
def test_jobs(builder: str) -> None:
    settings = replace(SETTINGS, builder=builder, requests={"cpu": "1"})
    plan = plan_of(settings, **FULL)
    document = function()
    document["spec"] |= {"node_selector": {"disk": "fast"}, "service_account": "default"}
    task = BuildTask(
        plan, "/builds/abc", "mlrun-build-train-abc12", function=document, user_id=1000
    )
    cluster = Settings(
        namespace="lab", service="svc", security_mode=OVERRIDE, defaults=Defaults(pull_secret="ps")
    )
    (secret,), job = build_objects(task, settings, cluster)
    assert secret["stringData"] == {"GIT_TOKEN": "t0ken-value"}
    text = json.dumps(job, indent=2, sort_keys=True)
    assert "t0ken-value" not in text
    golden(f"{builder}.json", text + "\n")


def test_kaniko_as_mlrun_calls_it() -> None:
    """Its flags by the facts of MLRun's builder: insecure modes, retries, git branches."""
    open_registry = replace(SETTINGS, secret="")
    args = build_jobs.kaniko_args(plan_of(open_registry, **FULL), open_registry)
    assert args[args.index("--context") + 1] == "git://github.com/lab/sea.git#refs/heads/main"
    assert "--insecure" in args and "--insecure-pull" in args
    args = build_jobs.kaniko_args(plan_of(**FULL), SETTINGS)
    assert "--insecure" not in args and "--insecure-pull" not in args
    strict = replace(open_registry, insecure_push="disabled", insecure_pull="enabled")
    args = build_jobs.kaniko_args(plan_of(strict, **FULL), strict)
    assert "--insecure" not in args and "--insecure-pull" in args


def test_sources_that_a_pod_cannot_reach_are_refused() -> None:
    for source in ("code", "./", "/home/x", "store://a", "az://x/y.zip"):
        with pytest.raises(MLRunInvalidArgumentError, match="not supported at build time"):
            build_jobs.check_cluster(plan_of(source=source), SETTINGS)
    with pytest.raises(MLRunInvalidArgumentError, match="builder buildah cannot reach"):
        build_jobs.check_cluster(plan_of(source="s3://b/c"), replace(SETTINGS, builder=BUILDAH))


class OneBuild:
    """The cluster as the builder sees it: a pod that has printed lines, and the build's Secret."""

    def __init__(self, *lines: str) -> None:
        self.lines = [f"2026-01-01T00:00:00.{i:09}Z {line}\n" for i, line in enumerate(lines)]
        ended = {"name": "base", "state": {"terminated": {"exitCode": 0}}}
        self.pods = [({"metadata": {}, "status": {"containerStatuses": [ended]}}, False)]
        self.secret: Any = {"data": {"WHO": base64.b64encode(b"t0ken-value").decode()}}

    def mirror(self, kind: Any) -> Any:
        return self

    def of_run(self, uid: str) -> Any:
        return self.pods

    def read(self, kind: Any, namespace: str, name: str) -> Any:
        return self.secret if kind[1] == "Secret" else None

    def log(self, *pod: Any, **query: Any) -> Any:
        return [line.encode() for line in self.lines]

    def delete(self, *what: Any) -> None:
        self.secret = None


def handle_of(folder: Path) -> dict[str, Any]:
    folder.mkdir()
    return {"folder": str(folder), "namespace": "lab", "name": "b", "build": "1",
            "has_secret": True}  # fmt: skip


def test_no_log_of_a_cluster_shows_secret_values(tmp_path: Path) -> None:
    cluster: Any = OneBuild("by t0ken-value", "and hidden-too")
    builder = BuilderOnKubernetes(SETTINGS, cluster, lambda: ["hidden-too"])
    handle = handle_of(tmp_path / "one")
    builder.collect(handle)
    assert (tmp_path / "one" / "log").read_text() == "by *****\nand *****\n"
    # the same when it is cancelled, which removes its Secret first
    handle = handle_of(tmp_path / "two")
    builder = BuilderOnKubernetes(SETTINGS, cluster)
    builder.cancel(handle)
    builder.collect(handle)
    assert "by *****" in (tmp_path / "two" / "log").read_text()
    # where nobody knows the values any more, nothing is shown
    handle = handle_of(tmp_path / "three")
    BuilderOnKubernetes(SETTINGS, cluster).collect(handle)
    assert "cannot be cleared" in (tmp_path / "three" / "log").read_text()
    assert "t0ken-value" not in (tmp_path / "three" / "log").read_text()


def test_a_build_whose_job_is_gone_is_not_said_to_have_failed(tmp_path: Path) -> None:
    cluster: Any = OneBuild()
    cluster.pods = []
    seen = BuilderOnKubernetes(SETTINGS, cluster).observe(handle_of(tmp_path / "one"))
    assert seen.state == "error" and "how it ended is not known" in seen.reason


def test_the_last_words_of_a_log() -> None:
    log = (
        b"STEP 1\nERROR: Could not find a version\nERROR: No matching distribution\nerror building"
    )
    assert last_words(log) == (
        "ERROR: Could not find a version · ERROR: No matching distribution · error building"
    )
    assert last_words(b"one\ntwo\n") == "two" and last_words(b"") == ""


@pytest.mark.parametrize(
    "log, words",
    [
        # buildah, old and new
        ('STEP 2/2: RUN get x\nE: Unable to locate package x\nsubprocess exited with status 100\n'
         'subprocess exited with status 100\nerror building at STEP "RUN get x": exit status 100\n'
         "buildah ended with exit code 125\n",
         'E: Unable to locate package x · error building at STEP "RUN get x": exit status 100'),
        ('STEP 2/2: RUN get x\n/bin/sh: get: not found\nError: building at STEP "RUN get x"\n'
         'time="2026-01-01T00:00:00Z" level=error msg="exit status 127"\n',
         '/bin/sh: get: not found · Error: building at STEP "RUN get x"'),
        # a command that says nothing: the words of the one before it are not the reason
        ("STEP 1/2: RUN a\nall is well\nSTEP 2/2: RUN false\nError: building at STEP",
         "Error: building at STEP"),
        ('#5 [2/2] RUN get x\n#5 0.310 /bin/sh: get: not found\n'
         '#5 ERROR: process "/bin/sh -c get x" did not complete successfully: exit code: 127\n',
         '/bin/sh: get: not found · ERROR: process "/bin/sh -c get x" did not complete '
         "successfully: exit code: 127"),
        ("INFO[0001] RUN get x\n/bin/sh: get: not found\n"
         "error building image: waiting for process to exit: exit status 127\n",
         "/bin/sh: get: not found · error building image: waiting for process to exit: "
         "exit status 127"),
    ],
)  # fmt: skip
def test_what_the_failed_command_said_comes_before_its_builders_words(log: str, words: str) -> None:
    assert last_words(log.encode()) == words
