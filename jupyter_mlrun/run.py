"""MLRun's module ``mlrun.run``: functions, contexts and data by their names there."""

from .lazy import attributes

__getattr__, __dir__ = attributes(
    __name__,
    {
        "RunObject": "runs",
        "RunTemplate": "tasks",
        "code_to_function": "functions.load",
        "download_object": "session",
        "function_to_module": "functions.module",
        "get_dataitem": "session",
        "get_object": "session",
        "get_or_create_ctx": "contexts",
        "import_function": "functions.load",
        "import_function_to_dict": "functions.load",
        "new_function": "functions.load",
        "new_task": "tasks",
        "wait_for_runs_completion": "session",
    },
)
