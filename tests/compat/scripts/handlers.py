"""Functions that the scripts of this folder run."""

import time

import pandas as pd
from sklearn.linear_model import LinearRegression


def train(context, slope: float = 2.0, rows: int = 20):
    """Fit a line."""
    frame = pd.DataFrame({"x": range(rows), "y": [slope * x for x in range(rows)]})
    model = LinearRegression().fit(frame[["x"]], frame["y"])
    print("fitted a line")
    context.log_result("slope", float(model.coef_[0]))
    context.log_dataset("points", df=frame, format="csv")
    context.log_artifact("note", body=b"a line", local_path="note.txt")
    import pickle

    context.log_model("line", body=pickle.dumps(model), model_file="line.pkl", framework="sklearn")
    return rows


def fails(context):
    context.log_result("before", 1)
    raise ValueError("boom")


def slow(context, seconds: float = 60):
    for second in range(int(seconds)):
        print("second", second, flush=True)
        time.sleep(1)
