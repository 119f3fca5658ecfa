"""The loops of training and evaluation of PyTorch models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunMissingDependencyError
from jupyter_mlrun.frameworks.estimator import context_for

from .callbacks import Callbacks, MLRunLoggingCallback, TensorboardLoggingCallback

Metrics = Sequence[Callable[[Any, Any], Any]]
CONTEXT = "mlrun-pytorch"


class PyTorchMLRunInterface:
    """Trains and evaluates one model, and tells its callbacks what happens."""

    DEFAULT_CONTEXT_NAME = CONTEXT

    def __init__(self, model: Any, context: Any = None) -> None:
        self.model = model
        self.context = context_for(context, CONTEXT)
        self._logging: list[Any] = []
        self._device = "cpu"

    def add_auto_logging_callbacks(
        self,
        add_mlrun_logger: bool = True,
        mlrun_callback_kwargs: Mapping[str, Any] | None = None,
        add_tensorboard_logger: bool = True,
        tensorboard_callback_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        """Log from now on: by the run, and for TensorBoard where that is asked."""
        if add_mlrun_logger:
            given = {"auto_log": True, **(mlrun_callback_kwargs or {})}
            self._logging.append(MLRunLoggingCallback(context=self.context, **given))
        if add_tensorboard_logger:
            given = {"auto_log": True, **(tensorboard_callback_kwargs or {})}
            self._logging.append(TensorboardLoggingCallback(context=self.context, **given))

    def train(
        self,
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
        callbacks: Sequence[Any] | None = None,
        use_cuda: bool = True,
        use_horovod: bool | None = None,
    ) -> None:
        """Train the model for some epochs."""
        metrics = list(metric_functions or [])
        told = self._begin(
            callbacks, use_cuda, use_horovod, training_set=training_set,
            validation_set=validation_set, loss_function=loss_function, optimizer=optimizer,
            metric_functions=metrics, scheduler=scheduler,
        )  # fmt: skip
        steps = _steps(scheduler_step_frequency, training_iterations, training_set)
        told.tell("on_run_begin")
        for epoch in range(1, epochs + 1):
            told.tell("on_epoch_begin", epoch)
            self._train_epoch(
                told, islice(iter(training_set), training_iterations), loss_function, optimizer,
                metrics, scheduler, steps,
            )  # fmt: skip
            if scheduler is not None and steps == 0:
                _step(told, scheduler)
            if validation_set is not None:
                data = islice(iter(validation_set), validation_iterations)
                self._validate(told, data, loss_function, metrics)
            if not told.tell("on_epoch_end", epoch):
                break
        told.tell("on_run_end")

    def evaluate(
        self,
        dataset: Any,
        loss_function: Any = None,
        metric_functions: Metrics | None = None,
        iterations: int | None = None,
        callbacks: Sequence[Any] | None = None,
        use_cuda: bool = True,
        use_horovod: bool | None = None,
    ) -> list[float]:
        """The means of the loss and of the metrics over a data set."""
        metrics = list(metric_functions or [])
        told = self._begin(
            callbacks, use_cuda, use_horovod, validation_set=dataset, loss_function=loss_function,
            metric_functions=metrics,
        )  # fmt: skip
        for each in self._logging:
            each.is_evaluation = True
        told.tell("on_run_begin")
        told.tell("on_epoch_begin", 1)
        means = self._validate(told, islice(iter(dataset), iterations), loss_function, metrics)
        told.tell("on_run_end")
        return means

    def predict(self, inputs: Any, use_cuda: bool = True, batch_size: int = -1) -> list[Any]:
        """The model's answer to each of the inputs."""
        import torch

        self._place(use_cuda)
        tensor = inputs if isinstance(inputs, torch.Tensor) else torch.stack(list(inputs))
        size = len(tensor) if batch_size == -1 else batch_size
        self.model.eval()
        with torch.no_grad():
            found = [self.model(part.to(self._device)).cpu() for part in tensor.split(size)]
        return list(torch.cat(found))

    def _train_epoch(
        self, told: Callbacks, data: Iterator[Any], loss_function: Any, optimizer: Any,
        metrics: Metrics, scheduler: Any, steps: int,
    ) -> None:  # fmt: skip
        self.model.train()
        told.tell("on_train_begin")
        for number, (x, y) in enumerate(data, 1):
            x, y = self._moved(x), self._moved(y)
            told.tell("on_train_batch_begin", number, x, y)
            found, loss = self._infer(told, x, y, loss_function, metrics, "train")
            told.tell("on_backward_begin")
            loss.backward()
            told.tell("on_backward_end")
            told.tell("on_optimizer_step_begin")
            optimizer.step()
            optimizer.zero_grad()
            told.tell("on_optimizer_step_end")
            if scheduler is not None and steps and number % steps == 0:
                _step(told, scheduler)
            if not told.tell("on_train_batch_end", number, x, found, y):
                break
        told.tell("on_train_end")

    def _validate(
        self, told: Callbacks, data: Iterator[Any], loss_function: Any, metrics: Metrics
    ) -> list[float]:
        import torch

        self.model.eval()
        told.tell("on_validation_begin")
        sums: list[list[float]] = []
        with torch.no_grad():
            for number, (x, y) in enumerate(data, 1):
                x, y = self._moved(x), self._moved(y)
                told.tell("on_validation_batch_begin", number, x, y)
                found, loss = self._infer(told, x, y, loss_function, metrics, "validation")
                figures = [] if loss is None else [float(loss)]
                sums.append(figures + [float(metric(found, y)) for metric in metrics])
                if not told.tell("on_validation_batch_end", number, x, found, y):
                    break
        means = [sum(column) / len(column) for column in zip(*sums, strict=True)]
        has_loss = loss_function is not None and bool(means)
        told.tell("on_validation_end", means[0] if has_loss else None, means[int(has_loss) :])
        return means

    def _infer(
        self, told: Callbacks, x: Any, y: Any, loss_function: Any, metrics: Metrics, loop: str
    ) -> tuple[Any, Any]:
        told.tell("on_inference_begin", x)
        found = self.model(x)
        told.tell("on_inference_end", found, y)
        loss = None
        if loss_function is not None:
            told.tell(f"on_{loop}_loss_begin")
            loss = loss_function(found, y)
            told.tell(f"on_{loop}_loss_end", loss)
        told.tell(f"on_{loop}_metrics_begin")
        told.tell(f"on_{loop}_metrics_end", [metric(found, y) for metric in metrics])
        return found, loss

    def _begin(
        self,
        callbacks: Sequence[Any] | None,
        use_cuda: bool,
        use_horovod: bool | None,
        **objects: Any,
    ) -> Callbacks:
        if use_horovod:
            raise MLRunMissingDependencyError(
                "Horovod is not supported here: an mpijob's ranks train with "
                "torch.distributed, or leave use_horovod out"
            )
        self._place(use_cuda)
        told = Callbacks([*(callbacks or []), *self._logging])
        told.tell("on_setup", model=self.model, **objects)
        return told

    def _place(self, use_cuda: bool) -> None:
        import torch

        self._device = "cuda" if use_cuda and torch.cuda.is_available() else "cpu"
        self.model.to(self._device)

    def _moved(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return type(value)(self._moved(each) for each in value)
        return value.to(self._device) if hasattr(value, "to") else value


def _steps(frequency: int | float | str, iterations: int | None, data: Any) -> int:
    """After how many batches the scheduler steps; 0 for the end of each epoch."""
    if frequency == "epoch":
        return 0
    if frequency == "batch":
        return 1
    if isinstance(frequency, float) and 0 < frequency < 1:
        return max(1, int((iterations or len(data)) * frequency))
    if isinstance(frequency, int) and frequency > 0:
        return frequency
    raise MLRunInvalidArgumentError(
        "scheduler_step_frequency is 'epoch', 'batch', a number of batches or a share of them, "
        f"not {frequency!r}"
    )


def _step(told: Callbacks, scheduler: Any) -> None:
    told.tell("on_scheduler_step_begin")
    scheduler.step()
    told.tell("on_scheduler_step_end")
