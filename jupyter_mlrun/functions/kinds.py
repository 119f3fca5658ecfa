"""The kinds of functions by MLRun's names, and what each group of them can do."""

from __future__ import annotations

from .registry import known_kinds


class RuntimeKinds:
    """The kinds."""

    remote = "remote"
    nuclio = "nuclio"
    dask = "dask"
    job = "job"
    spark = "spark"
    remotespark = "remote-spark"
    mpijob = "mpijob"
    serving = "serving"
    local = "local"
    handler = "handler"
    databricks = "databricks"
    application = "application"

    @staticmethod
    def all() -> list[str]:
        """All kinds, those of installed distributions too."""
        return sorted(kind for kind in known_kinds() if kind)

    @staticmethod
    def runtime_with_handlers() -> list[str]:
        """Kinds whose runs call a function of the code."""
        return ["handler", "local", "job", "spark", "remote-spark", "mpijob", "dask", "databricks"]

    @staticmethod
    def abortable_runtimes() -> list[str]:
        """Kinds whose runs can be stopped."""
        return ["job", "spark", "remote-spark", "mpijob", "databricks", "local", "handler", ""]

    @staticmethod
    def retriable_runtimes() -> list[str]:
        """Kinds whose runs can be tried again by themselves."""
        return ["job"]

    @staticmethod
    def nuclio_runtimes() -> list[str]:
        """Kinds that answer requests."""
        return ["remote", "nuclio", "serving", "application"]

    @staticmethod
    def pure_nuclio_deployed_runtimes() -> list[str]:
        """Kinds whose image Nuclio builds."""
        return ["remote", "nuclio", "serving"]

    @staticmethod
    def handlerless_runtimes() -> list[str]:
        """Kinds that call no function of the code."""
        return ["serving", "application"]

    @staticmethod
    def local_runtimes() -> list[str]:
        """Kinds that never run on a cluster."""
        return ["handler", "local", ""]

    @staticmethod
    def is_local_runtime(kind: str | None) -> bool:
        """Whether functions of the kind never run on a cluster."""
        return (kind or "") in RuntimeKinds.local_runtimes()
