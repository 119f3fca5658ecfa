"""The fields of a function document, by the names that MLRun gives them."""

from __future__ import annotations

from jupyter_mlrun.model.fields import Table

METADATA: Table = {
    "name": None,
    "tag": None,
    "hash": None,
    "namespace": None,
    "project": None,
    "labels": dict,
    "annotations": dict,
    "categories": list,
    "updated": None,
    "credentials": {"access_key": None},
    "uid": None,
}
BUILD: Table = {
    "functionSourceCode": None,
    "source": None,
    "image": None,
    "base_image": None,
    "commands": list,
    "extra": None,
    "secret": None,
    "code_origin": None,
    "registry": None,
    "load_source_on_run": None,
    "origin_filename": None,
    "with_mlrun": None,
    "auto_build": None,
    "requirements": list,
    "extra_args": None,
    "builder_env": None,
    "source_code_target_dir": None,
}
SPEC: Table = {
    "command": str,
    "args": list,
    "image": str,
    "mode": None,
    "build": BUILD,
    "entry_points": dict,
    "description": str,
    "workdir": None,
    "default_handler": str,
    "pythonpath": None,
    "filename": None,
    "disable_auto_mount": None,
    "env": list,
    # additions of ours: files shipped beside the module, and values captured from a notebook
    "files": list,
    "captured": list,
}
STATUS: Table = {"state": None, "build_pod": None}
# what belongs to one place and not to a function that is handed on
STRIPPED_METADATA = (
    "hash", "uid", "namespace", "project", "labels", "annotations", "credentials", "updated",
)  # fmt: skip
STRIPPED_SPEC = (
    "volumes", "volume_mounts", "resources", "replicas", "image_pull_policy", "service_account",
    "image_pull_secret", "node_name", "node_selector", "affinity", "priority_class_name",
    "tolerations", "preemption_mode", "security_context",
)  # fmt: skip
