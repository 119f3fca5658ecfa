"""What is drawn and kept of a model while it is trained and tried: plans that make artifacts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunMissingDependencyError

from .data import join, to_array
from .functionality import AlgorithmFunctionality, functionality_of

PARAMETER = "_artifacts"


class MLPlanStages(Enum):
    """When a plan can be carried out."""

    PRE_FIT = "pre_fit"
    POST_FIT = "post_fit"
    PRE_PREDICT = "pre_predict"
    POST_PREDICT = "post_predict"
    PRE_TRAIN = "pre_train"
    POST_TRAIN = "post_train"
    PRE_ITERATION = "pre_iteration"
    POST_ITERATION = "post_iteration"


class Plan(ABC):
    """One artifact that is made when its stage has come."""

    STAGE: ClassVar[MLPlanStages] = MLPlanStages.POST_PREDICT
    need_probabilities = False
    # before the key of a figure, where several data sets have one
    prefix = ""

    @property
    @abstractmethod
    def key(self) -> str:
        """The key of the artifact."""

    @abstractmethod
    def produce(self, context: Any, **given: Any) -> Any:
        """The artifact, logged; None where there is nothing to show."""

    def is_ready(self, stage: MLPlanStages, is_probabilities: bool = False) -> bool:
        """Whether it is made now."""
        return stage is self.STAGE and is_probabilities == self.need_probabilities


class PlotPlan(Plan):
    """A figure of Plotly."""

    NAME: ClassVar[str] = ""

    @property
    def key(self) -> str:
        """The key of the artifact."""
        return f"{self.prefix}{self.NAME}"

    @abstractmethod
    def draw(self, graph: Any, **given: Any) -> Any:
        """The figure; None where there is nothing to show."""

    def produce(self, context: Any, **given: Any) -> Any:
        """The figure as an artifact of the run."""
        figure = self.draw(_graph_objects(), **given)
        return None if figure is None else context.log_artifact(self.key, body=figure)


class DatasetPlan(Plan):
    """A data set that was used, as a dataset artifact."""

    class Purposes(Enum):
        """What the data set is for."""

        OTHER = "other"
        TRAIN = "train"
        VALIDATION = "validation"
        TEST = "test"

    def __init__(
        self,
        purpose: Any = "other",
        name: str | None = None,
        preview: int | None = None,
        stats: bool = False,
        fmt: str = "parquet",
    ) -> None:
        self.purpose = type(self).Purposes(getattr(purpose, "value", purpose))
        own = "dataset" if self.purpose.value == "other" else f"{self.purpose.value}_set"
        self._name, self._preview, self._stats, self._format = name or own, preview, stats, fmt
        trains = self.purpose is type(self).Purposes.TRAIN
        self._stage = MLPlanStages.PRE_FIT if trains else MLPlanStages.PRE_PREDICT

    @property
    def key(self) -> str:
        """The key of the artifact."""
        return self._name

    def is_ready(self, stage: MLPlanStages, is_probabilities: bool = False) -> bool:
        """Whether it is made now."""
        return stage is self._stage

    def produce(self, context: Any, **given: Any) -> Any:
        """The data set as an artifact of the run."""
        names = given.get("target_columns")
        frame, targets = join(given.get("x"), given.get("y"), names)
        return context.log_dataset(
            self.key, frame, format=self._format, preview=self._preview, stats=self._stats or None,
            label_column=targets[0] if len(targets) == 1 else None,
            labels={"Purpose": self.purpose.value},
        )  # fmt: skip


class ConfusionMatrixPlan(PlotPlan):
    """How often each class was taken for each."""

    NAME = "confusion-matrix"

    def __init__(
        self, labels: Any = None, sample_weight: Any = None, normalize: str | None = None
    ) -> None:
        self._given = {"labels": labels, "sample_weight": sample_weight, "normalize": normalize}

    def draw(self, graph: Any, **given: Any) -> Any:
        """A heat map with its counts."""
        import numpy as np
        from sklearn.metrics import confusion_matrix

        y, found = _pair(given)
        labels = self._given["labels"]
        names = np.unique(np.concatenate([y, found])) if labels is None else np.asarray(labels)
        matrix = confusion_matrix(y, found, **{**self._given, "labels": names})
        words = [str(name) for name in names]
        cells = graph.Heatmap(
            z=matrix, x=words, y=words, colorscale="Blues", text=matrix, texttemplate="%{text}"
        )
        return _titled(graph.Figure(cells), "Confusion matrix", "predicted", "true")


class FeatureImportancePlan(PlotPlan):
    """How much each feature counts."""

    NAME = "feature-importance"
    STAGE = MLPlanStages.POST_FIT

    def draw(self, graph: Any, **given: Any) -> Any:
        """Bars, the largest first."""
        import numpy as np

        weights = _weights(given["model"])
        if weights is None:
            return None
        columns = getattr(given["x"], "columns", None)
        names = [str(c) for c in columns] if columns is not None else []
        if len(names) != len(weights):
            names = [f"f{n}" for n in range(len(weights))]
        order = np.argsort(weights)[::-1]
        bars = graph.Bar(x=[names[n] for n in order], y=[float(weights[n]) for n in order])
        return _titled(graph.Figure(bars), "Feature importance", "feature", "importance")


class ROCCurvePlan(PlotPlan):
    """True against false finds, for each class."""

    NAME = "roc-curves"
    need_probabilities = True

    def __init__(
        self,
        pos_label: Any = None,
        sample_weight: Any = None,
        drop_intermediate: bool = True,
        average: str = "macro",
        max_fpr: float | None = None,
        multi_class: str = "raise",
        labels: list[str] | None = None,
    ) -> None:
        self._pos_label, self._weight, self._drop = pos_label, sample_weight, drop_intermediate

    def draw(self, graph: Any, **given: Any) -> Any:
        """One curve for each class, with the area below it."""
        from sklearn.metrics import auc, roc_curve

        y, shares = _shares(given)
        figure = graph.Figure()
        for name, share in _classes(given["model"], y, shares, self._pos_label):
            if len(set((y == name).tolist())) < 2:
                # nothing can be found, or nothing else is there
                continue
            false, true, _ = roc_curve(
                y == name, share, sample_weight=self._weight, drop_intermediate=self._drop
            )
            label = f"{name} (AUC {auc(false, true):.3f})"
            figure.add_scatter(x=false, y=true, name=label, mode="lines")
        figure.add_scatter(x=[0, 1], y=[0, 1], name="chance", mode="lines", line={"dash": "dash"})
        return _titled(figure, "ROC curves", "false positive rate", "true positive rate")


class CalibrationCurvePlan(PlotPlan):
    """How often what was predicted with a probability came true."""

    NAME = "calibration-curve"
    need_probabilities = True

    def __init__(self, n_bins: int = 5, strategy: str = "uniform") -> None:
        self._how = {"n_bins": n_bins, "strategy": strategy}

    def draw(self, graph: Any, **given: Any) -> Any:
        """The curve beside the diagonal."""
        from sklearn.calibration import calibration_curve

        y, shares = _shares(given)
        (name, share), *_ = _classes(given["model"], y, shares, None)
        true, predicted = calibration_curve(y == name, share, **self._how)
        figure = graph.Figure()
        figure.add_scatter(x=predicted, y=true, name="model", mode="lines+markers")
        figure.add_scatter(x=[0, 1], y=[0, 1], name="exact", mode="lines", line={"dash": "dash"})
        return _titled(figure, "Calibration curve", "predicted probability", "share that is true")


LIBRARY: dict[str, type[Plan]] = {
    "calibration_curve": CalibrationCurvePlan,
    "confusion_matrix": ConfusionMatrixPlan,
    "dataset": DatasetPlan,
    "feature_importance": FeatureImportancePlan,
    "roc_curve": ROCCurvePlan,
}


def get_plans(
    artifacts: Any, context: Any, include_default: bool, model: Any, y: Any = None
) -> list[Plan]:
    """The plans to follow: those given, those of the context's parameter, and the default ones."""
    found = defaults(model, y) if include_default else []
    given = context.parameters.get(PARAMETER) if context is not None else None
    for entries in (artifacts, given):
        found += parse(entries)
    return list({plan.key: plan for plan in found}.values())


def parse(entries: Any) -> list[Plan]:
    """Plans of a list of names and plans, or of a dict of arguments by name."""
    if entries is None:
        return []
    if isinstance(entries, Mapping):
        return [_plan(name, arguments or {}) for name, arguments in entries.items()]
    if isinstance(entries, Sequence) and not isinstance(entries, str):
        return [e if isinstance(e, Plan) else _plan(e, {}) for e in entries]
    raise MLRunInvalidArgumentError(
        f"Artifacts are a list of names, or a dict with arguments, not {type(entries).__name__}"
    )


def _plan(name: Any, arguments: Mapping[str, Any]) -> Plan:
    key = str(name).replace("-", "_")
    if key not in LIBRARY:
        raise MLRunInvalidArgumentError(
            f"There is no artifact '{name}' to make: choose {', '.join(LIBRARY)}"
        )
    return LIBRARY[key](**arguments)


def defaults(model: Any, y: Any = None) -> list[Plan]:
    """What is kept of a model by itself: by whether it gives classes or numbers."""
    does = functionality_of(model, y)
    found: list[Plan] = [DatasetPlan("test")]
    if does.is_single_output():
        found.append(FeatureImportancePlan())
        if does.is_classification():
            found += [ConfusionMatrixPlan(), ROCCurvePlan()]
        if does is AlgorithmFunctionality.BINARY_CLASSIFICATION:
            found.append(CalibrationCurvePlan())
    has_shares = hasattr(model, "predict_proba")
    return [plan for plan in found if has_shares or not plan.need_probabilities]


def _graph_objects() -> Any:
    try:
        import plotly.graph_objects as graph
    except ImportError:
        raise MLRunMissingDependencyError(
            "Figures of a model need plotly: pip install plotly, or apply_mlrun(auto_log=False)"
        ) from None
    return graph


def _titled(figure: Any, title: str, x: str, y: str) -> Any:
    figure.update_layout(title=title, xaxis_title=x, yaxis_title=y)
    return figure


def _pair(given: Mapping[str, Any]) -> tuple[Any, Any]:
    return to_array(given["y"]).ravel(), to_array(given["y_pred"]).ravel()


def _shares(given: Mapping[str, Any]) -> tuple[Any, Any]:
    return to_array(given["y"]).ravel(), to_array(given["y_pred"])


def _classes(model: Any, y: Any, shares: Any, positive: Any) -> list[tuple[Any, Any]]:
    """Each class with its probabilities; of two classes the one that is found."""
    import numpy as np

    names = list(getattr(model, "classes_", np.unique(y)))
    columns = shares if shares.ndim == 2 else np.stack([1 - shares, shares], axis=1)
    several = [(name, columns[:, n]) for n, name in enumerate(names)]
    if len(several) > 2:
        return several
    chosen = [pair for pair in several if pair[0] == positive]
    return chosen or several[-1:]


def _weights(model: Any) -> Any:
    import numpy as np

    for name in ("feature_importances_", "coef_"):
        found = getattr(model, name, None)
        if found is not None:
            array = np.abs(np.asarray(found, dtype=float))
            return array if array.ndim == 1 else array.mean(axis=0)
    return None
