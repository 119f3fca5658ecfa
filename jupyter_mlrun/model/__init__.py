"""MLRun's documents: what to run and what came of it, never where.

The names that MLRun's own ``model`` has are found here too; they lie where they are made.
"""

from jupyter_mlrun.lazy import attributes

__getattr__, __dir__ = attributes(
    __name__,
    {
        "HyperParamOptions": "tasks",
        "HyperParamStrategies": "tasks",
        "ModelObj": "model.objects",
        "Notification": "tasks",
        "Retry": "tasks",
        "RetryBackoff": "tasks",
        "RunMetadata": "tasks",
        "RunObject": "runs",
        "RunSpec": "tasks",
        "RunStatus": "tasks",
        "RunTemplate": "tasks",
        "new_task": "tasks",
    },
)
