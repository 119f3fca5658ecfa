"""What is told of a training of PyTorch, and the callbacks that log it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.frameworks.curves import Curves
from jupyter_mlrun.frameworks.handler import ModelHandler, missing

EVENTS = (
    "on_setup", "on_run_begin", "on_run_end", "on_epoch_begin", "on_epoch_end", "on_train_begin",
    "on_train_end", "on_validation_begin", "on_validation_end", "on_train_batch_begin",
    "on_train_batch_end", "on_validation_batch_begin", "on_validation_batch_end",
    "on_inference_begin", "on_inference_end", "on_train_loss_begin", "on_train_loss_end",
    "on_validation_loss_begin", "on_validation_loss_end", "on_train_metrics_begin",
    "on_train_metrics_end", "on_validation_metrics_begin", "on_validation_metrics_end",
    "on_backward_begin", "on_backward_end", "on_optimizer_step_begin", "on_optimizer_step_end",
    "on_scheduler_step_begin", "on_scheduler_step_end",
)  # fmt: skip


class Callback:
    """Is told what a training does: a subclass has methods of the names in ``EVENTS``.

    ``objects`` has the model, the data, the loss and so on from ``on_setup`` on. A method that
    answers False ends the loop in which it is called.
    """

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}

    def on_setup(self, **objects: Any) -> Any:
        """Hear what the training works with."""
        self.objects = objects


class Callbacks:
    """Several callbacks, told one after the other."""

    def __init__(self, callbacks: Iterable[Any]) -> None:
        self._callbacks = list(callbacks)

    def tell(self, event: str, *args: Any, **kwargs: Any) -> bool:
        """Tell an event; False where one of them wants the loop to end."""
        answers = [
            getattr(each, event)(*args, **kwargs)
            for each in self._callbacks
            if hasattr(each, event)
        ]
        return not any(answer is False for answer in answers)


Watched = Mapping[str, Any] | None


class LoggingCallback(Callback):
    """Collects losses, metrics and hyper-parameters of each epoch.

    ``static_hyperparameters`` are values, or ``(object, [keys])``; ``dynamic_hyperparameters`` are
    read in each epoch: ``(object, [keys])`` or a function. Objects are model, training_set,
    validation_set, loss_function, optimizer and scheduler. ``auto_log`` adds the batch size,
    the number of epochs and the learning rate.
    """

    def __init__(
        self,
        context: Any = None,
        dynamic_hyperparameters: Watched = None,
        static_hyperparameters: Watched = None,
        auto_log: bool = False,
    ) -> None:
        super().__init__()
        self._context = context
        self._dynamic = dict(dynamic_hyperparameters or {})
        self._static = dict(static_hyperparameters or {})
        self._auto = auto_log
        self._sums: dict[str, list[float]] = {}
        self._epoch = 0
        self.values: dict[str, list[float]] = {}

    def on_run_begin(self) -> None:
        """Log what does not change."""
        if self._auto:
            size = getattr(self.objects.get("training_set"), "batch_size", None)
            if size is not None:
                self._static.setdefault("batch_size", size)
            if self.objects.get("optimizer") is not None:
                self._dynamic.setdefault("lr", ("optimizer", ["param_groups", 0, "lr"]))
        found = {name: self._value(source) for name, source in self._static.items()}
        if self._context is not None and found:
            self._context.log_results(found)

    def on_epoch_begin(self, epoch: int) -> None:
        """Begin an epoch."""
        self._epoch, self._sums = epoch, {}

    def on_train_loss_end(self, loss_value: Any) -> None:
        """Take a loss of training."""
        self._add("training_loss", loss_value)

    def on_validation_loss_end(self, loss_value: Any) -> None:
        """Take a loss of validation."""
        self._add("validation_loss", loss_value)

    def on_train_metrics_end(self, metric_values: Sequence[Any]) -> None:
        """Take metrics of training."""
        self._metrics("training", metric_values)

    def on_validation_metrics_end(self, metric_values: Sequence[Any]) -> None:
        """Take metrics of validation."""
        self._metrics("validation", metric_values)

    def on_epoch_end(self, epoch: int) -> Any:
        """Log the epoch's means."""
        means = {name: sum(several) / len(several) for name, several in self._sums.items()}
        means |= {name: float(self._value(source)) for name, source in self._dynamic.items()}
        for name, value in means.items():
            self.values.setdefault(name, []).append(value)
        self.told(epoch, means)

    def told(self, epoch: int, means: Mapping[str, float]) -> None:
        """What is done with the means of an epoch."""

    def _metrics(self, loop: str, values: Sequence[Any]) -> None:
        functions = self.objects.get("metric_functions") or []
        for function, value in zip(functions, values, strict=True):
            name = getattr(function, "__name__", type(function).__name__)
            self._add(f"{loop}_{name}", value)

    def _add(self, name: str, value: Any) -> None:
        plain = value.detach() if hasattr(value, "detach") else value
        self._sums.setdefault(name, []).append(float(plain))

    def _value(self, source: Any) -> Any:
        if isinstance(source, Callable):  # type: ignore[arg-type]
            return source()
        if not isinstance(source, tuple):
            return source
        name, keys = source
        if self.objects.get(name) is None:
            raise MLRunInvalidArgumentError(
                f"A hyper-parameter is read from '{name}', which this training does not have: "
                f"it has {', '.join(key for key, each in self.objects.items() if each is not None)}"
            )
        found = self.objects[name]
        for key in [keys] if isinstance(keys, str) else keys:
            has_attribute = isinstance(key, str) and hasattr(found, key)
            found = getattr(found, key) if has_attribute else found[key]
        return found


class MLRunLoggingCallback(LoggingCallback):
    """Logs each epoch's means as results with their series; at the end the model with charts."""

    def __init__(
        self,
        context: Any,
        model_handler: ModelHandler,
        log_model_tag: str = "",
        log_model_labels: Watched = None,
        log_model_parameters: Watched = None,
        log_model_extra_data: Watched = None,
        dynamic_hyperparameters: Watched = None,
        static_hyperparameters: Watched = None,
        auto_log: bool = False,
    ) -> None:
        super().__init__(context, dynamic_hyperparameters, static_hyperparameters, auto_log)
        self._handler = model_handler
        self._said = (log_model_labels, log_model_parameters, log_model_extra_data)
        self._tag = log_model_tag
        self.curves = Curves(context)
        self.is_evaluation = False

    def told(self, epoch: int, means: Mapping[str, float]) -> None:
        """Log the means."""
        for name, value in means.items():
            self.curves.add(name, value, epoch)
        self._context.commit()

    def on_inference_begin(self, x: Any) -> None:
        """Remember what the model takes."""
        if not self._handler.inputs:
            self._handler.set_inputs(from_sample=x)

    def on_inference_end(self, y_pred: Any, y_true: Any) -> None:
        """Remember what the model gives."""
        if not self._handler.outputs:
            self._handler.set_outputs(from_sample=y_pred)

    def on_run_end(self) -> None:
        """Log the model, or, after an evaluation, what it showed."""
        labels, parameters, extra = self._said
        if self.is_evaluation:
            means = {
                name.replace("validation", "evaluation", 1): sum(several) / len(several)
                for name, several in self._sums.items()
            }
            self._context.log_results(means)
            if self._handler.artifact is not None:
                self._handler.update(labels, parameters, metrics=means, extra_data=extra)
        else:
            charts = self.curves.log_charts(_groups(self.curves.points))
            self._handler.log(
                self._tag, labels, parameters, metrics=self.curves.last, artifacts=charts,
                extra_data=extra,
            )  # fmt: skip
        self._context.commit()


def _groups(names: Iterable[str]) -> dict[str, list[str]]:
    """Training and validation of one figure together."""
    found: dict[str, list[str]] = {}
    for name in names:
        title = name.removeprefix("training_").removeprefix("validation_")
        found.setdefault(title, []).append(name)
    return found


class TensorboardLoggingCallback(LoggingCallback):
    """Writes each epoch's means, and the weights where asked, for TensorBoard."""

    def __init__(
        self,
        context: Any = None,
        tensorboard_directory: str | None = None,
        run_name: str | None = None,
        weights: bool | list[str] = False,
        dynamic_hyperparameters: Watched = None,
        static_hyperparameters: Watched = None,
        auto_log: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(None, dynamic_hyperparameters, static_hyperparameters, auto_log)
        own = context.artifact_subpath("tensorboard") if context is not None else None
        folder = tensorboard_directory or own
        if folder is None:
            raise MLRunInvalidArgumentError(
                "TensorBoard needs tensorboard_directory=, or a context"
            )
        name = run_name or (context.name if context is not None else "run")
        self._folder, self._weights = os.path.join(folder, name), weights
        self._writer: Any = None

    def on_run_begin(self) -> None:
        """Open the file of events."""
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise missing("tensorboard", "Logging for TensorBoard") from None
        self._writer = SummaryWriter(self._folder)
        super().on_run_begin()

    def told(self, epoch: int, means: Mapping[str, float]) -> None:
        """Write the means, and the weights."""
        for name, value in means.items():
            self._writer.add_scalar(name, value, epoch)
        model = self.objects.get("model")
        for name, weight in model.named_parameters() if self._weights and model else ():
            if not isinstance(self._weights, list) or name in self._weights:
                self._writer.add_histogram(name, weight.detach(), epoch)
        self._writer.flush()

    def on_run_end(self) -> None:
        """Close the file."""
        self._writer.close()
