"""Builds as Jobs of Kubernetes, each a dict that reads like its YAML. Pure."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model.images import parse_registry

from ..build import arguments
from ..build.dockerfile import FOLDER, Ingredients, build_dockerfile
from ..build.plan import Plan
from ..build.settings import (
    BUILDAH,
    BUILDAH_CONTEXT,
    BUILDKIT,
    BUILDKIT_CONTEXT,
    KANIKO,
    BuildSettings,
    tls_flags,
)
from ..build.short_names import build_aliases
from . import manifests
from .manifests import Body

CONTAINER, FIRST = "base", "create-dockerfile"
RETRIES = "3"
DOCKER_FOLDERS = {KANIKO: "/kaniko/.docker", BUILDAH: "/docker", BUILDKIT: "/docker"}
REMOTE = ("git", "s3", "gs")
# buildah wants to be told whom it trusts and where short names lead, where its image does not say
_PREPARE = (
    f"cd {FOLDER}; "
    "[ -e /etc/containers/policy.json ] || { "
    'echo \'{"default": [{"type": "insecureAcceptAnything"}]}\' > policy.json; '
    "trust='--signature-policy policy.json'; }; "
    "[ -e /etc/containers/registries.conf ] || { "
    "echo 'unqualified-search-registries = [\"docker.io\"]' > registries.conf; "
    f"export CONTAINERS_REGISTRIES_CONF={FOLDER}/registries.conf; }}; "
)


def build_context(plan: Plan, builder: str) -> tuple[str, str]:
    """The builder's context, and what of it the Dockerfile adds."""
    source = plan.source
    if not source:
        return FOLDER, ""
    scheme = urlsplit(source).scheme
    if scheme in ("http", "https"):
        return FOLDER, source
    if scheme not in REMOTE or (builder != KANIKO and scheme != "git"):
        raise MLRunInvalidArgumentError(
            f"Load of relative source ({source:.200}) is not supported at build time, nor is any "
            f"that builder {builder} cannot reach from its pod: give git://HOST/PATH.git#BRANCH or "
            "an http address, or have it pulled when it runs (pull_at_runtime=True)"
        )
    address, _, fragment = source.partition("#")
    if scheme == "git" and builder != KANIKO:
        address = "https://" + address.removeprefix("git://")
        return f"{address}#{fragment}" if fragment else address, "."
    if scheme == "git" and fragment and not fragment.startswith("refs/"):
        fragment = f"refs/heads/{fragment}"
    return f"{address}#{fragment}" if fragment else address, "."


def dockerfile_of(plan: Plan, settings: BuildSettings, builder: str, owner: str = "") -> str:
    """The Dockerfile for a builder of the cluster."""
    carried = _encoded(_requirements(plan)) if builder == BUILDKIT and plan.requirements else ""
    defaults = [f"{name}={value}" for name, value in settings.build_args.items()]
    return build_dockerfile(
        Ingredients(
            base_image=plan.from_image,
            args=[*plan.builder_env, *plan.build_args, *defaults],
            source=build_context(plan, builder)[1],
            target_dir=plan.target_dir,
            owner=owner,
            commands=plan.commands,
            has_requirements=bool(plan.requirements),
            carried=carried,
            extra=plan.extra,
        )
    )


def kaniko_args(plan: Plan, settings: BuildSettings) -> list[str]:
    """The arguments of Kaniko, in MLRun's order; values of variables come from a Secret."""
    args = [
        "--dockerfile", f"{FOLDER}/Dockerfile",
        "--context", build_context(plan, KANIKO)[0],
        "--destination", plan.destination,
        "--image-fs-extract-retry", RETRIES,
        "--push-retry", RETRIES,
    ]  # fmt: skip
    if settings.is_insecure(settings.insecure_pull, plan.secret):
        args.append("--insecure-pull")
    if settings.is_insecure(settings.insecure_push, plan.secret):
        args.append("--insecure")
    if plan.verbose:
        args += ["--verbosity", "debug"]
    for name in plan.builder_env:
        args += ["--build-arg", f"{name}=$({name})"]
    for name, value in plan.build_args.items():
        args += ["--build-arg", f"{name}={value}"]
    return arguments.merge_extra(args, plan.extra_args)


def buildah_script(plan: Plan, settings: BuildSettings) -> str:
    """The script of buildah: the build, then the push."""
    storage = ["--root", f"{FOLDER}/storage", "--runroot", f"{FOLDER}/run"]
    storage += ["--storage-driver", settings.storage_driver or "vfs"]
    login = ["--authfile", f"{DOCKER_FOLDERS[BUILDAH]}/config.json"] if plan.secret else []
    bud = [
        *login, *tls_flags(settings.insecure_pull, plan.from_image),
        "--isolation", "chroot", "--no-cache",
        "--volume", f"{FOLDER}:{FOLDER}:ro",
        *(word for name in plan.builder_env for word in ("--build-arg", name)),
        *(word for name, value in plan.build_args.items()
          for word in ("--build-arg", f"{name}={value}")),
    ]  # fmt: skip
    bud += arguments.for_buildah(plan.extra_args)
    context = build_context(plan, BUILDAH)[0]
    context = f"{FOLDER}/context" if context == FOLDER else context
    bud += ["--file", f"{FOLDER}/Dockerfile", "--tag", plan.destination, context]
    push = [*login, *tls_flags(settings.insecure_push, plan.destination), plan.destination]
    names = ""
    if aliases := build_aliases(plan.from_image):
        file = f"{FOLDER}/aliases.conf"
        storage += ["--short-name-alias-conf", file]
        names = f"printf %s {shlex.quote(aliases)} > {file}; "
    start = f"buildah {shlex.join(storage)}"
    return (
        f"{_PREPARE}{names}mkdir -p {FOLDER}/context; "
        f"{start} bud $trust {shlex.join(bud)} && {start} push $trust {shlex.join(push)}"
    )


def buildkit_args(plan: Plan, settings: BuildSettings) -> list[str]:
    """The arguments of ``buildctl-daemonless.sh``."""
    context, added = build_context(plan, BUILDKIT)
    output = f"type=image,name={plan.destination},push=true"
    if tls_flags(settings.insecure_push, plan.destination):
        output += ",registry.insecure=true"
    args = ["build", "--frontend", "dockerfile.v0", "--progress", "plain",
            "--local", f"dockerfile={FOLDER}"]  # fmt: skip
    is_remote = added == "."
    # without the key a repository would be built by a Dockerfile of its own
    remote = ["--opt", f"context={context}", "--opt", "dockerfilekey=dockerfile"]
    args += remote if is_remote else ["--local", f"context={FOLDER}"]
    for name in plan.builder_env:
        args += ["--opt", f"build-arg:{name}=$({name})"]
    for name, value in plan.build_args.items():
        args += ["--opt", f"build-arg:{name}={value}"]
    for option in arguments.for_buildkit(plan.extra_args):
        args += ["--opt", option]
    return [*args, "--output", output]


def build_containers(
    plan: Plan, settings: BuildSettings, owner: str, secret_name: str
) -> tuple[Body, Body]:
    """The container that writes the Dockerfile, and the one that builds."""
    builder = settings.builder
    dockerfile = dockerfile_of(plan, settings, builder, owner)
    written = {"DOCKERFILE": _encoded(dockerfile)}
    commands = [f"echo ${{DOCKERFILE}} | base64 -d > {FOLDER}/Dockerfile"]
    if plan.requirements and builder != BUILDKIT:
        written["REQUIREMENTS"] = _encoded(_requirements(plan))
        commands.append(f"echo ${{REQUIREMENTS}} | base64 -d > {FOLDER}/requirements.txt")
    mounts = [{"name": "empty", "mountPath": FOLDER}]
    first = {
        "name": FIRST,
        "image": settings.images.init,
        "command": ["sh", "-c", "; ".join(commands)],
        "env": manifests.value_env(written),
        "volumeMounts": mounts,
    }
    login = [{"name": "registry", "mountPath": DOCKER_FOLDERS[builder], "readOnly": True}]
    context = settings.security_context
    main: Body = {
        "name": CONTAINER,
        **_program(plan, settings),
        "resources": {"requests": dict(settings.requests)} if settings.requests else {},
        "volumeMounts": [*mounts, *(login if plan.secret else [])],
        "securityContext": dict(_CONTEXTS[builder] if context is None else context),
    }
    main["env"] = [*main["env"], *manifests.secret_env(sorted(plan.builder_env), secret_name)]
    return first, manifests.without_empty(main)


_CONTEXTS: dict[str, Mapping[str, Any]] = {
    KANIKO: {}, BUILDAH: BUILDAH_CONTEXT, BUILDKIT: BUILDKIT_CONTEXT,
}  # fmt: skip


def _program(plan: Plan, settings: BuildSettings) -> Body:
    images = settings.images
    if settings.builder == KANIKO:
        return {"image": images.kaniko, "args": kaniko_args(plan, settings), "env": []}
    if settings.builder == BUILDAH:
        script = buildah_script(plan, settings)
        env = manifests.value_env({"HOME": FOLDER, "TMPDIR": FOLDER})
        return {"image": images.buildah, "command": ["/bin/sh", "-c", script], "env": env}
    flags = {"BUILDKITD_FLAGS": "--oci-worker-no-process-sandbox",
             "DOCKER_CONFIG": DOCKER_FOLDERS[BUILDKIT]}  # fmt: skip
    return {
        "image": images.buildkit,
        "command": ["buildctl-daemonless.sh"],
        "args": buildkit_args(plan, settings),
        "env": manifests.value_env(flags),
    }


def build_volumes(plan: Plan) -> list[Body]:
    """The folder that the containers share, and the login to the registry."""
    volumes: list[Body] = [{"name": "empty", "emptyDir": {}}]
    if plan.secret:
        items = [{"key": ".dockerconfigjson", "path": "config.json"}]
        volumes.append({"name": "registry",
                        "secret": {"secretName": plan.secret, "items": items}})  # fmt: skip
    return volumes


def build_job(
    name: str, settings: BuildSettings, namespace: str, labels: Mapping[str, str], spec: Body
) -> Body:
    """The Job: tried once, and gone some time after its end."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": manifests.metadata(name, namespace, labels),
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": settings.timeout,
            "ttlSecondsAfterFinished": settings.ttl,
            "template": {"metadata": {"labels": dict(labels)}, "spec": spec},
        },
    }


def check_cluster(plan: Plan, settings: BuildSettings) -> None:
    """Nothing, where the plan can be built on a cluster, and its image pushed."""
    build_context(plan, settings.builder)
    if not parse_registry(settings.registry)[0]:
        raise MLRunInvalidArgumentError(
            "No registry is defined to which a cluster could push images: an administrator can set "
            "MLRunBuilder.registry, and MLRunBuilder.registry_secret where it wants a login"
        )


def _requirements(plan: Plan) -> str:
    return "\n".join(plan.requirements) + "\n"


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
