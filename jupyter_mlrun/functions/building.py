"""What a function needs to be installed before it runs, and the image that holds it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

from jupyter_mlrun.client.transport import CLIENT_VERSION
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model.fields import Fields
from jupyter_mlrun.model.images import IMAGE_BY_KIND, complete


class Building:
    """The part of a function that says what is built for it."""

    kind: Any
    spec: Fields

    def with_requirements(
        self,
        requirements: list[str] | None = None,
        overwrite: bool = False,
        prepare_image_for_deploy: bool = True,
        requirements_file: str | None = "",
    ) -> Self:
        """Add Python packages, of a list and of a requirements file."""
        found = read_requirements(requirements, requirements_file)
        merge_build(self.spec.build, "requirements", found, overwrite)
        return self.prepare_image_for_deploy() if prepare_image_for_deploy else self

    def with_commands(
        self,
        commands: list[str],
        overwrite: bool = False,
        prepare_image_for_deploy: bool = True,
    ) -> Self:
        """Add commands that are run while its image is built."""
        merge_build(self.spec.build, "commands", check_commands(commands), overwrite)
        return self.prepare_image_for_deploy() if prepare_image_for_deploy else self

    def clean_build_params(self) -> Self:
        """Forget all that was to be built; the base image is its image again."""
        base = self.spec.build.get("base_image")
        if base and not self.spec.get("image"):
            self.spec["image"] = base
        self.spec["build"] = {}
        return self

    def requires_build(self) -> bool:
        """Whether an image has to be built before it runs in one."""
        build = self.spec.build
        loads = build.get("source") and not build.get("load_source_on_run")
        return bool(build.get("commands") or build.get("requirements") or loads)

    def prepare_image_for_deploy(self) -> Self:
        """Make the image the base of the one to be built, where one has to be built."""
        image = self.spec.get("image") or IMAGE_BY_KIND.get(self.kind)
        if self.requires_build() and image and not self.spec.build.get("base_image"):
            self.spec.build["base_image"] = image
            self.spec["image"] = ""
        return self

    def full_image_path(
        self,
        image: str | None = None,
        client_version: str | None = None,
        client_python_version: str | None = None,
    ) -> str:
        """The whole name of its image, or of the one given: with MLRun's tag and the registry."""
        return complete(
            image or self.spec.get("image") or "", os.environ, client_version or CLIENT_VERSION,
            client_python_version or "",
        )  # fmt: skip

    def with_source_archive(
        self,
        source: str,
        workdir: str | None = None,
        handler: str | None = None,
        pull_at_runtime: bool = True,
        target_dir: str | None = None,
    ) -> Self:
        """Take its code from a git repository or an archive, when it runs or when it is built."""
        self.spec.build["source"] = check_source(source)
        if handler:
            self.spec["default_handler"] = handler
        if workdir:
            self.spec["workdir"] = workdir
        if target_dir:
            self.spec.build["source_code_target_dir"] = target_dir
        self.spec.build["load_source_on_run"] = pull_at_runtime
        build = self.spec.build
        if not pull_at_runtime:
            # without an image it counts as not built yet
            build["base_image"] = build.get("base_image") or self.spec.get("image") or None
            self.spec["image"] = ""
        elif build.get("base_image") and not build.get("commands") and not self.spec.get("image"):
            self.spec["image"] = build["base_image"]
        return self


def check_source(source: str) -> str:
    """The source, when it can be one: a git address, an archive, ``.`` or a stored artifact."""
    fits = isinstance(source, str) and (
        source.startswith(("git://", "store://"))
        or source in (".", "./")
        or bool(Path(source).suffix)
    )
    if source and not fits:
        raise MLRunInvalidArgumentError(
            f"source ({source}) must be a compressed (tar.gz / zip) file, a git repo, "
            "a file path, a store URI, or in the project's context (.)"
        )
    return source


def check_commands(commands: Any) -> list[str]:
    """The commands, when they are a list of texts."""
    if not isinstance(commands, list) or not _are_texts(commands):
        raise MLRunInvalidArgumentError(
            f"commands must be a string list, not {commands!r:.80}: ['apt-get install x']"
        )
    return commands


def _are_texts(values: Any) -> bool:
    is_several = isinstance(values, Iterable) and not isinstance(values, str)
    return is_several and all(isinstance(each, str) for each in values)


def read_requirements(
    requirements: Sequence[str] | None = None, requirements_file: str | None = ""
) -> list[str]:
    """Requirements as a list, of a file first, without comments and empty lines."""
    if not _are_texts(requirements or ()):
        raise MLRunInvalidArgumentError(
            f"requirements must be a list of packages, not {requirements!r:.80}: ['pandas>=2']"
        )
    lines: list[str] = []
    if requirements_file:
        try:
            lines += Path(requirements_file).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise MLRunInvalidArgumentError(
                f"The requirements file {requirements_file} cannot be read: {error}"
            ) from None
    lines += requirements or []
    bare = (line.partition(" #")[0].strip() for line in lines if not line.strip().startswith("#"))
    return [line for line in bare if line]


def merge_build(build: Fields, key: str, values: Sequence[str], overwrite: bool) -> None:
    """Add values to a list of the build, each once, or put them in its place."""
    before = [] if overwrite else build.get(key) or []
    build[key] = list(dict.fromkeys([*before, *values]))
