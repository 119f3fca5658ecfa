"""Collections of vectors: a LangChain vector store whose documents are artifacts of a project."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from ..errors import MLRunBadRequestError, MLRunInvalidArgumentError
from .document import DocumentArtifact

_SOURCE = DocumentArtifact.METADATA_SOURCE_KEY
# under which names the stores of LangChain keep that of their collection
_NAMES = (
    "collection.name", "collection._name", "_collection.name", "_collection._name",
    "collection_name", "_collection_name",
)  # fmt: skip
_OWN = ("_collection_impl", "_mlrun_context", "collection_name")


class VectorStoreCollection:
    """A vector store of LangChain that remembers in artifacts which of them are in it.

    All that it has not itself is the vector store's: ``similarity_search``, ``as_retriever``, …;
    ``isinstance`` says the vector store's class too.
    """

    def __init__(
        self, mlrun_context: Any, vector_store: Any, collection_name: str | None = None
    ) -> None:
        for name in ("add_documents", "delete"):
            if not callable(getattr(vector_store, name, None)):
                raise MLRunInvalidArgumentError(
                    f"A collection is made of a vector store of LangChain, not of "
                    f"{type(vector_store).__name__}, which has no {name}()"
                )
        self._collection_impl, self._mlrun_context = vector_store, mlrun_context
        self.collection_name = collection_name or _name_of(vector_store)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        # LangChain asks for the kind of a store by isinstance
        found: type = type(self._collection_impl)
        return found

    def __getattr__(self, name: str) -> Any:
        if name in _OWN:
            raise AttributeError(name)
        return getattr(self._collection_impl, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            object.__setattr__(self, name, value)
        else:
            setattr(self._collection_impl, name, value)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete from the vector store, by its own arguments."""
        return self._collection_impl.delete(*args, **kwargs)

    def add_documents(self, documents: list[Any], **kwargs: Any) -> Any:
        """Add documents of LangChain; artifacts of which they are chunks remember it."""
        named = () if self._mlrun_context is None else map(self._artifact_of, documents)
        for key, tag in dict.fromkeys(filter(None, named)):
            self._mlrun_context.get_artifact(key=key, tag=tag).collection_add(self.collection_name)
        return self._collection_impl.add_documents(documents, **kwargs)

    def _artifact_of(self, document: Any) -> tuple[str, str | None] | None:
        said = document.metadata
        project = getattr(self._mlrun_context, "project", None)
        if not isinstance(project, str):
            project = self._mlrun_context.name
        key = said.get(DocumentArtifact.METADATA_ARTIFACT_KEY)
        if not key or said.get(DocumentArtifact.METADATA_ARTIFACT_PROJECT) != project:
            return None
        return str(key), said.get(DocumentArtifact.METADATA_ARTIFACT_TAG)

    def add_artifacts(
        self, artifacts: list[DocumentArtifact], splitter: Any = None, **kwargs: Any
    ) -> list[Any]:
        """Add the chunks of document artifacts, which remember it; the ids in the store.

        ``ids`` has one for each artifact; chunks of one are ``ID_1``, ``ID_2`` and so on.
        """
        ids = _checked_ids(kwargs.pop("ids", None), artifacts)
        found: list[Any] = []
        for place, artifact in enumerate(artifacts):
            documents = artifact.to_langchain_documents(splitter)
            if ids is not None:
                own, several = ids[place], len(documents) > 1
                kwargs["ids"] = (
                    [f"{own}_{i}" for i in range(1, len(documents) + 1)] if several else [own]
                )
            found += self._collection_impl.add_documents(documents, **kwargs)
            artifact.collection_add(self.collection_name)
        return found

    def remove_from_artifact(self, artifact: DocumentArtifact) -> None:
        """Have an artifact forget this collection; the store keeps its chunks."""
        artifact.collection_remove(self.collection_name)

    def delete_artifacts(self, artifacts: list[DocumentArtifact]) -> None:
        """Delete all chunks of artifacts from the store, and have them forget the collection."""
        for artifact in artifacts:
            self._delete_source(artifact.get_source())
            artifact.collection_remove(self.collection_name)

    def _delete_source(self, source: str) -> None:
        store = self._collection_impl
        kind = type(store).__name__.lower()
        if kind == "milvus":
            store.delete(expr=f"{_SOURCE} == '{source}'")
        elif kind == "chroma":
            store.delete(where={_SOURCE: source})
        elif kind == "pineconevectorstore":
            store.delete(filter={_SOURCE: {"$eq": source}})
        elif kind == "mongodbatlasvectorsearch":
            store.collection.delete_many(filter={_SOURCE: source})
        elif kind == "inmemoryvectorstore":
            known = store.store.items()
            store.delete([id for id, each in known if each["metadata"].get(_SOURCE) == source])
        elif "filter" in inspect.signature(store.delete).parameters:
            store.delete(filter={"metadata": {_SOURCE: source}})
        else:
            raise MLRunBadRequestError(
                f"Chunks of a document are not found in a {type(store).__name__}, which deletes by "
                "ids alone: delete them by delete(ids=…) with those that add_artifacts gave"
            )


def _checked_ids(ids: Any, artifacts: list[Any]) -> list[Any] | None:
    if not ids:
        return None
    if isinstance(ids, str) or not isinstance(ids, Iterable):
        raise MLRunInvalidArgumentError("IDs must be an iterable collection")
    found = list(ids)
    if len(found) != len(artifacts):
        raise MLRunInvalidArgumentError("The number of IDs should match the number of artifacts")
    return found


def _name_of(store: Any) -> str:
    """The name under which a store keeps its collection."""
    for path in _NAMES:
        value = store
        for part in path.split("."):
            value = getattr(value, part, None)
        if isinstance(value, str) and value:
            return value
    index = getattr(store, "_index", None)
    config = getattr(index, "config", None) or getattr(index, "_config", None)
    if host := getattr(config, "host", None):
        # Pinecone's address begins with the index's name
        return str(host).rpartition("//")[2].partition("-")[0]
    raise MLRunInvalidArgumentError(
        "Failed to extract collection name from the vector store. "
        "Please provide the collection name explicitly."
    )
