"""Figures as artifacts: images as PNG, Plotly's as a page of their own with their data."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from jupyter_mlrun.model import artifact_fields as fields

from ..errors import MLRunInvalidArgumentError
from .artifact import Artifact, Placed

if TYPE_CHECKING:
    from .base import Draft

PLOTLY_TYPE = "application/vnd.plotly.v1+json"
VEGALITE_TYPE = "application/vnd.vegalite.v5+json"
VEGA_TYPE = "application/vnd.vega.v5+json"
MIME_PREVIEW = 512 * 1024
_PNG = b"\x89PNG"


class PlotArtifact(Artifact):
    """A figure of matplotlib, an image of PIL, a chart of Altair, or the bytes of an image.

    ``title`` is what people read below it.
    """

    kind = "plot"
    SPEC = fields.SPEC

    def __init__(
        self,
        key: str | None = None,
        body: Any = None,
        is_inline: bool = False,
        target_path: str | None = None,
        title: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(key, None, is_inline=is_inline, target_path=target_path, **more)
        self._figure = body
        if title:
            self.metadata.description = title

    def write(self, draft: Draft, placed: Placed) -> None:
        """Write the figure as an image, or as its specification."""
        figure = getattr(self, "_figure", None)
        if figure is None:
            super().write(draft, placed)
            return
        data, suffix, mime = drawn(self.key, figure)
        draft.target(suffix, placed.artifact_path, placed.target_path)
        draft.write(data)
        if mime:
            draft.spec["format"] = "json"
            draft.status.pop("preview_text", None)
            keep_data(draft, mime, data.decode())


class PlotlyArtifact(Artifact):
    """A figure of Plotly: a page that needs no network, and its data for live renderers."""

    kind = "plotly"

    def __init__(
        self,
        figure: Any = None,
        key: str | None = None,
        target_path: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(key, target_path=target_path, viewer=more.pop("viewer", "plotly"), **more)
        self.spec.format = "html"
        if figure is not None and not hasattr(figure, "to_html"):
            raise MLRunInvalidArgumentError(
                f"PlotlyArtifact needs a plotly.graph_objs.Figure, not {type(figure).__name__}"
            )
        self._figure = figure

    def get_body(self) -> Any:
        """The page."""
        figure = getattr(self, "_figure", None)
        return self._body if figure is None else figure.to_html(include_plotlyjs=True)

    def write(self, draft: Draft, placed: Placed) -> None:
        """Write the page, and keep its data in the document where it is not large."""
        super().write(draft, placed)
        if getattr(self, "_figure", None) is not None:
            draft.status.pop("preview_text", None)
            keep_data(draft, PLOTLY_TYPE, self._figure.to_json())


def drawn(key: str, figure: Any) -> tuple[bytes, str, str]:
    """A figure as bytes, the suffix of its file, and its MIME type where it is a specification."""
    if isinstance(figure, (bytes, bytearray)):
        return bytes(figure), ".png" if bytes(figure).startswith(_PNG) else "", ""
    if isinstance(figure, str):
        return figure.encode(), ".svg" if figure.lstrip().startswith("<svg") else ".html", ""
    figure = getattr(figure, "figure", None) or figure
    stream = io.BytesIO()
    if hasattr(figure, "savefig"):
        figure.savefig(stream, format="png", bbox_inches="tight", dpi=110)
        return stream.getvalue(), ".png", ""
    if hasattr(figure, "to_json"):
        text = figure.to_json()
        is_lite = "vega-lite" in str(json.loads(text).get("$schema", "vega-lite"))
        mime, suffix = (VEGALITE_TYPE, ".vl.json") if is_lite else (VEGA_TYPE, ".vg.json")
        return text.encode(), suffix, mime
    if hasattr(figure, "save"):
        figure.save(stream, format="png")
        return stream.getvalue(), ".png", ""
    raise MLRunInvalidArgumentError(f"The output '{key}' is a {_name(figure)}, which is no figure")


def _name(value: Any) -> str:
    return type(value).__name__


def keep_data(draft: Draft, mime: str, text: str) -> None:
    """Keep a figure's data in the document, where it is small enough."""
    if len(text) <= MIME_PREVIEW:
        draft.status["preview_mime"] = {mime: json.loads(text)}
