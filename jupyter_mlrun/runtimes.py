"""MLRun's module ``mlrun.runtimes``: the kinds of functions and their classes."""

from .lazy import attributes

# what MLRun has below it is found by name alone: see addresses.py
__path__: list[str] = []

__getattr__, __dir__ = attributes(
    __name__,
    {
        "BaseRuntime": "functions.function:Function",
        "DaskCluster": "functions.dask",
        "HandlerRuntime": "functions.function:Function",
        "KubejobRuntime": "functions.job",
        "LocalRuntime": "functions.function:Function",
        "MpiRuntimeV1": "functions.mpi",
        "RemoteSparkRuntime": "functions.remote_spark",
        "RunError": "errors",
        "RuntimeKinds": "functions.kinds",
        "Spark3Runtime": "functions.spark",
        "get_runtime_class": "functions.registry:get_class",
        "mounts": "mounts:",
        "utils": "runtimes.utils:",
    },
)
