"""Trainers of Hugging Face's transformers that log themselves; models with their tokenizers."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.frameworks.curves import Curves
from jupyter_mlrun.frameworks.estimator import context_for
from jupyter_mlrun.frameworks.handler import ModelHandler, missing

__all__ = ["HuggingFaceModelHandler", "apply_mlrun"]

CONTEXT = "mlrun-huggingface"
CLASS_LABEL = "model-class-name"
FOLDER = "model"


class HuggingFaceModelHandler(ModelHandler):
    """A model of transformers with its tokenizer: an archive of what ``save_pretrained`` writes."""

    FRAMEWORK_NAME = "huggingface"
    SUFFIX = ".zip"
    UNPICKLES = False

    def __init__(self, *args: Any, tokenizer: Any = None, **kwargs: Any) -> None:
        self.tokenizer = tokenizer
        super().__init__(*args, **kwargs)
        if self.model is not None:
            self.set_labels({CLASS_LABEL: type(self.model).__name__})

    def write(self, folder: str) -> str:
        """Write the model into a folder; the name of its file there."""
        target = os.path.join(folder, FOLDER)
        self.model.save_pretrained(target)
        if self.tokenizer is not None:
            self.tokenizer.save_pretrained(target)
        name = f"{self.model_name}{self.SUFFIX}"
        shutil.make_archive(os.path.join(folder, self.model_name), "zip", target)
        shutil.rmtree(target)
        return name

    def read(self, path: str, **kwargs: Any) -> Any:
        """The model of a file; its tokenizer is ``tokenizer``."""
        transformers = _transformers()
        target = path.removesuffix(".zip")
        with zipfile.ZipFile(path) as archive:
            archive.extractall(target)
        stored = self.artifact.metadata.labels.get(CLASS_LABEL) if self.artifact else ""
        kind = getattr(transformers, str(stored or ""), transformers.AutoModel)
        if any(name.startswith("tokenizer") for name in os.listdir(target)):
            self.tokenizer = transformers.AutoTokenizer.from_pretrained(target)
        return kind.from_pretrained(target, **kwargs)


def apply_mlrun(
    trainer: Any = None,
    model_name: str | None = None,
    tag: str = "",
    context: Any = None,
    auto_log: bool = True,
    labels: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    extra_data: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> HuggingFaceModelHandler:
    """Let a ``transformers.Trainer`` log what it trains: losses, metrics, at the end the model."""
    transformers = _transformers()
    if not isinstance(trainer, transformers.Trainer):
        raise MLRunInvalidArgumentError(
            "apply_mlrun of Hugging Face needs a transformers.Trainer, "
            f"not {type(trainer).__name__}"
        )
    context = context_for(context, CONTEXT)
    tokenizer = getattr(trainer, "processing_class", None) or getattr(trainer, "tokenizer", None)
    handler = HuggingFaceModelHandler(
        trainer.model, None, model_name or "model", context=context, tokenizer=tokenizer, **kwargs
    )
    handler.set_tag(tag)
    handler.set_labels(labels)
    handler.set_parameters(parameters)
    handler.set_extra_data(extra_data)
    if auto_log:
        trainer.add_callback(_callback(transformers, handler, context))
    return handler


def _callback(transformers: Any, handler: HuggingFaceModelHandler, context: Any) -> Any:
    curves = Curves(context)

    class MLRunCallback(transformers.TrainerCallback):  # type: ignore[misc]
        """Tells the run what the trainer logs."""

        def on_log(
            self, args: Any, state: Any, control: Any, logs: Any = None, **more: Any
        ) -> None:
            for name, value in (logs or {}).items():
                if isinstance(value, (int, float)):
                    curves.add(name.replace("/", "_"), value, state.global_step)
            context.commit()

        def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            told = ("learning_rate", "num_train_epochs", "per_device_train_batch_size", "seed")
            handler.set_parameters({name: getattr(args, name) for name in told})
            charts = curves.log_charts({name: [name] for name in curves.points if "loss" in name})
            handler.log(metrics=curves.last, artifacts=charts)
            context.commit()

    return MLRunCallback()


def _transformers() -> Any:
    try:
        import transformers
    except ImportError:
        raise missing("transformers", "A model of Hugging Face") from None
    return transformers
