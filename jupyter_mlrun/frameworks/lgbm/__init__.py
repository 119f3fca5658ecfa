"""Models of LightGBM that log themselves: estimators by ``fit``, boosters by ``train``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar

from jupyter_mlrun.frameworks import onnx_export
from jupyter_mlrun.frameworks.estimator import apply, context_for, describe
from jupyter_mlrun.frameworks.interface import need
from jupyter_mlrun.frameworks.lgbm.training import MLRunLoggingCallback, TrainLogging
from jupyter_mlrun.frameworks.pickled import FormattedModelHandler

__all__ = ["LGBMModelHandler", "MLRunLoggingCallback", "apply_mlrun"]

CONTEXT = "mlrun-lgbm"


class LGBMModelHandler(FormattedModelHandler):
    """A model of LightGBM, kept as a pickle, or a booster as text (``model_format="txt"``)."""

    FRAMEWORK_NAME = "lightgbm"
    FORMATS: ClassVar[dict[str, str]] = {"pkl": ".pkl", "txt": ".txt"}

    def write(self, folder: str) -> str:
        """Write the model into a folder; the name of its file there."""
        if self._format != ".txt":
            return super().write(folder)
        name = f"{self.model_name}{self._format}"
        getattr(self.model, "booster_", self.model).save_model(os.path.join(folder, name))
        return name

    def read(self, path: str, **kwargs: Any) -> Any:
        """The model of a file."""
        if path.endswith(".txt"):
            import lightgbm

            return lightgbm.Booster(model_file=path)
        return super().read(path, **kwargs)

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
        made = onnx_export.from_boosted(self.model, sample, "lightgbm", self.target_columns)
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
    model_format: str = "pkl",
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
    mlrun_logging_callback_kwargs: dict[str, Any] | None = None,
    **kwargs: Any,
) -> LGBMModelHandler | None:
    """Let a model log itself; without a model, let ``lightgbm.train`` log what it trains.

    An estimator logs as one of scikit-learn does. ``lightgbm.train`` logs the metrics of each
    iteration and the booster, until the run has ended.
    """
    context = context_for(context, CONTEXT)
    code = (modules_map, custom_objects_map, custom_objects_directory)
    if model is None and not model_path:
        TrainLogging(
            lambda booster: _described(
                LGBMModelHandler(
                    booster, None, model_name, *code, context, model_format=model_format
                ),
                tag, sample_set, y_columns, feature_vector, feature_weights, labels, parameters,
                extra_data,
            ),
            context,
            mlrun_logging_callback_kwargs or {},
        ).apply()  # fmt: skip
        return None
    if model is not None:
        need(model, "lightgbm", "LightGBM")
    handler = LGBMModelHandler(
        model, model_path, model_name, *code, context, model_format=model_format,
        **kwargs.pop("model_handler_kwargs", {}),
    )  # fmt: skip
    apply(
        handler, tag, artifacts, metrics, kwargs.pop("X_test", x_test), y_test, sample_set,
        y_columns, feature_vector, feature_weights, labels, parameters, extra_data, auto_log,
        **kwargs,
    )  # fmt: skip
    return handler


def _described(handler: LGBMModelHandler, *said: Any) -> LGBMModelHandler:
    describe(handler, *said)
    return handler
