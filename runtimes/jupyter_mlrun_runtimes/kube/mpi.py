"""MPI jobs on Kubernetes: workers that listen, and a launcher that starts the ranks on them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunInvalidArgumentError

from ..contract import Limits, Task, whole
from . import manifests, reasons
from .custom_resource import ROLE, CustomResource
from .manifests import Body
from .pod import Parts
from .reasons import Seen
from .settings import Settings

STATES = {
    "Created": states.PENDING,
    "Suspended": states.PENDING,
    "Running": states.RUNNING,
    "Restarting": states.RUNNING,
    "Succeeded": states.COMPLETED,
    "Failed": states.ERROR,
}
CLEAN = ("All", "Running", "None")
# workers are ready a moment before the cluster's names for them are
AWAIT_NAMES = (
    "if command -v getent > /dev/null; then i=0; while read -r host _; do "
    'host=${host%%:*}; until getent hosts "$host" > /dev/null || [ $i -ge 120 ]; do '
    "i=$((i+1)); sleep 0.5; done; done < /etc/mpi/hostfile; fi; "
)
# the names of variables that come from whole Secrets and ConfigMaps are known in the pod alone
FORWARD = (
    "program=$1; shift; more=; "
    "for name in $(env | sed -n 's/^\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/\\1/p'); do "
    'case "$name" in HOME|PATH|PWD|OLDPWD|HOSTNAME|SHLVL|_|KUBERNETES_*|OMPI_*) continue ;; esac; '
    'case " $* " in *" -x $name "*) ;; *) more="$more -x $name" ;; esac; done; '
    'set -- "$program" $more "$@"; '
)
START = 'exec "$@"'
_TAG = re.compile(rb"^\[\d+,(\d+)\]<std(?:out|err)>:")


class KubeMpi(CustomResource):
    """A run as an MPIJob of Kubeflow's operator."""

    kind: ClassVar[str] = "mpijob"
    root: ClassVar[tuple[str, str]] = ("kubeflow.org/v2beta1", "MPIJob")
    operator: ClassVar[str] = "the Kubeflow MPI operator"
    install: ClassVar[str] = (
        "kubectl apply --server-side -f https://raw.githubusercontent.com/kubeflow/mpi-operator/"
        "v0.6.0/deploy/v2beta1/mpi-operator.yaml"
    )
    main_role: ClassVar[str] = "launcher"

    @classmethod
    def build_root(cls, parts: Parts, task: Task, settings: Settings) -> Body:
        """The MPIJob."""
        function: Mapping[str, Any] = task.function.get("spec") or {}
        workers = _whole(function.get("replicas"), "replicas", 1)
        slots = _slots(task, function)
        limits = Limits.from_dict((task.run.get("spec") or {}).get("limits"))
        policy: Body = {
            "cleanPodPolicy": _clean(function.get("clean_pod_policy")),
            "ttlSecondsAfterFinished": settings.ttl,
            "backoffLimit": 0,
        }
        if limits.timeout is not None:
            policy["activeDeadlineSeconds"] = max(1, int(limits.timeout))
        return {
            "apiVersion": "kubeflow.org/v2beta1",
            "kind": "MPIJob",
            "metadata": manifests.metadata(
                parts.name, settings.namespace, parts.labels, parts.annotations
            ),
            "spec": {
                "slotsPerWorker": slots,
                "launcherCreationPolicy": "WaitForWorkersReady",
                "runPolicy": policy,
                "mpiImplementation": "OpenMPI",
                "mpiReplicaSpecs": {
                    "Launcher": {
                        "replicas": 1,
                        "restartPolicy": "Never",
                        "template": _launcher(parts, function, workers * slots),
                    },
                    "Worker": {
                        "replicas": workers,
                        "restartPolicy": "Never",
                        "template": _worker(parts),
                    },
                },
            },
        }

    def state_of(self, root: Body) -> Seen:
        """The last condition that holds."""
        found = Seen(states.PENDING, stage=reasons.NOT_SCHEDULED)
        for each in (root.get("status") or {}).get("conditions") or []:
            if each.get("status") != "True":
                continue
            state = STATES.get(str(each.get("type")), states.UNKNOWN)
            if found.state in states.TERMINAL:
                continue
            said = reasons.one_line(each.get("message")) if state == states.ERROR else ""
            at = reasons.moment(each.get("lastTransitionTime"))
            found = Seen(state, said, ended_at=at if state in states.TERMINAL else None)
        return found

    def sort(self, text: bytes) -> tuple[bytes, dict[str, bytes]]:
        """The lines as the run's log shows them, and those of each rank."""
        shown: list[bytes] = []
        ranks: dict[str, bytes] = {}
        for line in text.splitlines(keepends=True):
            tag = _TAG.match(line)
            if tag is None:
                shown.append(line)
                continue
            rank, rest = int(tag[1]), line[tag.end() :]
            name = f"rank-{rank}"
            ranks[name] = ranks.get(name, b"") + rest
            shown.append(rest if rank == 0 else b"[%d] %s" % (rank, rest))
        return b"".join(shown), ranks


def _launcher(parts: Parts, function: Mapping[str, Any], ranks: int) -> Body:
    container = dict(parts.spec["containers"][0])
    # what ranks need to know goes to them by mpirun: ssh hands nothing on
    forwarded = [word for entry in container["env"] for word in ("-x", str(entry["name"]))]
    given = [str(word) for word in function.get("mpi_args") or []]
    root = [] if "--allow-run-as-root" in given else ["--allow-run-as-root"]
    script = f"{AWAIT_NAMES}{FORWARD if container.get('envFrom') else ''}{START}"
    container["command"] = [
        "/bin/sh", "-c", script, "mpirun",
        "mpirun", "-n", str(ranks), *root, "--tag-output", *given, *forwarded,
        *parts.spec["containers"][0]["command"],
    ]  # fmt: skip
    # the ranks work on the workers, the launcher only waits
    container.pop("resources", None)
    return _template(parts, "launcher", {**parts.spec, "containers": [container]})


def _worker(parts: Parts) -> Body:
    container = {
        key: value
        for key, value in parts.spec["containers"][0].items()
        if key not in ("command", "args", "env", "envFrom", "workingDir")
    }
    container["securityContext"] = {"capabilities": {"add": ["IPC_LOCK"]}}
    return _template(parts, "worker", {**parts.spec, "containers": [container]})


def _template(parts: Parts, role: str, spec: Body) -> Body:
    spec = {key: value for key, value in spec.items() if key != "restartPolicy"}
    meta: Body = {"labels": {**parts.labels, ROLE: role}}
    if parts.annotations:
        meta["annotations"] = dict(parts.annotations)
    return {"metadata": meta, "spec": spec}


def _slots(task: Task, function: Mapping[str, Any]) -> int:
    parameters = (task.run.get("spec") or {}).get("parameters") or {}
    given = parameters.get("slots_per_worker") or function.get("slots_per_worker")
    return _whole(given, "slots_per_worker", 1)


def _clean(given: object) -> str:
    policy = str(given or "All")
    if policy not in CLEAN:
        raise MLRunInvalidArgumentError(
            f"clean_pod_policy is {policy!r:.40}: give {', '.join(CLEAN)}"
        )
    # pods that are gone at once take their logs along: those that have ended may stay a while
    return "Running" if policy == "All" else policy


def _whole(given: object, name: str, default: int) -> int:
    if given is None or given == "":
        return default
    if (number := whole(given)) is None or number < 1:
        raise MLRunInvalidArgumentError(f"{name} is {given!r:.40}: give a whole number from 1")
    return number
