"""A task as a pod: what the function says, filled up with what the administrator says. Pure."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
)
from jupyter_mlrun.masking import NAMES
from jupyter_mlrun.model import images

from .. import requirements
from ..build.plan import MLRUN_IMAGES
from ..contract import Limits, Task
from . import begin, manifests, mounts, policy, scheduling
from .manifests import Body
from .settings import DISABLED, MLRUN_VERSION, RETAIN, Settings

CONTAINER = "base"
# what ``deploy_default_image`` of a Spark function builds
SPARK_IMAGE = ".spark-job-default-image"
GRACE = 10
TASK_PARTS: tuple[str, ...] = ("kind", "metadata", "spec")
CODE_FILE, TASK_FILE = "main.py", "task.json"
_SECRET_VARIABLES = ("MLRUN_HTTPDB__TOKEN",)


@dataclass(frozen=True)
class Parts:
    """All objects of a run but its root: how its pods look, and what has to be there before."""

    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    spec: Body = field(repr=False)
    before: tuple[Body, ...] = field(repr=False)
    """Secret and ConfigMap, which will belong to the root"""

    @property
    def template(self) -> Body:
        """A pod template."""
        meta: Body = {"labels": dict(self.labels)}
        if self.annotations:
            meta["annotations"] = dict(self.annotations)
        return {"metadata": meta, "spec": self.spec}


def parts(task: Task, settings: Settings, kind: str) -> Parts:
    """The pod of a task; raises where the function asks for what it may not have."""
    function, run = _spec(task.function), _spec(task.run)
    name = object_name(task)
    labels = labels_of(task, settings, kind)
    config_map, code_variables, arguments = _code(task, name, settings, labels)
    secret_name = f"mlrun-run-{name}"
    mounted = mounts.of_function(function, settings.defaults)
    volumes, volume_mounts, mount_env = mounted.volumes, mounted.volume_mounts, mounted.env
    if config_map is not None:
        volume, mount = manifests.config_volume("mlrun-config", config_map["metadata"]["name"])
        volumes, volume_mounts = [*volumes, volume], [*volume_mounts, mount]
    container = manifests.without_empty({
        "name": CONTAINER,
        "image": image_of(task, settings),
        "imagePullPolicy": function.get("image_pull_policy") or settings.defaults.pull_policy,
        "command": list(begin.START),
        "args": arguments,
        "workingDir": None if _pulls_source(function) else function.get("workdir"),
        "env": _env(task, settings, kind, mount_env, code_variables, secret_name),
        "envFrom": list(function.get("env_from") or []),
        "resources": resources(function, run, settings),
        "volumeMounts": volume_mounts,
    })  # fmt: skip
    spec = _pod_spec(task, settings, container, volumes)
    policy.check(spec, settings, _project(task), task.user_id, own=secret_name)
    meta = manifests.metadata(secret_name, settings.namespace, labels)
    secrets = manifests.secret(meta, {_SECRET_VARIABLES[0]: task.token, **task.secrets})
    annotations = dict(function.get("annotations") or _meta(task.function).get("annotations") or {})
    before = (secrets,) if config_map is None else (secrets, config_map)
    return Parts(name, labels, {str(k): str(v) for k, v in annotations.items()}, spec, before)


def object_name(task: Task) -> str:
    """The name of a run's objects: another one for each attempt."""
    metadata = _meta(task.run)
    # one that gets its uid in the pod is known by what it does
    known = metadata.get("uid") or json.dumps(_spec(task.run), sort_keys=True, default=str)
    unique = f"{metadata.get('project')}/{known}/{task.attempt}"
    return manifests.name_of(str(metadata.get("name") or "run"), unique)


def labels_of(task: Task, settings: Settings, kind: str) -> dict[str, str]:
    """The labels of all that a run makes; people's own cannot replace ours."""
    run, function = _meta(task.run), _meta(task.function)
    owner, _, domain = str((run.get("labels") or {}).get("owner") or "").partition("@")
    ours = {
        "mlrun/service": settings.service,
        "mlrun/class": kind,
        "mlrun/project": run.get("project"),
        "mlrun/function": function.get("name"),
        "mlrun/tag": function.get("tag") or "latest",
        "mlrun/name": run.get("name"),
        "mlrun/uid": run.get("uid"),
        "mlrun/iteration": run.get("iteration") or None,
        "mlrun/attempt": task.attempt,
        "mlrun/owner": owner,
        "mlrun/owner_domain": domain,
        "mlrun/scrape-metrics": _spec(task.run).get("scrape_metrics", True),
    }
    given = {**settings.defaults.labels, **(function.get("labels") or {})}
    found = {
        str(key): manifests.label_value(value)
        for key, value in given.items()
        if not str(key).startswith("mlrun/")
    }
    return found | {
        key: manifests.label_value(value)
        for key, value in ours.items()
        if value is not None and value != ""
    }


def image_of(task: Task, settings: Settings) -> str:
    """The image of a function; refused where nobody names one."""
    spec = _spec(task.function)
    build = spec.get("build") or {}
    requirements.require_built(task.function)
    # before it is built it can run on what it is built on
    image = str(spec.get("image") or build.get("base_image") or build.get("image") or "")
    image = image if image not in ("", "none") else ""
    if spec.get("use_default_image") and not image:
        image = f"{SPARK_IMAGE}{'-cuda' if _uses_gpu(spec) else ''}"
    image = image or settings.defaults.image
    if not image:
        raise MLRunBadRequestError(
            f"Function '{_meta(task.function).get('name')}' names no image to run in: give "
            "--image, set function.spec.image, or MLRunCluster.default_image for all"
        )
    return images.complete(image, settings.images, MLRUN_VERSION)


def _uses_gpu(spec: Mapping[str, Any]) -> bool:
    parts = ((spec.get(f"{role}_resources") or {}).get("limits") for role in ("driver", "executor"))
    return any("/" in str(name) for limits in parts for name in limits or ())


def remark(task: Task, settings: Settings) -> str:
    """That the artifacts of a run stay in its pod, where its client has no way to the service."""
    function = _spec(task.function)
    if not task.artifacts or not is_of_mlrun(task, settings):
        return ""
    why = begin.brings_key(_variables(task, settings), function.get("env_from") or [])
    return why and (
        f"artifacts stay in the pod: {why}, with which MLRun's own image "
        f"{image_of(task, settings)} writes to that V3IO and not to this service, so name an "
        f"artifact path there, v3io:///CONTAINER/PATH, or take {begin.KEY} out of what the pod is "
        "given: env of function, run and MLRunCluster, secrets of the project"
    )


def is_of_mlrun(task: Task, settings: Settings) -> bool:
    """Whether the function runs in an image of MLRun's own, or one that was built on it."""
    base = str((_spec(task.function).get("build") or {}).get("base_image") or "")
    given = (image_of(task, settings), base)
    return any(name in image for name in MLRUN_IMAGES for image in given)


def _variables(task: Task, settings: Settings) -> set[str]:
    """The names of what the pod is given by people."""
    function = _spec(task.function)
    listed = [*mounts.of_function(function, settings.defaults).env, *(function.get("env") or [])]
    named = {str(each.get("name")) for each in listed if each.get("value") != ""}
    return named.union(
        _spec(task.run).get("env") or (), settings.defaults.env, task.secret_refs, task.secrets
    )


def resources(function: Mapping[str, Any], run: Mapping[str, Any], settings: Settings) -> Body:
    """Requests and limits: the run's, else the function's, else the defaults; GPUs request all."""
    given = function.get("resources") or {}
    found: Body = {}
    for part in ("requests", "limits"):
        default = (settings.defaults.resources.get(part)) or {}
        merged = {**default, **(given.get(part) or {})}
        found[part] = {str(k): str(v) for k, v in merged.items() if v not in (None, "")}
    limits = Limits.from_dict(run.get("limits"))
    if limits.cpu is not None:
        found["limits"]["cpu"] = f"{round(limits.cpu * 1000)}m"
    if limits.memory is not None:
        found["limits"]["memory"] = str(int(limits.memory))
    for key, value in found["limits"].items():
        if "/" in key:
            found["requests"].setdefault(key, value)
    return {part: values for part, values in found.items() if values}


def security_context(function: Mapping[str, Any], task: Task, settings: Settings) -> Body:
    """The pod's security context by the service's mode."""
    asked = dict(function.get("security_context") or settings.defaults.security_context)
    if settings.security_mode == DISABLED:
        return asked
    if settings.security_mode == RETAIN and asked:
        return asked
    if task.user_id is None:
        raise MLRunBadRequestError(
            "The service runs pods as the user that sends them, and does not know the number of "
            "this one: an administrator can set MLRunCluster.user_ids"
        )
    user = asked.get("runAsUser")
    if user not in (None, task.user_id, *settings.allowed.users):
        return asked  # policy refuses it with its sentence
    user = task.user_id if user is None else user
    if user == 0 and 0 not in settings.allowed.users:
        raise MLRunAccessDeniedError(
            "The pod would run as root, the number of the user that sends it, which is not "
            "allowed: an administrator can set MLRunCluster.allowed_users = [0]"
        )
    group = settings.group_id if settings.group_id >= 0 else user
    given = function.get("security_context") or {}
    kept = {"runAsNonRoot": given["runAsNonRoot"]} if "runAsNonRoot" in given else {}
    own = {**settings.defaults.security_context, **kept}
    return {**own, "runAsUser": user, "runAsGroup": group, "fsGroup": group}


def placement(task: Task, settings: Settings, role: str = "") -> Body:
    """Selector, tolerations and affinity by the preemption mode; of a role by its own words."""
    function, run, project = _spec(task.function), _spec(task.run), _spec(task.project)
    defaults = settings.defaults
    placed: Body = {
        "nodeSelector": scheduling.node_selector(
            defaults.node_selector,
            project.get("default_function_node_selector"),
            function.get("node_selector"),
            run.get("node_selector"),
        ),
        "tolerations": run.get("tolerations") or function.get("tolerations"),
        "affinity": run.get("affinity") or function.get("affinity"),
    }
    mode = function.get("preemption_mode")
    if role:
        own = {
            "nodeSelector": function.get(f"{role}_node_selector"),
            "tolerations": function.get(f"{role}_tolerations"),
            "affinity": function.get(f"{role}_affinity"),
        }
        placed |= manifests.without_empty(own)
        mode = function.get(f"{role}_preemption_mode") or mode
    return scheduling.preempt(placed, mode, settings.preemptible, defaults.preemption_mode)


def _pod_spec(task: Task, settings: Settings, container: Body, volumes: list[Body]) -> Body:
    function, defaults = _spec(task.function), settings.defaults
    pull_secret = function.get("image_pull_secret") or defaults.pull_secret
    grace = function.get("termination_grace_period") or function.get(
        "termination_grace_period_seconds"
    )
    return manifests.without_empty({
        "restartPolicy": "Never",
        "nodeName": function.get("node_name"),
        **placement(task, settings),
        "runtimeClassName": defaults.runtime_class,
        "serviceAccountName": function.get("service_account") or defaults.service_account,
        # what a function's code could do with our account is nobody's business
        "automountServiceAccountToken": bool(function.get("service_account")),
        "imagePullSecrets": [{"name": pull_secret}] if pull_secret else [],
        "priorityClassName": scheduling.priority_class(
            function.get("priority_class_name"), defaults
        ),
        "securityContext": security_context(function, task, settings),
        "terminationGracePeriodSeconds": GRACE if grace in (None, "") else int(grace),
        "volumes": volumes,
        "containers": [container],
    })  # fmt: skip


def _env(
    task: Task,
    settings: Settings,
    kind: str,
    mount_env: list[Body],
    code: Mapping[str, str],
    secret_name: str,
) -> list[Body]:
    function, run, metadata = _spec(task.function), _spec(task.run), _meta(task.run)
    project = str(metadata.get("project") or "default")
    ours = {
        "MLRUN_ACTIVE_PROJECT": project,
        "MLRUN_DEFAULT_PROJECT": project,
        "MLRUN_NAMESPACE": settings.namespace,
        "MLRUN_LOG_LEVEL": "INFO",
        "MLRUN_RUNTIME_KIND": kind,
        "MPLBACKEND": "Agg",
        "PYTHONUNBUFFERED": "1",
        **({"PYTHONPATH": function["pythonpath"]} if function.get("pythonpath") else {}),
        **begin.variables(task),
        NAMES: ",".join(sorted(task.secrets)),
        **requirements.variables(task, kind, in_image=True),
        **code,
    }
    own = [_reference(dict(each), task) for each in function.get("env") or []]
    given = [_reference({"name": name, "value": str(value)}, task)
             for name, value in (run.get("env") or {}).items()]  # fmt: skip
    holder = f"mlrun-project-secrets-{project}"
    kept = [
        {"name": variable, "valueFrom": {"secretKeyRef": {"name": holder, "key": key}}}
        for variable, key in task.secret_refs.items()
    ]
    return manifests.merge_env(
        manifests.value_env(settings.defaults.env),
        mount_env,
        own,
        given,
        manifests.value_env(ours),
        [manifests.field_env("MLRUN_POD_NAME", "metadata.name")],
        kept,
        manifests.secret_env([*_SECRET_VARIABLES, *task.secrets], secret_name),
        # at the end: MLRun's client 1.8 connects as soon as it has read the address
        manifests.value_env({"MLRUN_DBPATH": task.address}),
    )


def _reference(entry: Body, task: Task) -> Body:
    """An entry as Kubernetes writes it; variables of the service cannot be set."""
    name = str(entry.get("name") or "")
    if not name:
        raise MLRunInvalidArgumentError("A variable of the function's env has no name")
    if source := entry.pop("value_from", None):
        entry["valueFrom"] = source
    if entry.get("valueFrom"):
        return {"name": name, "valueFrom": entry["valueFrom"]}
    value = entry.get("value")
    return {"name": name, "value": "" if value is None else str(value)}


def _code(
    task: Task, name: str, settings: Settings, labels: Mapping[str, str]
) -> tuple[Body | None, dict[str, str], list[str]]:
    """How code and task travel: by variables, and as files where they are too long for those."""
    function, run = _spec(task.function), dict(task.run)
    build = function.get("build") or {}
    code = str(build.get("functionSourceCode") or "")
    config = json.dumps(_task_document(run, task), ensure_ascii=False, separators=(",", ":"))
    files: dict[str, str] = {}
    variables: dict[str, str] = {}
    task_arguments = ["--from-env"]
    command = str(function.get("command") or "")
    if len(config.encode()) <= manifests.ENV_LIMIT:
        variables["MLRUN_EXEC_CONFIG"] = config
    else:
        files[TASK_FILE] = config
        task_arguments += ["--task", f"{manifests.CONFIG_FOLDER}/{TASK_FILE}"]
    if code and len(code) <= manifests.ENV_LIMIT:
        variables["MLRUN_EXEC_CODE"] = code
        command = _arguments_of(command)
    elif code:
        files[CODE_FILE] = _decode(code, task)
        command = f"{manifests.CONFIG_FOLDER}/{CODE_FILE}"
    arguments = _arguments(task, task_arguments, command)
    if not files:
        return None, variables, arguments
    size = sum(len(text.encode()) for text in files.values())
    if size > manifests.CONFIG_MAP_LIMIT:
        raise MLRunBadRequestError(
            f"Code and task of the run have {size / 1e6:.1f} MB, and a cluster takes "
            f"{manifests.CONFIG_MAP_LIMIT / 1e6:.0f} MB at most: give the code as a source archive "
            "or git repository (with_source_archive), and large parameters as inputs"
        )
    meta = manifests.metadata(f"mlrun-run-{name}", settings.namespace, labels)
    return manifests.config_map(meta, files), variables, arguments


def _task_document(run: dict[str, Any], task: Task) -> dict[str, Any]:
    document: dict[str, Any] = {key: copy.deepcopy(run[key]) for key in TASK_PARTS if key in run}
    if task.attempt:
        status = run.get("status") or {}
        document["status"] = {"retry_count": task.attempt, "retries": status.get("retries") or []}
    return document


def _arguments(task: Task, task_arguments: list[str], command: str) -> list[str]:
    function, run = _spec(task.function), _spec(task.run)
    build = function.get("build") or {}
    arguments = ["run", "--name", str(_meta(task.run).get("name") or "run"), *task_arguments]
    if handler := run.get("handler"):
        arguments += ["--handler", str(handler)]
    if mode := function.get("mode"):
        arguments += ["--mode", str(mode)]
    if origin := build.get("origin_filename"):
        arguments += ["--origin-file", str(origin)]
    if _pulls_source(function):
        arguments += ["--source", str(build["source"])]
        if workdir := function.get("workdir"):
            arguments += ["--workdir", str(workdir)]
    if command:
        arguments.append(command)
    given = [str(each) for each in function.get("args") or []]
    return [*arguments, *(["--", *given] if given and command else given)]


def _arguments_of(command: str) -> str:
    """The command without its file, which comes by a variable; ``*`` stands for that file."""
    file, _, rest = command.partition(" ")
    return f"* {rest}" if rest and os.path.splitext(file)[1] in ("", ".py") else ""


def _pulls_source(function: Mapping[str, Any]) -> bool:
    build = function.get("build") or {}
    return bool(build.get("source") and build.get("load_source_on_run"))


def _decode(code: str, task: Task) -> str:
    import base64

    try:
        return base64.b64decode(code, validate=True).decode()
    except ValueError:
        raise MLRunBadRequestError(
            f"The code of function '{_meta(task.function).get('name')}' is not base64 of UTF-8 "
            "text: save the function again"
        ) from None


def _project(task: Task) -> str:
    return str(_meta(task.run).get("project") or "default")


def _spec(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return document.get("spec") or {}


def _meta(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return document.get("metadata") or {}
