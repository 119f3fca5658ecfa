"""MLRun's system for Jupyter: turn functions and notebook cells into recorded, versioned runs.

Names are imported when they are first used, so that importing this package costs nothing.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_PLACES = {
    "Artifact": "artifacts.artifact",
    "ArtifactList": "runs",
    "ArtifactType": "packagers.packager",
    "Client": "tenants",
    "Context": "context",
    "Credentials": "tenants",
    "DataItem": "datastore.item",
    "DefaultPackager": "packagers.default",
    "Function": "functions.function",
    "FunctionList": "runs",
    "HyperParamOptions": "tasks",
    "LogHint": "packagers.hint",
    "MLClientCtx": "context",
    "MLRunInvalidArgumentError": "errors",
    "MLRunNotFoundError": "errors",
    "MlrunProject": "projects.project",
    "Notification": "tasks",
    "Packager": "packagers.packager",
    "ProjectMetadata": "projects.spec",
    "Retry": "tasks",
    "RunDB": "rundb",
    "RunError": "errors",
    "RunList": "runs",
    "RunObject": "runs",
    "RunTemplate": "tasks",
    "RuntimeConfigurationContext": "tenants",
    "VolumeMount": "mounts",
    "auto_mount": "mounts",
    "build_function": "projects.operations",
    "code_to_function": "functions.load",
    "connect": "client.transport",
    "deploy_function": "projects.operations",
    "download_object": "session",
    "function_to_module": "functions.module",
    "get_current_project": "projects.active",
    "get_dataitem": "session",
    "get_object": "session",
    "get_or_create_ctx": "contexts",
    "get_or_create_project": "projects.load",
    "get_run": "session",
    "get_run_db": "session",
    "get_sample_path": "session",
    "get_secret_or_env": "secretstore",
    "handler": "handlers",
    "import_function": "functions.load",
    "import_function_to_dict": "functions.load",
    "list_runs": "session",
    "load_project": "projects.load",
    "mlconf": "settings",
    "mount_v3io": "mounts",
    "new_function": "functions.load",
    "new_project": "projects.load",
    "new_task": "tasks",
    "pipeline_context": "projects.active",
    "run_form": "widgets",
    "run_function": "projects.operations",
    "run_local": "functions.dropped",
    "set_env_from_file": "session",
    "set_environment": "session",
    "store_manager": "datastore.manager",
    "unpack": "session",
    "v3io_cred": "mounts",
    "wait_for_runs_completion": "session",
}
__all__ = ["__version__", *sorted(_PLACES)]
# modules that MLRun has at hand once it is imported
_MODULES = (
    "alerts", "artifacts", "common", "config", "data_types", "datastore", "db", "errors",
    "execution", "features", "frameworks", "lists", "model", "mounts", "package", "platforms",
    "projects", "render", "run", "runtimes", "secrets", "track", "utils",
)  # fmt: skip


class _Parts:
    """Found last: MLRun's modules that exist here by name alone, and those still to come."""

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        """How a part is loaded; raises ModuleNotFoundError for one not in this release."""
        package, _, part = name.partition(".")
        if package != __name__:
            return None
        from .addresses import find

        return find(part)


sys.meta_path.append(_Parts())


def __getattr__(name: str) -> "Any":
    if name not in _PLACES and name not in _MODULES:
        from .lazy import NoSuchNameError

        raise NoSuchNameError(__name__, name, (*_PLACES, *_MODULES))
    from importlib import import_module

    if name in _MODULES:
        return import_module(f".{name}", __name__)
    value = getattr(import_module(f".{_PLACES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def get_version() -> str:
    """The version of this package."""
    return __version__


def load_ipython_extension(shell: "Any") -> None:
    """Give a shell the magics ``%%mlrun`` and ``%mlrun``."""
    from .magics import load_ipython_extension as load

    load(shell)


def unload_ipython_extension(shell: "Any") -> None:
    """Take the magics away again."""
    from .magics import unload_ipython_extension as unload

    unload(shell)


def _jupyter_labextension_paths() -> "list[dict[str, str]]":
    return [{"src": "labextension", "dest": "jupyter-mlrun"}]
