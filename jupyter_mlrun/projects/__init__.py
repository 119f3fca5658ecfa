"""Projects as user code holds them: loaded, made, filled, run, exported."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .active import get_current_project as get_current_project
    from .active import pipeline_context as pipeline_context
    from .load import get_or_create_project as get_or_create_project
    from .load import load_project as load_project
    from .load import new_project as new_project
    from .operations import build_function as build_function
    from .operations import deploy_function as deploy_function
    from .operations import run_function as run_function
    from .project import MlrunProject as MlrunProject
    from .spec import ProjectMetadata as ProjectMetadata
    from .spec import ProjectSpec as ProjectSpec

_PLACES = {
    "BuildStatus": "operations",
    "DeployStatus": "operations",
    "MlrunProject": "project",
    "ProjectMetadata": "spec",
    "ProjectSpec": "spec",
    "ProjectStatus": "spec",
    "build_function": "operations",
    "deploy_function": "operations",
    "get_current_project": "active",
    "get_or_create_project": "load",
    "load_project": "load",
    "new_project": "load",
    "pipeline_context": "active",
    "run_function": "operations",
}


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_PLACES[name]}", __name__), name)
