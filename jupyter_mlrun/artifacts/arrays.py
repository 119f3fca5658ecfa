"""NumPy arrays."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from .base import Artifact, Draft

if TYPE_CHECKING:
    from ..context import Context
    from ..datastore.item import DataItem


def pack_array(context: Context, key: str, value: Any, tag: str = "", **options: Any) -> Artifact:
    """An array as ``.npy``; one that holds Python objects is pickled."""
    import numpy as np

    if value.dtype.hasobject or type(value) is not np.ndarray:
        from .objects import pack_object

        return pack_object(context, key, value, tag, **options)
    stream = io.BytesIO()
    np.save(stream, value, allow_pickle=False)
    draft = Draft(context, key)
    draft.target(".npy")
    draft.unpacks("NumPyNDArrayPackager", "numpy.ndarray", file_format="npy", allow_pickle=False)
    draft.write(stream.getvalue())
    with np.printoptions(threshold=200, edgeitems=3):
        shape = "×".join(map(str, value.shape)) or "scalar"
        draft.status["preview_text"] = f"{shape} {value.dtype}\n{value}"[:4000]
    return draft.log(tag)


def unpack_array(item: DataItem, object_type: str, **_: Any) -> Any:
    """The array."""
    import numpy as np

    return np.load(item.local(), allow_pickle=False)
