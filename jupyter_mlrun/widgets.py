"""Controls for notebooks, where ``ipywidgets`` is installed: a form, progress, a comparison."""

from __future__ import annotations

import ast
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jupyter_mlrun import states
from jupyter_mlrun.client import runs
from jupyter_mlrun.display.card import format_html, format_line
from jupyter_mlrun.errors import (
    MLRunBaseError,
    MLRunInvalidArgumentError,
    MLRunMissingDependencyError,
)
from jupyter_mlrun.runs import RunList, RunObject
from jupyter_mlrun.runs.compare import comparison_html

LOOK = 0.5
_CONTEXTS = ("context", "MLClientCtx", "mlrun.MLClientCtx", "Context")


def run_form(function: Any, handler: str = "") -> Any:
    """A form of a handler's parameters, with their types and defaults, that runs the function."""
    return RunForm(function, handler).box


def follow(run: RunObject) -> Any:
    """How far a run is, with a button that stops it; its card when it has ended."""
    return Progress(run).box


def compare(runs: Iterable[RunObject] | RunList) -> Any:
    """Runs side by side: choose which, and whether columns that are the same are shown."""
    return Comparison(runs).box


class RunForm:
    """The controls of one handler: ``fields`` by parameter, ``button``, and what the run shows."""

    def __init__(self, function: Any, handler: str = "") -> None:
        widgets = _widgets()
        self._function = function
        self._handler = handler or str(function.spec.get("default_handler") or "")
        self.fields: dict[str, Any] = {}
        self._inputs: list[str] = []
        rows = [self._row(widgets, each) for each in self._parameters()]
        self.button = widgets.Button(description="Run", button_style="primary", icon="play")
        self.button.on_click(lambda _: self._run())
        self.shown = widgets.Output()
        title = widgets.HTML(f"<b>{_escape(function.name)}</b> {_escape(self._handler)}")
        self.box = widgets.VBox([title, *filter(None, rows), self.button, self.shown])
        self.run: RunObject | None = None

    def values(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The parameters and the inputs as they stand in the form."""
        parameters, inputs = {}, {}
        for name, field in self.fields.items():
            if name in self._inputs:
                if field.value.strip():
                    inputs[name] = field.value.strip()
            elif (value := field.read()) is not None:
                parameters[name] = value
        return parameters, inputs

    def _parameters(self) -> list[Mapping[str, Any]]:
        points = self._function.spec.get("entry_points") or {}
        name = self._handler.rpartition(".")[2]
        if name not in points:
            known = ", ".join(points) or "none"
            raise MLRunInvalidArgumentError(
                f"The handler '{self._handler}' of {self._function.name} is not described, so it "
                f"has no form (described are {known}): make the function with with_doc=True"
            )
        found: list[Mapping[str, Any]] = list(points[name].get("parameters") or [])
        return found

    def _row(self, widgets: Any, parameter: Mapping[str, Any]) -> Any:
        name, kind = str(parameter["name"]), str(parameter.get("type") or "")
        if name == "context" or kind in _CONTEXTS:
            return None
        field = _field(widgets, name, kind, parameter.get("default"))
        if kind.rpartition(".")[2] == "DataItem":
            self._inputs.append(name)
            field.placeholder = "a path, a URL or store://…"
        elif kind not in _KINDS:
            field.placeholder = "a value of Python"
        self.fields[name] = field
        doc = str(parameter.get("doc") or "")
        return widgets.HBox([field, widgets.Label(doc)]) if doc else field

    def _run(self) -> None:
        self.button.disabled = True
        self.shown.clear_output()
        with self.shown:
            try:
                parameters, inputs = self.values()
                self.run = self._function.run(
                    handler=self._handler, params=parameters, inputs=inputs, watch=False
                )
                _display(follow(self.run))
            except MLRunBaseError as error:
                # what the form was filled with, said below it
                _display_html(f"<div style='color:#d1293d'>✖ {_escape(error)}</div>")
            finally:
                self.button.disabled = False


class Progress:
    """One run as it works: a bar, its line, a button; a thread asks how it is."""

    def __init__(self, run: RunObject) -> None:
        widgets = _widgets()
        self.run = run
        self.bar = widgets.FloatProgress(min=0, max=1)
        self.line = widgets.Label()
        self.button = widgets.Button(description="Stop", icon="stop")
        self.button.on_click(lambda _: self._stop())
        self.card = widgets.HTML()
        self.box = widgets.VBox([widgets.HBox([self.bar, self.line, self.button]), self.card])
        self.thread = threading.Thread(target=self._follow, name="mlrun-progress", daemon=True)
        self.thread.start()

    def _stop(self) -> None:
        # asked for alone: the kernel goes on while the run ends
        run = self.run
        runs.abort(run.client, run.project, run.uid(), "stopped from the notebook")

    def show(self) -> bool:
        """Bring the controls to the run's state as last read; whether it has ended."""
        document = self.run.to_dict()
        progress = document["status"].get("progress") or {}
        total, value = progress.get("total") or 1, progress.get("value") or 0
        has_ended = self.run.status.state in states.TERMINAL
        self.bar.value = 1 if has_ended else min(1, value / total)
        self.bar.bar_style = {"completed": "success", "error": "danger", "aborted": "warning"}.get(
            str(self.run.status.state), ""
        )
        self.line.value = str(progress.get("text") or "") or format_line(document)
        if has_ended:
            self.button.disabled = True
            self.line.value = format_line(document)
            self.card.value = format_html(document)
        return has_ended

    def _follow(self) -> None:
        pause = threading.Event()
        while not self.show():
            pause.wait(LOOK)
            try:
                self.run.refresh()
            except MLRunBaseError as error:
                # the service may be away for a while: the run goes on
                self.line.value = str(error)
                pause.wait(4 * LOOK)


class Comparison:
    """Which runs are compared, and how; the picture and the table of them."""

    def __init__(self, runs: Iterable[RunObject] | RunList) -> None:
        widgets = _widgets()
        documents = [run.to_dict() if isinstance(run, RunObject) else run for run in runs]
        if not documents:
            raise MLRunInvalidArgumentError("There are no runs to be compared")
        self._documents = documents
        options = [(format_line(document), place) for place, document in enumerate(documents)]
        self.chosen = widgets.SelectMultiple(
            options=options, value=tuple(range(len(documents))), rows=min(8, len(documents)),
            layout={"width": "auto"},
        )  # fmt: skip
        self.hidden = widgets.Checkbox(value=True, description="hide what is the same")
        self.page = widgets.HTML()
        self.chosen.observe(self._draw, "value")
        self.hidden.observe(self._draw, "value")
        self.box = widgets.VBox([self.chosen, self.hidden, self.page])
        self._draw()

    def _draw(self, _: Any = None) -> None:
        runs = RunList([self._documents[place] for place in self.chosen.value])
        self.page.value = comparison_html(runs, hide_identical=self.hidden.value)


_KINDS: dict[str, Callable[[str], Any]] = {
    "int": int, "float": float, "str": str, "bool": bool,
}  # fmt: skip


def _field(widgets: Any, name: str, kind: str, default: Any) -> Any:
    """A control for a parameter; its ``read`` gives the value, None where it is left empty."""
    given = _literal(default) if isinstance(default, str) else default
    if kind == "bool" or isinstance(given, bool):
        field = widgets.Checkbox(value=bool(given), description=name)
        field.read = lambda: field.value
        return field
    text = "" if given is None else given if isinstance(given, str) else repr(given)
    field = widgets.Text(value=text, description=name, style={"description_width": "initial"})

    def read() -> Any:
        if not field.value.strip():
            return None
        if kind == "str" or (not kind and isinstance(given, str)):
            return field.value
        try:
            return _KINDS.get(kind, _literal)(field.value)
        except ValueError:
            raise MLRunInvalidArgumentError(
                f"'{field.value}' is no {kind} for the parameter {name}"
            ) from None

    field.read = read
    return field


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _escape(said: object) -> str:
    from html import escape

    return escape(str(said))


def _display(widget: Any) -> None:
    from IPython import display

    show: Any = display.display
    show(widget)


def _display_html(html: str) -> None:
    from IPython import display

    make: Any = display.HTML
    _display(make(html))


def _widgets() -> Any:
    try:
        import ipywidgets
    except ImportError:
        raise MLRunMissingDependencyError(
            "Controls in a notebook need ipywidgets: pip install ipywidgets, then reload the page"
        ) from None
    return ipywidgets
