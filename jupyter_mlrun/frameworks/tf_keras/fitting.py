"""``fit`` and ``evaluate`` of a Keras model, which log what they did."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.frameworks.curves import Curves
from jupyter_mlrun.frameworks.interface import Interface

from .model_handler import TFKerasModelHandler


class FitLogging:
    """What one model logs: each epoch, the fitted model, the results of evaluations."""

    def __init__(
        self,
        handler: TFKerasModelHandler,
        said: Mapping[str, Any],
        tensorboard_directory: str | None = None,
        tensorboard: Mapping[str, Any] | None = None,
    ) -> None:
        self.handler, self.model, self.context = handler, handler.model, handler.context
        self._said = dict(said)
        self._folder = tensorboard_directory
        self._tensorboard = dict(tensorboard or {})
        self.curves = Curves(self.context)
        self.interface = Interface(self.model, {"fit": self.fit, "evaluate": self.evaluate})

    def apply(self) -> None:
        """Let the model log from now on."""
        self.interface.apply()

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Fit the model, epoch by epoch told to the run, and log it."""
        callbacks = [*(kwargs.pop("callbacks", None) or []), *self._callbacks()]
        with self.interface.removed():
            history = self.model.fit(*args, callbacks=callbacks, **kwargs)
            charts = self.curves.log_charts(_groups(self.curves.points))
            said = self._said
            self.handler.log(
                said.get("log_model_tag", ""), said.get("log_model_labels"),
                {"epochs": len(history.epoch), **(said.get("log_model_parameters") or {})},
                metrics=self.curves.last, artifacts=charts,
                extra_data=said.get("log_model_extra_data"),
            )  # fmt: skip
        self.context.commit()
        return history

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        """Evaluate the model, and log how good it is."""
        as_dict = kwargs.pop("return_dict", False)
        with self.interface.removed():
            found = self.model.evaluate(*args, return_dict=True, **kwargs)
            results = {f"evaluation_{name}": float(value) for name, value in found.items()}
            self.context.log_results(results)
            if self.handler.artifact is not None:
                self.handler.update(metrics=results)
        self.context.commit()
        if as_dict:
            return found
        values = list(found.values())
        return values[0] if len(values) == 1 else values

    def _callbacks(self) -> list[Any]:
        import keras

        def told(epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            for name, value in (logs or {}).items():
                loop = "validation" if name.startswith("val_") else "training"
                self.curves.add(f"{loop}_{name.removeprefix('val_')}", value, epoch + 1)
            rate = getattr(getattr(self.model, "optimizer", None), "learning_rate", None)
            if rate is not None and not callable(rate):
                self.curves.add("lr", rate, epoch + 1)
            self.context.commit()

        found = [keras.callbacks.LambdaCallback(on_epoch_end=told)]
        if self._folder or self._tensorboard:
            own = self._folder or self.context.artifact_subpath("tensorboard")
            folder = os.path.join(own, self.context.name)
            found.append(keras.callbacks.TensorBoard(log_dir=folder, **self._tensorboard))
        return found


def _groups(names: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        title = name.removeprefix("training_").removeprefix("validation_")
        found.setdefault(title, []).append(name)
    return found
