"""A model with what is logged of it: saved, loaded, described, stored as an artifact."""

from __future__ import annotations

import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunInvalidArgumentError,
    MLRunMissingDependencyError,
)

from .custom_objects import CustomObjects
from .data import features_of, join

Values = Mapping[str, Any] | None


class ModelHandler(ABC):
    """Holds a model of one framework, and logs it.

    ``model_path`` is a ``store://`` address, a folder or a file. ``modules_map``,
    ``custom_objects_map`` and ``custom_objects_directory`` name the code that the model needs:
    it is stored beside it, and imported before the model is loaded.
    """

    FRAMEWORK_NAME: ClassVar[str] = ""
    SUFFIX: ClassVar[str] = ".pkl"
    UNPICKLES: ClassVar[bool] = True

    def __init__(
        self,
        model: Any = None,
        model_path: Any = None,
        model_name: str | None = None,
        modules_map: Any = None,
        custom_objects_map: Any = None,
        custom_objects_directory: Any = None,
        context: Any = None,
        trust: bool = False,
        **kwargs: Any,
    ) -> None:
        if model is None and not model_path:
            raise MLRunInvalidArgumentError(
                f"A {self.FRAMEWORK_NAME} model handler needs a model, or model_path= of one"
            )
        self._model, self._path = model, model_path
        self._name = model_name or ("model" if model is None else type(model).__name__)
        # by MLRun's name the output of a run, while the name is the model's own in the registry
        self._key = str(kwargs.get("model_key") or "model")
        self._context, self._trust = context, trust
        self._custom = CustomObjects(modules_map, custom_objects_map, custom_objects_directory)
        self._artifact: Any = None
        self._file = ""
        self._tag = ""
        self._algorithm: str | None = None
        self._described: dict[str, Any] = {}
        self._labels: dict[str, Any] = {}
        self._parameters: dict[str, Any] = {}
        self._metrics: dict[str, Any] = {}
        self._extra: dict[str, Any] = {}
        self._registered: dict[str, Any] = {}
        self._sample: tuple[Any, list[str]] | None = None
        if model_path:
            self._find()

    @property
    def model(self) -> Any:
        """The model; None before it is loaded."""
        return self._model

    @property
    def model_name(self) -> str:
        """The name under which it is stored; the output of its run is called ``model``."""
        return self._name

    @property
    def model_file(self) -> str:
        """The file that it was loaded from, or saved to."""
        return self._file

    @property
    def context(self) -> Any:
        """The run that logs it."""
        return self._context

    @property
    def tag(self) -> str:
        """The tag that it gets."""
        return self._tag

    @property
    def inputs(self) -> list[Any]:
        """The features that it takes."""
        return list(self._described.get("inputs") or [])

    @property
    def outputs(self) -> list[Any]:
        """The features that it gives."""
        return list(self._described.get("outputs") or [])

    @property
    def labels(self) -> dict[str, Any]:
        """The labels that it gets."""
        return dict(self._labels)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters that are logged with it."""
        return dict(self._parameters)

    @property
    def algorithm(self) -> str | None:
        """The name of its algorithm."""
        return self._algorithm

    @property
    def sample_set(self) -> Any:
        """The data whose columns and statistics describe it."""
        return None if self._sample is None else self._sample[0]

    @property
    def artifact(self) -> Any:
        """The stored model artifact; None before it is logged."""
        return self._artifact

    def get_artifacts(self, committed_only: bool = False) -> dict[str, Any]:
        """The artifacts that lie beside it."""
        return dict(self._registered)

    def set_model_name(self, model_name: str) -> None:
        """Log it under this key."""
        self._name = model_name

    def set_context(self, context: Any) -> None:
        """Let this run log it."""
        self._context = context

    def set_tag(self, tag: str) -> None:
        """Give it a tag."""
        self._tag = tag

    def set_algorithm(self, algorithm: str) -> None:
        """Say what its algorithm is."""
        self._algorithm = algorithm

    def set_inputs(
        self, from_sample: Any = None, features: list[Any] | None = None, **kwargs: Any
    ) -> None:
        """Say what it takes: features, or a sample of its inputs."""
        self._set_features("inputs", from_sample, features, "input_")

    def set_outputs(
        self, from_sample: Any = None, features: list[Any] | None = None, **kwargs: Any
    ) -> None:
        """Say what it gives: features, or a sample of its outputs."""
        self._set_features("outputs", from_sample, features, "output_")

    def set_sample_set(self, sample_set: Any, target_columns: Sequence[Any] | None = None) -> None:
        """Describe it by the columns and statistics of a data set."""
        if isinstance(sample_set, str) or hasattr(sample_set, "artifact_url"):
            item = sample_set if not isinstance(sample_set, str) else self._item(sample_set)
            sample_set = item.as_df()
        names = list(target_columns or self._described.get("target_columns") or [])
        self._sample = join(sample_set, None, names)

    def set_target_columns(self, target_columns: Sequence[Any]) -> None:
        """Say which columns of its sample set are targets."""
        self._described["target_columns"] = list(target_columns)
        if self._sample is not None:
            self._sample = (self._sample[0], [str(name) for name in target_columns])

    @property
    def target_columns(self) -> list[Any]:
        """Which columns of its sample set are targets."""
        return list(self._described.get("target_columns") or [])

    def set_feature_vector(self, feature_vector: str) -> None:
        """Name the feature vector that it takes."""
        self._described["feature_vector"] = feature_vector

    def set_feature_weights(self, feature_weights: list[float]) -> None:
        """Say how much each input counts."""
        self._described["feature_weights"] = list(feature_weights)

    def set_labels(self, to_add: Values = None, to_remove: list[str] | None = None) -> None:
        """Add labels, and remove some."""
        _change(self._labels, to_add, to_remove)

    def set_parameters(self, to_add: Values = None, to_remove: list[str] | None = None) -> None:
        """Add parameters, and remove some."""
        _change(self._parameters, to_add, to_remove)

    def set_metrics(self, to_add: Values = None, to_remove: list[str] | None = None) -> None:
        """Add metrics, and remove some."""
        _change(self._metrics, to_add, to_remove)

    def set_extra_data(self, to_add: Values = None, to_remove: list[str] | None = None) -> None:
        """Add data that lies beside it, and remove some."""
        _change(self._extra, to_add, to_remove)

    def register_artifacts(self, artifacts: Any) -> None:
        """Add artifacts that lie beside it: one, a list, or a dict by key."""
        if isinstance(artifacts, Mapping):
            self._registered.update(artifacts)
            return
        several = artifacts if isinstance(artifacts, (list, tuple)) else [artifacts]
        self._registered.update({each.key: each for each in several})

    @abstractmethod
    def write(self, folder: str) -> str:
        """Write the model into a folder; the name of its file there."""

    @abstractmethod
    def read(self, path: str, **kwargs: Any) -> Any:
        """The model of a file."""

    def save(self, output_path: Any = None, **kwargs: Any) -> str:
        """Write the model into a folder, the working directory by default; its file."""
        folder = os.fspath(output_path or ".")
        os.makedirs(folder, exist_ok=True)
        self._file = os.path.join(folder, self.write(folder))
        return self._file

    def load(self, **kwargs: Any) -> None:
        """Load the model from its path."""
        if not self._file:
            self._find()
        self._custom.activate()
        self._model = self.read(self._file, **kwargs)

    def to_onnx(self, model_name: str | None = None, optimize: bool = True, **kwargs: Any) -> Any:
        """The model as one of ONNX."""
        raise MLRunInvalidArgumentError(
            f"A model of {self.FRAMEWORK_NAME} cannot be written as ONNX here"
        )

    def log(
        self,
        tag: str = "",
        labels: Values = None,
        parameters: Values = None,
        inputs: list[Any] | None = None,
        outputs: list[Any] | None = None,
        metrics: Values = None,
        artifacts: Mapping[str, Any] | None = None,
        extra_data: Values = None,
        **kwargs: Any,
    ) -> Any:
        """Store the model with all that is said of it, as an artifact of the run."""
        context = self._needed_context()
        self._take(labels, parameters, inputs, outputs, metrics, artifacts, extra_data)
        self._model_is_there()
        with tempfile.TemporaryDirectory() as folder:
            file = self.save(folder)
            extra = {**self._registered, **self._custom.write(folder, self._name), **self._extra}
            described = {**self._described}
            described.pop("target_columns", None)
            sample = self._sample or (None, [])
            self._artifact = context.log_model(
                self._key, model_dir=folder, model_file=os.path.basename(file), db_key=self._name,
                framework=self.FRAMEWORK_NAME, algorithm=self._algorithm or self._own_algorithm(),
                tag=tag or self._tag, metrics=self._metrics, parameters=self._parameters,
                labels={key: str(value) for key, value in self._labels.items()},
                extra_data=extra, training_set=sample[0], label_column=sample[1] or None,
                **described,
            )  # fmt: skip
        # they lie beside the stored model by now
        self._file, self._extra = "", {}
        return self._artifact

    def update(
        self,
        labels: Values = None,
        parameters: Values = None,
        inputs: list[Any] | None = None,
        outputs: list[Any] | None = None,
        metrics: Values = None,
        artifacts: Mapping[str, Any] | None = None,
        extra_data: Values = None,
        feature_vector: str | None = None,
        feature_weights: list[float] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Change what is said of the stored model; it must have been logged or found before."""
        if self._artifact is None:
            raise MLRunInvalidArgumentError(
                f"The model '{self._name}' is not stored: give model_path='store://…', or log() it"
            )
        from jupyter_mlrun.artifacts.models import update_model

        context = self._needed_context()
        self._take(labels, parameters, inputs, outputs, metrics, artifacts, extra_data)
        self._artifact = update_model(
            self._artifact, self._parameters, self._metrics, {**self._registered, **self._extra},
            inputs, outputs, feature_vector, feature_weights, labels=self._labels,
            client=context.client,
        )  # fmt: skip
        return self._artifact

    def _take(
        self, labels: Values, parameters: Values, inputs: list[Any] | None,
        outputs: list[Any] | None, metrics: Values, artifacts: Values, extra_data: Values,
    ) -> None:  # fmt: skip
        self.set_labels(labels)
        self.set_parameters(parameters)
        self.set_metrics(metrics)
        self.set_extra_data(extra_data)
        self.register_artifacts(dict(artifacts or {}))
        given = {"inputs": inputs, "outputs": outputs}
        self._described |= {name: value for name, value in given.items() if value}

    def _set_features(
        self, name: str, sample: Any, features: list[Any] | None, prefix: str
    ) -> None:
        if features is None and sample is None:
            raise MLRunInvalidArgumentError(f"set_{name} needs from_sample= or features=")
        self._described[name] = features or features_of(sample, prefix)

    def _own_algorithm(self) -> str | None:
        return type(self._model).__name__

    def _model_is_there(self) -> None:
        if self._model is None:
            self.load()

    def _needed_context(self) -> Any:
        if self._context is None:
            raise MLRunInvalidArgumentError(
                f"The model '{self._name}' has no run to be logged by: "
                "give context=mlrun.get_or_create_ctx('train')"
            )
        return self._context

    def _item(self, address: str) -> Any:
        from jupyter_mlrun.datastore.resolve import get_dataitem

        context = self._context
        if context is not None:
            return context.get_dataitem(address)
        from jupyter_mlrun.session import get_dataitem as by_session

        return by_session(address) if address.startswith("store://") else get_dataitem(address)

    def _find(self) -> None:
        """Fetch the model's file, and take over what is known of a stored one."""
        from jupyter_mlrun.artifacts.models import get_model
        from jupyter_mlrun.session import client

        found = self._context.client if self._context is not None else None
        if found is None and str(self._path).startswith("store://"):
            found = client()
        project = self._context.project if self._context is not None else ""
        self._file, artifact, extra = get_model(self._path, self.SUFFIX, found, project)
        self._artifact = artifact
        if artifact is None:
            return
        self._name = self._name_of(artifact, extra)
        if self.UNPICKLES or self._custom.lies_in(extra, self._name):
            self._check(artifact, project)
        self._described |= {
            name: list(artifact.spec[name])
            for name in ("inputs", "outputs", "feature_weights")
            if artifact.spec.get(name)
        }
        self._algorithm = artifact.spec.get("algorithm")
        self._custom.find(extra, self._name)

    def _name_of(self, artifact: Any, extra: Mapping[str, Any]) -> str:
        """The name by which what lies beside a stored model is called.

        `log` stores a model under its name, and has its key as an output of the run; a run's own
        `log_model` knows the key alone.
        """
        names = [artifact.key, artifact.db_key]
        if artifact.key == self._key:
            names.reverse()
        given = [str(name) for name in names if name]
        beside = [name for name in given if self._custom.lies_in(extra, name)]
        return [*beside, *given, self._name][0]

    def _check(self, artifact: Any, project: str) -> None:
        """Refuse to run the code of a model that is not known to be of the project in use."""
        from jupyter_mlrun.config import load
        from jupyter_mlrun.session import active_project

        owner = str(artifact.project or "")
        trusted = {name.strip() for name in load().trusted_projects.split(",")}
        is_imported = bool(artifact.spec.get("imported"))
        is_own = owner in ("", project or active_project()) and not is_imported
        if not (is_own or self._trust or {owner, "*"} & trusted):
            whose = "was imported from a file" if is_imported else f"is of project {owner}"
            raise MLRunAccessDeniedError(
                f"The model {artifact.uri} {whose}, and to load it runs its code: "
                "give trust=True where you trust who made it"
            )


def _change(values: dict[str, Any], to_add: Values, to_remove: list[str] | None) -> None:
    values.update(to_add or {})
    for name in to_remove or []:
        values.pop(name, None)


def missing(package: str, what: str) -> MLRunMissingDependencyError:
    """The error that names a package to install."""
    return MLRunMissingDependencyError(f"{what} needs {package}: pip install {package}")
