"""Models of XGBoost that log themselves when they are fitted and tried."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar

from jupyter_mlrun.frameworks import onnx_export
from jupyter_mlrun.frameworks.estimator import apply, context_for
from jupyter_mlrun.frameworks.interface import need
from jupyter_mlrun.frameworks.pickled import FormattedModelHandler

__all__ = ["XGBoostModelHandler", "apply_mlrun"]

CONTEXT = "mlrun-xgboost"


class XGBoostModelHandler(FormattedModelHandler):
    """A model of XGBoost, kept as a pickle, or in its own format (``model_format="json"``)."""

    FRAMEWORK_NAME = "xgboost"
    FORMATS: ClassVar[dict[str, str]] = {"pkl": ".pkl", "json": ".json"}

    def write(self, folder: str) -> str:
        """Write the model into a folder; the name of its file there."""
        if self._format != ".json":
            return super().write(folder)
        name = f"{self.model_name}{self._format}"
        self.model.save_model(os.path.join(folder, name))
        return name

    def read(self, path: str, **kwargs: Any) -> Any:
        """The model of a file."""
        if path.endswith(".json"):
            import xgboost

            model = getattr(xgboost, self.algorithm or "XGBModel", xgboost.XGBModel)()
            model.load_model(path)
            return model
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
        made = onnx_export.from_boosted(self.model, sample, "xgboost", self.target_columns)
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
) -> XGBoostModelHandler:
    """Let a model log itself: ``fit`` logs it with its metrics and figures, ``predict`` tries it.

    Arguments are those of ``jupyter_mlrun.frameworks.sklearn.apply_mlrun``, and ``model_format``.
    """
    if model is not None:
        need(model, "xgboost", "XGBoost")
    given = dict(kwargs.pop("model_handler_kwargs", {}))
    if "model_format" in kwargs:
        given["model_format"] = kwargs.pop("model_format")
    handler = XGBoostModelHandler(
        model, model_path, model_name, modules_map, custom_objects_map, custom_objects_directory,
        context_for(context, CONTEXT), **given,
    )  # fmt: skip
    apply(
        handler, tag, artifacts, metrics, kwargs.pop("X_test", x_test), y_test, sample_set,
        y_columns, feature_vector, feature_weights, labels, parameters, extra_data, auto_log,
        **kwargs,
    )  # fmt: skip
    return handler
