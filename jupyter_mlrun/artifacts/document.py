"""Documents for retrieval: where one lies, the loader that reads it, and its chunks."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from jupyter_mlrun.model import artifact_fields as fields

from ..errors import MLRunInvalidArgumentError, MLRunMissingDependencyError, MLRunNotFoundError
from ..names import KEY
from .artifact import Artifact

TEXT_LOADER = "langchain_community.document_loaders.TextLoader"
_DOCUMENT = fields.DOCUMENT


class DocumentLoaderSpec:
    """Which class of LangChain reads a document, and with which arguments."""

    def __init__(
        self,
        loader_class_name: str = TEXT_LOADER,
        src_name: str = "file_path",
        download_object: bool = True,
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        self.loader_class_name, self.src_name = loader_class_name, src_name
        self.download_object = download_object
        self.kwargs = None if kwargs is None else dict(kwargs)

    @classmethod
    def from_dict(cls, struct: Mapping[str, Any] | None) -> DocumentLoaderSpec:
        """The spec of a document."""
        known = ("loader_class_name", "src_name", "download_object", "kwargs")
        return cls(**{key: value for key, value in (struct or {}).items() if key in known})

    def to_dict(self) -> dict[str, Any]:
        """The spec as a dict."""
        return {key: value for key, value in vars(self).items() if value is not None}

    def make_loader(self, src_path: str) -> Any:
        """The loader of one file or address."""
        module, _, name = self.loader_class_name.rpartition(".")
        given = {**(self.kwargs or {}), self.src_name: src_path}
        try:
            loader = getattr(import_module(module), name)
        except ImportError as error:
            if self.loader_class_name == TEXT_LOADER:
                return PlainTextLoader(src_path)
            package = module.partition(".")[0].replace("_", "-")
            raise MLRunMissingDependencyError(
                f"The loader {self.loader_class_name} is not installed ({error}): "
                f"pip install {package}"
            ) from None
        except AttributeError:
            raise MLRunInvalidArgumentError(
                f"The module {module} has no loader {name}: "
                "name another by DocumentLoaderSpec(loader_class_name=…)"
            ) from None
        return loader(**given)


class PlainTextLoader:
    """Reads a text file, where LangChain's own loaders are not installed."""

    def __init__(self, file_path: str) -> None:
        self.file_path = file_path

    def load(self) -> list[Any]:
        """One document: the whole text."""
        with open(self.file_path, encoding="utf-8") as file:
            return [_document()(page_content=file.read(), metadata={"source": self.file_path})]


class DocumentArtifact(Artifact):
    """A document, with the loader that reads it and the collections in which its chunks are."""

    kind = "document"
    SPEC = _DOCUMENT
    STATUS = fields.DOCUMENT_STATUS

    METADATA_SOURCE_KEY = "source"
    METADATA_ORIGINAL_SOURCE_KEY = "original_source"
    METADATA_CHUNK_KEY = "mlrun_chunk"
    METADATA_ARTIFACT_TARGET_PATH_KEY = "mlrun_target_path"
    METADATA_ARTIFACT_TAG = "mlrun_tag"
    METADATA_ARTIFACT_KEY = "mlrun_key"
    METADATA_ARTIFACT_PROJECT = "mlrun_project"

    def __init__(
        self,
        original_source: str | None = None,
        document_loader_spec: DocumentLoaderSpec | None = None,
        collections: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        if document_loader_spec is not None:
            self.spec["document_loader"] = document_loader_spec.to_dict()
        if original_source:
            self.spec["original_source"] = str(original_source)
        self.status["collections"] = dict(collections or {})

    @staticmethod
    def key_from_source(src_path: str) -> str:
        """A key of a path: what a key cannot hold becomes an underscore."""
        pattern = re.compile(KEY.strip("^$"))
        kept, place = [], 0
        for match in pattern.finditer(src_path):
            kept += ["_" * (match.start() - place), match.group()]
            place = match.end()
        return "".join(kept).lstrip("_") + "_" * (len(src_path) - place)

    def get_source(self) -> str:
        """Its address without the store's prefix: ``project/key``."""
        return f"{self.project}/{self.db_key}"

    def to_langchain_documents(self, splitter: Any = None) -> list[Any]:
        """Documents of LangChain, one for each chunk, which say where they come from."""
        found: list[Any] = []
        make = _document()
        for document in self._load():
            texts = [document.page_content]
            if splitter is not None:
                texts = splitter.split_text(document.page_content)
            metadata = {**document.metadata, **self._origin()}
            for text in texts:
                chunk = {self.METADATA_CHUNK_KEY: str(len(found))}
                found.append(make(page_content=text, metadata={**metadata, **chunk}))
        return found

    def _origin(self) -> dict[str, Any]:
        origin = {
            self.METADATA_ORIGINAL_SOURCE_KEY: self.spec.original_source,
            self.METADATA_SOURCE_KEY: self.get_source(),
            self.METADATA_ARTIFACT_TAG: self.tag or "latest",
            self.METADATA_ARTIFACT_KEY: self.db_key,
            self.METADATA_ARTIFACT_PROJECT: self.project,
        }
        if target := self.get_target_path():
            origin[self.METADATA_ARTIFACT_TARGET_PATH_KEY] = target
        return origin

    def _load(self) -> list[Any]:
        spec = DocumentLoaderSpec.from_dict(self.spec.document_loader)
        if spec.download_object and self.get_target_path():
            with tempfile.TemporaryDirectory(prefix="mlrun-") as folder:
                item = self.to_dataitem()
                path = f"{folder}/document{item.suffix}"
                item.download(path)
                return list(spec.make_loader(path).load())
        if not self.spec.original_source:
            raise MLRunInvalidArgumentError(
                f"The document '{self.key}' has no data: log it with local_path= or target_path="
            )
        return list(spec.make_loader(self.spec.original_source).load())

    def collection_add(self, collection_id: str) -> bool:
        """Remember that the chunks are in a collection; stored at once, where that is news."""
        if collection_id in self.status.collections:
            return False
        self.status.collections[collection_id] = "1"
        self._save()
        return True

    def collection_remove(self, collection_id: str) -> bool:
        """Forget that the chunks are in a collection; stored at once, where that is news."""
        if self.status.collections.pop(collection_id, None) is None:
            return False
        self._save()
        return True

    def _save(self) -> None:
        from .stored import store_again

        store_again(self)


def _document() -> Any:
    try:
        from langchain_core.documents import Document
    except ImportError:
        raise MLRunMissingDependencyError(
            "Documents of LangChain need langchain-core: pip install langchain-core"
        ) from None
    return Document


class MLRunLoader:
    """A loader of LangChain that logs each document that it reads; ``%%`` in a key is its path."""

    def __init__(
        self,
        source_path: str,
        loader_spec: DocumentLoaderSpec,
        artifact_key: str = "%%",
        producer: Any = None,
        upload: bool = False,
        tag: str = "",
        labels: Mapping[str, str] | None = None,
    ) -> None:
        if producer is None or isinstance(producer, str):
            raise MLRunInvalidArgumentError(
                "MLRunLoader needs the run's context or the project that logs what it loads: "
                "give it as producer="
            )
        self.local_path, self.loader_spec, self.producer = source_path, loader_spec, producer
        self.artifact_key = self.artifact_key_instance(artifact_key, source_path)
        self.upload, self.tag, self.labels = upload, tag, labels

    @staticmethod
    def artifact_key_instance(artifact_key: str, src_path: str) -> str:
        """The key with ``%%`` filled in."""
        if "%%" not in artifact_key:
            return artifact_key
        return artifact_key.replace("%%", DocumentArtifact.key_from_source(src_path))

    def lazy_load(self) -> Iterator[Any]:
        """The documents of the file, which is logged."""
        try:
            before = self.producer.get_artifact(self.artifact_key, self.tag or None)
            collections = dict(before.status.get("collections") or {})
        except MLRunNotFoundError:
            collections = {}
        artifact = self.producer.log_document(
            key=self.artifact_key, document_loader_spec=self.loader_spec,
            local_path=self.local_path, upload=self.upload, labels=self.labels, tag=self.tag,
            collections=collections,
        )  # fmt: skip
        yield from artifact.to_langchain_documents()

    def load(self) -> list[Any]:
        """The documents of the file, which is logged."""
        return list(self.lazy_load())
