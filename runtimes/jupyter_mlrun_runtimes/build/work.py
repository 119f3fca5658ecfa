"""``python -m jupyter_mlrun_runtimes.build.work FOLDER``: one build on this machine, told aloud.

Reads ``steps.json`` in the folder; whatever it and its commands print is the build's log.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

# where the machine says nothing of whom it trusts; a build trusts whatever its names lead to
POLICY = {"default": [{"type": "insecureAcceptAnything"}]}
POLICIES = ("~/.config/containers/policy.json", "/etc/containers/policy.json")


def main(folder: str) -> int:
    """Do the steps, and stop at the first that fails; the exit code."""
    steps: dict[str, Any] = json.loads((Path(folder) / "steps.json").read_bytes())
    if steps["source"] and (code := _fetch(steps["source"], steps["context"])):
        return code
    Path(steps["context"]).mkdir(exist_ok=True)
    print((Path(folder) / "Dockerfile").read_text(), flush=True)
    environment = _outside_of_runs(dict(os.environ))
    for command in steps["commands"]:
        command = _with_policy(command, folder)
        print(f"$ {shlex.join(command)}", flush=True)
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL)
        if done.returncode:
            print(f"{command[0]} ended with exit code {done.returncode}", flush=True)
            return done.returncode if done.returncode > 0 else 1
    return 0


def _fetch(source: str, context: str) -> int:
    print(f"fetching {source.partition('?')[0]}", flush=True)
    command = [sys.executable, "-P", "-m", "jupyter_mlrun", "load-source", source, "-t", context]
    return subprocess.run(command, stdin=subprocess.DEVNULL).returncode


def _with_policy(command: list[str], folder: str) -> list[str]:
    if any(os.path.exists(os.path.expanduser(path)) for path in POLICIES):
        return command
    file = Path(folder) / "policy.json"
    file.write_text(json.dumps(POLICY))
    verb = next(i for i, word in enumerate(command) if word in ("bud", "push"))
    return [*command[: verb + 1], "--signature-policy", str(file), *command[verb + 1 :]]


def _outside_of_runs(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name != "PYTHONUNBUFFERED"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
