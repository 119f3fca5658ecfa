"""What is to be built for a function: its document and the settings as a plan. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model import images

from . import arguments
from .settings import DEFAULT_IMAGE, BuildSettings

MLRUN_IMAGES = ("mlrun/mlrun", "mlrun/mlrun-gpu", "mlrun/mlrun-kfp")
CODE_FOLDER = "/home/mlrun_code"
UNSTABLE = ("", "unstable", "0.0.0+unstable")
_IMAGE = re.compile(r"\.?[A-Za-z0-9][A-Za-z0-9._:/@-]{0,400}")
_INSTALLS_MLRUN = re.compile(r".*pip install .*mlrun.*")
_UPGRADES_PIP = re.compile(r".*pip install --upgrade .*pip.*")
_SECRET = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


@dataclass(frozen=True)
class Wish:
    """What a request says of the build, beside the function."""

    with_mlrun: bool = False
    mlrun_specifier: str = ""
    skip_deployed: bool = False
    force: bool = False
    builder_env: Mapping[str, str] = field(default_factory=dict, repr=False)
    client_version: str = ""
    client_python: str = ""


@dataclass(frozen=True)
class Plan:
    """A build: from which image, what is added, and where it goes.

    ``base_image`` and ``image`` are names as functions keep them, ``from_image`` and
    ``destination`` whole names. ``builder_env`` has values that are for the builder's eyes only.
    """

    project: str
    function: str
    tag: str
    base_image: str
    from_image: str
    image: str
    destination: str
    commands: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    source: str = ""
    target_dir: str = ""
    extra: str = ""
    extra_args: str = ""
    secret: str = ""
    builder_env: Mapping[str, str] = field(default_factory=dict, repr=False)
    verbose: bool = False

    @property
    def build_args(self) -> dict[str, str]:
        """Arguments of the build that people gave as extra ones."""
        return arguments.build_args_of(self.extra_args)


def is_deployed(function: Mapping[str, Any]) -> bool:
    """Whether the function has an image that was built, or needs none."""
    status, spec = function.get("status") or {}, function.get("spec") or {}
    return bool(spec.get("image")) or status.get("state") == "ready"


def base_of(function: Mapping[str, Any]) -> str:
    """The image on which the function's own is built."""
    spec = function.get("spec") or {}
    named = (spec.get("build") or {}).get("base_image") or spec.get("image")
    return str(named or images.IMAGE_BY_KIND.get(str(function.get("kind") or ""), DEFAULT_IMAGE))


def build_plan(
    function: Mapping[str, Any], wish: Wish, settings: BuildSettings, is_here: bool
) -> Plan | None:
    """The build of a function; None where there is nothing to add to its base image.

    Without a registry an image stays in the storage of the machine that builds it (``is_here``).
    """
    metadata, build = function["metadata"], (function.get("spec") or {}).get("build") or {}
    _check_kinds(build)
    base = base_of(function)
    is_mlruns = any(name in base for name in MLRUN_IMAGES)
    with_mlrun = wish.with_mlrun and not is_mlruns
    source = "" if build.get("load_source_on_run") else str(build.get("source") or "")
    commands, requirements = (
        list(build.get("commands") or ()),
        list(build.get("requirements") or ()),
    )
    adds = source or commands or requirements or build.get("extra") or with_mlrun
    if not adds and not wish.force:
        return None
    project, name = str(metadata.get("project") or "default"), str(metadata["name"])
    tag = str(metadata.get("tag") or "latest")
    env = _names_env(settings)
    from_image = _complete(base, env, wish)
    if with_mlrun:
        _add_mlrun(commands, requirements, wish, settings)
    elif is_mlruns and requirements:
        # pip then keeps to what MLRun itself can work with
        pinned = wish.mlrun_specifier or _pinned(from_image)
        requirements = [*([pinned] if pinned else []), *requirements]
    image = _target(build, project, name, tag, settings)
    plan = Plan(
        project=project, function=name, tag=tag, base_image=base, from_image=from_image,
        image=image, destination=_destination(image, settings, is_here),
        commands=tuple(commands), requirements=tuple(requirements), source=source,
        target_dir=_target_dir(build, source), extra=str(build.get("extra") or ""),
        extra_args=_checked_extra(build), secret=_secret(build, image, settings),
        builder_env=_builder_env(build, wish), verbose=bool(function.get("verbose")),
    )  # fmt: skip
    _check_place(plan, settings, is_here)
    return plan


def _check_kinds(build: Mapping[str, Any]) -> None:
    for key in ("commands", "requirements"):
        found = build.get(key)
        if found and not (isinstance(found, list) and all(isinstance(one, str) for one in found)):
            raise MLRunInvalidArgumentError(
                f"function.spec.build.{key} must be a list of strings, not {found!r:.80}"
            )
    for command in build.get("commands") or ():
        lines = str(command).rstrip("\n").split("\n")
        if any(not line.rstrip().endswith("\\") for line in lines[:-1]):
            raise MLRunInvalidArgumentError(
                f"function.spec.build.commands has {command!r:.80}: one line each, or lines that "
                "end with a backslash"
            )
    for key in ("base_image", "image", "source", "extra", "secret", "extra_args"):
        if not isinstance(build.get(key) or "", str):
            raise MLRunInvalidArgumentError(
                f"function.spec.build.{key} must be a text, not {build[key]!r:.80}"
            )


def _names_env(settings: BuildSettings) -> dict[str, str]:
    return {**settings.image_variables, images.OWN: settings.registry}


def _complete(base: str, env: Mapping[str, str], wish: Wish) -> str:
    whole = images.complete(base, env, wish.client_version, wish.client_python)
    if not _IMAGE.fullmatch(whole):
        raise MLRunInvalidArgumentError(
            f"The base image {base!r:.100} is no name of an image: write REGISTRY/NAME:TAG"
        )
    return whole


def _add_mlrun(
    commands: list[str], requirements: list[str], wish: Wish, settings: BuildSettings
) -> None:
    """Have MLRun installed too, with the rest in one go so that versions fit."""
    if not any(_INSTALLS_MLRUN.match(command) for command in commands):
        version = wish.client_version
        own = f"mlrun[complete]=={version}" if version not in UNSTABLE else "mlrun[complete]"
        requirements.insert(0, wish.mlrun_specifier or settings.mlrun_specifier or own)
    if not any(_UPGRADES_PIP.match(command) for command in commands):
        commands.append(f"python -m pip install --upgrade pip{settings.pip_version}")


def _pinned(image: str) -> str:
    tag = image.rpartition("/")[2].partition(":")[2].partition("-")[0]
    return f"mlrun[complete]=={tag}" if re.fullmatch(r"\d+\.\d+\.\d+[a-z0-9.]*", tag) else ""


def _target(
    build: Mapping[str, Any], project: str, name: str, tag: str, settings: BuildSettings
) -> str:
    image = str(build.get("image") or "").removeprefix("https://").removeprefix("http://")
    if not image:
        return images.function_image(project, name, tag, settings.registry)
    if not _IMAGE.fullmatch(image):
        raise MLRunInvalidArgumentError(
            f"The image {image!r:.100} to be built has no name of an image: write "
            "REGISTRY/NAME:TAG, or .NAME:TAG for the builder's own registry"
        )
    return image


def _check_place(plan: Plan, settings: BuildSettings, is_here: bool) -> None:
    """Nothing, where the image lies at a place of the registry that is the function's to write."""
    registry, repository = images.parse_registry(settings.registry)
    inside = repository or images.DEFAULT_REPOSITORY
    # without a registry images stay side by side on the machine that builds them
    root = [registry or "localhost"] if registry or not repository else []
    own, below = images.split_image("/".join([*root, inside, ""]))
    host, path = images.split_image(plan.destination)
    if not all(part.strip(".") for part in path.split("/")):
        raise MLRunInvalidArgumentError(
            f"The image {plan.image:.100} has an empty part, or one of dots alone: write "
            "REGISTRY/NAME:TAG"
        )
    if host == own and path.startswith(below):
        # ".name" is one of the registry itself, such as the image of a project
        is_named = repository and plan.image.startswith(".")
        is_free = is_named and not plan.image.startswith(f".{inside}/")
        _check_own(plan, path.removeprefix(below), bool(is_free))
    elif host == own and repository:
        _check_outside(plan, settings, is_here)


def _check_own(plan: Plan, name: str, is_free: bool) -> None:
    prefix = images.function_prefix(plan.project, plan.function)
    if images.is_own(name, prefix) or (is_free and not name.startswith(images.FUNCTIONS)):
        return
    raise MLRunInvalidArgumentError(
        f"The image {plan.image:.100} lies where other functions have theirs: Configured "
        f"registry enforces image name to start with this prefix: {prefix}"
    )


def _check_outside(plan: Plan, settings: BuildSettings, is_here: bool) -> None:
    is_services = settings.auth_file if is_here else plan.secret and plan.secret == settings.secret
    if not is_services:
        return
    raise MLRunInvalidArgumentError(
        f"The image {plan.image:.100} lies outside of {settings.registry}, for which the service "
        "has its login: leave the name out, or name it .NAME:TAG"
        + ("" if is_here else ", or give a secret with a login of your own")
    )


def _destination(image: str, settings: BuildSettings, is_here: bool) -> str:
    if not image.startswith("."):
        return image
    if settings.registry:
        return images.of_registry(image, settings.registry)
    if is_here:
        return f"localhost/{image[1:]}"
    raise MLRunInvalidArgumentError(
        f"The image {image} goes to the builder's own registry, and none is defined: set "
        "MLRunBuilder.registry, or name the image whole by build_config(image='REGISTRY/NAME:TAG')"
    )


def _target_dir(build: Mapping[str, Any], source: str) -> str:
    asked = str(build.get("source_code_target_dir") or "")
    if re.search(r"[\s'\"$\\]", asked):
        raise MLRunInvalidArgumentError(
            f"The folder {asked!r:.100} for the code has characters that no path here may have"
        )
    if not source or posixpath.isabs(asked):
        return asked
    folder = posixpath.normpath(posixpath.join(CODE_FOLDER, asked.removeprefix("./")))
    if folder != CODE_FOLDER and not folder.startswith(CODE_FOLDER + "/"):
        raise MLRunInvalidArgumentError(
            f"The folder {asked!r:.100} for the code leaves {CODE_FOLDER}: name one below it, or "
            "an absolute one"
        )
    return folder if asked.removeprefix("./") else CODE_FOLDER + "/"


def _checked_extra(build: Mapping[str, Any]) -> str:
    text = str(build.get("extra_args") or "")
    arguments.build_args_of(text)
    return text


def _secret(build: Mapping[str, Any], image: str, settings: BuildSettings) -> str:
    asked = str(build.get("secret") or "")
    registry = images.parse_registry(settings.registry)[0]
    is_own = image.startswith(".") or bool(registry and image.startswith(f"{registry}/"))
    secret = asked or (settings.secret if is_own else "")
    if secret and not _SECRET.fullmatch(secret):
        raise MLRunInvalidArgumentError(
            f"secret is the name of a Secret with a login to the registry, not {secret!r:.20}…: "
            "logins themselves are never given here"
        )
    return secret


def _builder_env(build: Mapping[str, Any], wish: Wish) -> dict[str, str]:
    kept = build.get("builder_env") or {}
    if not isinstance(kept, Mapping):
        raise MLRunInvalidArgumentError("function.spec.build.builder_env must be a dictionary")
    return arguments.check_variables({**kept, **wish.builder_env}, "builder_env")
