"""A run as user code holds it: MLRun's RunObject, live over the service."""

from __future__ import annotations

import codecs
import contextlib
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from jupyter_mlrun import states
from jupyter_mlrun.client import logs, runs
from jupyter_mlrun.client.transport import Client, connect
from jupyter_mlrun.errors import (
    Interrupted,
    MLRunBaseError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunTimeoutError,
    RunError,
)
from jupyter_mlrun.model.artifact import get_artifact_target
from jupyter_mlrun.model.fields import plain
from jupyter_mlrun.runview import describe
from jupyter_mlrun.tasks import RunStatus, RunTemplate

_LOOK, _LONG_LOOK = 0.1, 1.0
_URI = re.compile(r"^(?P<project>[^@/]+)@(?P<uid>[^#:/]+)#(?P<iteration>\d+)(?::(?P<tag>.+))?$")


class RunObject(RunTemplate):
    """A recorded run: reads like its document, and knows how to wait, to stop and to fetch."""

    def __init__(
        self,
        spec: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        status: Mapping[str, Any] | None = None,
        client: Client | None = None,
    ) -> None:
        super().__init__(spec, metadata)
        self.status = status
        self._client = client
        self.outputs_wait_for_completion = True
        # a character may lie on the border of two pieces
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._told = ""

    @classmethod
    def from_dict(
        cls, struct: Mapping[str, Any] | None = None, client: Client | None = None
    ) -> Self:
        """The run of a document as the service gives it."""
        document = struct or {}
        return cls(document.get("spec"), document.get("metadata"), document.get("status"), client)

    @classmethod
    def from_template(cls, template: RunTemplate) -> Self:
        """A run of a task, not yet recorded."""
        return cls(plain(template.spec), plain(template.metadata))

    @property
    def status(self) -> RunStatus:
        """What came of it, as last read; ``refresh`` reads again."""
        return self._status

    @status.setter
    def status(self, value: Mapping[str, Any] | None) -> None:
        if value is not None and not isinstance(value, Mapping):
            raise MLRunInvalidArgumentError(
                f"'status' of a run is a dict, not {type(value).__name__}"
            )
        self._status = RunStatus(value or {})

    @property
    def client(self) -> Client:
        """The connection to the service, made when it is first needed."""
        if self._client is None:
            self._client = connect()
        return self._client

    def uid(self) -> str:
        """The run's uid."""
        return str(self.metadata["uid"])

    @property
    def project(self) -> str:
        """The project's name."""
        return str(self.metadata["project"])

    @property
    def name(self) -> str:
        """The run's name."""
        return str(self.metadata.get("name") or "")

    @property
    def error(self) -> str:
        """Why the run failed; empty where it did not."""
        status = self.status
        if status.state not in (states.ERROR, states.ABORTED):
            return ""
        return str(status.error or status.reason or status.status_text or status.state)

    @property
    def outputs(self) -> dict[str, Any]:
        """Results by name, and the addresses of artifacts by name; waits for the run."""
        self._settle()
        return {**(self.status.results or {}), **self._addresses()}

    def _addresses(self) -> dict[str, Any]:
        known = self.status.artifact_uris or {}
        if known and not self.status.artifacts:
            # of a run whose record is gone, the addresses that it told
            with contextlib.suppress(MLRunNotFoundError):
                self.refresh()
        named = {
            str(each["metadata"]["key"]): get_artifact_target(each, self.project)
            for each in self.status.artifacts or []
        }
        return known | {key: target for key, target in named.items() if target}

    @property
    def ui_url(self) -> str:
        """Where JupyterLab shows this run."""
        base = self.client.url.removesuffix("/mlrun")
        return f"{base}/lab?mlrun-run={self.project}/{self.uid()}"

    def output(self, key: str) -> Any:
        """One result, or the address of one artifact; None where there is none."""
        self._settle()
        results = self.status.results or {}
        return results[key] if key in results else self._addresses().get(key)

    def artifact(self, key: str) -> Any:
        """An artifact of this run as a DataItem; None where there is none of that key."""
        from jupyter_mlrun.datastore.resolve import get_dataitem

        self._settle()
        known = self.status.artifact_uris or {}
        if key not in known:
            return None
        return get_dataitem(known[key], db=self.client, project=self.project, key=key)

    def load(self, key: str, trust: bool = False) -> Any:
        """An output as the value that the run had: a result, or an unpacked artifact.

        Raises MLRunNotFoundError for a key that is not there, and MLRunAccessDeniedError for what
        another project has pickled: unpickling runs its code, and ``trust=True`` says that it may.
        """
        from jupyter_mlrun.artifacts.results import from_result
        from jupyter_mlrun.packagers.values import is_package, unpack

        self._settle()
        results = self.status.results or {}
        if key in results:
            return from_result(results[key])
        item = self.artifact(key)
        if item is None:
            listed = ", ".join({**results, **(self.status.artifact_uris or {})}) or "none"
            raise MLRunNotFoundError(
                f"The run '{self.name}' has no output '{key}'; it has {listed}"
            )
        if not is_package(item):
            return item
        return unpack(item, trust=trust, client=self.client, project=self.project)

    def state(self) -> str:
        """The state now; a state in which a run stays is not asked for again."""
        if self.status.state not in states.TERMINAL:
            self.refresh()
        return str(self.status.state)

    def refresh(self) -> RunObject:
        """Read the document again; a run that has ended does not change any more."""
        metadata = self.metadata
        iteration = int(metadata.get("iteration") or 0)
        read = runs.read(self.client, self.project, self.uid(), iteration)
        self.spec, self.metadata, self.status = read["spec"], read["metadata"], read["status"]
        return self

    def wait_for_completion(
        self,
        sleep: float = 3,
        timeout: float = 0,
        raise_on_failure: bool = True,
        show_logs: bool | None = None,
        logs_interval: float | None = None,
    ) -> str:
        """Wait until the run has ended; its state.

        It is asked for at most every ``sleep`` seconds, and its log is printed where ``show_logs``
        says so, at most every ``logs_interval`` seconds. Raises RunError where it failed or was
        aborted, and MLRunTimeoutError at the timeout.
        """
        deadline = time.monotonic() + timeout if timeout else None
        offset, pause = 0, _LOOK
        prints, printed = show_logs or logs_interval is not None, 0.0
        with self._left_alone():
            while True:
                state = self.state()
                is_due = time.monotonic() - printed >= (logs_interval or 0)
                if prints and (is_due or state in states.TERMINAL):
                    offset, printed = self._print_from(offset), time.monotonic()
                if state in states.TERMINAL:
                    break
                if deadline is not None and time.monotonic() >= deadline:
                    raise MLRunTimeoutError(
                        f"The run '{self.name}' was still {state} after {timeout:g} s; it goes on"
                    )
                time.sleep(min(pause, sleep))
                pause = min(pause * 1.5, _LONG_LOOK)
        if raise_on_failure and state != states.COMPLETED:
            raise RunError(self.error)
        return state

    wait = wait_for_completion

    @contextmanager
    def _left_alone(self, left: str = "the run {} goes on; abort() stops it") -> Iterator[None]:
        """An interrupt ends what this program does, never the run."""
        try:
            yield
        except KeyboardInterrupt:
            raise Interrupted(left.format(self.uid()[:7])) from None

    def logs(self, watch: bool = True, db: Any = None, offset: int = 0) -> tuple[str, int]:
        """Print the log from an offset, following it to the run's end where ``watch`` is set.

        The state, and the offset at which the next piece of the log begins. ``db`` is a service
        other than the run's own.
        """
        if db is not None:
            self._client = getattr(db, "client", db)
        with self._left_alone():
            while True:
                state = self.state()
                offset = self._print_from(offset)
                if not watch or state in states.TERMINAL:
                    return state, offset
                time.sleep(_LONG_LOOK / 2)

    def read_log(self, offset: int = 0) -> Iterator[bytes]:
        """The log's bytes as far as it is written."""
        while chunk := logs.read(self.client, self.project, self.uid(), offset).data:
            offset += len(chunk)
            yield chunk

    def abort(self, reason: str = "") -> None:
        """Have the run ended, and wait until its processes are gone."""
        from jupyter_mlrun.client.db.runs import Runs

        with self._left_alone("the run {} is being stopped"):
            Runs(self.client).abort_run(self.uid(), self.project, status_text=reason)
        self.refresh()

    cancel = abort

    def show(self) -> None:
        """Display the run: its card in a notebook, one line elsewhere."""
        self.refresh()
        if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
            from IPython import display

            show: Any = display.display
            show(self)
        else:
            print(self)

    def to_dict(self) -> dict[str, Any]:
        """A copy of the document."""
        return {**super().to_dict(), "status": plain(self.status)}

    def copy(self) -> Self:
        """Another one, which can be changed apart from this one."""
        return type(self).from_dict(self.to_dict(), self._client)

    @staticmethod
    def create_uri(project: str, uid: str, iteration: int | str, tag: str = "") -> str:
        """The address ``PROJECT@UID#ITERATION[:TAG]`` of a run."""
        return f"{project}@{uid}#{iteration}{f':{tag}' if tag else ''}"

    @staticmethod
    def parse_uri(uri: str) -> tuple[str, str, str, str]:
        """Project, uid, iteration and tag of a run's address; raises MLRunInvalidArgumentError."""
        match = _URI.match(uri)
        if match is None:
            raise MLRunInvalidArgumentError(
                f"'{uri}' is no address of a run: it is written PROJECT@UID#ITERATION[:TAG]"
            )
        return match["project"], match["uid"], match["iteration"], match["tag"] or ""

    def _settle(self) -> None:
        waits = self.outputs_wait_for_completion
        if waits and self.status.state not in states.TERMINAL:
            self.wait_for_completion(raise_on_failure=False)

    def _print_from(self, offset: int) -> int:
        self._tell_what_lasts()
        for chunk in self.read_log(offset):
            sys.stdout.write(self._decoder.decode(chunk))
            offset += len(chunk)
        sys.stdout.flush()
        return offset

    def _tell_what_lasts(self) -> None:
        """Say what a run waits for, once: its log has not begun."""
        text = str(self.status.status_text or "")
        if text and text != self._told and self.status.state not in states.TERMINAL:
            print(f"mlrun: {text}", file=sys.stderr, flush=True)
        self._told = text

    def __getitem__(self, key: str) -> Any:
        return self.to_dict()[key]

    def get(self, key: str, default: Any = None) -> Any:
        """A key of the document."""
        return self.to_dict().get(key, default)

    def __str__(self) -> str:
        return describe(self.to_dict())

    def __repr__(self) -> str:
        return f"<run {self.project}/{self.name} {self.status.state} {self.uid()}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:

        from jupyter_mlrun.display.card import build_bundle

        # without the service it is shown as it was last read
        with contextlib.suppress(MLRunBaseError):
            self.state()
        return build_bundle(self.to_dict())
