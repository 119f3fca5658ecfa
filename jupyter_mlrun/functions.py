"""Functions as user code holds them: made of code, stored, run."""

from __future__ import annotations

import getpass
import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import names, session, uris
from .client import functions
from .client.submit import submit
from .datastore.inputs import resolve_input
from .errors import MLRunInvalidArgumentError, RunError
from .model.function import decode_source, encode_source, function_hash
from .runs import RunObject
from .tasks import RunTemplate, new_task, validate_parameters

IN_PROCESS = ("", "handler")


class Function:
    """A function document with what can be done with it."""

    def __init__(
        self, document: Mapping[str, Any], handler: Callable[..., Any] | None = None
    ) -> None:
        self._document = dict(document)
        self._callable = handler

    @property
    def kind(self) -> str:
        """Where it runs."""
        return str(self._document.get("kind") or "")

    @property
    def metadata(self) -> dict[str, Any]:
        """Who it is."""
        part: dict[str, Any] = self._document.setdefault("metadata", {})
        return part

    @property
    def spec(self) -> dict[str, Any]:
        """Its code and how it wants to run."""
        part: dict[str, Any] = self._document.setdefault("spec", {})
        return part

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.metadata["name"])

    @property
    def project(self) -> str:
        """Its project's name."""
        return str(self.metadata.get("project") or session.active_project())

    @property
    def uri(self) -> str:
        """Its address, with its version."""
        parts = uris.FunctionUri(self.name, self.project, hash_key=self.hash)
        return uris.format_function(parts)

    @property
    def hash(self) -> str:
        """Its version: changes with any change of the function and with nothing else."""
        return function_hash(self._document)

    @property
    def code(self) -> str:
        """Its source."""
        return decode_source(self._document)

    def with_code(self, from_file: str = "", body: str = "") -> Function:
        """Give it code, of a file or as text."""
        source = body or Path(from_file).read_text(encoding="utf-8")
        self.spec.setdefault("build", {})["functionSourceCode"] = encode_source(source)
        return self

    def set_env(self, name: str, value: str) -> Function:
        """Set a variable of its environment."""
        return self._set_env({"name": name, "value": str(value)})

    def set_env_from_secret(
        self, name: str, secret: str | None = None, secret_key: str | None = None
    ) -> Function:
        """Set a variable of its environment to a secret of its project, which its runs alone get.

        ``secret_key`` is the secret's name where it is not the variable's.
        """
        reference = {"key": secret_key or name, **({"name": secret} if secret else {})}
        return self._set_env({"name": name, "valueFrom": {"secretKeyRef": reference}})

    def _set_env(self, entry: dict[str, Any]) -> Function:
        others = [each for each in self.spec.get("env") or [] if each.get("name") != entry["name"]]
        self.spec["env"] = [*others, entry]
        return self

    def save(self, tag: str = "", versioned: bool = True) -> str:
        """Store it; its address. The same function stored twice is one version."""
        self.metadata["project"] = _existing_project(self.project)
        found = functions.store(session.client(), self.to_dict(), tag, versioned)
        self.metadata["hash"] = found
        self.metadata["tag"] = tag or "latest"
        return uris.format_function(uris.FunctionUri(self.name, self.project, hash_key=found))

    def export(self, target: str = "function.yaml") -> Function:
        """Write it as MLRun's YAML, or as JSON by the file's name."""
        import json

        import yaml

        path = Path(target)
        document = self.to_dict()
        is_json = path.suffix == ".json"
        text = json.dumps(document, indent=2) if is_json else yaml.safe_dump(document)
        path.write_text(text, encoding="utf-8")
        return self

    def to_dict(self) -> dict[str, Any]:
        """A copy of the document."""
        import copy

        return copy.deepcopy(self._document)

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
        run = RunObject(submit(session.client(), task, self.to_dict()), session.client())
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
        metadata["project"] = _existing_project(project or self.project)
        spec["inputs"] = {
            key: _resolve(metadata["project"], address)
            for key, address in (spec.get("inputs") or {}).items()
        }
        if workdir:
            spec.setdefault("origin", {})["workdir"] = workdir
        return task

    def _run_here(self, task: dict[str, Any], handler: Callable[..., Any] | None) -> RunObject:
        from jupyter_mlrun_runtimes.process import identity

        from .execution import execute

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
        run = RunObject(execute(task, self.to_dict(), client, handler), client)
        if run.error:
            raise RunError(run.error)
        return run

    def __repr__(self) -> str:
        return f"<function {self.project}/{self.name} {self.kind or 'handler'}>"


def new_function(
    name: str | None = "",
    project: str | None = "",
    tag: str | None = "",
    kind: str | None = "",
    command: str | None = "",
    image: str | None = "",
    args: list[Any] | None = None,
    runtime: Any = None,
    mode: str | None = None,
    handler: Any = None,
    source: str | None = None,
    requirements: list[str] | None = None,
) -> Function:
    """A function of a command (a script), or of a callable handler, or of a document."""
    document: dict[str, Any] = dict(runtime or {"metadata": {}, "spec": {}})
    document["kind"] = kind if kind is not None else document.get("kind", "")
    metadata, spec = document.setdefault("metadata", {}), document.setdefault("spec", {})
    chosen = name or metadata.get("name") or getattr(handler, "__name__", "") or _stem(command)
    metadata["name"] = names.validate_function(names.normalize_function(chosen or "handler"))
    metadata["project"] = project or metadata.get("project") or session.active_project()
    metadata["tag"] = tag or ""
    given = {"command": command, "image": image, "args": args, "mode": mode}
    spec.update({key: value for key, value in given.items() if value})
    if requirements:
        spec.setdefault("build", {})["requirements"] = list(requirements)
    if isinstance(handler, str):
        spec["default_handler"] = handler
    if command and kind not in IN_PROCESS and os.path.isfile(command):
        spec.setdefault("build", {})["functionSourceCode"] = encode_source(
            Path(command).read_text(encoding="utf-8")
        )
    return Function(document, handler if callable(handler) else None)


def code_to_function(
    name: str | None = "",
    project: str | None = "",
    tag: str | None = "",
    filename: str | None = "",
    handler: str | None = "",
    kind: str | None = "",
    image: str | None = None,
    code_output: str | None = "",
    embed_code: bool = True,
    description: str | None = "",
    requirements: list[str] | None = None,
    categories: list[str] | None = None,
    labels: Mapping[str, str] | None = None,
    with_doc: bool | None = True,
) -> Function:
    """A function of a Python file, or of a notebook as ``%mlrun export`` reads it."""
    if not filename:
        raise MLRunInvalidArgumentError(
            "code_to_function needs filename=: a .py file or a notebook; "
            "to turn a cell into a function begin it with %%mlrun NAME"
        )
    path = Path(filename)
    if not path.is_file():
        raise MLRunInvalidArgumentError(f"There is no file {path.absolute()}")
    is_notebook = path.suffix == ".ipynb"
    source = _notebook_source(path) if is_notebook else path.read_text(encoding="utf-8")
    function = new_function(name or path.stem, project, tag, kind or "local", image=image)
    function.with_code(body=source)
    function.spec["build"]["origin_filename"] = str(path)
    if requirements:
        function.spec["build"]["requirements"] = list(requirements)
    function.spec["default_handler"] = handler or ""
    function.spec["description"] = description or ""
    function.metadata["labels"] = dict(labels or {})
    if categories:
        function.metadata["categories"] = list(categories)
    if with_doc:
        function.spec["entry_points"] = _entry_points(source, str(path))
    return function


def import_function(
    url: str = "",
    secrets: Any = None,
    db: Any = None,
    project: str | None = None,
    new_name: str | None = None,
) -> Function:
    """A function of ``db://PROJECT/NAME[:TAG][@HASH]``, or of a YAML, JSON or Python file."""
    if url.startswith("db://"):
        parts = uris.parse_function(url.removeprefix("db://"))
        owner = parts.project or project or session.active_project()
        found = functions.read(session.client(), owner, parts.name, parts.tag, parts.hash_key)
    elif url.endswith(".py"):
        return code_to_function(new_name or "", project, filename=url)
    else:
        import yaml

        found = yaml.safe_load(session.get_object(url))
        if not isinstance(found, dict) or "metadata" not in found:
            raise MLRunInvalidArgumentError(f"{url} holds no function: it has no metadata")
    function = Function(found)
    if new_name:
        function.metadata["name"] = names.validate_function(new_name)
    if project:
        function.metadata["project"] = project
    return function


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
        known = list(inspect.signature(Function.run).parameters)
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


def _existing_project(name: str) -> str:
    session.need_project(name)
    return name


def _run_name(function: str, handler: str) -> str:
    text = f"{function}-{handler}" if handler and handler != function else function
    cleaned = "".join(c if c.isalnum() or c in "-." else "-" for c in text.lower())
    return cleaned.strip("-.")[: names.MAX_LABEL].strip("-.")


def _stem(command: str | None) -> str:
    return Path(command).stem if command else ""


def _notebook_source(path: Path) -> str:
    from .export.notebook import build_export, read_notebook

    module, _, _ = build_export(read_notebook(str(path)), path.stem, path.name)
    return module


def _entry_points(source: str, path: str) -> dict[str, Any]:
    import ast

    from .capture.signature import describe_function

    try:
        tree = ast.parse(source, path)
    except SyntaxError as error:
        raise MLRunInvalidArgumentError(
            f"{path}, line {error.lineno}: {error.msg}; the function cannot be made of it"
        ) from None
    nodes = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return {n.name: describe_function(n) for n in nodes if not n.name.startswith("_")}
