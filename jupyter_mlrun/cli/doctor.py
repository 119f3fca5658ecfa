"""``jupyter mlrun doctor``: the environments of Lab, kernels and runs on one screen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import click

PACKAGES = (
    "jupyter-mlrun", "jupyter_server", "jupyterlab", "ipykernel", "ipython", "cloudpickle",
    "numpy", "pandas", "pyarrow", "scikit-learn", "mlrun",
)  # fmt: skip
SHARED = ("jupyter-mlrun", "cloudpickle", "numpy", "pandas", "pyarrow", "scikit-learn")
PROBE = """
import importlib.metadata as m, json, sys
found = {}
for name in json.loads(sys.argv[1]):
    try:
        found[name] = m.version(name)
    except m.PackageNotFoundError:
        pass
print(json.dumps({"python": "%d.%d.%d" % sys.version_info[:3], "executable": sys.executable,
                  "packages": found}))
"""
SECONDS = 30


@dataclass
class Environment:
    """One place where code of ours or of the user runs."""

    title: str
    command: str
    python: str = ""
    packages: dict[str, str] = field(default_factory=dict)
    problem: str = ""


def probe(title: str, command: str) -> Environment:
    """What an interpreter says of itself."""
    found = Environment(title, command)
    path = shutil.which(command)
    if path is None:
        found.problem = f"{command} is not there"
        return found
    try:
        done = subprocess.run(
            [path, "-c", PROBE, json.dumps(PACKAGES)],
            capture_output=True, text=True, timeout=SECONDS, check=True,
        )  # fmt: skip
        answer = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        found.problem = f"{command} does not answer: {error}"
        return found
    found.python, found.packages = answer["python"], answer["packages"]
    found.command = answer["executable"]
    return found


def find_environments() -> list[Environment]:
    """Where Lab runs, and every kernel of Python that Jupyter knows."""
    from jupyter_client.kernelspec import KernelSpecManager

    found = [probe("JupyterLab", sys.executable)]
    specs: Mapping[str, Any] = KernelSpecManager().get_all_specs()
    for name, entry in sorted(specs.items()):
        argv = entry["spec"].get("argv") or []
        if entry["spec"].get("language") == "python" and argv:
            # Jupyter starts a bare `python` as its own interpreter
            bare = argv[0] in ("python", "python3", f"python3.{sys.version_info.minor}")
            found.append(probe(f"kernel {name}", sys.executable if bare else argv[0]))
    return found


def explain(environments: list[Environment]) -> list[str]:
    """What differs and matters, each with what to type."""
    lab, *kernels = environments
    lines: list[str] = []
    version = lab.packages.get("jupyter-mlrun", "")
    for kernel in kernels:
        if kernel.problem:
            lines.append(f"✖ {kernel.title}: {kernel.problem}. jupyter kernelspec list shows it")
            continue
        own = kernel.packages.get("jupyter-mlrun")
        install = f"{kernel.command} -m pip install 'jupyter-mlrun=={version}'"
        if own is None:
            lines.append(f"✖ {kernel.title} has no jupyter-mlrun, so no %%mlrun: {install}")
        elif own != version:
            lines.append(f"✖ {kernel.title} has jupyter-mlrun {own}, Lab {version}: {install}")
        lines += _differences(lab, kernel)
    if not kernels:
        lines.append("✖ Jupyter knows no kernel of Python: python -m ipykernel install --user")
    return lines


def _differences(lab: Environment, kernel: Environment) -> list[str]:
    lines: list[str] = []
    if kernel.command == lab.command:
        return lines
    if kernel.python.rpartition(".")[0] != lab.python.rpartition(".")[0]:
        lines.append(
            f"· {kernel.title} has Python {kernel.python}, Lab {lab.python}: runs sent from the "
            "kernel use the kernel's; runs sent from the panel use the default kernel's"
        )
    for name in SHARED[1:]:
        theirs, ours = kernel.packages.get(name), lab.packages.get(name)
        if theirs and ours and theirs != ours:
            lines.append(f"· {name}: {theirs} in {kernel.title}, {ours} in Lab")
    missing = [name for name in SHARED[1:] if name in lab.packages and name not in kernel.packages]
    if missing:
        lines.append(
            f"· {kernel.title} and its runs cannot import what Lab has: {kernel.command} -m pip "
            f"install {' '.join(missing)}"
        )
    return lines


def describe_service() -> list[str]:
    """Whether a service answers, where, and whether kernels load the magics by themselves.

    A service that is named and does not answer is a fault; that none runs yet is none.
    """
    from jupyter_mlrun.cli.autoload import config_file, find_fault, is_on
    from jupyter_mlrun.client import events, starting
    from jupyter_mlrun.client.transport import connect
    from jupyter_mlrun.errors import MLRunBaseError
    from jupyter_mlrun.paths import data_dir

    lines = [f"Data      {data_dir()}"]
    try:
        # looking must not start anything
        os.environ[starting.SWITCH] = "0"
        client = connect()
        status = events.status(client)
        lines.append(f"Service   ✔ {client.url}, version {status['version']}")
    except MLRunBaseError as error:
        named = os.environ.get("MLRUN_DBPATH")
        none = "none runs now: one starts with JupyterLab, or by itself with the first call"
        lines.append(f"Service   ✖ {error}" if named else f"Service   {none}")
    fault = find_fault(config_file())
    state = "on" if not fault and is_on(config_file()) else "off (jupyter mlrun autoload on)"
    state = f"✖ {fault}" if fault else state
    return [*lines, f"Autoload  {state}"]


def format_table(environments: list[Environment]) -> list[str]:
    """The environments as columns, packages as rows; no wider than it must be."""
    shown = [e for e in environments if not e.problem]
    head = ["", *(e.title for e in shown)]
    rows = [["python", *(e.python for e in shown)]]
    for name in PACKAGES:
        if any(name in e.packages for e in shown):
            rows.append([name, *(e.packages.get(name, "–") for e in shown)])
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


@click.command()
def doctor() -> None:
    """Show how the environments of Lab, kernels and runs differ, and what to do."""
    environments = find_environments()
    service = describe_service()
    for line in [*service, "", *format_table(environments), ""]:
        click.echo(line)
    for environment in environments:
        if not environment.problem:
            click.echo(f"{environment.title}: {environment.command}")
    click.echo("A run uses the interpreter of the kernel that sent it.\n")
    lines = [line for line in service if "✖" in line] + explain(environments)
    for line in lines or ["✔ Nothing differs that matters."]:
        click.echo(line)
    if any("✖" in line for line in lines):
        raise SystemExit(1)
