"""Models of PyTorch, kept as their weights and the name of their class."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.frameworks.handler import ModelHandler, missing

CLASS_LABEL = "model-class-name"


class PyTorchModelHandler(ModelHandler):
    """A model of PyTorch.

    To load it takes its class: ``model_class``, or the name that was stored, among the objects of
    ``modules_map`` and ``custom_objects_map``. ``model_class_arguments`` are what it is made with.
    """

    FRAMEWORK_NAME = "torch"
    SUFFIX = ".pt"

    def __init__(
        self,
        model: Any = None,
        model_path: Any = None,
        model_name: str | None = None,
        model_class: Any = None,
        modules_map: Any = None,
        custom_objects_map: Any = None,
        custom_objects_directory: Any = None,
        context: Any = None,
        model_class_arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self._class = model_class
        self._arguments = dict(model_class_arguments or {})
        super().__init__(
            model, model_path, model_name, modules_map, custom_objects_map,
            custom_objects_directory, context, **kwargs,
        )  # fmt: skip
        if model is not None:
            self.set_labels({CLASS_LABEL: type(model).__name__})

    def write(self, folder: str) -> str:
        """Write the weights into a folder; the name of their file there."""
        import torch

        name = f"{self.model_name}{self.SUFFIX}"
        torch.save(self.model.state_dict(), os.path.join(folder, name))
        return name

    def read(self, path: str, checkpoint: str | None = None, **kwargs: Any) -> Any:
        """The model of a file of weights."""
        import torch

        model = self._model_class()(**self._arguments)
        weights = torch.load(checkpoint or path, map_location="cpu", weights_only=True)
        model.load_state_dict(weights)
        return model

    def to_onnx(
        self,
        model_name: str | None = None,
        optimize: bool = True,
        input_sample: Any = None,
        input_layers_names: list[str] | None = None,
        output_layers_names: list[str] | None = None,
        dynamic_axes: Mapping[str, Any] | None = None,
        is_batched: bool = True,
        log: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        """The model as one of ONNX; logged too where there is a run, unless ``log`` is off."""
        import io

        import torch

        from jupyter_mlrun.frameworks.onnx_export import finish

        try:
            import onnx
        except ImportError:
            raise missing("onnx", "A model of PyTorch as ONNX") from None
        if input_sample is None:
            raise MLRunInvalidArgumentError("to_onnx needs input_sample=, one batch of inputs")
        self._model_is_there()
        names = input_layers_names or ["input_0"]
        outputs = output_layers_names or ["output_0"]
        axes = dynamic_axes or (
            {name: {0: "batch"} for name in [*names, *outputs]} if is_batched else None
        )
        self.model.eval()
        stream = io.BytesIO()
        torch.onnx.export(
            self.model.cpu(), input_sample, stream, input_names=names, output_names=outputs,
            dynamic_axes=axes, dynamo=False,
        )  # fmt: skip
        return finish(self, onnx.load_from_string(stream.getvalue()), model_name, optimize, log)

    def _model_class(self) -> Any:
        found = self._class
        if isinstance(found, type):
            return found
        stored = self.artifact.metadata.labels.get(CLASS_LABEL) if self.artifact else None
        name = str(found or stored or "")
        if name not in self._custom.names:
            known = ", ".join(self._custom.names) or "none"
            raise MLRunInvalidArgumentError(
                f"The class '{name}' of the model is not known (there are {known}): give "
                "model_class=, or modules_map= or custom_objects_map= that has it"
            )
        return self._custom.names[name]
