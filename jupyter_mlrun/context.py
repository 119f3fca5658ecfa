"""What user code holds while it runs: parameters and inputs, results and artifacts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from . import states
from .artifacts.results import to_result
from .client.transport import Client
from .clock import now
from .errors import (
    MLRunAccessDeniedError,
    MLRunBaseError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunServiceUnreachableError,
)
from .in_progress import InProgress
from .recording import ArtifactRecording
from .report import Reporter
from .runview import copy_tree
from .settling import settle
from .telling import Telling

if TYPE_CHECKING:
    from .tasks import Notification

MAX_SERIES = 2000
# what an iteration does not have of its run's spec
_PARENTS = frozenset({"hyperparams", "hyper_param_options", "origin", "param_file"})
_RANKS = ("OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "RANK")


class Context(Telling, ArtifactRecording):
    """The run in progress, MLRun's MLClientCtx.

    What is logged is told to the service soon, in one request for many values; ``commit`` tells it
    now. Safe to use from several threads.
    """

    kind = "run"

    def __init__(
        self, run: dict[str, Any], reporter: Reporter, parent: Context | None = None
    ) -> None:
        super().__init__(run, reporter)
        self._parent = parent
        # modules that exist in this run only: what is pickled carries their classes
        self.modules: list[Any] = [] if parent is None else parent.modules
        # where the files lie that were shipped with the function
        self.files: str = "" if parent is None else parent.files
        # of the task's own sources: known to this process alone
        self.secrets: dict[str, str] = {} if parent is None else parent.secrets
        # the parameters that make it another iteration than its siblings
        self.swept: tuple[str, ...] = ()
        # what the engine of the run's kind hands to the handler, by name
        self.given: dict[str, Any] = {} if parent is None else parent.given
        self._children: list[Context] = []
        self._artifacts: list[dict[str, Any]] = []

    @property
    def client(self) -> Client:
        """The connection to the service."""
        return self._reporter.client

    @property
    def artifacts(self) -> list[dict[str, Any]]:
        """The documents of the artifacts so far."""
        return copy_tree(self._artifacts)

    @property
    def dask_client(self) -> Any:
        """The client of the function's Dask cluster, in a run of the kind ``dask``; else None."""
        return self.given.get("dask_client")

    @property
    def spark(self) -> Any:
        """The Spark session, in a run of the kinds ``spark`` and ``remote-spark``; else None."""
        return self.given.get("spark")

    def get_param(self, key: str, default: Any = None) -> Any:
        """A parameter; one that was not given is recorded with its default."""
        parameters = self._spec.setdefault("parameters", {})
        if key not in parameters:
            parameters[key] = default
            self._touch("spec.parameters")
        return parameters[key]

    def add_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Record parameters that were found while the run works; those that it was given stay."""
        known = self._spec.setdefault("parameters", {})
        if added := {key: value for key, value in parameters.items() if key not in known}:
            known |= to_result(added)
            self._touch("spec.parameters")

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

        # an input's address comes from outside, and has a key
        return get_dataitem(
            url, secrets, self.client, project=self.project, key=key, is_named=not key
        )

    def get_file(self, name: str) -> str:
        """The path of a file that was shipped with ``--file``; raises MLRunNotFoundError."""
        path = os.path.join(self.files, name)
        if self.files and os.path.isfile(path):
            return path
        shipped = sorted(os.listdir(self.files)) if self.files else []
        raise MLRunNotFoundError(
            f"No file '{name}' was shipped with this run; it has "
            f"{', '.join(shipped) or 'none'}: ship one with --file PATH"
        )

    def get_secret(self, key: str) -> str | None:
        """A secret that was handed to this run, by name; None where it was not.

        It is looked for in the task's sources of secrets, in the environment, and among the
        project's secrets that the run was given.
        """
        if key in self.secrets:
            return self.secrets[key]
        return os.environ.get(key, os.environ.get(f"MLRUN_K8S_SECRET__{key}"))

    def set_label(self, key: str, value: Any, replace: bool = True) -> None:
        """Give the run a label."""
        from .names import validate_label

        validate_label(key, value)
        labels = self._metadata.setdefault("labels", {})
        if replace or key not in labels:
            labels[key] = str(value)
            self._touch("metadata.labels")

    def log_result(
        self, key: str, value: Any, commit: bool = False, step: float | None = None
    ) -> None:
        """Record a result; with ``step``, a point of the series that the key names.

        The last point's value is the result. At most the last 2,000 points are kept.
        """
        if not isinstance(key, str) or not key:
            raise MLRunInvalidArgumentError(f"A result needs a name that is text, not {key!r}")
        with self._lock:
            result = to_result(value)
            self._status["results"][key] = result
            self._touch("status.results")
            if step is not None:
                points = self._status.setdefault("series", {}).setdefault(key, [])
                points.append([to_result(step), result])
                del points[:-MAX_SERIES]
                self._touch("status.series")
        if commit:
            self.commit()

    def log_results(self, results: Mapping[str, Any], commit: bool = False) -> None:
        """Record several results."""
        if not isinstance(results, Mapping):
            raise MLRunInvalidArgumentError(
                f"log_results needs a dict of results, not {type(results).__name__}"
            )
        for key, value in results.items():
            self.log_result(key, value)
        if commit:
            self.commit()

    def log_progress(self, value: float, total: float | None = None, text: str = "") -> None:
        """Say how far the run is: ``value`` of ``total``, or a share between 0 and 1."""
        for number in (value, total):
            if number is not None and not isinstance(to_result(number), (int, float)):
                raise MLRunInvalidArgumentError(f"Progress is told in numbers, not {number!r}")
        with self._lock:
            progress = {"value": to_result(value), "total": to_result(total), "text": str(text)}
            self._status["progress"] = progress
            self._touch("status.progress")

    def set_hostname(self, host: str) -> None:
        """Say on which machine the run works."""
        self.set_status(host=host)

    def get_child_context(self, with_parent_params: bool = False, **params: Any) -> Context:
        """A new iteration of this run, recorded at once, with parameters of its own."""
        if self.iteration:
            raise MLRunInvalidArgumentError(
                f"Iteration {self.iteration} cannot have iterations: make them of the run's context"
            )
        inherited = self.parameters if with_parent_params else {}
        own = {key: value for key, value in self._spec.items() if key not in _PARENTS}
        run: dict[str, Any] = {
            "kind": "run",
            "metadata": {**copy_tree(self._metadata), "iteration": len(self._children) + 1},
            "spec": {**copy_tree(own), "parameters": {**inherited, **params}},
            "status": {"state": states.RUNNING, "start_time": now(), "results": {}},
        }
        child = Context(run, self._reporter, parent=self)
        self._children.append(child)
        child.store_run()
        return child

    def mark_as_best(self) -> None:
        """Make this iteration the best one of its run."""
        if self._parent is None or not self.iteration:
            raise MLRunInvalidArgumentError(
                "Only an iteration can be the best one: call it on a child context"
            )
        self._parent.choose_child(self)

    def update_child_iterations(
        self, best_run: int = 0, commit_children: bool = False, completed: bool = True
    ) -> None:
        """Record the table of iterations; the best one's results become the run's."""
        from .iterations import record_children

        if not self._children or not self.is_logging_worker():
            return
        if commit_children:
            for child in self._children:
                child.commit(completed=completed)
        record_children(self, self._children, best_run)

    def choose_child(self, best: Context, instead: bool = False) -> None:
        """Make an iteration's results and artifacts the run's own, found where none is named."""
        self.take_from(best, instead)
        for document in best.artifacts:
            key = document["metadata"]["key"]
            self.link_artifact(key, document["spec"].get("db_key") or key, best.iteration)

    def take_from(self, best: Context, instead: bool = False) -> None:
        """Add an iteration's results and artifacts to the run's own, or put them ``instead``."""
        with self._lock:
            own = {} if instead else self._status["results"]
            uris = {} if instead else self._status["artifact_uris"]
            self._status["results"] = {**own, "best_iteration": best.iteration, **best.results}
            self._status["artifact_uris"] = {**uris, **best.artifact_uris}
            self._touch("status.results")
            self._touch("status.artifact_uris")

    def take_back(self) -> None:
        """Take over what a program that found this run by itself has told of it."""
        from .client import runs

        try:
            stored = runs.read(self.client, self.project, self.uid, self.iteration)
        except (MLRunNotFoundError, MLRunServiceUnreachableError):
            return
        with self._lock:
            for part in ("results", "artifact_uris", "artifacts"):
                if told := (stored.get("status") or {}).get(part):
                    self._status[part] = told

    def adopt(self, run: Mapping[str, Any], artifacts: Sequence[dict[str, Any]]) -> None:
        """Take over how this iteration ended in another process, which told the service."""
        with self._lock:
            self._run["spec"] |= run["spec"]
            self._run["status"] |= run["status"]
            self._artifacts = list(artifacts)

    @property
    def artifact_path(self) -> str:
        """The folder or address below which this run's own artifacts go; a folder is made."""
        from .artifacts.base import place
        from .datastore.registry import scheme_of

        path = place(self, self.out_path)
        if not scheme_of(path):
            os.makedirs(path, exist_ok=True)
        return path

    def artifact_subpath(self, *subpaths: str) -> str:
        """A path below the run's artifact path."""
        return os.path.join(self.artifact_path, *subpaths)

    def get_project_object(self) -> Any:
        """The run's project, as an MlrunProject."""
        from importlib import import_module

        # projects are held storeys above, and run what has contexts
        kind = import_module("jupyter_mlrun.projects.project").MlrunProject
        return kind.from_dict(self._project_document())

    def get_project_param(self, key: str, default: Any = None) -> Any:
        """A parameter of the project."""
        spec = self._project_document().get("spec") or {}
        return (spec.get("params") or {}).get(key, default)

    def _project_document(self) -> dict[str, Any]:
        from .client import projects

        return projects.get(self.client, self.project)

    def log_iteration_results(
        self, best: int, summary: list[Any], task: Mapping[str, Any], commit: bool = False
    ) -> None:
        """Record a table of iterations that the code ran itself, and the best one's results."""
        found = (task.get("status") or {}).get("results") or {} if best else {}
        with self._lock:
            self._status["iterations"] = to_result(summary)
            self._touch("status.iterations")
            if best:
                self._status["results"] |= {**to_result(dict(found)), "best_iteration": best}
                self._touch("status.results")
        if commit:
            self.commit()

    def report_artifact(self, document: dict[str, Any], tag: str = "") -> dict[str, Any]:
        """Store an artifact document and make it an output of the run."""
        from .model.artifact import artifact_uri
        from .model.document import strict

        stored = self._reporter.artifact(strict(document), tag)
        with self._lock:
            self._artifacts.append(stored)
            self._status["artifact_uris"][stored["metadata"]["key"]] = artifact_uri(
                stored, bool(tag)
            )
            self._touch("status.artifact_uris")
        return stored

    def link_artifact(self, key: str, db_key: str, iteration: int) -> None:
        """Make an iteration's artifact the one that is found where no iteration is named."""
        document = {
            "kind": "link",
            "metadata": {"key": key, "project": self.project, "iter": 0, "tree": self.tag},
            "spec": {
                "db_key": db_key,
                "link_iteration": iteration,
                "link_key": db_key,
                "link_tree": self.tag,
                "producer": self.producer(),
            },
            "status": {"state": "created"},
        }
        self._reporter.artifact(document)

    def get_notifications(self, unmask_secret_params: bool = False) -> list[Notification]:
        """The run's notifications; their secret parts stay with the service."""
        from .tasks import Notification

        if unmask_secret_params:
            raise MLRunAccessDeniedError(
                "Secret parts of notifications stay with the service, which sends them: "
                "ask for the notifications without unmask_secret_params"
            )
        fields = Notification.TABLE
        return [
            Notification(**{name: value for name, value in each.items() if name in fields})
            for each in self._spec.get("notifications") or []
        ]

    def set_logger_stream(self, stream: Any) -> None:
        """Write the logger's lines to this stream."""
        self._logger.stream = stream

    def is_logging_worker(self) -> bool:
        """Whether this process logs for the run: of the ranks of an MPI job, the first one."""
        if self.labels.get("kind") != "mpijob":
            return True
        rank = next((os.environ[name] for name in _RANKS if name in os.environ), "0")
        return rank == os.environ.get("MLRUN_PACKAGERS__LOGGING_WORKER", "0")

    @classmethod
    def from_dict(
        cls,
        attrs: Mapping[str, Any],
        rundb: Any = "",
        autocommit: bool = False,
        tmp: str = "",
        host: str | None = None,
        log_stream: Any = None,
        is_api: bool = False,
        store_run: bool = True,
        include_status: bool = False,
    ) -> Self:
        """A context of a run document, told to the service at ``rundb`` or the one in use."""
        from .client.transport import connect
        from .names import new_uid
        from .outbox import Outbox
        from .paths import run_folder

        run: dict[str, Any] = {"kind": "run", **copy_tree(dict(attrs))}
        metadata = run.setdefault("metadata", {})
        metadata.setdefault("uid", new_uid())
        metadata.setdefault("project", "default")
        status = dict(run.get("status") or {}) if include_status else {}
        run["status"] = {"state": states.RUNNING, "start_time": now(), **status}
        service = rundb if isinstance(rundb, Client) else connect(rundb or None)
        folder = run_folder(metadata["project"], metadata["uid"])
        made = cls(run, Reporter(service, Outbox(folder)))
        made._artifacts = list(run["status"].get("artifacts") or [])
        if log_stream is not None:
            made.set_logger_stream(log_stream)
        if host and not is_api:
            made.set_label("host", host)
        if store_run and made.is_logging_worker():
            made.store_run()
        return made

    def close(self) -> None:
        """Tell what is left, and tell nothing more by itself."""
        if len(self._status.get("iterations") or ()) <= len(self._children):
            # those that the code made itself, of which nothing is told yet
            try:
                self.update_child_iterations()
            except (MLRunBaseError, OSError, RuntimeError, ValueError, TypeError) as error:
                self.logger.warning(f"the table of its iterations is not kept: {error}")
        for child in self._children:
            child._pulse.stop()
        self._pulse.stop()
        self._tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if self.is_part:
            self.commit()
            return
        if error is not None or self.state not in states.TERMINAL:
            settle(self, error)
        self.close()


MLClientCtx = Context


_running: InProgress[Context] = InProgress("jupyter_mlrun_run")
running, current, is_unclear = _running.hold, _running.get, _running.is_unclear
