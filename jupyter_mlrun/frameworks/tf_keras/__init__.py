"""Models of Keras that log themselves when they are fitted and evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunMissingDependencyError
from jupyter_mlrun.frameworks.auto_mlrun import get_framework_by_instance
from jupyter_mlrun.frameworks.estimator import context_for
from jupyter_mlrun.frameworks.interface import need

from .fitting import FitLogging
from .model_handler import TFKerasModelHandler

__all__ = ["TFKerasModelHandler", "apply_mlrun"]

CONTEXT = "mlrun-tf-keras"
Watched = Mapping[str, Any] | None


def apply_mlrun(
    model: Any = None,
    model_name: str | None = None,
    tag: str = "",
    model_path: str | None = None,
    model_format: str | None = None,
    save_traces: bool = False,
    modules_map: Any = None,
    custom_objects_map: Any = None,
    custom_objects_directory: str | None = None,
    context: Any = None,
    auto_log: bool = True,
    tensorboard_directory: str | None = None,
    mlrun_callback_kwargs: Watched = None,
    tensorboard_callback_kwargs: Watched = None,
    use_horovod: bool | None = None,
    **kwargs: Any,
) -> TFKerasModelHandler:
    """Let a model log itself: ``fit`` each epoch and the model, ``evaluate`` its results.

    With ``tensorboard_directory`` events are written there too.
    """
    if use_horovod:
        raise MLRunMissingDependencyError(
            "Horovod is not supported here: use tf.distribute, or leave use_horovod out"
        )
    if model is not None and get_framework_by_instance(model) != "tensorflow.keras":
        need(model, "keras", "Keras")
    handler = TFKerasModelHandler(
        model, model_path, model_name, model_format, context_for(context, CONTEXT), modules_map,
        custom_objects_map, custom_objects_directory, save_traces,
        **kwargs.pop("model_handler_kwargs", {}),
    )  # fmt: skip
    handler.set_tag(tag)
    if handler.model is None:
        handler.load()
    if auto_log:
        FitLogging(
            handler,
            {**(mlrun_callback_kwargs or {})},
            tensorboard_directory,
            {**(tensorboard_callback_kwargs or {})},
        ).apply()
    return handler
