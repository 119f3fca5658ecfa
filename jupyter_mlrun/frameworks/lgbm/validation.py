"""How a booster does on the data that it was validated with, as ``lightgbm.train`` logs it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from typing import Any, NamedTuple

from jupyter_mlrun.frameworks.data import to_array
from jupyter_mlrun.frameworks.plans import (
    CalibrationCurvePlan,
    ConfusionMatrixPlan,
    DatasetPlan,
    FeatureImportancePlan,
    Plan,
    ROCCurvePlan,
)

_BINARY = ("binary", "cross_entropy", "xentropy")
_SEVERAL = ("multiclass", "softmax", "multiclassova", "multiclass_ova", "ova", "ovr")
SAMPLE = 1000


class Known(NamedTuple):
    """A data set of LightGBM before training frees what it was made of."""

    name: str
    x: Any
    y: Any


class _Described:
    """A booster whose features' importance and classes stand where plans look for them."""

    def __init__(self, booster: Any, classes: int) -> None:
        import numpy as np

        self.feature_importances_ = booster.feature_importance()
        self.classes_ = np.arange(classes)


def data_of(own: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Known, list[Known]]:
    """The training data and the validation sets that ``lightgbm.train`` is given."""
    given = inspect.signature(own).bind_partial(*args, **kwargs).arguments
    sets, names = _several(given.get("valid_sets")), _several(given.get("valid_names"))
    named = {**dict(enumerate(f"valid_{n}" for n in range(len(sets)))), **dict(enumerate(names))}
    return (
        _known("training", given["train_set"]),
        [_known(str(named[n]), each) for n, each in enumerate(sets)],
    )


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _known(name: str, dataset: Any) -> Known:
    x = dataset.data
    # of a file, or of what was freed, nothing can be told
    is_there = hasattr(x, "shape") and (hasattr(x, "__len__") or is_sparse(x))
    return Known(name, x if is_there else None, dataset.label)


def is_sparse(x: Any) -> bool:
    """Whether it would grow as a frame."""
    return hasattr(x, "toarray")


def sample_of(known: Known) -> tuple[Any, Any] | None:
    """Some of its rows, from its beginning to its end; of sparse data none, which stay sparse."""
    if known.x is None or is_sparse(known.x):
        return None
    step = slice(None, None, -(-known.x.shape[0] // SAMPLE) or 1)
    return _rows(known.x, step), None if known.y is None else _rows(known.y, step)


def _rows(values: Any, step: slice) -> Any:
    return getattr(values, "iloc", values)[step]


def log_validation(context: Any, booster: Any, sets: list[Known]) -> dict[str, Any]:
    """The data sets, and what the booster makes of them, as artifacts of the run by their keys.

    What cannot be made is a warning: training has succeeded by then.
    """
    logged: dict[str, Any] = {}
    for known in sets:
        if known.x is None:
            context.logger.info(f"the data of {known.name} is not in memory: it is not logged")
            continue
        _log_set(context, booster, known, logged)
    return logged


def _log_set(context: Any, booster: Any, known: Known, logged: dict[str, Any]) -> None:
    if is_sparse(known.x):
        context.logger.info(f"the data of {known.name} is sparse: it is not logged as a table")
    else:
        _log_plan(context, DatasetPlan(name=known.name), booster, known, logged)
    if not find_spec("plotly"):
        return
    _log_plan(context, FeatureImportancePlan(), booster, known, logged)
    for plan, found, classes in _class_plans(booster, known):
        _log_plan(context, plan, booster, known, logged, found, classes)


def _log_plan(
    context: Any, plan: Plan, booster: Any, known: Known, logged: dict[str, Any],
    found: Any = None, classes: int = 0,
) -> None:  # fmt: skip
    plan.prefix = f"{known.name}-"
    try:
        made = plan.produce(
            context, model=_Described(booster, classes), x=known.x, y=known.y, y_pred=found,
            target_columns=None,
        )  # fmt: skip
    except Exception as error:
        context.logger.warning(f"{plan.key} is not made: {type(error).__name__}: {error}")
        return
    if made is not None:
        logged[plan.key] = made


def _class_plans(booster: Any, known: Known) -> Iterator[tuple[Plan, Any, int]]:
    objective = _objective(booster.params)
    tells_classes = objective in (*_BINARY, *_SEVERAL) and bool(find_spec("sklearn"))
    if known.y is None or not tells_classes:
        return
    shares, true = booster.predict(known.x), to_array(known.y).ravel()
    classes = shares.shape[1] if shares.ndim == 2 else 2
    # cross entropy takes shares for labels too
    if not set(true.tolist()) <= set(range(classes)):
        return
    chosen = shares.argmax(axis=1) if shares.ndim == 2 else shares > 0.5
    yield ConfusionMatrixPlan(list(range(classes))), chosen.astype(true.dtype), classes
    yield ROCCurvePlan(), shares, classes
    if objective in _BINARY:
        yield CalibrationCurvePlan(), shares, classes


def _objective(params: Mapping[str, Any]) -> str:
    names = ("objective", "objective_type", "app", "application", "loss")
    return str(next((params[name] for name in names if params.get(name)), ""))
