import os

import mlrun


def fit(context, n: int = 1, name="x"):
    """Fit."""
    context.log_result("n", n * 2)
    context.log_result("name", name)
    context.log_artifact("model", body=b"m", local_path="m.txt")
    print("fitted", name)


def load(context, data: mlrun.DataItem):
    frame = data.as_df()
    context.log_result("first", int(frame["a"][0]))
    context.log_result("folder", os.path.basename(os.getcwd()))
    context.log_dataset("table", df=frame, format="csv")


def gives(n: int = 2):
    return n * 3, [1, 2]


def opens(context):
    for name in ("PASSWORD", "OF_THE_TERMINAL"):
        context.log_result(name.lower(), len(context.get_secret(name)))


def fails(context):
    context.log_result("before", 1)
    raise ValueError("boom")
