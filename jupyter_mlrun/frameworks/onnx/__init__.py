"""Models of ONNX: kept, loaded, made smaller, tried by the ONNX runtime."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from jupyter_mlrun.frameworks.data import to_array
from jupyter_mlrun.frameworks.estimator import context_for
from jupyter_mlrun.frameworks.handler import ModelHandler, missing

__all__ = ["ONNXMLRunInterface", "ONNXModelHandler"]

CONTEXT = "mlrun-onnx"


class ONNXModelHandler(ModelHandler):
    """A model of ONNX, kept in ONNX's own format; to load it runs no code."""

    FRAMEWORK_NAME = "onnx"
    SUFFIX = ".onnx"
    UNPICKLES = False

    def write(self, folder: str) -> str:
        """Write the model into a folder; the name of its file there."""
        name = f"{self.model_name}{self.SUFFIX}"
        _onnx().save(self.model, os.path.join(folder, name))
        return name

    def read(self, path: str, **kwargs: Any) -> Any:
        """The model of a file."""
        return _onnx().load(path)

    def optimize(self, optimizations: list[str] | None = None, fixed_point: bool = False) -> None:
        """Make the model smaller: shapes inferred, and the optimizer's passes where it is there."""
        self._model_is_there()
        onnx = _onnx()
        self._model = onnx.shape_inference.infer_shapes(self.model)
        try:
            import onnxoptimizer
        except ImportError:
            if optimizations:
                raise missing("onnxoptimizer", "Optimizations by name") from None
            return
        self._model = onnxoptimizer.optimize(self._model, optimizations, fixed_point)

    def to_onnx(self, *args: Any, **kwargs: Any) -> Any:
        """The model itself."""
        self._model_is_there()
        return self.model

    def log(self, *args: Any, **kwargs: Any) -> Any:
        """Store the model with all that is said of it, as an artifact of the run."""
        self._model_is_there()
        graph = self.model.graph
        constants = {each.name for each in graph.initializer}
        given = [each for each in graph.input if each.name not in constants]
        self._described.setdefault("inputs", [_feature(each) for each in given])
        self._described.setdefault("outputs", [_feature(each) for each in graph.output])
        return super().log(*args, **kwargs)

    def _own_algorithm(self) -> str | None:
        return None


class ONNXMLRunInterface:
    """Runs an ONNX model: predictions, and metrics of them that are logged."""

    DEFAULT_CONTEXT_NAME = CONTEXT

    def __init__(
        self,
        model: Any,
        execution_providers: list[str] | None = None,
        context: Any = None,
    ) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise missing("onnxruntime", "To run a model of ONNX") from None
        self._context = context
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(),
            providers=execution_providers or ["CPUExecutionProvider"],
        )

    def predict(self, inputs: Any) -> list[Any]:
        """The model's outputs for one array, or for one array each input."""
        names = [each.name for each in self._session.get_inputs()]
        several = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        given = {
            name: to_array(value) for name, value in zip(names, several, strict=True)
        }  # fmt: skip
        found: list[Any] = self._session.run(None, given)
        return found

    def evaluate(
        self, x: Any, y: Any, metrics: Sequence[Callable[[Any, Any], float]]
    ) -> dict[str, float]:
        """Metrics of the first output against the true values, logged as results."""
        predicted = self.predict(x)[0]
        results = {
            getattr(metric, "__name__", type(metric).__name__): float(
                metric(to_array(y), predicted)
            )
            for metric in metrics
        }
        context_for(self._context, CONTEXT).log_results(results)
        return results


def _onnx() -> Any:
    try:
        import onnx
    except ImportError:
        raise missing("onnx", "A model of ONNX") from None
    return onnx


def _feature(value: Any) -> dict[str, Any]:
    import onnx

    tensor = value.type.tensor_type
    dims = [each.dim_value or None for each in tensor.shape.dim]
    kind = onnx.TensorProto.DataType.Name(tensor.elem_type).lower()
    return {"name": value.name, "value_type": kind, "dims": dims}
