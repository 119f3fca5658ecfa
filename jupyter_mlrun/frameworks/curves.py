"""Values that change while a model is trained: results with their series, and charts of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Curves:
    """Collects values by name and step: results of the run, whose series the panels draw."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self.points: dict[str, list[tuple[float, float]]] = {}

    def add(self, name: str, value: Any, step: float) -> None:
        """Take a value of a step."""
        number = float(value)
        self.points.setdefault(name, []).append((step, number))
        self._context.log_result(name, number, step=step)

    @property
    def last(self) -> dict[str, float]:
        """The last value of each."""
        return {name: points[-1][1] for name, points in self.points.items()}

    def log_charts(self, groups: Mapping[str, list[str]] | None = None) -> dict[str, Any]:
        """A chart for each group of names, as artifacts; every name by itself without groups.

        Charts need Plotly; without it the run keeps the series alone.
        """
        try:
            import plotly.graph_objects as graph
        except ImportError:
            return {}
        made = {}
        for title, names in (groups or {name: [name] for name in self.points}).items():
            figure = graph.Figure()
            for name in names:
                steps, values = zip(*self.points[name], strict=True)
                figure.add_scatter(x=steps, y=values, name=name, mode="lines")
            figure.update_layout(title=title, xaxis_title="step")
            key = "".join(c if c.isalnum() or c in "-_." else "-" for c in title).strip("-_.")
            made[f"{key}-chart"] = self._context.log_artifact(f"{key}-chart", body=figure)
        return made
