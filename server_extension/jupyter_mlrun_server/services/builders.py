"""Who builds images: the cluster, or this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunBadRequestError
from jupyter_mlrun_runtimes import HERE, KUBERNETES
from jupyter_mlrun_runtimes.build.contract import Builder
from jupyter_mlrun_runtimes.build.settings import BuildSettings

from .launcher import Launcher
from .place import Place


class Builders:
    """The builders of a service, made with the settings that it has."""

    def __init__(self, place: Place, launcher: Launcher) -> None:
        self.place = place
        self.launcher = launcher
        self.settings = BuildSettings()

    def choose(self, function: Mapping[str, Any]) -> Builder:
        """Who builds for a function: the cluster where its kind runs there, else this machine."""
        kind = str(function.get("kind") or "job")
        places = self.launcher.places
        if places.cluster is not None and places.likely(kind) == KUBERNETES:
            return self.of_place(KUBERNETES)
        if not self.launcher.here:
            raise MLRunBadRequestError(
                "This service executes nothing itself, so it cannot build an image: its "
                "administrator can name a cluster (MLRunCluster.kubeconfig) and a registry "
                "(MLRunBuilder.registry), or build it in your own Jupyter server"
            )
        return self.of_place(HERE)

    def of_place(self, place: str, project: str = "") -> Builder:
        """Who builds in a place; the logs of its builds hide the secrets of ``project``."""
        from jupyter_mlrun_runtimes.build.here import BuilderHere
        from jupyter_mlrun_runtimes.kube.builder import BuilderOnKubernetes

        cluster = self.launcher.places.cluster
        if place == KUBERNETES and cluster is not None:
            secrets = self.launcher.project_secrets
            return BuilderOnKubernetes(
                self.settings, cluster,
                lambda: secrets.masker(project).texts if project else (),
            )  # fmt: skip
        return BuilderHere(self.settings, str(self.place.files_root))
