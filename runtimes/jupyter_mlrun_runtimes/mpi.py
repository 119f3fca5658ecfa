"""MPI jobs on this machine: ``mpirun`` starts the ranks, each in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunBadRequestError

from . import engines
from .command import THREADS, command
from .contract import Handle, Limits, Observation, Request, Task, whole
from .local import LocalRuntime

PARTS = "parts"
# by variables, since each implementation spells its options in its own way; ranks share the
# cores that the run may use, whichever they are
_MPIRUN = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "PRTE_ALLOW_RUN_AS_ROOT": "1",
    "PRTE_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "PRTE_MCA_hwloc_default_binding_policy": "none",
}


class MpiRuntime(LocalRuntime):
    """Runs a task as the ranks of one ``mpirun``; the first of them logs for all."""

    kind: ClassVar[str] = "mpijob"

    def require(
        self, function: Mapping[str, Any], interpreter: str, environment: Mapping[str, str]
    ) -> None:
        """Refused without ``mpirun``."""
        if not engines.find_program("mpirun", interpreter, environment):
            raise MLRunBadRequestError(
                "Kind 'mpijob' needs mpirun, which this machine does not have: type "
                f"{interpreter} -m pip install 'jupyter-mlrun[mpi]' "
                "(or apt-get install openmpi-bin) and run it again"
            )

    def build(self, task: Task) -> Request:
        """The ranks' command below ``mpirun``."""
        ranks = replicas(task.function)
        request = replace(super().build(task), limits=Limits.of(task, ranks))
        arguments, variables = split_arguments((task.function.get("spec") or {}).get("mpi_args"))
        share = _threads(request, ranks)
        environment = {**request.environment, **share, **_MPIRUN, **variables}
        mpirun = engines.find_program("mpirun", task.interpreter, environment) or "mpirun"
        rank = (task.interpreter, "-P", "-m", "jupyter_mlrun_runtimes.rank", task.folder)
        argv = (mpirun, "-n", str(ranks), *arguments, *rank, *command(task))
        return replace(request, argv=argv, environment=environment)

    def submit(self, request: Request) -> Iterator[Handle]:
        """Start ``mpirun`` as a local run is started; what an attempt before left is removed."""
        shutil.rmtree(Path(request.folder) / PARTS, ignore_errors=True)
        return super().submit(request)

    def poll(self, handles: Sequence[Handle]) -> list[Observation]:
        """As for local runs; a failure says which rank failed, and with what."""
        return [_explain(seen) for seen in super().poll(handles)]


def _threads(request: Request, ranks: int) -> dict[str, str]:
    """What libraries may start of threads in each rank, where the run's cores are limited.

    What somebody set is kept.
    """
    cpu = request.limits.cpu
    if cpu is None:
        return {}
    whole = str(max(1, int(cpu)))
    ours = [name for name in THREADS if request.environment.get(name) == whole]
    return dict.fromkeys(ours, str(max(1, int(cpu // ranks))))


def replicas(function: Mapping[str, Any]) -> int:
    """How many ranks the function asks for."""
    asked = (function.get("spec") or {}).get("replicas") or 1
    if (number := whole(asked)) is None or number < 1:
        raise MLRunBadRequestError(
            f"spec.replicas of the function is {asked!r}: give the number of ranks, 1 or more"
        )
    return number


def split_arguments(given: Any) -> tuple[list[str], dict[str, str]]:
    """The arguments for ``mpirun``, without ``-x``, and the variables that those set.

    ``-x`` is Open MPI's own word; on one machine every rank has the environment anyway.
    """
    rest: list[str] = []
    variables: dict[str, str] = {}
    words = iter([str(word) for word in given or []])
    for word in words:
        if word != "-x":
            rest.append(word)
            continue
        name, equals, value = next(words, "").partition("=")
        if name and equals:
            variables[name] = value
    return rest, variables


def _explain(seen: Observation) -> Observation:
    if seen.state != states.ERROR:
        return seen
    folder = Path(seen.handle["folder"]) / PARTS
    for path in sorted(folder.glob("rank-*.json"), key=os.path.getmtime):
        try:
            error = json.loads(path.read_bytes()).get("error")
        except (OSError, ValueError):
            continue
        if error:
            rank = path.stem.removeprefix("rank-")
            return replace(seen, reason=f"rank {rank}: {error} ({seen.reason})")
    return seen
