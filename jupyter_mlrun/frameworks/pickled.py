"""Models kept as a pickle, or in a format of their library's own."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.frameworks.handler import ModelHandler


class PickledModelHandler(ModelHandler):
    """A model kept as a pickle."""

    SUFFIX = ".pkl"

    def write(self, folder: str) -> str:
        """Write the model into a folder; the name of its file there."""
        import cloudpickle

        name = f"{self.model_name}{self.SUFFIX}"
        with open(os.path.join(folder, name), "wb") as file:
            cloudpickle.dump(self.model, file)
        return name

    def read(self, path: str, **kwargs: Any) -> Any:
        """The model of a file."""
        import cloudpickle

        with open(path, "rb") as file:
            return cloudpickle.load(file)


class FormattedModelHandler(PickledModelHandler):
    """A model kept as a pickle, or in another of its ``FORMATS`` by ``model_format``.

    Raises MLRunInvalidArgumentError for a format that is not among them.
    """

    FORMATS: ClassVar[dict[str, str]] = {"pkl": ".pkl"}

    def __init__(self, *args: Any, model_format: str = "pkl", **kwargs: Any) -> None:
        if model_format not in self.FORMATS:
            raise MLRunInvalidArgumentError(
                f"There is no model_format '{model_format}': choose {', '.join(self.FORMATS)}"
            )
        self._format = self.FORMATS[model_format]
        super().__init__(*args, **kwargs)
        self.set_labels({"model_format": model_format})

    @property
    def SUFFIX(self) -> str:  # type: ignore[override]
        """The ending of the model's file."""
        return self._format
