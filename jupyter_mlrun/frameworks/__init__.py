"""Training that logs itself: models of scikit-learn, XGBoost, LightGBM, ONNX, PyTorch, Keras."""

from jupyter_mlrun.lazy import attributes

__getattr__, __dir__ = attributes(
    __name__,
    {
        "compare_db_runs": "frameworks.parallel_coordinates",
        "compare_run_objects": "frameworks.parallel_coordinates",
    },
)
