"""Functions that need nothing installed."""

import time


def add(context, a: int = 1, b: int = 1):
    """Add two numbers."""
    print("adding", a, b)
    context.log_result("sum", a + b)
    context.log_artifact("note", body=f"{a + b}", local_path="note.txt")


def fails(context):
    context.log_result("before", 1)
    raise ValueError("boom")


def slow(context, seconds: float = 60):
    for second in range(int(seconds)):
        print("second", second, flush=True)
        time.sleep(1)
