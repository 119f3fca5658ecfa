"""The image of a function that runs in one: how it is built, and building it."""

from __future__ import annotations

import sys
import time
from typing import Any, Self

from jupyter_mlrun import session
from jupyter_mlrun.client import builds, functions
from jupyter_mlrun.errors import MLRunNotFoundError, MLRunRuntimeError
from jupyter_mlrun.model.fields import Fields

from .building import Building, check_source

PAUSE = 1.0
BUILDING = ("", "pending", "running", "build", "building", "deploying", "unknown")


class Images(Building):
    """The part of a function that has an image of its own; for kinds that run in containers."""

    name: Any
    project: Any
    metadata: Fields
    status: Fields
    to_dict: Any

    def build_config(
        self,
        image: str = "",
        base_image: str | None = None,
        commands: list[str] | None = None,
        secret: str | None = None,
        source: str | None = None,
        extra: str | None = None,
        load_source_on_run: bool | None = None,
        with_mlrun: bool | None = None,
        auto_build: bool | None = None,
        requirements: list[str] | None = None,
        overwrite: bool = True,
        prepare_image_for_deploy: bool = True,
        requirements_file: str | None = None,
        builder_env: dict[str, str] | None = None,
        extra_args: str | None = None,
    ) -> Self:
        """Say how its image is built."""
        if commands:
            self.with_commands(commands, overwrite, prepare_image_for_deploy=False)
        if requirements or requirements_file:
            self.with_requirements(requirements, overwrite, False, requirements_file)
        given = {
            "image": image.removeprefix("https://").removeprefix("http://"),
            "base_image": base_image, "extra": extra, "builder_env": builder_env,
            "source": check_source(source or ""), "load_source_on_run": load_source_on_run,
            "auto_build": auto_build, "extra_args": extra_args,
        }  # fmt: skip
        self.spec.build.update({key: value for key, value in given.items() if value})
        exact = {"secret": secret, "with_mlrun": with_mlrun}
        self.spec.build.update({key: value for key, value in exact.items() if value is not None})
        return self.prepare_image_for_deploy() if prepare_image_for_deploy else self

    def deploy(
        self,
        watch: bool = True,
        with_mlrun: bool | None = None,
        skip_deployed: bool = False,
        is_kfp: bool = False,
        mlrun_version_specifier: str | None = None,
        builder_env: dict[str, str] | None = None,
        show_on_failure: bool = False,
        force_build: bool = False,
    ) -> bool:
        """Whether its image is ready, built by the service where that is needed.

        Shows the build's log while it waits; with ``show_on_failure`` only where it fails.
        """
        build = self.spec.build
        self.status["state"] = ""
        if build.get("base_image"):
            # with an image the service would skip the build
            self.spec["image"] = ""
        if not self.metadata.get("project"):
            self.metadata["project"] = self.project
        answer = builds.start(
            session.client(), self.to_dict(), with_mlrun=self._with_mlrun(with_mlrun),
            skip_deployed=skip_deployed, mlrun_version_specifier=mlrun_version_specifier,
            builder_env=builder_env, force_build=force_build,
        )  # fmt: skip
        self._take(answer.get("data") or {})
        if answer.get("ready") or not (watch or is_kfp):
            return bool(answer.get("ready"))
        if self._watch(show_on_failure) != "ready":
            raise MLRunRuntimeError(
                f"The image of {self.project}/{self.name} could not be built: {self._why()}. "
                "Its log has all of it"
            )
        return True

    def is_deployed(self) -> bool:
        """Whether it has an image, by its document or by what the service knows of it."""
        if self.spec.get("image") or self.status.get("state") == "ready":
            return True
        try:
            found = builds.state(
                session.client(), str(self.project), str(self.name), self.metadata.tag or "",
                logs=False,
            )  # fmt: skip
        except MLRunNotFoundError:
            return False
        self.spec["image"] = found.image or self.spec.get("image") or ""
        return bool(found.image) or found.state == "ready"

    def _with_mlrun(self, wish: bool | None) -> bool:
        build = self.spec.build
        if wish is not None:
            return wish
        if build.get("with_mlrun") is not None:
            return bool(build["with_mlrun"])
        base = str(build.get("base_image") or "")
        # MLRun's own images have it already
        return bool(base) and not base.startswith("mlrun/") and "/mlrun/" not in base

    def _take(self, data: dict[str, Any]) -> None:
        self.status.clear()
        self.status.update(data.get("status") or {})
        spec = data.get("spec") or {}
        build = spec.get("build") or {}
        self.spec["image"] = spec.get("image") or build.get("image") or ""
        for key in ("base_image", "source_code_target_dir"):
            if build.get(key):
                self.spec.build[key] = build[key]

    def _why(self) -> str:
        """What the service says of a build that failed."""
        where = (str(self.project), str(self.name), self.metadata.tag or "")
        status = functions.read(session.client(), *where).get("status") or {}
        reason = (status.get("build") or {}).get("reason")
        return str(reason or self.status.get("state") or "unknown")

    def _watch(self, show_on_failure: bool) -> str:
        offset, text, found = 0, b"", None
        while found is None or found.state in BUILDING:
            if found is not None:
                time.sleep(PAUSE)
            found = builds.state(
                session.client(), str(self.project), str(self.name), self.metadata.tag or "", offset
            )
            offset, text = offset + len(found.log), text + found.log
            if not show_on_failure:
                _print(found.log)
        if show_on_failure and found.state != "ready":
            _print(text)
        self.status["state"] = found.state
        self.spec["image"] = found.image or self.spec.get("image") or ""
        return found.state


def _print(text: bytes) -> None:
    if text:
        sys.stdout.write(text.decode("utf-8", "replace"))
        sys.stdout.flush()
