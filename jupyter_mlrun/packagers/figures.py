"""Figures: matplotlib, seaborn, PIL, Plotly, Altair and Bokeh, where they are in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..artifacts.artifact import Artifact
from ..artifacts.plot import PlotArtifact, PlotlyArtifact
from ..errors import MLRunPackagePackingError
from .default import DefaultPackager
from .packager import ArtifactType

if TYPE_CHECKING:
    from ..datastore.item import DataItem


class _FigurePackager(DefaultPackager):
    """A figure: a plot. Classes are known by name: no library is imported to ask."""

    DEFAULT_PACKING_ARTIFACT_TYPE = ArtifactType.PLOT
    DEFAULT_UNPACKING_ARTIFACT_TYPE = ArtifactType.PLOT
    SAFE_TYPES = frozenset({ArtifactType.PLOT})
    ROOT: str = ""
    NAMES: tuple[str, ...] = ()

    def _matches(self, kind: Any, with_subclasses: bool) -> bool:
        return any(
            base.__module__.partition(".")[0] == self.ROOT
            and (not self.NAMES or base.__name__ in self.NAMES)
            for base in getattr(kind, "__mro__", ())
        )

    def is_unpackable(
        self, data_item: DataItem, type_hint: Any, artifact_type: str | None = None
    ) -> bool:
        """Whether this kind of figure is asked for."""
        return self._matches(type_hint, True) and artifact_type in (None, "plot", "object")

    def pack_plot(self, obj: Any, key: str) -> tuple[Artifact, dict[str, Any]]:
        """The figure as an image, or as its specification."""
        return PlotArtifact(key, obj), {"file_format": "png"}

    def unpack_plot(self, data_item: DataItem, file_format: str = "") -> Any:
        """The image, as PIL reads it."""
        from PIL import Image

        return Image.open(data_item.local())


class MatplotlibFigurePackager(_FigurePackager):
    """Figures and axes of matplotlib: the image of the figure."""

    ROOT, NAMES = "matplotlib", ("Figure", "Axes", "Artist")


class SeabornPackager(_FigurePackager):
    """Grids of seaborn: the image of the figure."""

    ROOT = "seaborn"


class PILImagePackager(_FigurePackager):
    """Images of PIL."""

    ROOT, NAMES = "PIL", ("Image",)


class PlotlyFigurePackager(_FigurePackager):
    """Figures of Plotly: a page; they come back from the data that the document keeps."""

    ROOT, NAMES = "plotly", ("BaseFigure",)

    def pack_plot(self, obj: Any, key: str) -> tuple[Artifact, dict[str, Any]]:
        """The figure as a page."""
        return PlotlyArtifact(obj, key), {"file_format": "html"}

    def unpack_plot(self, data_item: DataItem, file_format: str = "") -> Any:
        """The figure; its page where the data was too large to be kept."""
        import json

        from plotly import io

        kept = ((data_item.meta or {}).get("status") or {}).get("preview_mime") or {}
        data = kept.get("application/vnd.plotly.v1+json")
        if data is None:
            return data_item.get(encoding="utf-8")
        return io.from_json(json.dumps(data))


class AltairChartPackager(_FigurePackager):
    """Charts of Altair: their specification."""

    ROOT, NAMES = "altair", ("TopLevelMixin",)

    def pack_plot(self, obj: Any, key: str) -> tuple[Artifact, dict[str, Any]]:
        """The chart's specification."""
        return PlotArtifact(key, obj), {"file_format": "json"}

    def unpack_plot(self, data_item: DataItem, file_format: str = "") -> Any:
        """The chart."""
        import altair

        return altair.Chart.from_json(data_item.get(encoding="utf-8"))


class BokehFigurePackager(_FigurePackager):
    """Figures and layouts of Bokeh: a page that needs no network."""

    ROOT, NAMES = "bokeh", ("LayoutDOM",)

    def pack_plot(self, obj: Any, key: str) -> tuple[Artifact, dict[str, Any]]:
        """The figure as a page."""
        from bokeh.embed import file_html
        from bokeh.resources import INLINE

        page = file_html(obj, INLINE, key)
        return PlotArtifact(key, page), {"file_format": "html"}

    def unpack_plot(self, data_item: DataItem, file_format: str = "") -> Any:
        """The page: Bokeh reads no figure from it."""
        return data_item.get(encoding="utf-8")


class AnyFigurePackager(DefaultPackager):
    """What a user calls a plot and no other packager knows: refused by name."""

    PRIORITY = 9

    def is_packable(
        self, obj: Any, artifact_type: str | None = None, configurations: Any = None
    ) -> bool:
        """Whether a plot is asked for."""
        return artifact_type == ArtifactType.PLOT

    def is_unpackable(
        self, data_item: DataItem, type_hint: Any, artifact_type: str | None = None
    ) -> bool:
        """Never by a hint: the type's own packager does."""
        return False

    def pack_plot(self, obj: Any, key: str) -> tuple[Artifact, dict[str, Any]]:
        """Bytes of an image as a plot; raises MLRunPackagePackingError for what is no figure."""
        if isinstance(obj, (bytes, bytearray)):
            return PlotArtifact(key, obj), {"file_format": "png"}
        raise MLRunPackagePackingError(
            f"The output '{key}' is a {type(obj).__name__}, which is no figure"
        )

    def unpack_plot(self, data_item: DataItem, file_format: str = "") -> Any:
        """The bytes of the image."""
        return data_item.read_bytes()
