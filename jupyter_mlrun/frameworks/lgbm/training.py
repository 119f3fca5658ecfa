"""What ``lightgbm.train`` logs: each iteration's metrics, a chart of them, the booster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunBaseError
from jupyter_mlrun.frameworks.curves import Curves
from jupyter_mlrun.frameworks.data import join
from jupyter_mlrun.frameworks.handler import ModelHandler
from jupyter_mlrun.frameworks.lgbm.validation import data_of, log_validation, sample_of


class MLRunLoggingCallback:
    """A callback of LightGBM that logs each iteration's metrics, as results with their series."""

    order, before_iteration = 10, False

    def __init__(
        self,
        context: Any,
        dynamic_hyperparameters: list[str] | None = None,
        static_hyperparameters: list[str] | None = None,
        logging_frequency: int = 100,
    ) -> None:
        self.curves = Curves(context)
        self._context, self._frequency = context, max(1, logging_frequency)
        self._dynamic = list(dynamic_hyperparameters or [])
        self._static = list(static_hyperparameters or [])

    def __call__(self, env: Any) -> None:
        step = env.iteration + 1
        if env.iteration == env.begin_iteration:
            self._context.log_results(
                {name: env.params[name] for name in self._static if name in env.params}
            )
        for data, metric, value, *_ in env.evaluation_result_list or []:
            self.curves.add(f"{data}_{metric}", value, step)
        for name in self._dynamic:
            if name in env.params:
                self.curves.add(name, env.params[name], step)
        if step % self._frequency == 0 or step == env.end_iteration:
            self._context.commit()


class TrainLogging:
    """``lightgbm.train`` replaced by one that logs, for as long as a run works."""

    def __init__(
        self,
        handler_of: Callable[[Any], ModelHandler],
        context: Any,
        callback: Mapping[str, Any],
    ) -> None:
        self._handler_of, self._context, self._callback = handler_of, context, dict(callback)

    def apply(self) -> None:
        """Replace ``lightgbm.train``; the run's end gives it back."""
        import lightgbm

        own = getattr(lightgbm.train, "mlrun_own", lightgbm.train)

        def train(params: Any, train_set: Any, *args: Any, **kwargs: Any) -> Any:
            if self._context.state not in ("created", "running"):
                lightgbm.train = own
                return own(params, train_set, *args, **kwargs)
            return self._train(own, params, train_set, *args, **kwargs)

        train.mlrun_own = own  # type: ignore[attr-defined]
        train.__doc__ = own.__doc__
        lightgbm.train = train

    def _train(self, own: Any, params: Any, train_set: Any, *args: Any, **kwargs: Any) -> Any:
        logs = MLRunLoggingCallback(self._context, **self._callback)
        callbacks = [*(kwargs.pop("callbacks", None) or []), logs]
        trained, validated = data_of(own, params, train_set, *args, **kwargs)
        booster = own(params, train_set, *args, callbacks=callbacks, **kwargs)
        handler = self._handler_of(booster)
        if handler.sample_set is None and (rows := sample_of(trained)) is not None:
            sample, targets = join(*rows, handler.target_columns)
            handler.set_target_columns(targets)
            handler.set_sample_set(sample, targets)
        handler.set_algorithm(str(params.get("boosting", params.get("boosting_type", "gbdt"))))
        handler.set_parameters(
            {k: v for k, v in params.items() if isinstance(v, (int, float, str))}
        )
        handler.log(metrics=logs.curves.last, artifacts=logs.curves.log_charts())
        self._context.commit()
        self._describe(handler, log_validation(self._context, booster, validated))
        return booster

    def _describe(self, handler: ModelHandler, made: dict[str, Any]) -> None:
        self._context.commit()
        if not made:
            return
        try:
            handler.update(artifacts=made)
        except (MLRunBaseError, OSError) as error:
            self._context.logger.warning(f"the model does not name its figures: {error}")
