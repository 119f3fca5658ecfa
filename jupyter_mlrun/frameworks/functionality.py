"""What a model does: to which classes or numbers it maps its inputs."""

from __future__ import annotations

from enum import Enum
from typing import Any

from .data import to_array


class AlgorithmFunctionality(Enum):
    """The kinds of estimators, by MLRun's names."""

    UNKNOWN = "Unknown"
    BINARY_CLASSIFICATION = "Binary Classification"
    MULTICLASS_CLASSIFICATION = "Multiclass Classification"
    MULTI_OUTPUT_CLASSIFICATION = "Multi Output Classification"
    MULTI_OUTPUT_MULTICLASS_CLASSIFICATION = "Multi Output Multiclass Classification"
    UNKNOWN_CLASSIFICATION = "Unknown Classification"
    REGRESSION = "Regression"
    MULTI_OUTPUT_REGRESSION = "Multi Output Regression"
    UNKNOWN_REGRESSION = "Unknown Regression"

    def is_classification(self) -> bool:
        """Whether it gives classes."""
        return "Classification" in self.value

    def is_regression(self) -> bool:
        """Whether it gives numbers."""
        return "Regression" in self.value

    def is_binary_classification(self) -> bool:
        """Whether each output is one of two classes."""
        return self in (type(self).BINARY_CLASSIFICATION, type(self).MULTI_OUTPUT_CLASSIFICATION)

    def is_multiclass_classification(self) -> bool:
        """Whether outputs are of more than two classes."""
        return "Multiclass" in self.value

    def is_single_output(self) -> bool:
        """Whether it gives one output."""
        return self in (
            type(self).BINARY_CLASSIFICATION,
            type(self).MULTICLASS_CLASSIFICATION,
            type(self).REGRESSION,
        )

    def is_multi_output(self) -> bool:
        """Whether it gives several outputs."""
        return "Multi Output" in self.value


def functionality_of(model: Any, y: Any = None) -> AlgorithmFunctionality:
    """What a model in the manner of scikit-learn does, with its targets where they are known."""
    kind = _estimator_type(model)
    found = AlgorithmFunctionality
    if kind == "regressor":
        if y is None:
            return found.UNKNOWN_REGRESSION
        return found.REGRESSION if _outputs(y) == 1 else found.MULTI_OUTPUT_REGRESSION
    if kind != "classifier":
        return found.UNKNOWN
    if y is None:
        return found.UNKNOWN_CLASSIFICATION
    import numpy as np

    array = to_array(y)
    is_binary = len(np.unique(array)) <= 2
    if _outputs(y) == 1:
        return found.BINARY_CLASSIFICATION if is_binary else found.MULTICLASS_CLASSIFICATION
    return (
        found.MULTI_OUTPUT_CLASSIFICATION
        if is_binary
        else found.MULTI_OUTPUT_MULTICLASS_CLASSIFICATION
    )


def _outputs(y: Any) -> int:
    shape = to_array(y).shape
    return 1 if len(shape) == 1 else int(shape[1])


def _estimator_type(model: Any) -> str:
    if kind := getattr(model, "_estimator_type", None):
        return str(kind)
    try:
        from sklearn.utils import get_tags

        return str(get_tags(model).estimator_type or "")
    except (ImportError, AttributeError, TypeError):
        return ""
