"""What every function that runs in pods can be told: environment, image, mounts, thresholds."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from jupyter_mlrun import cluster_settings
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model.fields import Fields, Table, plain
from jupyter_mlrun.tasks.defaults import THRESHOLDS, check_thresholds

from . import fields
from .environment import Environment
from .function import Function
from .images import Images
from .mounting import Mounting
from .pod_fields import PodFields, merged
from .pod_resources import PodResources
from .scheduling import Scheduling

POD: Table = {
    **fields.SPEC,
    "volumes": list,
    "volume_mounts": list,
    "env_from": list,
    "resources": dict,
    "replicas": None,
    "image_pull_policy": None,
    "service_account": None,
    "image_pull_secret": None,
    "node_name": None,
    "node_selector": dict,
    "affinity": None,
    "priority_class_name": str,
    "tolerations": None,
    "preemption_mode": None,
    "security_context": None,
    "state_thresholds": dict,
    "serving_spec": None,
    "track_models": None,
    "parameters": None,
    "graph": None,
    "filename": None,
    "mount_otlp_secret": None,
    "auto_mount_injected_env_names": list,
    "allow_empty_resources": None,
    "reset_on_run": None,
    "clone_target_dir": None,
    "rundb": None,
}
PULL_POLICIES = ["Always", "IfNotPresent", "Never"]


class PodSpec(Environment, PodResources, Scheduling, Mounting, Images, Function):
    """A function whose runs are pods where there is a cluster."""

    SPEC: Table = POD
    FIELDS: ClassVar[type[PodFields]] = PodFields
    # what MLRun writes although nothing is set
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "command": "",
        "image": "",
        "description": "",
        "mount_otlp_secret": False,
        "disable_auto_mount": False,
        "state_thresholds": THRESHOLDS,
    }
    # modes by field: each is set by the administrator where the function does not say
    MODES: ClassVar[tuple[str, ...]] = ("preemption_mode",)
    # written also where they are empty, since a default of the cluster would fill them
    ALWAYS: ClassVar[Mapping[str, Any]] = {
        "node_selector": {},
        "tolerations": None,
        "affinity": None,
    }

    STRIPPED: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, document: Mapping[str, Any], handler: Callable[..., Any] | None = None
    ) -> None:
        super().__init__(document, handler)
        spec = self.FIELDS(self._document["spec"], self.SPEC)
        for name, value in self._defaults().items():
            if spec.get(name) is None:
                spec[name] = copy.deepcopy(value)
        self._document["spec"] = spec
        self._document.setdefault("verbose", False)

    def _defaults(self) -> dict[str, Any]:
        mode = cluster_settings.read("function_defaults.preemption_mode", "prevent")
        priority = cluster_settings.read("default_function_priority_class_name")
        return {
            **self.DEFAULTS,
            "priority_class_name": priority,
            **dict.fromkeys(self.MODES, mode),
        }

    @property
    def spec(self) -> Any:
        """Its code and how its pods shall be."""
        return self._part("spec", self.SPEC)

    @spec.setter
    def spec(self, value: Mapping[str, Any]) -> None:
        self._document["spec"] = self.FIELDS(plain(value), self.SPEC)

    def _part(self, name: str, table: Table) -> Fields:
        found = super()._part(name, table)
        if name == "spec" and not isinstance(found, PodFields):
            found = self._document["spec"] = self.FIELDS(found, table)
        return found

    def with_annotations(self, annotations: Mapping[str, Any]) -> Self:
        """Annotate its pods."""
        self.metadata.annotations.update({key: str(value) for key, value in annotations.items()})
        return self

    def set_image_pull_configuration(
        self, image_pull_policy: str | None = None, image_pull_secret_name: str | None = None
    ) -> Self:
        """Say when the image is pulled, and with which Kubernetes Secret."""
        if image_pull_policy is not None:
            if image_pull_policy not in PULL_POLICIES:
                raise MLRunInvalidArgumentError(
                    f"Image pull policy must be one of {PULL_POLICIES}, got {image_pull_policy}"
                )
            self.spec.image_pull_policy = image_pull_policy
        if image_pull_secret_name is not None:
            self.spec.image_pull_secret = image_pull_secret_name
        return self

    def set_state_thresholds(self, state_thresholds: Mapping[str, str], patch: bool = True) -> Self:
        """Say how long a run may be in a state: ``{"executing": "2h", "pending_scheduled": "-1"}``.

        A run that stays longer is aborted; ``-1`` is for ever. Without ``patch`` the states that
        are not named get no threshold of their own.
        """
        check_thresholds(state_thresholds)
        before = self.spec.state_thresholds if patch else {}
        self.spec.state_thresholds = {**before, **state_thresholds}
        return self

    def save(self, tag: str = "", versioned: bool = False, refresh: bool = False) -> str:
        """Store it, as every function, with the administrator's mount where it has none."""
        self.try_auto_mount_based_on_config()
        return super().save(tag, versioned, refresh)

    def _stripped(self, strip: bool) -> dict[str, Any]:
        """In MLRun's shape: what is empty is left out."""
        document = super()._stripped(strip)
        spec = document["spec"]
        spec["volumes"] = merged([], spec.get("volumes"), "name")
        for name in ("volume_mounts", *self.MOUNTS):
            spec[name] = merged([], spec.get(name), "mountPath")
        kept = {key: value for key, value in spec.items() if value not in (None, {}, [])}
        build = {key: value for key, value in (spec.get("build") or {}).items() if value}
        if build:
            kept["build"] = build
        elif "build" in kept:
            del kept["build"]
        always = {
            name: copy.deepcopy(empty) if spec.get(name) is None else spec[name]
            for name, empty in self.ALWAYS.items()
            if not strip
        }
        document["spec"] = kept | always
        document["metadata"] = {
            key: value
            for key, value in document["metadata"].items()
            if value not in (None, "", {}, [])
        }
        if strip:
            _forget_place(document["spec"], self.STRIPPED)
        return document


def _forget_place(spec: dict[str, Any], fields: tuple[str, ...]) -> None:
    for name in fields:
        spec.pop(name, None)
    spec["disable_auto_mount"] = False
    for entry in spec.get("env") or []:
        if str(entry.get("name")).startswith("V3IO_"):
            entry["value"] = ""
