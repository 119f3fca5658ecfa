"""One task as the launcher would assemble it, for goldens."""

from __future__ import annotations

import base64
from typing import Any

from jupyter_mlrun_runtimes.contract import Task
from jupyter_mlrun_runtimes.kube.settings import Settings

CODE = base64.b64encode(b"def handler(context):\n    pass\n").decode()
TOKEN = "mlrr" + "0" * 40


def settings(**given: Any) -> Settings:
    """Settings of a cluster."""
    return Settings(
        **{"namespace": "lab", "service": "ours", "url": "http://10.0.0.5:8888/mlrun", **given}
    )


def task(function: dict[str, Any] | None = None, kind: str = "job", **given: Any) -> Task:
    """A task of a function with these fields in its spec; ``run`` adds to the run's spec."""
    spec = {
        "image": "registry.local/train:1",
        "build": {"functionSourceCode": CODE, "origin_filename": "train.py"},
        "default_handler": "handler",
        **(function or {}),
    }
    run = {
        "kind": "run",
        "metadata": {
            "name": "train", "project": "sea", "uid": "ab" * 16, "iteration": 0,
            "labels": {"owner": "ann", "kind": kind},
        },
        "spec": {"handler": "handler", "parameters": {"n": 1}, **given.pop("run", {})},
        "status": {"state": "pending"},
    }  # fmt: skip
    document = {
        "kind": kind,
        "metadata": {"name": "train", "project": "sea", "tag": "latest"},
        "spec": spec,
    }
    values: dict[str, Any] = {
        "run": run, "function": document, "folder": "/data/runs/sea/x",
        "address": "http://10.0.0.5:8888/mlrun", "token": TOKEN, "interpreter": "/usr/bin/python3",
        "workdir": "/home/ann", "secrets": {"PASSWORD": "s3cret"}, "user_id": 1000,
        "artifacts": "/data/artifacts", **given,
    }  # fmt: skip
    return Task(**values)
