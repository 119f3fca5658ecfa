"""Training and evaluation of PyTorch models that log themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_mlrun.frameworks.estimator import context_for

from .callbacks import (
    Callback,
    LoggingCallback,
    MLRunLoggingCallback,
    TensorboardLoggingCallback,
)
from .model_handler import PyTorchModelHandler
from .training import CONTEXT, Metrics, PyTorchMLRunInterface

__all__ = [
    "Callback",
    "LoggingCallback",
    "MLRunLoggingCallback",
    "PyTorchMLRunInterface",
    "PyTorchModelHandler",
    "TensorboardLoggingCallback",
    "evaluate",
    "train",
]

Watched = Mapping[str, Any] | None


def train(
    model: Any,
    training_set: Any,
    loss_function: Any,
    optimizer: Any,
    validation_set: Any = None,
    metric_functions: Metrics | None = None,
    scheduler: Any = None,
    scheduler_step_frequency: int | float | str = "epoch",
    epochs: int = 1,
    training_iterations: int | None = None,
    validation_iterations: int | None = None,
    callbacks_list: Sequence[Any] | None = None,
    use_cuda: bool = True,
    use_horovod: bool | None = None,
    auto_log: bool = True,
    model_name: str | None = None,
    modules_map: Any = None,
    custom_objects_map: Any = None,
    custom_objects_directory: str | None = None,
    tensorboard_directory: str | None = None,
    mlrun_callback_kwargs: Watched = None,
    tensorboard_callback_kwargs: Watched = None,
    context: Any = None,
) -> PyTorchModelHandler:
    """Train a model; each epoch's losses and metrics are results, the model an artifact.

    For TensorBoard its events are written where ``tensorboard_directory`` or
    ``tensorboard_callback_kwargs`` ask for them.
    """
    context = context_for(context, CONTEXT)
    handler = PyTorchModelHandler(
        model, None, model_name, None, modules_map, custom_objects_map, custom_objects_directory,
        context,
    )  # fmt: skip
    works = PyTorchMLRunInterface(model, context)
    if auto_log:
        tensorboard = dict(tensorboard_callback_kwargs or {})
        if tensorboard_directory:
            tensorboard["tensorboard_directory"] = tensorboard_directory
        works.add_auto_logging_callbacks(
            True, {"model_handler": handler, **(mlrun_callback_kwargs or {})},
            bool(tensorboard), tensorboard,
        )  # fmt: skip
    works.train(
        training_set, loss_function, optimizer, validation_set, metric_functions, scheduler,
        scheduler_step_frequency, epochs, training_iterations, validation_iterations,
        callbacks_list, use_cuda, use_horovod,
    )  # fmt: skip
    return handler


def evaluate(
    model_path: str,
    dataset: Any,
    model: Any = None,
    loss_function: Any = None,
    metric_functions: Metrics | None = None,
    iterations: int | None = None,
    callbacks_list: Sequence[Any] | None = None,
    use_cuda: bool = True,
    use_horovod: bool = False,
    auto_log: bool = True,
    model_name: str | None = None,
    modules_map: Any = None,
    custom_objects_map: Any = None,
    custom_objects_directory: str | None = None,
    mlrun_callback_kwargs: Watched = None,
    context: Any = None,
    **kwargs: Any,
) -> tuple[PyTorchModelHandler, list[float]]:
    """Evaluate a stored model; its handler, and the means of the loss and of the metrics."""
    context = context_for(context, CONTEXT)
    handler = PyTorchModelHandler(
        model, model_path, model_name, None, modules_map, custom_objects_map,
        custom_objects_directory, context, **kwargs,
    )  # fmt: skip
    if handler.model is None:
        handler.load()
    works = PyTorchMLRunInterface(handler.model, context)
    if auto_log:
        given = {"model_handler": handler, **(mlrun_callback_kwargs or {})}
        works.add_auto_logging_callbacks(True, given, False)
    means = works.evaluate(
        dataset, loss_function, metric_functions, iterations, callbacks_list, use_cuda, use_horovod
    )
    return handler, means
