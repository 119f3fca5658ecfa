"""How a function runs: its task completed, then sent to the service or done here."""

from __future__ import annotations

import getpass
import inspect
import os
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_mlrun import names, session
from jupyter_mlrun.client.submit import submit
from jupyter_mlrun.datastore.inputs import resolve_input
from jupyter_mlrun.errors import MLRunInvalidArgumentError, RunError
from jupyter_mlrun.model.fields import Fields
from jupyter_mlrun.runs import RunObject
from jupyter_mlrun.tasks import RunTemplate, new_task, validate_parameters

IN_PROCESS = ("", "handler")


class Running:
    """The part of a function that runs it."""

    _callable: Callable[..., Any] | None
    kind: Any
    name: Any
    project: Any
    spec: Fields
    uri: Any
    save: Callable[..., str]
    to_dict: Callable[[], dict[str, Any]]

    def run(
        self,
        runspec: Any = None,
        handler: Any = None,
        name: str = "",
        project: str = "",
        params: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        watch: bool = True,
        local: bool | None = None,
        schedule: Any = "",
        returns: list[Any] | None = None,
        hyperparams: Mapping[str, list[Any]] | None = None,
        hyper_param_options: Any = None,
        output_path: str = "",
        artifact_path: str = "",
        workdir: str = "",
        notifications: list[Any] | None = None,
        **more: Any,
    ) -> Any:
        """Run it and, where ``watch`` is set, wait; raises RunError where the run fails.

        A callable handler, the kind ``handler`` and ``local=True`` run in this process; other
        kinds are sent to the service. With a ``schedule``, a cron line, the service runs it at
        those times, and the answer says which schedule was made or changed. Arguments are
        MLRun's; what this release does not know is named in an error.
        """
        if more:
            _refuse(more)
        handler = handler or self._callable
        template = new_task(
            base=_template(runspec),
            handler=handler,
            params=params,
            inputs=inputs,
            returns=returns,
            hyper_params=hyperparams,
            hyper_param_options=hyper_param_options,
            out_path=output_path or artifact_path or None,
        )
        task = self._complete(template, name, project, workdir)
        if notifications:
            task["spec"]["notifications"] = [_plain(each) for each in notifications]
        if callable(handler) or local or self.kind in IN_PROCESS:
            if schedule:
                raise MLRunInvalidArgumentError(
                    f"Unexpected schedule='{schedule}' parameter for local function execution"
                )
            return self._run_here(task, handler if callable(handler) else None)
        self.save()
        task["spec"]["function"] = self.uri
        if schedule:
            # its version is stored: the schedule's runs take it from there
            return submit(session.client(), task, schedule=_plain(schedule))
        run = RunObject.from_dict(submit(session.client(), task, self.to_dict()), session.client())
        if watch:
            run.wait_for_completion(show_logs=True)
        return run

    def _complete(
        self, template: RunTemplate, name: str, project: str, workdir: str
    ) -> dict[str, Any]:
        task = template.to_dict()
        metadata, spec = task["metadata"], task["spec"]
        spec.setdefault("handler", self.spec.get("default_handler") or "")
        validate_parameters(spec.get("parameters") or {})
        chosen = name or metadata.get("name") or _run_name(self.name, str(spec["handler"]))
        metadata["name"] = names.validate_run(chosen)
        metadata["project"] = existing_project(project or self.project)
        spec["inputs"] = {
            key: _resolve(metadata["project"], address)
            for key, address in (spec.get("inputs") or {}).items()
        }
        if workdir:
            spec.setdefault("origin", {})["workdir"] = workdir
        return task

    def _run_here(self, task: dict[str, Any], handler: Callable[..., Any] | None) -> RunObject:
        from jupyter_mlrun_runtimes.process import identity

        from ..execution import execute

        metadata, spec = task["metadata"], task["spec"]
        _refuse_secrets(self.spec.get("env") or [], spec.get("secret_sources") or [])
        metadata["uid"] = names.new_uid()
        labels = metadata.setdefault("labels", {})
        labels |= {
            "kind": self.kind or "handler",
            "owner": getpass.getuser(),
            "host": os.uname().nodename,
        }
        if handler is None or self.spec.get("build", {}).get("functionSourceCode"):
            self.save()
            spec["function"] = self.uri
        spec.setdefault("origin", {})["process"] = identity()
        client = session.client()
        run = RunObject.from_dict(execute(task, self.to_dict(), client, handler), client)
        if run.error:
            raise RunError(run.error)
        return run


def _resolve(project: str, address: Any) -> Any:
    if isinstance(address, (str, os.PathLike)):
        return resolve_input(session.client(), project, os.fspath(address))
    return address


def _template(runspec: Any) -> Any:
    if runspec is None or isinstance(runspec, (RunTemplate, Mapping)):
        return runspec
    if isinstance(runspec, RunObject):
        return RunTemplate.from_dict(runspec.to_dict())
    raise MLRunInvalidArgumentError(
        f"runspec must be a task (new_task) or a run's dict, not {type(runspec).__name__}"
    )


def _refuse(more: Mapping[str, Any]) -> None:
    # MLRun swallows unknown arguments, so that old scripts write elsewhere unseen
    unknown = sorted(name for name, value in more.items() if value not in (None, "", False))
    if unknown:
        known = list(inspect.signature(Running.run).parameters)
        raise MLRunInvalidArgumentError(
            f"run() does not know {', '.join(unknown)} in this release."
            f"{names.near(unknown[0], known)}"
        )


def _refuse_secrets(env: list[Any], sources: list[Any]) -> None:
    """Secrets of a project go to processes that the service starts."""
    wanted = [each["name"] for each in env if each.get("valueFrom") or each.get("value_from")]
    for source in sources:
        if source.get("kind") == "kubernetes":
            wanted += [str(name) for name in source.get("source") or []]
    missing = [name for name in wanted if name not in os.environ]
    if missing:
        raise MLRunInvalidArgumentError(
            f"The function takes {', '.join(missing)} from the project's secrets, which go to runs "
            "in a process of their own: use kind='local', or set the variable here"
        )


def _plain(value: Any) -> Any:
    return value.to_dict() if hasattr(value, "to_dict") else value


def existing_project(name: str) -> str:
    session.need_project(name)
    return name


def _run_name(function: str, handler: str) -> str:
    text = f"{function}-{handler}" if handler and handler != function else function
    cleaned = "".join(c if c.isalnum() or c in "-." else "-" for c in text.lower())
    return cleaned.strip("-.")[: names.MAX_LABEL].strip("-.")
