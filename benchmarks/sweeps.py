"""A sweep of trivial iterations, each of them recorded."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from pathlib import Path

from tests.live import live_server

from .figure import Figure, median, timed

ITERATIONS, MANY, ROUNDS = 100, 1000, 5


def measure() -> list[Figure]:
    """A hyper-run of 100 iterations beside as many runs, one call each."""
    import jupyter_mlrun as mlrun

    with tempfile.TemporaryDirectory() as folder, live_server(Path(folder)) as server:
        os.environ["JUPYTER_DATA_DIR"] = str(server.folder / "data")
        os.environ["MLRUN_DBPATH"] = f"{server.url}/mlrun"
        os.environ["MLRUN_HTTPDB__TOKEN"] = server.mlrun_token()
        mlrun.get_run_db(force_reconnect=True)
        function = mlrun.new_function("trivial", kind="handler")
        values = {"x": list(range(ITERATIONS))}

        def trivial(context, x):  # type: ignore[no-untyped-def]
            context.log_result("y", x)

        def sweep(count: int = ITERATIONS) -> None:
            function.run(handler=trivial, hyperparams={"x": list(range(count))})

        def one_by_one() -> None:
            for x in values["x"]:
                function.run(handler=trivial, params={"x": x})

        with contextlib.redirect_stdout(io.StringIO()):
            sweep()
            swept = [timed(sweep) for _ in range(ROUNDS)]
            single = timed(one_by_one)
            many = timed(lambda: sweep(MANY))
    return [
        Figure(
            f"sweep of {ITERATIONS} iterations recorded, kind handler", median(swept), 1.5, "s",
            f"{ITERATIONS} runs, a call each, {single:.2f} s",
        ),
        Figure(
            f"sweep of {MANY:,} iterations, over {ITERATIONS}", many / median(swept), 13, "x",
            f"{many:.2f} s",
        ),
    ]  # fmt: skip
