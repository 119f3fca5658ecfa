"""Models of other frameworks written as ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .handler import ModelHandler, missing


def from_sklearn(model: Any, sample: Any, targets: Sequence[Any] = ()) -> Any:
    """An ONNX model of an estimator, its inputs read off a sample."""
    try:
        from skl2onnx import to_onnx
    except ImportError:
        raise missing("skl2onnx", "A model of scikit-learn as ONNX") from None
    return to_onnx(model, _floats(sample, targets), target_opset=15)


def from_boosted(model: Any, sample: Any, package: str, targets: Sequence[Any] = ()) -> Any:
    """An ONNX model of XGBoost or LightGBM, as wide as a sample."""
    try:
        import onnxmltools
        from onnxconverter_common.data_types import FloatTensorType
    except ImportError:
        raise missing("onnxmltools", f"A model of {package} as ONNX") from None
    width = _floats(sample, targets).shape[1]
    convert = {
        "xgboost": onnxmltools.convert_xgboost,
        "lightgbm": onnxmltools.convert_lightgbm,
    }[package]
    return convert(
        model, initial_types=[("input", FloatTensorType([None, width]))], target_opset=15
    )


def _floats(sample: Any, targets: Sequence[Any]) -> Any:
    import numpy as np

    from .data import to_array

    if sample is None:
        raise MLRunInvalidArgumentError(
            "An ONNX model needs a sample of the inputs: give input_sample="
        )
    if hasattr(sample, "drop") and hasattr(sample, "columns"):
        sample = sample.drop(columns=[name for name in targets if name in sample.columns])
    return to_array(sample)[:1].astype(np.float32)


def finish(
    handler: ModelHandler, model: Any, name: str | None, optimize: bool, log: bool | None
) -> Any:
    """The ONNX model, made smaller and logged as is asked; it is called ``onnx_NAME``."""
    from .onnx import ONNXModelHandler

    key = name or f"onnx_{handler.model_name}"
    made = ONNXModelHandler(model, model_name=key, model_key=key, context=handler.context)
    if optimize:
        made.optimize()
    if log or (log is None and handler.context is not None):
        made.set_labels(handler.labels)
        made.set_parameters(handler.parameters)
        made.log(inputs=handler.inputs or None, outputs=handler.outputs or None)
    return made.model
