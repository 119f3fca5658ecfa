"""Functions of the kind ``remote-spark``: a run uses a Spark service that is there already."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, Self

from jupyter_mlrun import cluster_settings
from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunInvalidArgumentTypeError
from jupyter_mlrun.model.fields import Table
from jupyter_mlrun.mounts import mount_v3io, mount_v3iod

from .default_image import deploy_default
from .job import KubejobRuntime
from .pod_spec import POD

IGUAZIO, CONNECT, STANDALONE = "iguazio", "connect", "standalone"
DEFAULT_IMAGE = ".remote-spark-default-image"
TEMPORARY = "remote-spark-default-image-deploy-temp"
_BEGINS = {CONNECT: "sc://", STANDALONE: "spark://"}


class RemoteSparkRuntime(KubejobRuntime):
    """A function that works in a Spark service, by its address."""

    SPEC: Table = {**POD, "provider": None}
    default_image: ClassVar[str] = DEFAULT_IMAGE

    @classmethod
    def deploy_default_image(cls, base_image: str = "") -> None:
        """Build ``.remote-spark-default-image``, in which functions of this kind can run.

        It is made from a base image with pyspark; without one from Iguazio's, which
        MLRUN_SPARK_APP_IMAGE and MLRUN_SPARK_APP_IMAGE_TAG name, or the service.
        """
        base_image = base_image or _iguazios_image()
        if not base_image:
            raise MLRunInvalidArgumentError(
                "Which image has pyspark is not known: give deploy_default_image(base_image=…), or "
                "set MLRUN_SPARK_APP_IMAGE and MLRUN_SPARK_APP_IMAGE_TAG to a name and a tag"
            )
        function = cls({"kind": "remote-spark", "metadata": {"name": TEMPORARY}, "spec": {}})
        function.spec.build.update(image=cls.default_image, base_image=base_image)
        deploy_default(function, with_mlrun=True)

    def with_spark_service(
        self,
        spark_service: str,
        provider: str = "",
        with_v3io_mount: bool = True,
    ) -> Self:
        """Name the Spark service.

        ``sc://HOST:15002`` is a Spark Connect server and ``spark://HOST:7077`` the master of a
        standalone cluster; any other name is a service of Iguazio.
        """
        begins = {start: name for name, start in _BEGINS.items()}
        found = next((begins[s] for s in begins if spark_service.startswith(s)), IGUAZIO)
        self.spec.provider = provider or found
        if self.spec.provider == IGUAZIO:
            return self._with_iguazio(spark_service, with_v3io_mount)
        if self.spec.provider not in _BEGINS:
            raise MLRunInvalidArgumentError(
                f"There is no provider '{provider}' of Spark services: "
                f"use {CONNECT}, {STANDALONE} or {IGUAZIO}"
            )
        if self.spec.provider != found:
            raise MLRunInvalidArgumentError(
                f"The address of a service of the provider '{provider}' begins with "
                f"{_BEGINS[provider]}, not as {spark_service}"
            )
        name = "SPARK_REMOTE" if found == CONNECT else "MASTER"
        return self.set_env(name, spark_service)

    def _with_iguazio(self, spark_service: str, with_v3io_mount: bool) -> Self:
        self.set_env("MLRUN_SPARK_CLIENT_IGZ_SPARK", "true")
        if with_v3io_mount:
            self.apply(mount_v3io())
        namespace = cluster_settings.read("namespace")
        return self.apply(mount_v3iod(namespace, f"{spark_service}-submit"))

    def with_security_context(self, security_context: Any) -> NoReturn:
        """Refused, as in MLRun."""
        raise MLRunInvalidArgumentTypeError(
            "with_security_context is not supported with remote spark"
        )


def _iguazios_image() -> str:
    """The image that Iguazio has beside the one of its Spark operator, as MLRun takes it."""
    image, tag = (cluster_settings.read(f"spark_app_image{end}") for end in ("", "_tag"))
    return f"{image.replace('spark-app', 'shell')}:{tag}" if image and tag else ""
