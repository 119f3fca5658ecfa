"""Images built on this machine: buildah in a supervised process that outlives the server."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunAccessDeniedError, MLRunBadRequestError
from jupyter_mlrun.masking import HIDDEN, NAMES

from .. import logfile
from ..contract import Handle, Limits, Request
from ..local import LocalRuntime
from . import arguments
from .contract import ERROR, READY, RUNNING, Builder, BuildSeen, BuildTask, last_words
from .dockerfile import FOLDER, Ingredients, build_dockerfile
from .plan import Plan
from .settings import BUILDAH, BuildSettings, tls_flags
from .short_names import build_aliases

STEPS_FILE, FILES, ALIASES_FILE = "steps.json", "files", "aliases.conf"
# buildah itself obeys these, so that no function may set them
OWN = re.compile(
    r"PATH|HOME|USER|SHELL|IFS|ENV|BASH_ENV|TMPDIR|DOCKER_CONFIG|DOCKER_HOST|REGISTRY_AUTH_FILE|"
    r"STORAGE_(DRIVER|OPTS)|SSL_CERT_(FILE|DIR)|GODEBUG|GOMAXPROCS|PYTHON[A-Z0-9]*|"
    r"(LD|BUILDAH|CONTAINERS?|XDG|PYTHON|_CONTAINERS|JUPYTER|MLRUN)_.*|"
    # with the three a source is fetched
    r"GIT_(?!(TOKEN|USERNAME|PASSWORD)$).*"
)
KEPT = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME",
        "XDG_DATA_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "REGISTRY_AUTH_FILE", "DOCKER_CONFIG",
        "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
        "GIT_TOKEN", "GIT_USERNAME", "GIT_PASSWORD", "CONTAINERS_REGISTRIES_CONF",
        "CONTAINERS_STORAGE_CONF")  # fmt: skip
ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")


class BuilderHere(Builder):
    """buildah with chroot isolation: as root, or rootless where the machine allows it.

    A handle is a local run's; all else lies in the build's folder.
    """

    name: ClassVar[str] = BUILDAH
    place: ClassVar[str] = "here"

    def __init__(self, settings: BuildSettings, files_root: str) -> None:
        self.settings = settings
        self.files_root = files_root
        self._processes = LocalRuntime()

    def require(self, plan: Plan) -> None:
        """Refused without buildah, and where the plan's source or variables are not for here."""
        if not shutil.which("buildah"):
            raise MLRunBadRequestError(
                "No builder of images is installed on this machine: type apt-get install buildah "
                "(or dnf install buildah), or run the function without an image, which installs "
                "its requirements when it starts"
            )
        for name in plan.builder_env:
            if OWN.fullmatch(name):
                raise MLRunAccessDeniedError(
                    f"builder_env sets {name}, which the builder itself obeys: choose another name"
                )
        if plan.source:
            find_source(plan.source, self.files_root)

    def start(self, task: BuildTask) -> Iterator[Handle]:
        """Start the supervised process; what the build needs lies in its folder."""
        folder = Path(task.folder)
        (folder / FILES).mkdir(mode=0o700, parents=True, exist_ok=True)
        request = self.build(task)
        if task.plan.requirements:
            text = "\n".join(task.plan.requirements) + "\n"
            (folder / FILES / "requirements.txt").write_text(text)
        yield from self._processes.submit(request)

    def build(self, task: BuildTask) -> Request:
        """The process with the files that it reads: pure."""
        plan = task.plan
        environment = {k: v for k, v in task.environment.items() if k in KEPT}
        environment |= plan.builder_env
        environment |= {NAMES: ",".join(sorted(plan.builder_env)), "PYTHONUNBUFFERED": "1"}
        if task.hidden:
            environment[HIDDEN] = json.dumps(task.hidden)
        steps = build_steps(task, self.settings)
        files = {
            STEPS_FILE: json.dumps(steps),
            "Dockerfile": dockerfile_of(plan, self.settings),
            ALIASES_FILE: build_aliases(plan.from_image),
        }
        return Request(
            kind="build",
            folder=task.folder,
            argv=(sys.executable, "-P", "-m", "jupyter_mlrun_runtimes.build.work", task.folder),
            workdir=task.folder,
            limits=Limits(timeout=float(self.settings.timeout)),
            environment=environment,
            files=files,
        )

    def observe(self, handle: Handle) -> BuildSeen:
        """What its process says; the reason of a failure is what it printed last."""
        (seen,) = self._processes.poll([handle])
        if seen.state == states.COMPLETED:
            return BuildSeen(READY)
        if seen.state not in states.TERMINAL:
            return BuildSeen(RUNNING)
        log = os.path.join(handle["folder"], "log")
        tail = logfile.read(log, max(0, logfile.size(log) - 8192))
        told = last_words(tail) if seen.exit_code else ""
        return BuildSeen(ERROR, told or seen.reason)

    def collect(self, handle: Handle) -> None:
        """Nothing: its supervisor writes the log."""
        return None

    def cancel(self, handle: Handle, reason: str = "") -> None:
        """End the process with all that it has started."""
        self._processes.cancel(handle, reason, grace=3.0)


def dockerfile_of(plan: Plan, settings: BuildSettings) -> str:
    """The Dockerfile of a build whose source is the context itself."""
    return build_dockerfile(
        Ingredients(
            base_image=plan.from_image,
            args=[*plan.builder_env, *plan.build_args, *settings.build_args],
            source="." if plan.source else "",
            target_dir=plan.target_dir,
            commands=plan.commands,
            has_requirements=bool(plan.requirements),
            extra=plan.extra,
        )
    )


def build_steps(task: BuildTask, settings: BuildSettings) -> dict[str, Any]:
    """What the process does: the source it fetches, and the two commands of buildah."""
    plan = task.plan
    kind, source = find_source(plan.source, task.files_root) if plan.source else ("", "")
    folder = Path(task.folder)
    context = source if kind == "folder" else str(folder / "context")
    options = []
    if settings.storage:
        options += ["--root", settings.storage, "--runroot", f"{settings.storage}.run"]
    if settings.storage_driver:
        options += ["--storage-driver", settings.storage_driver]
    if build_aliases(plan.from_image):
        options += ["--short-name-alias-conf", str(folder / ALIASES_FILE)]
    login = ["--authfile", settings.auth_file] if settings.auth_file else []
    named = [*plan.builder_env]
    given = {**settings.build_args, **plan.build_args}
    bud = [
        "buildah", *options, "bud", "--isolation", "chroot", "--no-cache", "--force-rm", *login,
        *tls_flags(settings.insecure_pull, plan.from_image),
        "--volume", f"{folder / FILES}:{FOLDER}:ro",
        *(word for name in named for word in ("--build-arg", name)),
        *(word for name, value in given.items() for word in ("--build-arg", f"{name}={value}")),
    ]  # fmt: skip
    bud += arguments.for_buildah(plan.extra_args)
    bud += ["--file", str(folder / "Dockerfile"), "--tag", plan.destination, context]
    push = [
        "buildah", *options, "push", *login, *tls_flags(settings.insecure_push, plan.destination),
        plan.destination, f"docker://{plan.destination}",
    ]  # fmt: skip
    is_local = plan.destination.startswith("localhost/")
    return {
        "source": source if kind == "fetch" else "",
        "context": context,
        "commands": [bud] if is_local else [bud, push],
    }


def find_source(source: str, files_root: str) -> tuple[str, str]:
    """``fetch`` with an address, or ``folder`` with a folder of this machine, that has the code.

    Paths lie below the folder that the service shows.
    """
    scheme = urlsplit(source).scheme
    path = source.partition("?")[0].partition("#")[0]
    if scheme and scheme != "file":
        if scheme in ("store", "v3io", "v3ios", "ds") or not (
            scheme == "git" or path.endswith(ARCHIVES)
        ):
            raise MLRunBadRequestError(
                f"The source {source:.200} cannot be built into an image: give a git repository "
                "(git://HOST/PATH.git#BRANCH), an archive (.zip, .tar.gz), or have it pulled when "
                "it runs (pull_at_runtime=True)"
            )
        return "fetch", source
    root = Path(files_root).resolve()
    found = (root / source.removeprefix("file://")).resolve()
    if found == root or not found.is_relative_to(root):
        raise MLRunBadRequestError(
            f"The source {source:.200} is not below {root}, the folder that this service shows: "
            "give a folder or archive below it, or a git repository"
        )
    if not found.exists():
        raise MLRunBadRequestError(f"The source {source:.200} is not there: {found}")
    return ("folder", str(found)) if found.is_dir() else ("fetch", str(found))
