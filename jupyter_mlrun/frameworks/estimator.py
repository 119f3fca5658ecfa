"""Models in the manner of scikit-learn that log what ``fit`` and ``predict`` did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .data import join, to_array
from .handler import ModelHandler
from .interface import Interface
from .metrics import Metric, get_metrics
from .plans import MLPlanStages, Plan, get_plans

EVALUATION = "evaluation_"


class EstimatorLogging:
    """What one model logs: before and after ``fit``, and after ``predict`` of test data."""

    def __init__(
        self,
        handler: ModelHandler,
        plans: Sequence[Plan],
        metrics: Sequence[Metric],
        x_test: Any = None,
        y_test: Any = None,
    ) -> None:
        self.handler, self.model, self.context = handler, handler.model, handler.context
        self.plans, self.metrics = list(plans), list(metrics)
        self.x_test, self.y_test = x_test, y_test
        self.results: dict[str, Any] = {}
        self.artifacts: dict[str, Any] = {}
        if self._wants(is_shares=True) and not hasattr(self.model, "predict_proba"):
            named = [p.key for p in self.plans if p.need_probabilities]
            named += [m.name for m in self.metrics if m.need_probabilities]
            raise MLRunInvalidArgumentError(
                f"{', '.join(named)} need probabilities, and {type(self.model).__name__} has no "
                "predict_proba: leave them out"
            )
        methods = {"fit": self.fit, "predict": self.predict}
        if hasattr(self.model, "predict_proba"):
            methods["predict_proba"] = self.predict_proba
        self.interface = Interface(self.model, methods)

    def apply(self) -> None:
        """Let the model log from now on."""
        self.interface.apply()

    def fit(self, X: Any, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Fit the model, try it on the test data, and log it."""
        self._make(MLPlanStages.PRE_FIT, x=X, y=y)
        with self.interface.removed():
            given = (X,) if y is None else (X, y)
            fitted = self.model.fit(*given, *args, **kwargs)
            self._make(MLPlanStages.POST_FIT, x=X, y=y)
            if self.x_test is not None:
                self._try(self.x_test, self.y_test, "")
            if self.handler.sample_set is None:
                sample, targets = join(X, y, self.handler.target_columns)
                self.handler.set_target_columns(targets)
                self.handler.set_sample_set(sample, targets)
            self.handler.log(metrics=self.results, artifacts=self.artifacts)
        self.context.commit()
        return fitted

    def predict(self, X: Any, *args: Any, **kwargs: Any) -> Any:
        """Predict; where the true values are known, log how good that was."""
        return self._evaluate("predict", X, *args, **kwargs)

    def predict_proba(self, X: Any, *args: Any, **kwargs: Any) -> Any:
        """Predict probabilities; where the true values are known, log how good they were."""
        return self._evaluate("predict_proba", X, *args, **kwargs)

    def _evaluate(self, method: str, X: Any, *args: Any, **kwargs: Any) -> Any:
        with self.interface.removed():
            found = getattr(self.model, method)(X, *args, **kwargs)
            if self.y_test is None or len(X) != len(self.y_test):
                return found
            self._try(X, self.y_test, EVALUATION, **{method: found})
            if self.handler.artifact is not None:
                self.handler.update(metrics=self.results, artifacts=self.artifacts)
        self.context.commit()
        return found

    def _try(self, x: Any, y: Any, prefix: str, **known: Any) -> None:
        """Predict test data, and log what the plans and metrics make of it."""
        self._make(MLPlanStages.PRE_PREDICT, x=x, y=y)
        if y is None:
            return
        for method, is_shares in (("predict", False), ("predict_proba", True)):
            if not self._wants(is_shares):
                continue
            found = known[method] if method in known else getattr(self.model, method)(x)
            self._make(MLPlanStages.POST_PREDICT, is_shares, x=x, y=y, y_pred=found)
            self._measure(y, found, prefix, is_shares)

    def _wants(self, is_shares: bool) -> bool:
        wants = [plan.need_probabilities for plan in self.plans]
        return is_shares in [*wants, *(metric.need_probabilities for metric in self.metrics)]

    def _measure(self, y: Any, found: Any, prefix: str, is_shares: bool) -> None:
        import numpy as np

        true, predicted = np.squeeze(to_array(y)), np.squeeze(to_array(found))
        results = {
            f"{prefix}{metric.name}": metric(true, predicted)
            for metric in self.metrics
            if metric.need_probabilities == is_shares
        }
        self.context.log_results(results)
        self.results |= results

    def _make(self, stage: MLPlanStages, is_shares: bool = False, **given: Any) -> None:
        for plan in self.plans:
            if plan.is_ready(stage, is_shares):
                columns = self.handler.target_columns
                made = plan.produce(self.context, model=self.model, target_columns=columns, **given)
                if made is not None:
                    self.artifacts[plan.key] = made


def apply(
    handler: ModelHandler,
    tag: str = "",
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
) -> ModelHandler:
    """Let the handler's model log itself; the handler."""
    describe(
        handler, tag, sample_set, y_columns, feature_vector, feature_weights, labels, parameters,
        extra_data,
    )  # fmt: skip
    if handler.model is None:
        handler.load()
    context, model = handler.context, handler.model
    EstimatorLogging(
        handler,
        get_plans(artifacts, context, auto_log, model, y_test),
        get_metrics(metrics, context, auto_log, model, y_test),
        x_test,
        y_test,
    ).apply()
    return handler


def describe(
    handler: ModelHandler,
    tag: str = "",
    sample_set: Any = None,
    y_columns: Sequence[Any] | None = None,
    feature_vector: str | None = None,
    feature_weights: list[float] | None = None,
    labels: Any = None,
    parameters: Any = None,
    extra_data: Any = None,
) -> None:
    """Say of a model what is logged with it."""
    handler.set_tag(tag)
    if y_columns is not None:
        handler.set_target_columns(y_columns)
    if sample_set is not None:
        handler.set_sample_set(sample_set, y_columns)
    if feature_vector is not None:
        handler.set_feature_vector(feature_vector)
    if feature_weights is not None:
        handler.set_feature_weights(feature_weights)
    handler.set_labels(labels)
    handler.set_parameters(parameters)
    handler.set_extra_data(extra_data)


def context_for(context: Any, name: str) -> Any:
    """The context given, or that of the run in which this works, or a new one."""
    if context is not None:
        return context
    from jupyter_mlrun.contexts import get_or_create_ctx

    return get_or_create_ctx(name)
