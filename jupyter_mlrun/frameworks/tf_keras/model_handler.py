"""Models of Keras in its own formats."""

from __future__ import annotations

import os
import shutil
import zipfile
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.frameworks.handler import ModelHandler, missing

FORMATS = {"keras": ".keras", "h5": ".h5", "SavedModel": ".zip", "json_h5": ".json"}


class TFKerasModelHandler(ModelHandler):
    """A model of Keras: as ``keras``, ``h5``, ``SavedModel`` or ``json_h5`` (layers and weights).

    To load one of Keras's own formats runs no code of the model but its custom objects'.
    """

    FRAMEWORK_NAME = "tensorflow.keras"

    class ModelFormats:
        """The formats by their names."""

        KERAS = "keras"
        H5 = "h5"
        SAVED_MODEL = "SavedModel"
        JSON_ARCHITECTURE_H5_WEIGHTS = "json_h5"

    def __init__(
        self,
        model: Any = None,
        model_path: Any = None,
        model_name: str | None = None,
        model_format: str | None = None,
        context: Any = None,
        modules_map: Any = None,
        custom_objects_map: Any = None,
        custom_objects_directory: Any = None,
        save_traces: bool = False,
        **kwargs: Any,
    ) -> None:
        self._format = model_format or "keras"
        if self._format not in FORMATS:
            raise MLRunInvalidArgumentError(
                f"There is no model_format '{model_format}': choose {', '.join(FORMATS)}"
            )
        if model is not None and not model_name:
            model_name = str(getattr(model, "name", "") or "model")
        self._interface: Any = None
        super().__init__(
            model, model_path, model_name, modules_map, custom_objects_map,
            custom_objects_directory, context, **kwargs,
        )  # fmt: skip
        self.set_labels({"model-format": self._format, "save-traces": save_traces})

    @property
    def SUFFIX(self) -> str:  # type: ignore[override]
        """The ending of the model's file."""
        return FORMATS[self._format]

    def write(self, folder: str) -> str:
        """Write the model into a folder; the name of its file there."""
        name = f"{self.model_name}{self.SUFFIX}"
        path = os.path.join(folder, name)
        if self._format == "SavedModel":
            target = os.path.join(folder, self.model_name)
            self.model.export(target)
            shutil.make_archive(target, "zip", target)
            shutil.rmtree(target)
        elif self._format == "json_h5":
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.model.to_json())
            weights = f"{self.model_name}.weights.h5"
            self.model.save_weights(os.path.join(folder, weights))
            self.set_extra_data({f"{self.model_name}_weights_file": weights})
        else:
            self.model.save(path)
        return name

    def read(self, path: str, checkpoint: str | None = None, **kwargs: Any) -> Any:
        """The model of a file."""
        keras = _keras()
        named = self._custom.names or None
        if path.endswith(".zip"):
            target = path.removesuffix(".zip")
            with zipfile.ZipFile(path) as archive:
                archive.extractall(target)
            return keras.layers.TFSMLayer(target, call_endpoint="serve")
        if path.endswith(".json"):
            with open(path, encoding="utf-8") as file:
                model = keras.models.model_from_json(file.read(), custom_objects=named)
            model.load_weights(checkpoint or self._weights(path))
            return model
        # names of losses and metrics in older formats are not always found again
        is_whole = not path.endswith(".h5")
        model = keras.models.load_model(path, custom_objects=named, compile=is_whole)
        if checkpoint:
            model.load_weights(checkpoint)
        return model

    def to_onnx(
        self,
        model_name: str | None = None,
        optimize: bool = True,
        input_signature: Any = None,
        log: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        """The model as one of ONNX; logged too where there is a run, unless ``log`` is off."""
        import tempfile

        from jupyter_mlrun.frameworks.onnx_export import finish

        try:
            import onnx
        except ImportError:
            raise missing("onnx", "A model of Keras as ONNX") from None
        self._model_is_there()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.onnx")
            try:
                self.model.export(path, format="onnx", input_signature=input_signature)
            except ImportError as error:
                raise missing("tf2onnx", f"A model of Keras as ONNX ({error})") from None
            return finish(self, onnx.load(path), model_name, optimize, log)

    def read_inputs_from_model(self) -> None:
        """Say what the model takes, read off the model."""
        self.set_inputs(features=[_feature(each) for each in self.model.inputs])

    def read_outputs_from_model(self) -> None:
        """Say what the model gives, read off the model."""
        self.set_outputs(features=[_feature(each) for each in self.model.outputs])

    def log(self, *args: Any, **kwargs: Any) -> Any:
        """Store the model with all that is said of it, as an artifact of the run."""
        self._model_is_there()
        if getattr(self.model, "inputs", None) and not self.inputs:
            self.read_inputs_from_model()
        if getattr(self.model, "outputs", None) and not self.outputs:
            self.read_outputs_from_model()
        return super().log(*args, **kwargs)

    def _weights(self, path: str) -> str:
        if self.artifact is not None:
            from jupyter_mlrun.artifacts.models import get_extra_data

            extra = get_extra_data(self.artifact)
            return extra[f"{self.model_name}_weights_file"].local()
        return f"{path.removesuffix('.json')}.weights.h5"


def _keras() -> Any:
    try:
        import keras
    except ImportError:
        raise missing("tensorflow-cpu", "A model of Keras") from None
    return keras


def _feature(tensor: Any) -> dict[str, Any]:
    dims = [None if each is None else int(each) for each in tensor.shape]
    kind = str(getattr(tensor.dtype, "name", tensor.dtype))
    return {"name": str(tensor.name), "value_type": kind, "dims": dims}
