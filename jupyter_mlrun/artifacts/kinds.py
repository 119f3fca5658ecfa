"""The class of each kind of artifact, imported when one is met."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .artifact import Artifact

if TYPE_CHECKING:
    from ..client.transport import Client

KINDS = {
    "artifact": "artifact:Artifact",
    "code": "code:CodeArtifact",
    "dataset": "dataset:DatasetArtifact",
    "dir": "artifact:DirArtifact",
    "document": "document:DocumentArtifact",
    "link": "artifact:LinkArtifact",
    "llm-prompt": "llm_prompt:LLMPromptArtifact",
    "model": "model:ModelArtifact",
    "plot": "plot:PlotArtifact",
    "plotly": "plot:PlotlyArtifact",
    "table": "table:TableArtifact",
}


def class_of(kind: str) -> type[Artifact]:
    """The class of a kind; a plain artifact for kinds that are not known here."""
    module, _, name = KINDS.get(kind, KINDS["artifact"]).partition(":")
    found: type[Artifact] = getattr(import_module(f".{module}", __package__), name)
    return found


def dict_to_artifact(struct: Mapping[str, Any], client: Client | None = None) -> Artifact:
    """The artifact object of a document, of its kind's class."""
    kind = str(struct.get("kind") or "artifact")
    made = class_of(kind).from_dict(struct, client)
    if kind not in KINDS:
        # an instance's own name for what no class has: chart, bokeh
        made.__dict__["kind"] = kind
    return made
