"""Figures of how good predictions are: functions over what is true and what was predicted."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .data import to_array
from .functionality import AlgorithmFunctionality, functionality_of

PARAMETER = "_metrics"


class Metric:
    """A function of true and predicted values, under a name.

    ``metric`` is a callable, or its path ``module.function``; ``need_probabilities`` gives it what
    ``predict_proba`` gives.
    """

    def __init__(
        self,
        metric: Callable[..., Any] | str,
        name: str | None = None,
        additional_arguments: Mapping[str, Any] | None = None,
        need_probabilities: bool = False,
    ) -> None:
        self._metric = _from_path(metric) if isinstance(metric, str) else metric
        if not callable(self._metric):
            raise MLRunInvalidArgumentError(
                f"A metric is a function or its path, not {type(metric).__name__}"
            )
        own = getattr(self._metric, "__name__", type(self._metric).__name__)
        self._name = name or str(own)
        self._arguments = dict(additional_arguments or {})
        self._need_probabilities = need_probabilities
        self._result: Any = None

    def __call__(self, y_true: Any, y_pred: Any = None, model: Any = None, x: Any = None) -> Any:
        if y_pred is None:
            if model is None or x is None:
                raise MLRunInvalidArgumentError(
                    f"The metric {self._name} needs y_pred, or model and x to predict it"
                )
            y_pred = model.predict_proba(x) if self._need_probabilities else model.predict(x)
        self._result = self._metric(y_true, y_pred, **self._arguments)
        return self._result

    @property
    def name(self) -> str:
        """The name of the result."""
        return self._name

    @property
    def need_probabilities(self) -> bool:
        """Whether it is given probabilities instead of classes."""
        return self._need_probabilities

    @property
    def result(self) -> Any:
        """What it gave last; None before."""
        return self._result

    def __repr__(self) -> str:
        return f"<metric {self._name} {'' if self._result is None else self._result}>"


def _from_path(path: str) -> Callable[..., Any]:
    module, _, name = path.rpartition(".")
    try:
        owner = sys.modules.get(module) or importlib.import_module(module)
        found: Callable[..., Any] = getattr(owner, name)
    except (ImportError, AttributeError, ValueError):
        raise MLRunInvalidArgumentError(
            f"There is no metric '{path}': write its path, such as sklearn.metrics.f1_score"
        ) from None
    return found


def get_metrics(
    metrics: Any, context: Any, include_default: bool, model: Any, y: Any = None
) -> list[Metric]:
    """The metrics to take: those given, those of the context's parameter, and the default ones."""
    found = defaults(model, y) if include_default else []
    given = context.parameters.get(PARAMETER) if context is not None else None
    for entries in (metrics, given):
        found += parse(entries)
    # the last of a name counts
    return list({metric.name: metric for metric in found}.values())


def parse(entries: Any) -> list[Metric]:
    """Metrics of a list of callables, paths and Metrics, or of a dict of them by name."""
    if entries is None:
        return []
    if isinstance(entries, Mapping):
        return [_metric(entry, name) for name, entry in entries.items()]
    if isinstance(entries, Sequence) and not isinstance(entries, str):
        return [_metric(entry) for entry in entries]
    raise MLRunInvalidArgumentError(
        f"Metrics are a list, or a dict with their names, not {type(entries).__name__}"
    )


def _metric(entry: Any, name: str | None = None) -> Metric:
    if isinstance(entry, Metric):
        return entry
    if isinstance(entry, (tuple, list)):
        function, arguments = entry
        arguments = dict(arguments)
        return Metric(function, name, arguments, bool(arguments.pop("need_probabilities", False)))
    return Metric(entry, name)


def defaults(model: Any, y: Any = None) -> list[Metric]:
    """What is measured of a model by itself: by whether it gives classes or numbers."""
    from sklearn import metrics

    does = functionality_of(model, y)
    if does.is_regression():
        return [
            Metric(metrics.mean_absolute_error),
            Metric(metrics.r2_score),
            Metric(_root_mean_squared_error, "root_mean_squared_error"),
            Metric(metrics.mean_squared_error),
        ]
    if not does.is_classification():
        return []
    found = [Metric(metrics.accuracy_score, "accuracy")]
    if does is AlgorithmFunctionality.BINARY_CLASSIFICATION:
        how = {"pos_label": _positive(y)}
        found += [Metric(m, None, how) for m in _by_class(metrics)]
    elif does.is_multiclass_classification():
        found += [Metric(m, None, {"average": "macro"}) for m in _by_class(metrics)]
        if does.is_single_output() and hasattr(model, "predict_proba"):
            found += [
                Metric(metrics.roc_auc_score, f"auc-{how}",
                       {"multi_class": "ovr" if how == "micro" else "ovo", "average": how},
                       need_probabilities=True)
                for how in ("micro", "macro", "weighted")
            ]  # fmt: skip
    return found


def _by_class(metrics: Any) -> list[Callable[..., Any]]:
    return [metrics.f1_score, metrics.precision_score, metrics.recall_score]


def _root_mean_squared_error(y_true: Any, y_pred: Any) -> float:
    from sklearn.metrics import mean_squared_error

    found: float = float(mean_squared_error(y_true, y_pred)) ** 0.5
    return found


def _positive(y: Any) -> Any:
    """The class that counts as found: the larger one, 1 where the classes are 0 and 1."""
    import numpy as np

    return np.unique(to_array(y))[-1].item()
