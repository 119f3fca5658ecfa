"""``%%mlrun``: the cell below becomes a function and a run of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_mlrun.capture.cell import Capture, Request, capture_cell
from jupyter_mlrun.capture.resolve import Limits
from jupyter_mlrun.capture.transform import line_magics, refusal_of_magic
from jupyter_mlrun.display.show import show
from jupyter_mlrun.engines import GIVEN
from jupyter_mlrun.errors import CaptureError, MLRunInvalidArgumentError
from jupyter_mlrun.grammar.options import Parsed
from jupyter_mlrun.grammar.values import check_function_name
from jupyter_mlrun.magics import origin, ship
from jupyter_mlrun.magics.engine import apply_engine, read_engine, refuse_own_process
from jupyter_mlrun.magics.failure import describe_syntax_error
from jupyter_mlrun.magics.inputs import resolve_input
from jupyter_mlrun.magics.running import run_elsewhere, run_here
from jupyter_mlrun.magics.secrets import require_secrets
from jupyter_mlrun.magics.session import Session
from jupyter_mlrun.magics.task import (
    Wishes,
    build_task,
    check_arguments,
    read_wishes,
    require_arguments,
)
from jupyter_mlrun.names import normalize_name, validate_function
from jupyter_mlrun.notebook import find_notebook
from jupyter_mlrun_runtimes import get_runtime

LOCAL, HANDLER = "local", "handler"


@dataclass
class Cell:
    """One ``%%mlrun`` cell: what it says, and what it became."""

    session: Session
    shell: Any
    parsed: Parsed
    body: str
    line: str
    limits: tuple[int, int]
    """bytes of a captured value and of a pickle"""

    def run(self) -> dict[str, Any] | None:
        """The run; None where the line asks to store or explain only."""
        name = check_function_name(self.parsed.words[0])
        if not self.body.strip():
            raise CaptureError(
                f"the cell is empty below %%mlrun {name}: write the code that is to run there, or "
                f"run what is stored under that name: %mlrun run {name}"
            )
        kind = self.parsed.get("kind") or LOCAL
        get_runtime(kind)
        self._refuse_contradictions(kind)
        engine = read_engine(self.parsed, kind)
        wishes = read_wishes(self.parsed, self.parsed.words[0], self.shell.user_ns)
        folder = self._folder()
        if self.parsed.get("explain"):
            self._explain(name, kind, wishes, folder)
            return None
        project = self.session.require_project(self.parsed.get("project"))
        client = self.session.client
        inputs = {
            key: resolve_input(client, project, key, address, folder)
            for key, address in wishes.inputs.items()
        }
        require_secrets(client, project, wishes.project_secrets, kind == HANDLER)
        captured = self._capture(name, wishes, project)
        self._check_arguments(captured, wishes)
        shipped = ship.read_files(self.parsed.texts("file"), folder)
        function = ship.build_function(captured, kind, shipped)
        function["metadata"]["name"] = self._function_name()
        apply_engine(function["spec"], engine)
        ship.store_values(client, captured)
        for warning in captured.warnings:
            print(f"mlrun: {warning}")
        if self.parsed.get("no_run"):
            self._store(function)
            return None
        return self._send(captured, wishes, inputs, function, folder)

    def _send(
        self,
        captured: Capture,
        wishes: Wishes,
        inputs: Mapping[str, str],
        function: dict[str, Any],
        folder: str,
    ) -> dict[str, Any]:
        where = origin.build_origin(
            self.shell,
            self.session.cell,
            self.line,
            self.body,
            folder,
            captured.environment.packages,
        )
        where["definitions"] = captured.definitions
        task = build_task(wishes, captured.project, captured.handler, inputs, where)
        client = self.session.client
        if function["kind"] == HANDLER:
            version = self.session.store_function(function)
            address = f"{captured.project}/{function['metadata']['name']}@{version}"
            return run_here(client, task, function, address, wishes.secrets, self._sent)
        return run_elsewhere(client, task, function, wishes.secrets, self.parsed, self._sent)

    def _sent(self, run: dict[str, Any]) -> None:
        self.session.take(self.shell, run, self.parsed.get("as"))

    def _store(self, function: dict[str, Any]) -> None:
        metadata = function["metadata"]
        version = self.session.store_function(function, known=False)
        print(f"Stored the function {metadata['project']}/{metadata['name']}@{version[:7]}. "
              f"Run it: %mlrun run {metadata['name']}")  # fmt: skip

    def _function_name(self) -> str:
        return validate_function(normalize_name(self.parsed.words[0]))

    def _folder(self) -> str:
        home = origin.find_folder(find_notebook(self.shell.user_ns))
        return origin.find_workdir(self.parsed.get("workdir"), home)

    def _refuse_contradictions(self, kind: str) -> None:
        for option in ("no_run", "explain"):
            if self.parsed.get(option) and self.parsed.get("as"):
                written = option.replace("_", "-")
                raise MLRunInvalidArgumentError(
                    f"--as binds a run, and with --{written} there is none: leave one of them out"
                )
        if kind == HANDLER:
            refuse_own_process(self.parsed)

    def _capture(self, name: str, wishes: Wishes, project: str) -> Capture:
        pickled = frozenset(self.parsed.texts("pickle"))
        request = Request(
            name=name,
            handler=self.parsed.get("handler") or "",
            parameters={**{key: values[0] for key, values in wishes.sweep.items()},
                        **wishes.parameters},
            inputs=tuple(wishes.inputs),
            outputs=wishes.output_names,
            project=project,
            limits=Limits(*self.limits, pickled),
            first_line=origin.first_line(self.session.cell.source, self.body),
            engine=GIVEN.get(self.parsed.get("kind") or LOCAL, ()),
        )  # fmt: skip
        try:
            return capture_cell(self.body, self.shell, request)
        except SyntaxError as error:
            word = (error.text or "").split(maxsplit=1)[:1]
            if word and word[0] in line_magics(self.shell):
                text = f"line {error.lineno}: {refusal_of_magic(word[0])}"
                raise CaptureError(text) from None
            raise CaptureError(describe_syntax_error(error)) from None

    def _explain(self, name: str, kind: str, wishes: Wishes, folder: str) -> None:
        from jupyter_mlrun.display.explain import build_explanation

        project = self.parsed.get("project") or self.session.project
        captured = self._capture(name, wishes, project)
        self._check_arguments(captured, wishes)
        shipped = ship.read_files(self.parsed.texts("file"), folder)
        function = ship.build_function(captured, kind, shipped)
        show(build_explanation(captured, function, kind, folder, wishes.inputs))

    def _check_arguments(self, captured: Capture, wishes: Wishes) -> None:
        """Refuses what the cell's function does not take, and a run without what it needs."""
        if captured.form == "body":
            return
        entry = captured.entry_points[captured.handler]
        check_arguments(captured.handler, entry, wishes)
        if not (self.parsed.get("no_run") or self.parsed.get("explain")):
            require_arguments(captured.handler, entry, wishes)
