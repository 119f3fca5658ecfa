"""What a project says of itself: parameters, images, members, packagers, profiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlrun import session
from jupyter_mlrun.client import members
from jupyter_mlrun.datastore import profiles
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.functions.building import check_commands, merge_build, read_requirements
from jupyter_mlrun.functions.function import Function
from jupyter_mlrun.model.fields import Fields

from .spec import ProjectSpec

ROLES = ("viewer", "editor", "admin", "owner")
IMAGE = ".mlrun-project-image-{name}"


class ProjectSettings:
    """The part of a project that knows its settings."""

    name: Any
    metadata: Fields
    spec: ProjectSpec
    _functions: dict[str, Function]

    @property
    def context(self) -> str:
        """Its folder on this machine."""
        return self.spec.context

    @context.setter
    def context(self, context: str) -> None:
        self.spec.context = context

    @property
    def mountdir(self) -> Any:
        """Where its folder is mounted in functions; ``.`` for the same path as here."""
        return self.spec.mountdir

    @mountdir.setter
    def mountdir(self, mountdir: Any) -> None:
        self.spec.mountdir = mountdir

    @property
    def params(self) -> dict[str, Any]:
        """Its parameters."""
        found: dict[str, Any] = self.spec.params
        return found

    @params.setter
    def params(self, params: Mapping[str, Any]) -> None:
        self.spec["params"] = dict(params or {})

    def get_param(self, key: str, default: Any = None) -> Any:
        """A parameter of the project."""
        return (self.spec.get("params") or {}).get(key, default)

    @property
    def description(self) -> str | None:
        """What it is."""
        return self.spec.get("description")

    @description.setter
    def description(self, description: str | None) -> None:
        self.spec["description"] = description

    @property
    def default_function_node_selector(self) -> dict[str, str] | None:
        """The nodes on which its functions run, unless they say otherwise."""
        return self.spec.get("default_function_node_selector")

    @default_function_node_selector.setter
    def default_function_node_selector(self, selector: Mapping[str, str] | None) -> None:
        self.spec["default_function_node_selector"] = dict(selector) if selector else None

    @property
    def default_image(self) -> str | None:
        """The image of functions that have none of their own."""
        return self.spec.get("default_image")

    def set_default_image(self, default_image: str) -> None:
        """Choose that image; functions that had the last one from the project get this one."""
        for function in self._functions.values():
            if function.enriched_image and self.default_image:
                function.spec["image"] = default_image
        self.spec["default_image"] = default_image

    def build_config(
        self,
        image: str | None = None,
        set_as_default: bool = False,
        with_mlrun: bool | None = None,
        base_image: str | None = None,
        commands: list[str] | None = None,
        secret_name: str | None = None,
        requirements: Any = None,
        overwrite_build_params: bool = True,
        requirements_file: str | None = None,
        builder_env: dict[str, str] | None = None,
        extra_args: str | None = None,
        source_code_target_dir: str | None = None,
    ) -> None:
        """Say how the project's image is built."""
        image = image or self.default_image or IMAGE.format(name=self.name)
        build = self.spec.build
        if commands:
            merge_build(build, "commands", check_commands(commands), overwrite_build_params)
        if requirements or requirements_file:
            found = read_requirements(requirements, requirements_file)
            merge_build(build, "requirements", found, overwrite_build_params)
        given = {
            "image": image, "base_image": base_image, "secret": secret_name,
            "builder_env": builder_env, "extra_args": extra_args, "with_mlrun": with_mlrun,
            "source_code_target_dir": source_code_target_dir,
        }  # fmt: skip
        build.update({key: value for key, value in given.items() if value is not None})
        if set_as_default and image != self.default_image:
            self.set_default_image(image)

    def get_custom_packagers(self) -> list[Any]:
        """The packagers of its runs, each with whether a run needs it."""
        return [tuple(each) for each in self.spec.get("custom_packagers") or ()]

    def add_custom_packager(self, packager: str, is_mandatory: bool) -> None:
        """Have its runs use a packager, ``module.Class``; a mandatory one must be importable."""
        if not isinstance(packager, str) or "." not in packager.strip("."):
            raise MLRunInvalidArgumentError(
                f"A packager is the path of a class, 'my_module.MyPackager', not {packager!r:.80}"
            )
        self.spec.add_custom_packager(packager, is_mandatory)

    def remove_custom_packager(self, packager: str) -> None:
        """Have its runs use a packager no more."""
        self.spec.remove_custom_packager(packager)

    def list_members(self) -> list[dict[str, str]]:
        """Who belongs to the project: kind, name and role of each."""
        return list(members.list(session.client(), str(self.name)))

    def set_member(self, name: str, role: str = "editor", kind: str = "user") -> None:
        """Give a user, or a ``kind="group"``, a role: viewer, editor, admin or owner."""
        if role not in ROLES:
            raise MLRunInvalidArgumentError(f"'{role}' is no role in a project: {', '.join(ROLES)}")
        members.store(session.client(), str(self.name), kind, name, role)

    def remove_member(self, name: str, kind: str = "user") -> None:
        """Let a user or group go."""
        members.delete(session.client(), str(self.name), kind, name)

    def register_datastore_profile(self, profile: Any) -> None:
        """Store a profile, which ``ds://NAME/path`` then stands for; its secrets apart."""
        profiles.register_profile(session.client(), str(self.name), profile)

    def get_datastore_profile(self, profile: str) -> Any:
        """A stored profile, without its secrets."""
        return profiles.get_profile(session.client(), str(self.name), profile)

    def get_config_profile_attributes(self, name: str) -> dict[str, Any]:
        """The settings of a ``ConfigProfile``: its public and its private ones as one."""
        found = profiles.datastore_profile_read(f"ds://{name}", str(self.name))
        if not hasattr(found, "attributes"):
            raise MLRunInvalidArgumentError(
                f"The datastore profile '{name}' is of the type '{found.type}', which has no "
                "settings: name a ConfigProfile"
            )
        return dict(found.attributes())

    def list_datastore_profiles(self) -> list[Any]:
        """The stored profiles, without their secrets."""
        return list(profiles.list_profiles(session.client(), str(self.name)))

    def delete_datastore_profile(self, profile: str) -> None:
        """Remove a stored profile with its secrets."""
        profiles.delete_profile(session.client(), str(self.name), profile)
