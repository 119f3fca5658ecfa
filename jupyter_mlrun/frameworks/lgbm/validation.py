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


class Known(NamedTuple):
    """A data set of LightGBM before training frees what it was made of."""

    name: str
    x: Any
    y: Any


class _Weighted:
    """A booster whose features' importance stands where plans look for it."""

    def __init__(self, booster: Any) -> None:
        self.feature_importances_ = booster.feature_importance()


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
    is_there = hasattr(x, "shape") and hasattr(x, "__len__")
    return Known(name, x if is_there else None, dataset.label)


def log_validation(context: Any, booster: Any, sets: list[Known]) -> dict[str, Any]:
    """The data sets, and what the booster makes of them, as artifacts of the run by their keys."""
    logged: dict[str, Any] = {}
    for name, x, y in sets:
        if x is None:
            context.logger.info(f"the data of {name} is not in memory: it is not logged")
            continue
        given = {"model": _Weighted(booster), "x": x, "y": y, "target_columns": None}
        for plan, found in _plans(booster, name, x, y):
            plan.prefix = f"{name}-"
            made = plan.produce(context, y_pred=found, **given)
            if made is not None:
                logged[plan.key] = made
    return logged


def _plans(booster: Any, name: str, x: Any, y: Any) -> Iterator[tuple[Plan, Any]]:
    yield DatasetPlan(name=name), None
    if not find_spec("plotly"):
        return
    yield FeatureImportancePlan(), None
    objective = _objective(booster.params)
    tells_classes = objective in (*_BINARY, *_SEVERAL) and bool(find_spec("sklearn"))
    if y is None or not tells_classes:
        return
    shares, true = booster.predict(x), to_array(y).ravel()
    chosen = shares.argmax(axis=1) if shares.ndim == 2 else shares > 0.5
    yield ConfusionMatrixPlan(), chosen.astype(true.dtype)
    yield ROCCurvePlan(), shares
    if objective in _BINARY:
        yield CalibrationCurvePlan(), shares


def _objective(params: Mapping[str, Any]) -> str:
    names = ("objective", "objective_type", "app", "application", "loss")
    return str(next((params[name] for name in names if params.get(name)), ""))
