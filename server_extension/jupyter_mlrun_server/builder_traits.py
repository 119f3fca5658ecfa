"""Settings of how images are built."""

from __future__ import annotations

import os

from traitlets import Bool, Dict, Enum, Int, Unicode
from traitlets.config import Configurable

from jupyter_mlrun.model import images
from jupyter_mlrun_runtimes.build.settings import (
    AUTO,
    BUILDERS,
    INSECURE_MODES,
    KANIKO,
    BuildSettings,
    Images,
)

_DEFAULTS = Images()


class MLRunBuilder(Configurable):
    """How images of functions are built: on the cluster, else by buildah on this machine."""

    registry = Unicode(
        help="Registry of the images that are built, with a repository where there is one: "
        "registry.example.org/lab. Empty: $MLRUN_HTTPDB__BUILDER__DOCKER_REGISTRY, else images "
        "built on this machine stay in its storage, and none is built on a cluster.",
    ).tag(config=True)
    registry_secret = Unicode(
        help="Secret of the type kubernetes.io/dockerconfigjson with the login to that registry. "
        "Empty: $MLRUN_HTTPDB__BUILDER__DOCKER_REGISTRY_SECRET.",
    ).tag(config=True)
    auth_file = Unicode(
        help="File with logins to registries, for builds on this machine. Empty: what buildah "
        "login or docker login wrote.",
    ).tag(config=True)
    builder = Enum(BUILDERS, KANIKO, help="Builder on the cluster.").tag(config=True)
    kaniko_image = Unicode(_DEFAULTS.kaniko, help="Image of Kaniko.").tag(config=True)
    buildah_image = Unicode(_DEFAULTS.buildah, help="Image of buildah.").tag(config=True)
    buildkit_image = Unicode(_DEFAULTS.buildkit, help="Image of BuildKit.").tag(config=True)
    init_image = Unicode(
        _DEFAULTS.init, help="Image with sh and base64, which writes the Dockerfile first."
    ).tag(config=True)
    insecure_pull = Enum(
        INSECURE_MODES,
        AUTO,
        help="Whether base images may come from a registry without TLS. 'auto': as MLRun for "
        "Kaniko (where no Secret is named), else from this machine only.",
    ).tag(config=True)
    insecure_push = Enum(
        INSECURE_MODES, AUTO, help="The same for the registry that images go to."
    ).tag(config=True)
    pip_version = Unicode("~=26.0", help="Version of pip that is installed before MLRun is.").tag(
        config=True
    )
    mlrun_version_specifier = Unicode(
        help="What is installed with with_mlrun=True, as pip reads it. Empty: mlrun[complete] of "
        "the client's version.",
    ).tag(config=True)
    build_args = Dict(
        Unicode(), help="Build arguments of every image, with their values: no secrets."
    ).tag(config=True)
    requests = Dict(
        Unicode(), help="Requests of builders' pods: {'cpu': '1', 'memory': '2Gi'}."
    ).tag(config=True)
    security_context = Dict(
        None,
        allow_none=True,
        help="Security context of the builder's container. None: what the builder needs, for "
        "buildah the capability SYS_ADMIN.",
    ).tag(config=True)
    storage = Unicode(
        help="Folder of images that are built on this machine. Empty: buildah's own."
    ).tag(config=True)
    storage_driver = Unicode(
        help="buildah's storage driver, such as overlay or vfs. Empty: its own choice; vfs in pods."
    ).tag(config=True)
    timeout = Int(3600, min=1, help="Seconds after which a build is ended.").tag(config=True)
    ttl = Int(
        600, min=0, help="Seconds for which the Job of an ended build is kept on the cluster."
    ).tag(config=True)
    max_running = Int(
        16,
        min=0,
        help="Number of images that are built at a time; another build is refused meanwhile. 0: "
        "any.",
    ).tag(config=True)
    install_requirements = Bool(
        True,
        help="Whether runs without an image of their own install the requirements of their "
        "function when they start, into an environment that is kept for all with the same.",
    ).tag(config=True)
    environments = Unicode(
        help="Folder of these environments, for pods one that they mount. Empty: 'environments' in "
        "the data directory; in pods, their own disk.",
    ).tag(config=True)

    keep_environments_days = Int(
        60,
        min=0,
        help="Days for which such an environment is kept after the last run that began in it. 0: "
        "for ever.",
    ).tag(config=True)

    def make(self) -> BuildSettings:
        """The settings as builders read them."""
        variables = (images.TAG, images.REGISTRY, images.VENDORS, images.PATTERNS)
        return BuildSettings(
            registry=self.registry or os.environ.get(images.OWN, ""),
            secret=self.registry_secret or os.environ.get(f"{images.OWN}_SECRET", ""),
            auth_file=self.auth_file,
            builder=self.builder,
            images=Images(
                self.kaniko_image, self.init_image, self.buildah_image, self.buildkit_image
            ),
            insecure_pull=self.insecure_pull,
            insecure_push=self.insecure_push,
            pip_version=self.pip_version,
            mlrun_specifier=self.mlrun_version_specifier,
            build_args=dict(self.build_args),
            requests=dict(self.requests),
            security_context=self.security_context,
            storage=self.storage,
            storage_driver=self.storage_driver,
            image_variables={name: os.environ[name] for name in variables if name in os.environ},
            timeout=self.timeout,
            ttl=self.ttl,
        )
