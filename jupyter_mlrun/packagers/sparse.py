"""Sparse matrices of SciPy."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from scipy import sparse

from ..artifacts.artifact import Artifact
from .default import DefaultPackager
from .packager import ArtifactType

if TYPE_CHECKING:
    from ..datastore.item import DataItem

_FORMATS = ("csc", "csr", "bsr", "dia", "coo")


class SciPySparsePackager(DefaultPackager):
    """Sparse matrices and arrays: SciPy's own file, where it has one for the form."""

    PACKABLE_OBJECT_TYPE = (sparse.spmatrix, sparse.sparray)
    DEFAULT_UNPACKING_ARTIFACT_TYPE = ArtifactType.FILE
    SAFE_TYPES = frozenset({ArtifactType.FILE})

    def _matches(self, kind: Any, with_subclasses: bool) -> bool:
        return isinstance(kind, type) and issubclass(kind, self.PACKABLE_OBJECT_TYPE)

    def is_unpackable(
        self, data_item: DataItem, type_hint: Any, artifact_type: str | None = None
    ) -> bool:
        """Whether a sparse matrix is asked for."""
        return self._matches(type_hint, True)

    def get_default_packing_artifact_type(self, obj: Any) -> str:
        """``file``; a pickle for the forms that are built up."""
        is_kept = obj.format in _FORMATS and len(obj.shape) == 2
        return ArtifactType.FILE if is_kept else ArtifactType.OBJECT

    def pack_file(self, obj: Any, key: str) -> tuple[Artifact, dict[str, Any]]:
        """The matrix in SciPy's ``npz``."""
        stream = io.BytesIO()
        sparse.save_npz(stream, obj)
        artifact = Artifact(key, stream.getvalue(), format="npz")
        shape = "×".join(map(str, obj.shape))
        artifact.status["preview_text"] = f"{shape} {obj.dtype}, {obj.nnz} entries, {obj.format}"
        return artifact, {}

    def unpack_file(self, data_item: DataItem) -> Any:
        """The matrix."""
        return sparse.load_npz(io.BytesIO(data_item.read_bytes()))
