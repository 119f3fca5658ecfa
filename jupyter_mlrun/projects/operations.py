"""Running, building and deploying the functions of a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.functions.function import Function
from jupyter_mlrun.functions.load import OF_NUCLIO, import_function, new_function
from jupyter_mlrun.tasks import new_task

from .active import get_current_project, pipeline_context
from .functions import enrich_function
from .settings import IMAGE


class BuildStatus:
    """What came of building an image."""

    def __init__(self, ready: bool, outputs: Mapping[str, Any] | None = None,
                 function: Function | None = None) -> None:  # fmt: skip
        self.ready = ready
        self.outputs = dict(outputs or {})
        self.function = function

    def after(self, step: Any) -> BuildStatus:
        """Itself: outside of a workflow all is done in order."""
        return self

    def __repr__(self) -> str:
        return f"BuildStatus(ready={self.ready}, outputs={self.outputs})"


class DeployStatus:
    """What came of deploying a function."""

    def __init__(self, state: str, outputs: Mapping[str, Any] | None = None,
                 function: Function | None = None) -> None:  # fmt: skip
        self.state = state
        self.outputs = dict(outputs or {})
        self.function = function

    def after(self, step: Any) -> DeployStatus:
        """Itself: outside of a workflow all is done in order."""
        return self

    def __repr__(self) -> str:
        return f"DeployStatus(state={self.state}, outputs={self.outputs})"


def run_function(
    function: Any,
    handler: Any = None,
    name: str = "",
    params: Mapping[str, Any] | None = None,
    hyperparams: Mapping[str, list[Any]] | None = None,
    hyper_param_options: Any = None,
    inputs: Mapping[str, Any] | None = None,
    outputs: list[str] | None = None,
    workdir: str = "",
    labels: Mapping[str, Any] | None = None,
    base_task: Any = None,
    watch: bool = True,
    local: bool | None = None,
    verbose: bool | None = None,
    selector: str | None = None,
    project_object: Any = None,
    auto_build: bool | None = None,
    schedule: Any = None,
    notifications: list[Any] | None = None,
    returns: list[Any] | None = None,
    builder_env: Mapping[str, str] | None = None,
    reset_on_run: bool | None = None,
    output_path: str | None = None,
    retry: Any = None,
    artifact_path: str | None = None,
) -> Any:
    """Run a function of the project in use, by its name or itself; the run."""
    project = project_object or get_current_project(silent=True)
    found = _function(function, project)
    task = new_task(
        handler=handler, params=params, hyper_params=hyperparams, inputs=inputs, outputs=outputs,
        hyper_param_options=hyper_param_options, selector=selector, base=base_task,
        returns=returns,
    )  # fmt: skip
    for key, value in (labels or {}).items():
        task.set_label(key, value)
    if auto_build and builder_env:
        found.spec.build["builder_env"] = dict(builder_env)
    if artifact_path:
        output_path = output_path or _warn_old(artifact_path)
    path = output_path or (project.artifact_path if project is not None else None)
    run = found.run(
        runspec=task, name=name, workdir=workdir, watch=watch, schedule=schedule, verbose=verbose,
        local=pipeline_context.is_run_local(local), auto_build=auto_build, output_path=path,
        notifications=notifications, reset_on_run=reset_on_run, retry=retry,
        project=str(project.name) if project is not None else "",
    )  # fmt: skip
    if hasattr(run, "metadata"):
        pipeline_context.runs_map[run.metadata.uid] = run
    return run


def build_function(
    function: Any,
    with_mlrun: bool | None = None,
    skip_deployed: bool = False,
    image: str | None = None,
    base_image: str | None = None,
    commands: list[str] | None = None,
    secret_name: str | None = None,
    requirements: Any = None,
    requirements_file: str | None = None,
    mlrun_version_specifier: str | None = None,
    builder_env: Mapping[str, str] | None = None,
    project_object: Any = None,
    overwrite_build_params: bool = True,
    extra_args: str | None = None,
    force_build: bool = False,
) -> BuildStatus:
    """Build the image of a function of the project in use."""
    found: Any = _function(function, project_object or get_current_project(silent=True))
    if found.kind in OF_NUCLIO:
        raise MLRunInvalidArgumentError(
            "Cannot build use deploy when function is nuclio: use deploy_function"
        )
    if not hasattr(found, "build_config"):
        found.deploy()
    if isinstance(requirements, str):
        requirements, requirements_file = None, requirements
    found.build_config(
        image=image or "", base_image=base_image, commands=commands, secret=secret_name,
        requirements=requirements, requirements_file=requirements_file,
        overwrite=overwrite_build_params, extra_args=extra_args,
    )  # fmt: skip
    ready = found.deploy(
        watch=True, with_mlrun=with_mlrun, skip_deployed=skip_deployed, force_build=force_build,
        mlrun_version_specifier=mlrun_version_specifier, builder_env=builder_env,
    )  # fmt: skip
    return BuildStatus(ready, {"image": found.spec.image}, found)


def deploy_function(
    function: Any,
    models: list[Any] | None = None,
    env: Mapping[str, str] | None = None,
    tag: str | None = None,
    verbose: bool | None = None,
    builder_env: Mapping[str, str] | None = None,
    project_object: Any = None,
    mock: bool | None = None,
) -> DeployStatus:
    """Deploy a real-time function of the project in use."""
    found: Any = _function(function, project_object or get_current_project(silent=True))
    if found.kind not in OF_NUCLIO:
        raise MLRunInvalidArgumentError(
            f"deploy is used with real-time functions, for kind={found.kind} use build_function()"
        )
    for key, value in (env or {}).items():
        found.set_env(key, value)
    if verbose is not None:
        found.verbose = verbose
    if tag:
        found.metadata["tag"] = tag
    address = found.deploy(builder_env=builder_env)
    return DeployStatus("ready", {"endpoint": address, "name": found.name}, found)


def _function(function: Any, project: Any) -> Function:
    if isinstance(function, str):
        if project is not None:
            found: Function = project.get_function(function, sync=False, enrich=True)
            return found
        if function.startswith(("db://", "hub://")):
            return import_function(function)
        raise MLRunInvalidArgumentError(
            f"function name ({function}) can only be used in a project context, you must create, "
            "load or get a project first or provide function object instead of its name"
        )
    if not hasattr(function, "to_dict"):
        raise MLRunInvalidArgumentError(
            f"function must be a name or a function, not {type(function).__name__}"
        )
    made = function if isinstance(function, Function) else new_function(runtime=function)
    if project is not None and not made.metadata.get("project"):
        made.metadata["project"] = project.name
    return made if project is None else enrich_function(project, made)


def _warn_old(path: str) -> str:
    import warnings

    warnings.warn("artifact_path of run_function() is called output_path now", FutureWarning,
                  stacklevel=3)  # fmt: skip
    return path


class ProjectOperations:
    """The part of a project that runs its functions; arguments are those of the functions above."""

    name: Any
    spec: Any
    default_image: Any
    build_config: Any
    set_default_image: Any

    def run_function(self, function: Any, handler: Any = None, name: str = "",
                     **arguments: Any) -> Any:  # fmt: skip
        """Run a function of the project, by its name or itself; the run."""
        return run_function(function, handler, name, project_object=self, **arguments)

    def build_function(self, function: Any, **named: Any) -> BuildStatus:
        """Build the image of a function of the project."""
        return build_function(function, project_object=self, **named)

    def deploy_function(self, function: Any, **named: Any) -> DeployStatus:
        """Deploy a real-time function of the project."""
        return deploy_function(function, project_object=self, **named)

    def build_image(
        self,
        image: str | None = None,
        set_as_default: bool = True,
        with_mlrun: bool | None = None,
        base_image: str | None = None,
        commands: list[str] | None = None,
        secret_name: str | None = None,
        requirements: Any = None,
        mlrun_version_specifier: str | None = None,
        builder_env: Mapping[str, str] | None = None,
        overwrite_build_params: bool = True,
        requirements_file: str | None = None,
        extra_args: str | None = None,
        target_dir: str | None = None,
    ) -> BuildStatus:
        """Build the project's own image, of its source; functions without one then have it."""
        self.build_config(
            image=image, base_image=base_image, commands=commands, secret_name=secret_name,
            requirements=requirements, overwrite_build_params=overwrite_build_params,
            requirements_file=requirements_file, builder_env=builder_env, extra_args=extra_args,
            source_code_target_dir=target_dir, with_mlrun=with_mlrun,
        )  # fmt: skip
        function: Any = new_function("mlrun--project--image--builder", str(self.name), kind="job")
        build = self.spec.build.to_dict()
        function.spec["build"] = build
        if self.spec.get("source"):
            build["source"] = self.spec["source"]
            build["load_source_on_run"] = False
        target = image or build.get("image") or self.default_image or IMAGE.format(name=self.name)
        result = build_function(
            function, with_mlrun, False, target, base_image, project_object=self,
            mlrun_version_specifier=mlrun_version_specifier, builder_env=builder_env,
            overwrite_build_params=False, extra_args=extra_args,
        )  # fmt: skip
        if set_as_default and target != self.default_image:
            self.set_default_image(target)
        return result
