"""What a cluster would be sent for a job, as a file that people can keep and apply themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_mlrun_runtimes.contract import Task
from jupyter_mlrun_runtimes.kube import manifests, mounts, pod
from jupyter_mlrun_runtimes.kube.job import build_manifest
from jupyter_mlrun_runtimes.kube.settings import Settings

from .places import is_loopback

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Manifest:
    """The objects without the Secret of the run, and what is to be done before they are applied.

    Indented lines of the notes are commands.
    """

    objects: list[Body]
    notes: list[str]


def build_job(task: Task, settings: Settings, has_cluster: bool) -> Manifest:
    """The Job of a task that has no uid yet: each pod that it starts records a run of its own."""
    bodies = build_manifest(task, settings)
    secrets = [body for body in bodies if body["kind"] == "Secret"]
    left_out = _leave_out(bodies[-1], settings)
    notes = [
        "A run of MLRun as a Kubernetes Job: kubectl create -f THIS_FILE. To run it again: kubectl "
        "replace --force -f THIS_FILE, which deletes the Job of before. It is recorded as a new "
        f"run of project {task.run['metadata']['project']} in the service at {task.address}; its "
        "log is that of its pod.",
        *(_about(each) for each in secrets),
    ]
    if task.artifacts and pod.is_of_mlrun(task, settings):
        notes.append(
            f"The image {pod.image_of(task, settings)} is MLRun's own, whose client cannot send "
            "artifacts of such a Job to this service: they stay in its pod. Give the function an "
            "image with jupyter-mlrun in it, or the run an artifact path that both reach, such as "
            "s3://BUCKET/PATH, and export again."
        )
    if is_loopback(task.address):
        notes.append(
            f"Pods cannot reach {task.address}: put an address of the service that the cluster's "
            "nodes reach into MLRUN_DBPATH below, or set MLRunCluster.url and export again."
        )
    if left_out:
        notes.append(
            "The values that the administrator gives all pods are left out: have the cluster set "
            f"{', '.join(left_out)}, or write them into env below."
        )
    if not has_cluster:
        notes.append(
            "This service has no cluster configured: what the function does not say itself is as "
            "the settings of MLRunCluster have it."
        )
    return Manifest([body for body in bodies if body not in secrets], notes)


def _leave_out(job: Body, settings: Settings) -> list[str]:
    """The names of variables whose values the administrator set, taken out of the Job's pod."""
    defaults = settings.defaults
    mounted = mounts.auto_mount(defaults.auto_mount_type, defaults.auto_mount_params).env
    set_by_them = [*manifests.value_env(defaults.env), *(e for e in mounted if "value" in e)]
    names = set()
    for container in job["spec"]["template"]["spec"]["containers"]:
        names |= {each["name"] for each in container["env"] if each in set_by_them}
        container["env"] = [each for each in container["env"] if each not in set_by_them]
    return sorted(names)


def _about(secret: Body) -> str:
    """How to make the Secret, whose values are nobody's to export."""
    name, namespace = secret["metadata"]["name"], secret["metadata"]["namespace"]
    given = " ".join(f"--from-literal={key}=…" for key in secret["stringData"])
    return (
        "Secrets are references. Make this one first, with a token of the service:\n"
        f"  kubectl create secret generic {name} --namespace {namespace} {given}"
    )
