"""Collections of vectors: LangChain's own store in memory, whose chunks are artifacts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.vectorstores import InMemoryVectorStore, VectorStore
from langchain_text_splitters import CharacterTextSplitter

import jupyter_mlrun as mlrun
from jupyter_mlrun.artifacts import DocumentArtifact
from jupyter_mlrun.datastore import VectorStoreCollection
from jupyter_mlrun.errors import MLRunBadRequestError, MLRunInvalidArgumentError
from jupyter_mlrun.names import new_uid
from tests.live import Live

pytestmark = pytest.mark.row("1.36", "5.209")
SPLITTER = CharacterTextSplitter(separator=" ", chunk_size=5, chunk_overlap=0)


@pytest.fixture
def project(service: Live, tmp_path: Path) -> Any:
    return mlrun.get_or_create_project(f"v{new_uid()[:12]}", context=str(tmp_path / "context"))


@pytest.fixture
def store() -> InMemoryVectorStore:
    return InMemoryVectorStore(DeterministicFakeEmbedding(size=8))


def document(project: Any, folder: Path, key: str, text: str, **more: Any) -> DocumentArtifact:
    path = folder / f"{key}.txt"
    path.write_text(text)
    made: DocumentArtifact = project.log_document(key, local_path=str(path), upload=True, **more)
    return made


def kept(project: Any, key: str, tag: str | None = None) -> dict[str, str]:
    """In which collections the service says that a document is."""
    return dict(project.get_artifact(key, tag).status.collections)


def test_artifacts_are_added_found_and_deleted(
    project: Any, store: InMemoryVectorStore, tmp_path: Path
) -> None:
    collection = project.get_vector_store_collection(store, collection_name="towns")
    assert isinstance(collection, VectorStore) and isinstance(collection, InMemoryVectorStore)
    assert type(collection) is VectorStoreCollection
    sea, hill = (document(project, tmp_path, key, "one two three") for key in ("sea", "hill"))
    assert collection.add_artifacts([sea], splitter=SPLITTER, ids=["a"]) == ["a_1", "a_2", "a_3"]
    assert collection.add_artifacts([hill], ids=["b"]) == ["b"]
    assert kept(project, "sea") == kept(project, "hill") == {"towns": "1"}
    found = collection.similarity_search("two", k=10)
    said = {(each.page_content, each.metadata["mlrun_key"]) for each in found}
    assert said == {("one", "sea"), ("two", "sea"), ("three", "sea"), ("one two three", "hill")}
    asked = collection.as_retriever(search_kwargs={"k": 1}).invoke("one two three")
    assert asked[0].metadata["source"] == hill.get_source()
    collection.delete_artifacts([sea])
    assert set(store.store) == {"b"} and kept(project, "sea") == {}
    collection.remove_from_artifact(hill)
    assert set(store.store) == {"b"} and kept(project, "hill") == {}
    collection.delete(["b"])
    assert store.store == {}


def test_chunks_of_artifacts_are_known_by_what_they_say(
    project: Any, store: InMemoryVectorStore, tmp_path: Path
) -> None:
    collection = project.get_vector_store_collection(store, "towns")
    first = document(project, tmp_path, "sea", "one two three", tag="v1")
    chunks = first.to_langchain_documents(SPLITTER)
    stranger = Document("four", metadata={"mlrun_key": "sea", "mlrun_project": "another"})
    assert len(collection.add_documents([*chunks, stranger, Document("five")])) == 5
    assert kept(project, "sea", "v1") == {"towns": "1"}
    alone = VectorStoreCollection(None, store, "alone")
    alone.add_documents(chunks)
    assert kept(project, "sea", "v1") == {"towns": "1"}


def test_a_collection_is_its_store(project: Any, store: InMemoryVectorStore) -> None:
    store._collection_name = "found"  # type: ignore[attr-defined]
    collection = project.get_vector_store_collection(store)
    assert collection.collection_name == "found"
    collection.store = {}
    assert store.store == {} and "store" not in vars(collection)
    collection.collection_name = "other"
    assert not hasattr(store, "collection_name")


class ByIds:
    """A store that deletes by ids alone."""

    def add_documents(self, documents: list[Any], **_: Any) -> list[str]:
        return [str(place) for place in range(len(documents))]

    def delete(self, ids: list[str] | None = None) -> None:
        """Delete."""


def test_what_cannot_be_is_a_sentence(
    project: Any, store: InMemoryVectorStore, tmp_path: Path
) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="provide the collection name"):
        project.get_vector_store_collection(store)
    with pytest.raises(MLRunInvalidArgumentError, match="not of dict, which has no add_documents"):
        project.get_vector_store_collection({}, "x")
    sea = document(project, tmp_path, "sea", "one two three")
    collection = project.get_vector_store_collection(store, "towns")
    with pytest.raises(MLRunInvalidArgumentError, match="should match the number of artifacts"):
        collection.add_artifacts([sea], ids=["a", "b"])
    with pytest.raises(MLRunInvalidArgumentError, match="iterable collection"):
        collection.add_artifacts([sea], ids="a")
    assert kept(project, "sea") == {}
    by_ids = project.get_vector_store_collection(ByIds(), "ids")
    by_ids.add_artifacts([sea])
    with pytest.raises(MLRunBadRequestError, match="deletes by ids alone"):
        by_ids.delete_artifacts([sea])
    assert kept(project, "sea") == {"ids": "1"}, "what was not deleted is still said"
