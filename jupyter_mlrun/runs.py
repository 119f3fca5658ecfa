"""A run as user code holds it: MLRun's RunObject, live over the service."""

from __future__ import annotations

import codecs
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from . import states
from .client import logs, runs
from .client.transport import Client, connect
from .errors import (
    MLRunAccessDeniedError,
    MLRunBaseError,
    MLRunNotFoundError,
    MLRunTimeoutError,
    RunError,
)

_LOOK, _LONG_LOOK = 0.1, 1.0


class Part(dict[str, Any]):
    """One third of a run's document: keys as attributes too; a missing key is None."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)


class RunObject:
    """A recorded run: reads like its document, and knows how to wait, to stop and to fetch."""

    kind = "run"

    def __init__(self, doc: Mapping[str, Any], client: Client | None = None) -> None:
        self._doc = dict(doc)
        self._client = client
        # a character may lie on the border of two pieces
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def client(self) -> Client:
        """The connection to the service, made when it is first needed."""
        if self._client is None:
            self._client = connect()
        return self._client

    @property
    def metadata(self) -> Part:
        """Name, uid, project, labels."""
        return Part(self._doc.get("metadata") or {})

    @property
    def spec(self) -> Part:
        """What was asked."""
        return Part(self._doc.get("spec") or {})

    @property
    def status(self) -> Part:
        """What came of it, as last read; ``refresh`` reads again."""
        return Part(self._doc.get("status") or {})

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
        return {**(self.status.results or {}), **(self.status.artifact_uris or {})}

    @property
    def ui_url(self) -> str:
        """Where JupyterLab shows this run."""
        base = self.client.url.removesuffix("/mlrun")
        return f"{base}/lab?mlrun-run={self.project}/{self.uid()}"

    def output(self, key: str) -> Any:
        """One result, or the address of one artifact; None where there is none."""
        return self.outputs.get(key)

    def artifact(self, key: str) -> Any:
        """An artifact of this run as a DataItem; raises MLRunNotFoundError."""
        from .datastore.resolve import get_dataitem

        self._settle()
        known = self.status.artifact_uris or {}
        if key not in known:
            listed = ", ".join(known) or "none"
            raise MLRunNotFoundError(
                f"The run '{self.name}' has no artifact '{key}'; it has {listed}"
            )
        return get_dataitem(known[key], db=self.client, project=self.project, key=key)

    def load(self, key: str) -> Any:
        """An output as the value that the run had: a result, or an unpacked artifact.

        Raises MLRunAccessDeniedError for an artifact of another project: unpickling runs code.
        """
        from .artifacts.registry import can_unpack, owner_of, unpack
        from .artifacts.results import from_result

        self._settle()
        results = self.status.results or {}
        if key in results:
            return from_result(results[key])
        item = self.artifact(key)
        if (owner := owner_of(item)) not in ("", self.project):
            raise MLRunAccessDeniedError(
                f"The output '{key}' of the run '{self.name}' is an artifact of project {owner}, "
                f"and a run of {self.project} unpickles nothing of other projects: "
                f"read it by artifact('{key}').get()"
            )
        return unpack(item) if can_unpack(item, self.project) else item

    def state(self) -> str:
        """The state now; a state in which a run stays is not asked for again."""
        if self.status.state not in states.TERMINAL:
            self.refresh()
        return str(self.status.state)

    def refresh(self) -> RunObject:
        """Read the document again; a run that has ended does not change any more."""
        metadata = self.metadata
        iteration = int(metadata.get("iteration") or 0)
        self._doc = runs.read(self.client, self.project, self.uid(), iteration)
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

        Raises RunError where it failed or was aborted, and MLRunTimeoutError at the timeout.
        """
        deadline = time.monotonic() + timeout if timeout else None
        offset, pause = 0, _LOOK
        while True:
            state = self.state()
            if show_logs:
                offset = self._print_from(offset)
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

    def logs(self, watch: bool = True, db: Any = None, offset: int = 0) -> str:
        """Print the log, following it to the run's end where ``watch`` is set; the final state."""
        while True:
            state = self.state()
            offset = self._print_from(offset)
            if not watch or state in states.TERMINAL:
                return state
            time.sleep(_LONG_LOOK / 2)

    def read_log(self, offset: int = 0) -> Iterator[bytes]:
        """The log's bytes as far as it is written."""
        while chunk := logs.read(self.client, self.project, self.uid(), offset).data:
            offset += len(chunk)
            yield chunk

    def abort(self, reason: str = "") -> None:
        """Ask for the run's end."""
        runs.abort(self.client, self.project, self.uid(), reason)

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
        import copy

        return copy.deepcopy(self._doc)

    def to_json(self) -> str:
        """The document as JSON."""
        import json

        return json.dumps(self._doc, indent=2)

    def to_yaml(self) -> str:
        """The document as YAML."""
        import yaml

        text: str = yaml.safe_dump(self._doc, sort_keys=False)
        return text

    def _settle(self) -> None:
        if self.status.state not in states.TERMINAL:
            self.wait_for_completion(raise_on_failure=False)

    def _print_from(self, offset: int) -> int:
        for chunk in self.read_log(offset):
            sys.stdout.write(self._decoder.decode(chunk))
            offset += len(chunk)
        sys.stdout.flush()
        return offset

    def __getitem__(self, key: str) -> Any:
        return self._doc[key]

    def get(self, key: str, default: Any = None) -> Any:
        """A key of the document."""
        return self._doc.get(key, default)

    def __repr__(self) -> str:
        return f"<run {self.project}/{self.name} {self.status.state} {self.uid()}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        import contextlib

        from .display.card import build_bundle

        # without the service it is shown as it was last read
        with contextlib.suppress(MLRunBaseError):
            self.state()
        return build_bundle(self._doc)
