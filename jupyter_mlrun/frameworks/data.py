"""Data sets as arrays and as frames, and what a model takes and gives as features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError


def to_array(dataset: Any) -> Any:
    """The data set as a NumPy array."""
    import numpy as np

    if hasattr(dataset, "toarray"):
        return dataset.toarray()
    if hasattr(dataset, "to_numpy"):
        return dataset.to_numpy()
    if isinstance(dataset, Mapping):
        return np.array(list(dataset.values())).T
    if isinstance(dataset, (list, tuple, np.ndarray)):
        return np.asarray(dataset)
    raise MLRunInvalidArgumentError(
        f"A data set is an array, a frame, a list or a dict, not {type(dataset).__name__}"
    )


def to_frame(dataset: Any, names: Sequence[Any] | None = None, prefix: str = "f") -> Any:
    """The data set as a DataFrame; columns without names are called by a prefix and a number."""
    import pandas as pd

    if isinstance(dataset, pd.DataFrame):
        return dataset
    if isinstance(dataset, pd.Series):
        return dataset.to_frame(name=dataset.name if dataset.name is not None else f"{prefix}0")
    if isinstance(dataset, Mapping):
        return pd.DataFrame(dataset)
    array = to_array(dataset)
    array = array.reshape(len(array), -1)
    columns = list(names) if names and len(names) == array.shape[1] else None
    return pd.DataFrame(array, columns=columns or [f"{prefix}{n}" for n in range(array.shape[1])])


def join(
    x: Any, y: Any = None, target_columns: Sequence[Any] | None = None
) -> tuple[Any, list[str]]:
    """Inputs and targets as one frame, and the names of its target columns."""
    import pandas as pd

    frame = to_frame(x)
    if y is None:
        return frame, [str(name) for name in target_columns or []]
    targets = to_frame(y, names=target_columns, prefix="y_")
    if target_columns and len(target_columns) == targets.shape[1]:
        targets.columns = [str(name) for name in target_columns]
    elif list(targets.columns) == ["f0"] or set(targets.columns) & set(frame.columns):
        targets = targets.set_axis([f"y_{n}" for n in range(targets.shape[1])], axis=1)
    both = pd.concat(
        [frame.reset_index(drop=True), targets.reset_index(drop=True)], axis=1
    )  # fmt: skip
    both.columns = [str(name) for name in both.columns]
    return both, [str(name) for name in targets.columns]


def features_of(sample: Any, prefix: str = "input_") -> list[dict[str, Any]]:
    """Names, types and dimensions of what a model is given or gives, read off a sample."""
    if hasattr(sample, "columns") and hasattr(sample, "dtypes"):
        from jupyter_mlrun.artifacts.model import value_type

        return [
            {"name": str(name), "value_type": value_type(kind)}
            for name, kind in sample.dtypes.items()
        ]
    several = sample if isinstance(sample, (list, tuple)) else [sample]
    return [_feature(f"{prefix}{n}", each) for n, each in enumerate(several)]


def _feature(name: str, sample: Any) -> dict[str, Any]:
    kind = str(getattr(sample, "dtype", "") or type(sample).__name__).rpartition(".")[2]
    shape = getattr(sample, "shape", None)
    dims = None if shape is None else [None if d is None else int(d) for d in tuple(shape)]
    return {"name": name, "value_type": kind, **({"dims": dims} if dims else {})}
