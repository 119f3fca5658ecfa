"""The project in use: of this process, and of those that it starts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from jupyter_mlrun import session
from jupyter_mlrun.errors import MLRunInvalidArgumentError

if TYPE_CHECKING:
    from .project import MlrunProject

VARIABLE = "MLRUN_ACTIVE_PROJECT"


class PipelineContext:
    """The project in use and what runs in it, by MLRun's names."""

    def __init__(self) -> None:
        self.project: MlrunProject | None = None
        self.workflow: Any = None
        self.workflow_id = ""
        self.workflow_artifact_path = ""
        self.runs_map: dict[str, Any] = {}

    @property
    def functions(self) -> Any:
        """The functions of the project."""
        return self.project.get_function_objects() if self.project is not None else {}

    def is_run_local(self, local: bool | None = None) -> bool | None:
        """Whether functions run in this process."""
        return local

    def set(self, project: MlrunProject, workflow: Any = None) -> None:
        """Use a project."""
        self.project, self.workflow, self.runs_map = project, workflow, {}

    def clear(self, with_project: bool = False) -> None:
        """Forget the workflow, and the project where that is asked for."""
        self.workflow, self.runs_map = None, {}
        if with_project:
            self.project = None

    def is_initialized(self, raise_exception: bool = False) -> bool:
        """Whether a project is in use."""
        if self.project is None and raise_exception:
            raise MLRunInvalidArgumentError(
                "No current project is initialized. Use new, get or load project functions first."
            )
        return self.project is not None


pipeline_context = PipelineContext()


def set_active(project: MlrunProject) -> None:
    """Use a project from now on."""
    own = session.scope()
    if own is None:
        pipeline_context.set(project)
    session.use_project(str(project.name), project)


def get_current_project(silent: bool = False) -> MlrunProject | None:
    """The project in use; with ``silent`` None where there is none, else an error says so."""
    own = session.scope()
    if own is not None:
        return _of_scope(own.project, silent)
    name = os.environ.get(VARIABLE)
    project = pipeline_context.project
    if project is not None and (not name or project.name == name):
        return project
    if not name:
        return _none(silent)
    from .load import load_project

    return load_project(name=name, url=name, save=False, sync_functions=False)


def _of_scope(name: str, silent: bool) -> MlrunProject | None:
    """The project of a session: as it is stored, never of this process's folder."""
    if not name:
        return _none(silent)
    from .load import read_stored

    return read_stored(name)


def _none(silent: bool) -> MlrunProject | None:
    if not silent:
        raise MLRunInvalidArgumentError(
            "No current project is initialized. Use new, get or load project functions first."
        )
    return None
