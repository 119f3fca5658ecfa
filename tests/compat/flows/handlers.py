"""Functions that the flows run."""

import pandas as pd


def train(context, n: int = 2):
    """Log a dataset and a result."""
    context.log_dataset("frame", df=pd.DataFrame({"x": range(n)}), format="csv")
    context.log_result("total", sum(range(n)))


def add(context, a: int, b: int):
    """Add."""
    print("adding")
    context.log_result("sum", a + b)
