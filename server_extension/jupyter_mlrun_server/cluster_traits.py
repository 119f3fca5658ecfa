"""Settings of the cluster on which runs run."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from traitlets import Bool, Dict, Enum, Int, List, Unicode
from traitlets.config import Configurable

from jupyter_mlrun.model import images
from jupyter_mlrun_runtimes.kube.cluster import Cluster
from jupyter_mlrun_runtimes.kube.connection import Address
from jupyter_mlrun_runtimes.kube.settings import (
    DISABLED,
    MODES,
    NOGROUP,
    THRESHOLDS,
    Allowed,
    Defaults,
    Preemptible,
    Settings,
)

ID_FILE = "cluster-id"
IMAGE_VARIABLES = (images.TAG, images.REGISTRY, images.VENDORS, images.PATTERNS, images.OWN)


class MLRunCluster(Configurable):
    """The Kubernetes cluster on which jobs run, and what functions may ask of it."""

    kubeconfig = Unicode(
        help="File that says how to reach the cluster; 'in-cluster' is the service account of the "
        "service's own pod. Empty: no cluster, and jobs run on this machine.",
    ).tag(config=True)
    context = Unicode(help="Context of the kubeconfig. Empty: its current one.").tag(config=True)
    namespace = Unicode(
        help="Namespace of all that runs make. Empty: the context's own, else 'default'.",
    ).tag(config=True)
    service = Unicode(
        help="Name of this service in the labels of all that it makes: another for each service "
        "on one cluster. Empty: one of its own, kept in the data directory.",
    ).tag(config=True)
    url = Unicode(
        help="Address at which pods reach this service, such as http://10.0.0.5:8888/mlrun. Empty: "
        "MLRunServerApp.service_url.",
    ).tag(config=True)
    max_running = Int(
        1000, min=1, help="Most runs that are on the cluster at once; the others wait in order."
    ).tag(config=True)
    ttl = Int(
        14_400, min=0, help="Seconds for which pods of an ended run are kept on the cluster."
    ).tag(config=True)

    default_image = Unicode(help="Image of functions that name none.").tag(config=True)
    image_pull_policy = Unicode("IfNotPresent", help="When images are pulled.").tag(config=True)
    image_pull_secret = Unicode(help="Secret with which images are pulled.").tag(config=True)
    service_account = Unicode(help="Service account of pods. Empty: 'default'.").tag(config=True)
    runtime_class = Unicode(
        help="Runtime class of the pods of runs, such as gvisor or nvidia. Empty: the nodes' own.",
    ).tag(config=True)
    resources = Dict(
        help="Requests and limits of pods whose function names none: {'requests': {'cpu': '100m'}, "
        "'limits': {'memory': '4Gi'}}.",
    ).tag(config=True)
    pod_labels = Dict(Unicode(), help="Labels of every pod.").tag(config=True)
    env = Dict(Unicode(), help="Variables of every pod.").tag(config=True)
    node_selector = Dict(
        Unicode(), help="Labels of nodes that take pods; a function can take one away."
    ).tag(config=True)
    priority_class = Unicode(help="Priority class of pods whose function names none.").tag(
        config=True
    )
    priority_classes = List(
        Unicode(), help="Priority classes that functions may name. Empty: any."
    ).tag(config=True)
    preemption_mode = Unicode(
        "prevent",
        help="Preemption mode of functions that name none: allow, constrain, prevent, none.",
    ).tag(config=True)
    preemptible_node_selector = Dict(Unicode(), help="Labels of nodes that may be taken away.").tag(
        config=True
    )
    preemptible_tolerations = List(
        Dict(), help="Tolerations for the taints of nodes that may be taken away."
    ).tag(config=True)
    auto_mount_type = Unicode(
        "none",
        help="What pods mount whose function mounts nothing: none, auto, pvc, s3, env or "
        "secret_env.",
    ).tag(config=True)
    auto_mount_params = Dict(
        Unicode(), help="Parameters of the auto-mount, such as {'pvc_name': 'shared'}."
    ).tag(config=True)
    state_thresholds = Dict(
        Unicode(),
        default_value=THRESHOLDS,
        help="How long a run may be in a state before it is aborted; '-1': "
        "for ever. A function and a run can say otherwise.",
    ).tag(config=True)

    security_mode = Enum(
        MODES,
        DISABLED,
        help="Whose rights pods have: 'disabled' (the image's), 'retain' (the "
        "function's where it says so, else those of the user who sends the run), 'override' "
        "(always that user's).",
    ).tag(config=True)
    security_group = Int(
        NOGROUP, help="Group of pods that run as their user; -1: the user's own number."
    ).tag(config=True)
    security_context = Dict(
        help="Security context of pods whose function has none: {'runAsNonRoot': true}."
    ).tag(config=True)
    user_ids = Dict(
        Int(), help="Numbers of users by name. Without an entry: as this machine knows them."
    ).tag(config=True)

    allowed_host_paths = List(
        Unicode(), help="Folders of nodes that functions may mount, with all below them."
    ).tag(config=True)
    allow_privileged = Bool(
        False, help="Whether functions may have privileged containers and add capabilities."
    ).tag(config=True)
    allow_host_network = Bool(
        False, help="Whether functions may use the network and processes of their node."
    ).tag(config=True)
    allowed_service_accounts = List(
        Unicode(), help="Service accounts that functions may name, besides service_account."
    ).tag(config=True)
    allowed_users = List(
        Int(), help="Numbers that runAsUser may have in the mode 'override', besides the sender's."
    ).tag(config=True)
    allowed_secrets = List(
        Unicode(),
        help="Secrets of the namespace that functions may mount or read, such as "
        "'s3-*', besides those of their project.",
    ).tag(config=True)

    def make(self, settings: Settings) -> Cluster | None:
        """The cluster, None where none is configured; nothing connects yet."""
        if not self.kubeconfig:
            return None
        return Cluster(Address(self.kubeconfig, self.context), settings)

    def read(self, data: Path, url: str, registry: str = "") -> Settings:
        """What pods get, also where no cluster is configured.

        ``registry`` is the builder's own, of images such as ``.name``.
        """
        namespace = _namespace(self.kubeconfig, self.context) if self.kubeconfig else "default"
        return Settings(
            namespace=self.namespace or namespace,
            service=self.service or _own_name(data),
            url=self.url or url,
            security_mode=self.security_mode,
            group_id=self.security_group,
            ttl=self.ttl,
            images={
                **{name: os.environ[name] for name in IMAGE_VARIABLES if name in os.environ},
                **({images.OWN: registry} if registry else {}),
            },
            defaults=self._defaults(),
            preemptible=Preemptible(
                dict(self.preemptible_node_selector), tuple(self.preemptible_tolerations)
            ),
            allowed=self._allowed(),
        )

    def _defaults(self) -> Defaults:
        return Defaults(
            image=self.default_image,
            pull_policy=self.image_pull_policy,
            pull_secret=self.image_pull_secret,
            service_account=self.service_account,
            runtime_class=self.runtime_class,
            resources=dict(self.resources),
            labels=dict(self.pod_labels),
            node_selector=dict(self.node_selector),
            priority_class=self.priority_class,
            priority_classes=tuple(self.priority_classes),
            preemption_mode=self.preemption_mode,
            security_context=dict(self.security_context),
            auto_mount_type=self.auto_mount_type,
            auto_mount_params=dict(self.auto_mount_params),
            thresholds={**THRESHOLDS, **self.state_thresholds},
            env=dict(self.env),
        )

    def _allowed(self) -> Allowed:
        # what is mounted for all may be read by all
        for_all = [
            value.rpartition(":")[0] if name != "secret_name" else value
            for name, value in self.auto_mount_params.items()
            if self.auto_mount_type in ("s3", "secret_env")
        ]
        return Allowed(
            host_paths=tuple(self.allowed_host_paths),
            privileged=self.allow_privileged,
            host_network=self.allow_host_network,
            service_accounts=tuple(self.allowed_service_accounts),
            users=tuple(self.allowed_users),
            secrets=(*self.allowed_secrets, *(each for each in for_all if each)),
        )


def _namespace(kubeconfig: str, context: str) -> str:
    from jupyter_mlrun_runtimes.kube.connection import contexts

    found = contexts(kubeconfig)
    named = [each for each in found if each["name"] == context or (not context and each["current"])]
    return str(named[0]["namespace"] or "default") if named else "default"


def _own_name(data: Path) -> str:
    """A name that stays: what it names on the cluster is found again after a restart."""
    file = data / ID_FILE
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        name = f"mlrun-{uuid4().hex[:12]}"
        file.write_text(name)
        return name
