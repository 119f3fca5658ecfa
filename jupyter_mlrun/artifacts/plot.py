"""Figures: matplotlib and PIL as PNG, Plotly as its own page and its data, Vega as its data."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from .base import Artifact, Draft

if TYPE_CHECKING:
    from ..context import Context

PLOTLY_TYPE = "application/vnd.plotly.v1+json"
VEGALITE_TYPE = "application/vnd.vegalite.v5+json"
VEGA_TYPE = "application/vnd.vega.v5+json"
MIME_PREVIEW = 512 * 1024


def log_matplotlib(context: Context, key: str, figure: Any, **options: Any) -> Artifact:
    """A matplotlib figure, or the figure of axes, as a PNG image."""
    figure = getattr(figure, "figure", None) or figure
    stream = io.BytesIO()
    figure.savefig(stream, format="png", bbox_inches="tight", dpi=options.pop("dpi", 110))
    draft = _image(context, key, stream.getvalue(), "matplotlib.figure.Figure")
    return draft.log(**options)


def log_image(context: Context, key: str, image: Any, **options: Any) -> Artifact:
    """A PIL image as a PNG image."""
    stream = io.BytesIO()
    image.save(stream, format="png")
    return _image(context, key, stream.getvalue(), "PIL.Image.Image").log(**options)


def _image(context: Context, key: str, data: bytes, object_type: str) -> Draft:
    draft = Draft(context, key, "plot")
    draft.target(".png")
    draft.write(data)
    draft.unpacks("PILImagePackager", object_type, file_format="png")
    return draft


def log_plotly(context: Context, key: str, figure: Any, **options: Any) -> Artifact:
    """A Plotly figure as a page that needs no network; its data is kept for live renderers."""
    draft = Draft(context, key, "plotly")
    draft.target(".html")
    draft.write(figure.to_html(include_plotlyjs=True, full_html=True).encode())
    draft.unpacks("PlotlyFigurePackager", "plotly.graph_objects.Figure", file_format="html")
    _keep_data(draft, PLOTLY_TYPE, figure.to_json())
    return draft.log(**options)


def log_vega(context: Context, key: str, chart: Any, **options: Any) -> Artifact:
    """An Altair chart as its Vega-Lite or Vega specification."""
    text = chart.to_json()
    is_lite = "vega-lite" in str(json.loads(text).get("$schema", "vega-lite"))
    draft = Draft(context, key, "plot")
    draft.target(".vl.json" if is_lite else ".vg.json")
    draft.spec["format"] = "json"
    draft.write(text.encode())
    draft.status.pop("preview_text", None)
    draft.unpacks("AltairChartPackager", "altair.Chart", file_format="json")
    _keep_data(draft, VEGALITE_TYPE if is_lite else VEGA_TYPE, text)
    return draft.log(**options)


def _keep_data(draft: Draft, mime: str, text: str) -> None:
    if len(text) <= MIME_PREVIEW:
        draft.status["preview_mime"] = {mime: json.loads(text)}
