"""The workflows that a project's document names; their engines come in a later release."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunNotImplementedServerError
from jupyter_mlrun.model.fields import plain

from .spec import ProjectSpec


class ProjectWorkflows:
    """The part of a project that names workflows."""

    name: Any
    spec: ProjectSpec

    @property
    def workflows(self) -> list[dict[str, Any]]:
        """Its workflows, as its document holds them."""
        found: list[dict[str, Any]] = self.spec.workflows
        return found

    @workflows.setter
    def workflows(self, workflows: list[dict[str, Any]]) -> None:
        self.spec.workflows = workflows

    def set_workflow(
        self,
        name: str,
        workflow_path: str,
        embed: bool = False,
        engine: str | None = None,
        args_schema: list[Any] | None = None,
        handler: str | None = None,
        schedule: Any = None,
        ttl: int | None = None,
        image: str | None = None,
        run_setup: bool = False,
        **args: Any,
    ) -> None:
        """Add or change a workflow of the project's document: a .py file of its folder."""
        if not workflow_path:
            raise MLRunInvalidArgumentError("workflow_path must be provided: a .py file")
        if engine and "local" in engine and schedule:
            raise MLRunInvalidArgumentError(
                "'schedule' argument is not supported for 'local' engine."
            )
        entry: dict[str, Any] = {"name": name}
        if embed:
            entry["code"] = self._file(workflow_path).read_text(encoding="utf-8")
        else:
            entry["path"] = workflow_path
            if "://" not in workflow_path and not (engine or "").startswith("remote"):
                self._file(workflow_path)
        given = {
            "args": args, "handler": handler, "args_schema": plain(args_schema), "ttl": ttl,
            "engine": engine, "schedule": plain(schedule), "image": image, "run_setup": run_setup,
        }  # fmt: skip
        entry |= {key: value for key, value in given.items() if value}
        self.spec.put("workflows", name, entry)

    def _file(self, path: str) -> Path:
        if "://" in path:
            raise MLRunInvalidArgumentError(
                f"embed=True is not supported for remote workflow_path ({path!r}); use embed=False "
                "(the default) so the workflow source is fetched at execution time."
            )
        root = self.spec.get_code_path()
        # scripts give it with the project's folder, and without
        file = Path(path) if os.path.isabs(path) or path.startswith(root) else Path(root, path)
        if not file.is_file():
            raise MLRunInvalidArgumentError(
                f"There is no workflow file {file.absolute()}: name one of the project's folder"
            )
        return file

    def remove_workflow(self, name: str) -> None:
        """Take a workflow out of the project's document."""
        self.spec.drop("workflows", name)

    def run(self, name: str | None = None, *_: Any, **__: Any) -> Any:
        """Refused: no engine of workflows is in this release."""
        which = f"Workflow {name}" if name else "The workflow"
        raise MLRunNotImplementedServerError(
            f"{which} of project {self.name} cannot be run: workflows have no engine in this "
            "release. Run its functions one after the other with project.run_function"
        )
