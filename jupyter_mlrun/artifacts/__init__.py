"""What runs and projects leave: a class for each kind of artifact, made, logged and read."""

from __future__ import annotations

from ..lazy import attributes

__getattr__, __dir__ = attributes(
    __name__,
    {
        "Artifact": "artifacts.artifact",
        "CodeArtifact": "artifacts.code",
        "CodeArtifactCodeType": "artifacts.code",
        "DatasetArtifact": "artifacts.dataset",
        "DirArtifact": "artifacts.artifact",
        "DocumentArtifact": "artifacts.document",
        "DocumentLoaderSpec": "artifacts.document",
        "LLMPromptArtifact": "artifacts.llm_prompt",
        "LinkArtifact": "artifacts.artifact",
        "MLRunLoader": "artifacts.document",
        "ModelArtifact": "artifacts.model",
        "PlotArtifact": "artifacts.plot",
        "PlotlyArtifact": "artifacts.plot",
        "TableArtifact": "artifacts.table",
        "VectorStoreCollection": "artifacts.vector_stores",
        "dict_to_artifact": "artifacts.kinds",
        "get_artifact_meta": "artifacts.models",
        "get_extra_data": "artifacts.models",
        "get_model": "artifacts.models",
        "update_dataset_meta": "artifacts.dataset",
        "update_model": "artifacts.models",
    },
)
