"""How a function runs: its task completed, then sent to the service or done here."""

from __future__ import annotations

import contextlib
import getpass
import inspect
import os
import re
import shlex
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from jupyter_mlrun import names, session
from jupyter_mlrun.client import notifications as notices
from jupyter_mlrun.client import runs
from jupyter_mlrun.client.submit import submit
from jupyter_mlrun.datastore.inputs import resolve_below
from jupyter_mlrun.datastore.resolve import get_dataitem
from jupyter_mlrun.errors import (
    MLRunConflictError,
    MLRunDataNotFoundError,
    MLRunInvalidArgumentError,
    MLRunInvalidArgumentTypeError,
    MLRunNotFoundError,
    MLRunNotImplementedServerError,
    RunError,
)
from jupyter_mlrun.iterations import Plan, check_plan, make_plan, read_values
from jupyter_mlrun.loading import has_source
from jupyter_mlrun.model.fields import Fields
from jupyter_mlrun.model.texts import recorded_values
from jupyter_mlrun.packagers.hint import LogHint
from jupyter_mlrun.runs import RunObject
from jupyter_mlrun.runview import is_sweep
from jupyter_mlrun.tasks import RunTemplate, new_task, validate_parameters
from jupyter_mlrun.tasks.defaults import check_thresholds, fill_spec
from jupyter_mlrun.tasks.notification import KINDS, Notification
from jupyter_mlrun.tasks.secrets import take_secrets
from jupyter_mlrun.tasks.template import handler_name, refuse_marks, sendable

from .kinds import RuntimeKinds

IN_PROCESS = ("", "handler")


class Place(NamedTuple):
    """Where in this process a run works, and whether by ``local=True``."""

    workdir: str
    is_local: bool


class Running:
    """The part of a function that runs it."""

    _callable: Callable[..., Any] | None
    kind: Any
    name: Any
    project: Any
    spec: Fields
    uri: Any
    save: Callable[..., str]
    copy: Callable[[], Any]
    requires_build: Callable[[], bool]
    is_deployed: Callable[[], bool]
    to_dict: Callable[[], dict[str, Any]]

    def run(
        self,
        runspec: Any = None,
        handler: str | Callable[..., Any] | None = None,
        name: str | None = "",
        project: str | None = "",
        params: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        workdir: str | None = "",
        watch: bool | None = True,
        schedule: Any = None,
        hyperparams: Mapping[str, list[Any]] | None = None,
        hyper_param_options: Any = None,
        verbose: bool | None = None,
        scrape_metrics: bool | None = None,
        local: bool | None = False,
        local_code_path: str | None = None,
        auto_build: bool | None = None,
        param_file_secrets: Mapping[str, str] | None = None,
        notifications: list[Any] | None = None,
        returns: list[Any] | None = None,
        state_thresholds: Mapping[str, Any] | None = None,
        reset_on_run: bool | None = None,
        output_path: str | None = "",
        retry: Any = None,
        place: str = "",
        **launcher_kwargs: Any,
    ) -> Any:
        """Run it and, where ``watch`` is set, wait; raises RunError where the run fails.

        A callable handler, the kind ``handler`` and ``local=True`` run in this process; other
        kinds are sent to the service. With a ``schedule``, a cron line, the service runs it at
        those times, and the answer says which schedule was made or changed. ``place`` is
        ``"here"`` or ``"kubernetes"``; without it a configured cluster is taken. Arguments are
        MLRun's; what this release does not know is named in an error.
        """
        output_path, workdir = output_path or _old_path(launcher_kwargs), _folder(workdir)
        _refuse(launcher_kwargs)
        if (auto_build or self.spec.get("build", {}).get("auto_build")) and not local:
            self._build_first()
        template = new_task(
            base=_template(runspec), handler=handler, params=params, inputs=inputs,
            returns=returns, hyper_params=hyperparams, hyper_param_options=hyper_param_options,
            out_path=output_path or None,
        )  # fmt: skip
        called = self._called(template)
        task = self._complete(
            template, name or "", project or "", workdir, verbose=verbose,
            scrape_metrics=scrape_metrics, retry=_plain(retry), state_thresholds=state_thresholds,
            reset_on_run=reset_on_run, place=place,
            notifications=_notified(notifications),
        )  # fmt: skip
        _take_parameters(task["spec"], param_file_secrets)
        is_here = bool(called or local or self.kind in IN_PROCESS)
        if called is None and (is_here or session.client().is_here()):
            self._require_command(workdir)
        _check_task(task["spec"])
        if not is_here:
            return self._send(task, schedule, bool(watch))
        plan = _plan(task, reads=not (workdir or self.spec.get("workdir")))
        _refuse_schedule(schedule)
        here = self._with_local_code(local_code_path)
        return here._run_here(task, called, Place(workdir, bool(local)), plan)

    def _require_command(self, workdir: str) -> None:
        """Nothing, where the script of a function without other code is there."""
        build, words = self.spec.get("build") or {}, shlex.split(self.spec.get("command") or "")
        if build.get("functionSourceCode") or build.get("source") or not words:
            return
        is_script = self.kind == "local" and words[0].endswith(".py")
        path = os.path.join(workdir or _folder(self.spec.get("workdir")), words[0])
        if is_script and self.spec.get("mode") != "pass" and not os.path.isfile(path):
            raise MLRunDataNotFoundError(
                f"command file {words[0]} not found: there is no {os.path.abspath(path)}"
            )

    def _called(self, template: RunTemplate) -> Callable[..., Any] | None:
        """What is called in this process; None where the function's code holds it."""
        own, wanted = self._callable, template.spec.get("handler")
        if own is not None and (not wanted or wanted == handler_name(own)):
            template.spec["handler"] = wanted = own
        return wanted if callable(wanted) else None

    def _send(self, task: dict[str, Any], schedule: Any, watch: bool) -> Any:
        for part in ("parameters", "hyperparams"):
            if given := task["spec"].get(part):
                task["spec"][part] = {str(k): sendable(k, each) for k, each in given.items()}
        # a schedule's runs read theirs themselves; those of this run are this program's
        secrets = {} if schedule else take_secrets(task["spec"])
        self.save(versioned=True)
        task["spec"]["function"] = self.uri
        # what the service adds is the cluster's own
        fill_spec(task["spec"], self.spec.get("state_thresholds") or {})
        self._say_where(task["spec"])
        if schedule:  # its version is stored: the schedule's runs take it from there
            return submit(session.client(), task, schedule=_plain(schedule))
        sent = submit(session.client(), task, self.to_dict(), secrets)
        run = RunObject.from_dict(sent, session.client())
        if watch:
            run.wait_for_completion(show_logs=True)
        return run

    def _say_where(self, spec: dict[str, Any]) -> None:
        """Name this program's interpreter and folder to a service that can use them."""
        if not session.client().is_here():
            return
        origin = spec.setdefault("origin", {})
        origin.setdefault("executable", sys.executable)
        wanted = origin.get("workdir") or self.spec.get("workdir")
        # what is relative lies in the source that is fetched, else below this program's folder
        if not wanted or (self.kind == "local" and not has_source({"spec": self.spec})):
            origin["workdir"] = os.path.abspath(os.path.expanduser(wanted or ""))

    def _with_local_code(self, path: str | None) -> Running:
        """This function, with the code that lies at a path of this machine."""
        if not path:
            return self
        other: Any = self.copy()
        file, *arguments = [path] if os.path.isfile(path) else shlex.split(path)
        if arguments:
            other.spec["args"] = arguments
        return cast(Running, other.with_code(from_file=file))

    def _build_first(self) -> None:
        if self.requires_build() and not self.is_deployed():
            self.deploy(skip_deployed=True, show_on_failure=True)

    def deploy(self, *_: Any, **__: Any) -> bool:
        """Nothing is built for a function without an image of its own."""
        if self.kind in RuntimeKinds.nuclio_runtimes():
            raise MLRunNotImplementedServerError(
                f"Functions of kind '{self.kind}' answer requests, which comes with serving and is "
                f"not in this release: call the code of {self.name} by a run, with kind='job'"
            )
        raise MLRunInvalidArgumentError(
            f"Functions of kind '{self.kind or 'handler'}' have no image to build: install what "
            f"{self.name} needs here, or use kind='job'"
        )

    def _complete(
        self, template: RunTemplate, name: str, project: str, workdir: str, **wishes: Any
    ) -> dict[str, Any]:
        task = template.to_dict()
        metadata, spec = task["metadata"], task["spec"]
        spec.setdefault("handler", self.spec.get("default_handler") or "")
        validate_parameters(spec.get("parameters") or {})
        chosen = name or metadata.get("name") or _run_name(self.name, str(spec["handler"]))
        is_text = isinstance(chosen, str)
        metadata["name"] = names.validate_run(names.normalize_name(chosen) if is_text else chosen)
        metadata["project"] = existing_project(project or self.project)
        spec["output_path"] = (
            spec.get("output_path") or session.artifact_path(metadata["project"]) or None
        )
        spec["input_path"] = _folder(spec.get("input_path")) or None
        folder = workdir or spec["input_path"] or self.spec.get("workdir") or ""
        spec["inputs"] = {
            key: resolve_below(session.client(), metadata["project"], address, folder)
            for key, address in (spec.get("inputs") or {}).items()
        }
        if workdir:
            spec.setdefault("origin", {})["workdir"] = workdir
        spec.update({key: value for key, value in wishes.items() if value})
        return task

    def _kind_here(self) -> str:
        """What a run in this process is called: as in MLRun, whichever kind the function is."""
        return "handler" if self.kind in IN_PROCESS else "local"

    def _given(self) -> dict[str, Any]:
        """What the handler of a run in this process is given beside its arguments."""
        return {}

    def _document_here(self, place: Place) -> dict[str, Any]:
        document = self.to_dict()
        if place.is_local:
            # as in MLRun: the code is tried as it lies here, not as its source has it
            document["spec"].setdefault("build", {})["source"] = ""
        return document

    def _run_here(
        self,
        task: dict[str, Any],
        handler: Callable[..., Any] | None,
        place: Place,
        plan: Plan | None = None,
    ) -> RunObject:
        from jupyter_mlrun_runtimes.process import identity

        from ..process_run import execute

        metadata, spec = task["metadata"], task["spec"]
        _refuse_secrets(self.spec.get("env") or [], spec.get("secret_sources") or [])
        _refuse_kinds(spec.get("notifications") or [])
        metadata["uid"] = _uid_for(metadata)
        labels = metadata.setdefault("labels", {})
        labels |= {
            "kind": self._kind_here(),
            "owner": getpass.getuser(),
            "host": os.uname().nodename,
        }
        if handler is None or self.spec.get("build", {}).get("functionSourceCode"):
            self.save(versioned=True)
            spec["function"] = self.uri
        spec.setdefault("origin", {})["process"] = identity()
        client = session.client()
        # where pods work says nothing of this machine
        own = "" if self.kind not in (*IN_PROCESS, "local") else self.spec.get("workdir") or ""
        ended = execute(
            task, self._document_here(place), client, handler, given=self._given(),
            workdir=place.workdir or own, plan=plan,
        )  # fmt: skip
        told, objects = recorded_values(ended["spec"])
        ended["spec"] |= told
        if objects:
            ended["spec"]["origin"]["objects"] = objects
        run = RunObject.from_dict(ended, client)
        if run.error:
            raise RunError(run.error)
        return run


def _uid_for(metadata: Mapping[str, Any]) -> str:
    """A new uid, or the one that was chosen; one that is taken or is no uid is refused."""
    uid, project = str(metadata.get("uid") or ""), metadata["project"]
    if not uid:
        return names.new_uid()
    if not names.is_uid(uid):
        raise MLRunInvalidArgumentError(f"'{uid}' cannot be a run's uid: leave it out")
    with contextlib.suppress(MLRunNotFoundError):
        runs.read(session.client(), project, uid)
        raise MLRunConflictError(f"Run {uid} of project {project} is there already")
    return uid


def _template(runspec: Any) -> Any:
    if runspec is None or isinstance(runspec, (RunTemplate, Mapping)):
        return runspec
    if isinstance(runspec, RunObject):
        return RunTemplate.from_dict(runspec.to_dict())
    raise MLRunInvalidArgumentError(
        f"runspec must be a task (new_task) or a run's dict, not {type(runspec).__name__}"
    )


def _old_path(more: dict[str, Any]) -> str:
    """Where results go by the names that MLRun dropped, with a warning."""
    found = [more.pop(name) for name in ("artifact_path", "out_path") if more.get(name)]
    if found:
        warnings.warn(
            "artifact_path and out_path of run() are called output_path now",
            FutureWarning,
            stacklevel=3,
        )
    return str(found[0]) if found else ""


def _folder(given: Any) -> str:
    """A folder or URL as text, with the home for ``~``."""
    return os.path.expanduser(os.fspath(given or ""))


def _refuse_schedule(schedule: Any) -> None:
    if schedule:
        raise MLRunInvalidArgumentError(
            f"Unexpected schedule='{schedule}' parameter for local function execution"
        )


def _take_parameters(spec: dict[str, Any], secrets: Mapping[str, str] | None) -> None:
    """Read a parameter file here, where secrets open it: they go nowhere else."""
    if not secrets:
        return
    options = dict(spec.get("hyper_param_options") or {})
    path = options.pop("param_file", None) or spec.pop("param_file", None)
    if not path:
        raise MLRunInvalidArgumentError(
            "param_file_secrets open a parameter file, and there is none: name it as param_file "
            "of hyper_param_options"
        )
    values, strategy = read_values(
        session.get_dataitem(str(path), secrets), str(options.get("strategy") or "")
    )
    spec["hyperparams"] = values
    spec["hyper_param_options"] = {**options, "strategy": strategy}


def _refuse(more: Mapping[str, Any]) -> None:
    # MLRun swallows unknown arguments, so that old scripts write elsewhere unseen
    unknown = sorted(name for name, value in more.items() if value not in (None, "", False))
    if unknown:
        known = list(inspect.signature(Running.run).parameters)
        raise MLRunInvalidArgumentError(
            f"run() does not know {', '.join(unknown)} in this release."
            f"{names.near(unknown[0], known)}"
        )


def _check_task(spec: Mapping[str, Any]) -> None:
    """Nothing, where a task can be followed: what cannot be is refused before it is recorded."""
    for part in ("state_thresholds", "retry"):
        if not isinstance(spec.get(part) or {}, Mapping):
            raise MLRunInvalidArgumentError(f"'{part}' is a dict, not {spec[part]!r:.60}")
    check_thresholds(spec.get("state_thresholds") or {})
    refuse_marks(spec)
    for hint in spec.get("returns") or ():
        if hint is not None:
            LogHint.parse_obj(hint)
    for key, value in (spec.get("inputs") or {}).items():
        if not isinstance(key, str) or not isinstance(value, (str, list, dict, os.PathLike)):
            raise MLRunInvalidArgumentTypeError(
                f"The input {key!r} is {value!r:.60}: inputs are addresses, or lists or dicts of "
                "them, by their names"
            )
    if is_sweep(spec):
        check_plan(spec)


def _plan(task: Mapping[str, Any], reads: bool) -> Plan | None:
    """What a sweep in this process will try; None without one, or where its file is read later."""
    if not is_sweep(task["spec"]):
        return None

    def read(url: str) -> Any:
        project = task["metadata"]["project"]
        return get_dataitem(url, None, session.client(), project=project, is_named=True)

    return make_plan(task["spec"], read if reads else None)


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


def _refuse_kinds(told: list[Mapping[str, Any]]) -> None:
    """Nobody would be told by a kind that does not exist."""
    unknown = [kind for each in told if (kind := each.get("kind") or "slack") not in KINDS]
    if not unknown:
        return
    known = sorted({*KINDS, *notices.kinds(session.client())})
    for kind in unknown:
        if kind not in known:
            raise MLRunInvalidArgumentError(
                f"There is no notification of kind '{kind}': use {', '.join(known)}."
                f"{names.near(str(kind), known)}"
            )


def _notified(given: list[Any] | None) -> list[dict[str, Any]]:
    """The notifications of a run, each with a name of its own."""
    told = [_plain(each) for each in given or ()]
    for each in told:
        if not isinstance(each, Mapping):
            raise MLRunInvalidArgumentError(
                f"A notification is a mlrun.Notification, or its dict, not {each!r:.60}"
            )
    Notification.validate_notification_uniqueness(told)
    return told


def _plain(value: Any) -> Any:
    return value.to_dict() if hasattr(value, "to_dict") else value


def existing_project(name: str) -> str:
    session.need_project(name)
    return name


def _run_name(function: str, handler: str) -> str:
    # as in MLRun: the handler without its module or class, also where it is called as the function
    last = re.split(r"[#:.]", handler)[-1]
    text = f"{function}-{last}" if last else function
    cleaned = "".join(c if c.isalnum() or c in "-." else "-" for c in text.lower())
    return cleaned.strip("-.")[: names.MAX_LABEL].strip("-.")
