"""Functions of the kind ``mpijob``: each run is a group of processes that talk by MPI."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jupyter_mlrun.model.fields import Table

from .job import KubejobRuntime
from .pod_spec import POD

MPI_ARGS = [
    "-x", "NCCL_SOCKET_NTHREADS=2", "-x", "NCCL_NSOCKS_PERTHREAD=8", "-x", "NCCL_MIN_NCHANNELS=4",
]  # fmt: skip


class MpiRuntimeV1(KubejobRuntime):
    """A function that runs as ``spec.replicas`` ranks; rank 0 alone logs results."""

    SPEC: Table = {**POD, "mpi_args": list, "clean_pod_policy": None}
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        **KubejobRuntime.DEFAULTS,
        "mpi_args": MPI_ARGS,
        "clean_pod_policy": "All",
    }

    def set_mpi_args(self, args: list[str]) -> Self:
        """Set the arguments of ``mpirun``, in the place of those before."""
        if not all(isinstance(arg, str) for arg in args):
            raise ValueError("Args is of type `List[str]` and can only accept `str` type params.")
        self.spec.mpi_args = list(args)
        return self

    def with_tracing(
        self, log_file_path: str | None = None, enable_cycle_markers: bool = False
    ) -> Self:
        """Let Horovod write its timeline to a file, which trace viewers read."""
        return self.set_envs(
            {
                "HOROVOD_TIMELINE": log_file_path or _below_artifacts("trace.log"),
                "HOROVOD_TIMELINE_MARK_CYCLES": int(enable_cycle_markers),
            }
        )

    def with_autotune(
        self,
        log_file_path: str | None = None,
        warmup_samples: int | None = None,
        steps_per_sample: int | None = None,
        bayes_opt_max_samples: int | None = None,
        gaussian_process_noise: float | None = None,
    ) -> Self:
        """Let Horovod tune itself while it runs, and write what it found to a file."""
        given = {
            "autotune-warmup-samples": warmup_samples,
            "autotune-steps-per-sample": steps_per_sample,
            "autotune-bayes-opt-max-samples": bayes_opt_max_samples,
            "autotune-gaussian-process-noise": gaussian_process_noise,
        }
        return self.set_envs(
            {
                "HOROVOD_AUTOTUNE": "1",
                "HOROVOD_AUTOTUNE_LOG": log_file_path or _below_artifacts("autotune.csv"),
                **{name: value for name, value in given.items() if value is not None},
            }
        )


def _below_artifacts(name: str) -> str:
    return os.path.join(os.environ.get("MLRUN_ARTIFACT_PATH", ""), "hvd_logs", name)
