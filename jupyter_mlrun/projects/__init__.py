"""Projects as user code holds them: loaded, made, filled, run, exported."""

from jupyter_mlrun.lazy import attributes

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

__getattr__, __dir__ = attributes(
    __name__,
    {
        "BuildStatus": "projects.operations",
        "DeployStatus": "projects.operations",
        "MlrunProject": "projects.project",
        "ProjectMetadata": "projects.spec",
        "ProjectSpec": "projects.spec",
        "ProjectStatus": "projects.spec",
        "build_function": "projects.operations",
        "deploy_function": "projects.operations",
        "get_current_project": "projects.active",
        "get_or_create_project": "projects.load",
        "load_project": "projects.load",
        "new_project": "projects.load",
        "pipeline_context": "projects.active",
        "run_function": "projects.operations",
    },
)
