"""What user code holds while it runs: parameters and inputs, results and artifacts."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self, TypeVar, cast

from . import states
from .artifacts.recording import ArtifactRecording
from .artifacts.results import to_result
from .client.transport import Client
from .clock import now
from .errors import MLRunBaseError
from .logger import Logger
from .pulse import Pulse
from .report import Reporter

MAX_SERIES = 2000
Tree = TypeVar("Tree")


class Context(ArtifactRecording):
    """The run in progress, MLRun's MLClientCtx.

    What is logged is told to the service soon, in one request for many values; ``commit`` tells it
    now. Safe to use from several threads.
    """

    kind = "run"

    def __init__(
        self, run: dict[str, Any], reporter: Reporter, parent: Context | None = None
    ) -> None:
        self._run = run
        self._reporter = reporter
        self._parent = parent
        # modules that exist in this run only: what is pickled carries their classes
        self.modules: list[Any] = [] if parent is None else parent.modules
        self._children: list[Context] = []
        self._changed: set[str] = set()
        self._lock = threading.RLock()
        self._telling = threading.RLock()
        self._pulse = Pulse(self._tell_quietly)
        self._artifacts: list[dict[str, Any]] = []
        self._logger = Logger(str(self._spec.get("log_level") or "INFO"))
        for part in ("metadata", "spec", "status"):
            run.setdefault(part, {})
        self._status.setdefault("results", {})
        self._status.setdefault("artifact_uris", {})

    @property
    def _metadata(self) -> dict[str, Any]:
        part: dict[str, Any] = self._run["metadata"]
        return part

    @property
    def _spec(self) -> dict[str, Any]:
        part: dict[str, Any] = self._run["spec"]
        return part

    @property
    def _status(self) -> dict[str, Any]:
        part: dict[str, Any] = self._run["status"]
        return part

    @property
    def client(self) -> Client:
        """The connection to the service."""
        return self._reporter.client

    @property
    def uid(self) -> str:
        """The run's uid; iterations share it."""
        return str(self._metadata["uid"])

    @property
    def tag(self) -> str:
        """What artifacts of this run are told apart by: the uid."""
        return self.uid

    @property
    def name(self) -> str:
        """The run's name."""
        return str(self._metadata.get("name") or "")

    @property
    def iteration(self) -> int:
        """The iteration's number; 0 for the run itself."""
        return int(self._metadata.get("iteration") or 0)

    @property
    def project(self) -> str:
        """The project's name."""
        return str(self._metadata.get("project") or "default")

    @property
    def state(self) -> str:
        """The state as the run knows it."""
        return str(self._status.get("state") or states.CREATED)

    @property
    def logger(self) -> Logger:
        """Writes lines with values into the run's log."""
        return self._logger

    @property
    def log_level(self) -> str:
        """The logger's level."""
        return self._logger.level

    @log_level.setter
    def log_level(self, value: str) -> None:
        self._logger.level = value

    @property
    def parameters(self) -> dict[str, Any]:
        """A copy of the parameters."""
        return _copy(self._spec.get("parameters") or {})

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs' addresses."""
        return _copy(self._spec.get("inputs") or {})

    @property
    def results(self) -> dict[str, Any]:
        """A copy of the results so far."""
        return _copy(self._status["results"])

    @property
    def artifacts(self) -> list[dict[str, Any]]:
        """The documents of the artifacts so far."""
        return _copy(self._artifacts)

    @property
    def artifact_uris(self) -> dict[str, str]:
        """The addresses of the artifacts so far."""
        return _copy(self._status["artifact_uris"])

    @property
    def in_path(self) -> str:
        """The folder that relative inputs are below."""
        return str(self._spec.get("input_path") or "")

    @property
    def out_path(self) -> str:
        """The path below which artifacts go; empty for the service's own place."""
        return str(self._spec.get("output_path") or "")

    @property
    def labels(self) -> dict[str, str]:
        """A copy of the labels."""
        return _copy(self._metadata.get("labels") or {})

    @property
    def annotations(self) -> dict[str, str]:
        """A copy of the annotations."""
        return _copy(self._metadata.get("annotations") or {})

    @property
    def host(self) -> str:
        """The machine on which the run works."""
        return str(self._status.get("host") or os.uname().nodename)

    def get_param(self, key: str, default: Any = None) -> Any:
        """A parameter; one that was not given is recorded with its default."""
        parameters = self._spec.setdefault("parameters", {})
        if key not in parameters:
            parameters[key] = default
            self._touch("spec.parameters")
        return parameters[key]

    def get_input(self, key: str, url: Any = "") -> Any:
        """An input as a DataItem, or a list or dict of them; ``url`` is for one not yet given."""
        inputs = self._spec.setdefault("inputs", {})
        if key not in inputs or url:
            inputs[key] = url or key
            self._touch("spec.inputs")
        return self._item(key, inputs[key])

    def _item(self, key: str, url: Any) -> Any:
        if isinstance(url, Mapping):
            return {name: self._item(name, below) for name, below in url.items()}
        if isinstance(url, (list, tuple)):
            return [self._item(f"{key}_{place}", below) for place, below in enumerate(url)]
        from .datastore.registry import scheme_of

        if self.in_path and not scheme_of(url) and not os.path.isabs(url):
            url = os.path.join(self.in_path, url)
        return self.get_dataitem(url, key=key)

    def get_dataitem(self, url: str, secrets: Any = None, key: str = "") -> Any:
        """The data at an address."""
        from .datastore.resolve import get_dataitem

        return get_dataitem(url, secrets, self.client, project=self.project, key=key)

    def get_secret(self, key: str) -> str | None:
        """A secret that was handed to this run, by name; None where it was not."""
        return os.environ.get(key, os.environ.get(f"MLRUN_K8S_SECRET__{key}"))

    def set_label(self, key: str, value: Any, replace: bool = True) -> None:
        """Give the run a label."""
        from .names import validate_label

        validate_label(key, value)
        labels = self._metadata.setdefault("labels", {})
        if replace or key not in labels:
            labels[key] = str(value)
            self._touch("metadata.labels")

    def set_annotation(self, key: str, value: Any, replace: bool = True) -> None:
        """Give the run an annotation."""
        annotations = self._metadata.setdefault("annotations", {})
        if replace or key not in annotations:
            annotations[key] = str(value)
            self._touch("metadata.annotations")

    def log_result(
        self, key: str, value: Any, commit: bool = False, step: float | None = None
    ) -> None:
        """Record a result; with ``step``, a point of the series that the key names.

        The last point's value is the result. At most the last 2,000 points are kept.
        """
        with self._lock:
            result = to_result(value)
            self._status["results"][str(key)] = result
            self._touch("status.results")
            if step is not None:
                points = self._status.setdefault("series", {}).setdefault(str(key), [])
                points.append([to_result(step), result])
                del points[:-MAX_SERIES]
                self._touch("status.series")
        if commit:
            self.commit()

    def log_results(self, results: Mapping[str, Any], commit: bool = False) -> None:
        """Record several results."""
        if not isinstance(results, Mapping):
            from .errors import MLRunInvalidArgumentError

            raise MLRunInvalidArgumentError(
                f"log_results needs a dict of results, not {type(results).__name__}"
            )
        for key, value in results.items():
            self.log_result(key, value)
        if commit:
            self.commit()

    def log_progress(self, value: float, total: float | None = None, text: str = "") -> None:
        """Say how far the run is: ``value`` of ``total``, or a share between 0 and 1."""
        with self._lock:
            progress = {"value": to_result(value), "total": to_result(total), "text": str(text)}
            self._status["progress"] = progress
            self._touch("status.progress")

    def commit(self, message: str = "", completed: bool = False) -> None:
        """Tell the service everything now; ``completed`` ends the run."""
        with self._lock:
            if message:
                self._status["commit"] = message
                self._changed.add("status.commit")
        if completed:
            self.set_state(states.COMPLETED, commit=False)
        self._tell()

    def set_state(
        self, execution_state: str | None = None, error: str | None = None, commit: bool = True
    ) -> None:
        """Change the run's state; an error's text makes it ``error``."""
        with self._lock:
            if error is not None:
                execution_state = states.ERROR
                self._status["error"] = str(error)
                self._changed.add("status.error")
            if execution_state:
                self._status["state"] = states.advance(self.state, execution_state)
                self._changed.add("status.state")
            if self.state in states.TERMINAL:
                self._status["end_time"] = now()
                self._changed.add("status.end_time")
        if commit:
            self._tell()

    def set_status(self, **values: Any) -> None:
        """Set fields of the run's status; told with the next commit."""
        with self._lock:
            for name, value in values.items():
                self._status[name] = value
                self._changed.add(f"status.{name}")

    def set_hostname(self, host: str) -> None:
        """Say on which machine the run works."""
        self.set_status(host=host)

    def get_child_context(self, with_parent_params: bool = False, **params: Any) -> Context:
        """A new iteration of this run, with parameters of its own."""
        inherited = self.parameters if with_parent_params else {}
        run: dict[str, Any] = {
            "kind": "run",
            "metadata": {**_copy(self._metadata), "iteration": len(self._children) + 1},
            "spec": {**_copy(self._spec), "parameters": {**inherited, **params}},
            "status": {"state": states.RUNNING, "start_time": now(), "results": {}},
        }
        for key in ("hyperparams", "hyper_param_options", "origin"):
            run["spec"].pop(key, None)
        child = Context(run, self._reporter, parent=self)
        self._children.append(child)
        return child

    def mark_as_best(self) -> None:
        """Make this iteration the best one of its run."""
        if self._parent is not None:
            self._parent.update_child_iterations(best_run=self.iteration, completed=False)

    def update_child_iterations(
        self, best_run: int = 0, commit_children: bool = False, completed: bool = True
    ) -> None:
        """Record the table of iterations; the best one's results become the run's."""
        from .iterations import record

        if commit_children:
            for child in self._children:
                child.commit(completed=completed)
        record(self, self._children, best_run)

    def take_from(self, best: Context) -> None:
        """Make an iteration's results and artifacts the run's own."""
        with self._lock:
            self._status["results"] = {**best.results, "best_iteration": best.iteration}
            self._status["artifact_uris"] = {**self.artifact_uris, **best.artifact_uris}
            self._touch("status.results")
            self._touch("status.artifact_uris")

    def artifact_subpath(self, *subpaths: str) -> str:
        """A path below the run's artifact path."""
        return os.path.join(self.out_path, *subpaths)

    def get_meta(self) -> dict[str, Any]:
        """The producer's part of an artifact document."""
        return self.producer()

    def producer(self) -> dict[str, Any]:
        """Who makes the artifacts of this run."""
        suffix = f"-{self.iteration}" if self.iteration else ""
        return {
            "kind": "run",
            "name": self.name,
            "uri": f"{self.project}/{self.uid}{suffix}",
            "owner": self.labels.get("owner"),
        }

    def report_artifact(self, document: dict[str, Any], tag: str = "") -> dict[str, Any]:
        """Store an artifact document and make it an output of the run."""
        from .model.artifact import artifact_uri
        from .model.document import strict

        stored = self._reporter.artifact(strict(document), tag)
        with self._lock:
            self._artifacts.append(stored)
            self._status["artifact_uris"][stored["metadata"]["key"]] = artifact_uri(stored)
            self._touch("status.artifact_uris")
        return stored

    def link_artifact(self, key: str, db_key: str, iteration: int) -> None:
        """Make an iteration's artifact the one that is found where no iteration is named."""
        document = {
            "kind": "link",
            "metadata": {"key": key, "project": self.project, "iter": 0, "tree": self.uid},
            "spec": {
                "db_key": db_key,
                "link_iteration": iteration,
                "link_key": db_key,
                "link_tree": self.uid,
                "producer": self.producer(),
            },
            "status": {"state": "created"},
        }
        self._reporter.artifact(document)

    def is_logging_worker(self) -> bool:
        """Whether this process is the one that logs: always, for one process."""
        return True

    def to_dict(self) -> dict[str, Any]:
        """A copy of the run document."""
        return _copy(self._run)

    def to_json(self) -> str:
        """The run document as JSON."""
        return json.dumps(self._run, indent=2)

    def to_yaml(self) -> str:
        """The run document as YAML."""
        import yaml

        text: str = yaml.safe_dump(self.to_dict(), sort_keys=False)
        return text

    def store_run(self) -> None:
        """Store the whole run document."""
        with self._telling, self._lock:
            self._changed.clear()
            self._reporter.store(self._run)

    def update_run(self) -> None:
        """Tell the service what has changed."""
        self._tell()

    def close(self) -> None:
        """Tell what is left, and tell nothing more by itself."""
        for child in self._children:
            child._pulse.stop()
        self._pulse.stop()
        self._tell()

    def finish(self) -> None:
        """Store the whole document, the last word of an iteration."""
        self._pulse.stop()
        self.store_run()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None:
            self.set_state(error=str(error))
        elif self.state not in states.TERMINAL:
            self.commit(completed=True)
        self.close()

    def _touch(self, path: str) -> None:
        with self._lock:
            self._changed.add(path)
        self._pulse.touch()

    def _tell_quietly(self) -> None:
        try:
            self._tell()
        except (MLRunBaseError, OSError) as error:
            # commit, or the end of the run, meets it again in the user's own thread
            self._logger.warning(f"the service was not told of this run: {error}")

    def _tell(self) -> None:
        with self._telling:
            with self._lock:
                changed, self._changed = self._changed, set()
                updates = {path: _copy(self._at(path)) for path in changed}
            if updates:
                try:
                    self._reporter.update(self._run, updates)
                except BaseException:
                    with self._lock:
                        self._changed |= changed
                    raise

    def _at(self, path: str) -> Any:
        part, _, name = path.partition(".")
        return self._run[part].get(name)


MLClientCtx = Context


_running: list[Context] = []


@contextmanager
def running(context: Context) -> Iterator[None]:
    """Make this the context that ``get_or_create_ctx`` finds."""
    _running.append(context)
    try:
        yield
    finally:
        _running.remove(context)


def current() -> Context | None:
    """The context of the run that works in this process, if one does."""
    return _running[-1] if _running else None


def _copy(value: Tree) -> Tree:
    if isinstance(value, dict):
        return cast("Tree", {key: _copy(item) for key, item in value.items()})
    if isinstance(value, list):
        return cast("Tree", [_copy(item) for item in value])
    return value
