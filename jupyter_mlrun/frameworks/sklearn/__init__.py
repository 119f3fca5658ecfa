"""Models of scikit-learn that log themselves when they are fitted and tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_mlrun.frameworks import onnx_export
from jupyter_mlrun.frameworks.estimator import apply, context_for
from jupyter_mlrun.frameworks.interface import need
from jupyter_mlrun.frameworks.metrics import Metric
from jupyter_mlrun.frameworks.pickled import PickledModelHandler
from jupyter_mlrun.frameworks.plans import LIBRARY, MLPlanStages, Plan

__all__ = ["LIBRARY", "MLPlanStages", "Metric", "Plan", "SKLearnModelHandler", "apply_mlrun"]

CONTEXT = "mlrun-sklearn"


class SKLearnModelHandler(PickledModelHandler):
    """A model of scikit-learn, kept as a pickle."""

    FRAMEWORK_NAME = "sklearn"

    def to_onnx(
        self,
        model_name: str | None = None,
        optimize: bool = True,
        input_sample: Any = None,
        log: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        """The model as one of ONNX; logged too where there is a run, unless ``log`` is off."""
        self._model_is_there()
        sample = input_sample if input_sample is not None else self.sample_set
        made = onnx_export.from_sklearn(self.model, sample, self.target_columns)
        return onnx_export.finish(self, made, model_name, optimize, log)


def apply_mlrun(
    model: Any = None,
    model_name: str = "model",
    tag: str = "",
    model_path: str | None = None,
    modules_map: Any = None,
    custom_objects_map: Any = None,
    custom_objects_directory: str | None = None,
    context: Any = None,
    artifacts: Any = None,
    metrics: Any = None,
    x_test: Any = None,
    y_test: Any = None,
    sample_set: Any = None,
    y_columns: Sequence[Any] | None = None,
    feature_vector: str | None = None,
    feature_weights: list[float] | None = None,
    labels: Any = None,
    parameters: Any = None,
    extra_data: Any = None,
    auto_log: bool = True,
    **kwargs: Any,
) -> SKLearnModelHandler:
    """Let a model log itself: ``fit`` logs it with its metrics and figures, ``predict`` tries it.

    With ``x_test`` and ``y_test`` a fit is followed by a trial; with ``y_test`` alone
    ``model.predict(x)`` logs results that begin with ``evaluation_``. ``auto_log`` adds the metrics
    and figures that fit the model to those that are given.
    """
    if model is not None:
        need(model, "sklearn", "scikit-learn")
    handler = SKLearnModelHandler(
        model, model_path, model_name, modules_map, custom_objects_map, custom_objects_directory,
        context_for(context, CONTEXT), **kwargs.pop("model_handler_kwargs", {}),
    )  # fmt: skip
    x_test = kwargs.pop("X_test", x_test)
    apply(
        handler, tag, artifacts, metrics, x_test, y_test, sample_set, y_columns, feature_vector,
        feature_weights, labels, parameters, extra_data, auto_log, **kwargs,
    )  # fmt: skip
    return handler
