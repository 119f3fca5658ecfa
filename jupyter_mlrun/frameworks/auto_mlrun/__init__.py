"""Models of any framework: which one is told by the model, or by the stored artifact."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.frameworks.estimator import context_for
from jupyter_mlrun.frameworks.handler import ModelHandler

__all__ = [
    "AutoMLRun",
    "framework_to_apply_mlrun",
    "framework_to_model_handler",
    "get_framework_by_class_name",
    "get_framework_by_instance",
]

# framework: module, class of its handler, the package of its models
FRAMEWORKS = {
    "tensorflow.keras": ("tf_keras", "TFKerasModelHandler", ("keras", "tensorflow", "tf_keras")),
    "torch": ("pytorch", "PyTorchModelHandler", ("torch",)),
    "lightgbm": ("lgbm", "LGBMModelHandler", ("lightgbm",)),
    "xgboost": ("xgboost", "XGBoostModelHandler", ("xgboost",)),
    "onnx": ("onnx", "ONNXModelHandler", ("onnx",)),
    "sklearn": ("sklearn", "SKLearnModelHandler", ("sklearn",)),
}


def get_framework_by_instance(model: Any) -> str:
    """The framework of a model, by the packages of its class and of those above it."""
    owners = [kind.__module__.partition(".")[0] for kind in type(model).__mro__]
    for name, (_, _, packages) in FRAMEWORKS.items():
        if any(owner in packages for owner in owners):
            return name
    raise MLRunInvalidArgumentError(
        f"The framework of {type(model).__module__}.{type(model).__qualname__} is not known: "
        f"give framework=, one of {', '.join(FRAMEWORKS)}"
    )


get_framework_by_class_name = get_framework_by_instance


def framework_to_model_handler(framework: str) -> type[ModelHandler]:
    """The class of a framework's handlers; raises MLRunInvalidArgumentError."""
    module, name, _ = _known(framework)
    found: type[ModelHandler] = getattr(_module(module), name)
    return found


def framework_to_apply_mlrun(framework: str) -> Any:
    """The framework's ``apply_mlrun``; raises MLRunInvalidArgumentError."""
    module, _, _ = _known(framework)
    found = getattr(_module(module), "apply_mlrun", None)
    if found is None:
        raise MLRunInvalidArgumentError(f"Models of {framework} have no training to be logged")
    return found


def _known(framework: str) -> tuple[str, str, tuple[str, ...]]:
    if framework not in FRAMEWORKS:
        raise MLRunInvalidArgumentError(
            f"There is no framework '{framework}': choose {', '.join(FRAMEWORKS)}"
        )
    return FRAMEWORKS[framework]


def _module(name: str) -> Any:
    return import_module(f"jupyter_mlrun.frameworks.{name}")


class AutoMLRun:
    """``load_model`` and ``apply_mlrun`` for models of every framework."""

    @staticmethod
    def load_model(
        model_path: str,
        model_name: str | None = None,
        context: Any = None,
        modules_map: Any = None,
        custom_objects_map: Any = None,
        custom_objects_directory: str | None = None,
        framework: str | None = None,
        **kwargs: Any,
    ) -> ModelHandler:
        """The handler of a stored model, with the model loaded.

        The framework is read off the artifact; ``framework`` names that of a bare file.
        """
        name = framework or _framework_of(model_path, context)
        handler = framework_to_model_handler(name)(
            model_path=model_path, model_name=model_name, context=context,
            modules_map=modules_map, custom_objects_map=custom_objects_map,
            custom_objects_directory=custom_objects_directory, **kwargs,
        )  # fmt: skip
        handler.load()
        return handler

    @staticmethod
    def apply_mlrun(
        model: Any = None,
        model_name: str | None = None,
        tag: str = "",
        model_path: str | None = None,
        modules_map: Any = None,
        custom_objects_map: Any = None,
        custom_objects_directory: str | None = None,
        context: Any = None,
        framework: str | None = None,
        auto_log: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Let a model log its training, as the ``apply_mlrun`` of its framework does."""
        context = context_for(context, "mlrun-auto")
        if model is None and not model_path:
            raise MLRunInvalidArgumentError("apply_mlrun needs a model, or model_path= of one")
        if framework is None:
            framework = (
                get_framework_by_instance(model)
                if model is not None
                else _framework_of(str(model_path), context)
            )
        named = {"model_name": model_name} if model_name else {}
        return framework_to_apply_mlrun(framework)(
            model=model, tag=tag, model_path=model_path, modules_map=modules_map,
            custom_objects_map=custom_objects_map,
            custom_objects_directory=custom_objects_directory, context=context,
            auto_log=auto_log, **named, **kwargs,
        )  # fmt: skip


def _framework_of(model_path: str, context: Any) -> str:
    from jupyter_mlrun.artifacts.stored import find
    from jupyter_mlrun.session import client

    if not str(model_path).startswith("store://"):
        raise MLRunInvalidArgumentError(
            f"Which framework {model_path} is of is not written with it: give framework=, one of "
            f"{', '.join(FRAMEWORKS)}"
        )
    service = context.client if context is not None else client()
    project = context.project if context is not None else ""
    framework = str(find(model_path, service, "model", project).spec.get("framework") or "")
    if not framework:
        raise MLRunInvalidArgumentError(
            f"The model {model_path} was stored without a framework: give framework=, one of "
            f"{', '.join(FRAMEWORKS)}"
        )
    return framework
