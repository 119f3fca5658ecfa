"""Comparing runs by MLRun's function names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_mlrun import session
from jupyter_mlrun.coordinates import build_picture
from jupyter_mlrun.runs import RunList, RunObject
from jupyter_mlrun.runs.compare import compare_runs


def gen_pcp_plot(
    source_df: Any,
    index_col: str,
    hide_identical: bool = True,
    exclude: list[str] | None = None,
    colorscale: str | None = None,
) -> str:
    """The iterations of a frame with columns ``param.…`` and ``output.…`` as one ``<svg>``."""
    names = [name for name in source_df.columns if str(name).startswith(("param.", "output."))]
    names = [name for name in names if str(name).partition(".")[2] not in (exclude or [])]
    if hide_identical:
        names = [n for n in names if n.startswith("output.") or source_df[n].nunique() > 1]
    states = list(source_df["state"]) if "state" in source_df else ["completed"] * len(source_df)
    rows = [
        [state, index, *values]
        for state, index, values in zip(
            states, source_df[index_col].tolist(), source_df[names].values.tolist(), strict=True
        )
    ]
    return build_picture([["state", "iter", *names], *rows], colorscale=colorscale)


def compare_run_objects(
    runs_list: RunObject | Sequence[RunObject],
    hide_identical: bool = True,
    exclude: list[str] | None = None,
    show: bool | None = None,
    extend_iterations: bool = True,
    filename: str | None = None,
    colorscale: str | None = None,
) -> str | None:
    """Compare a run's iterations, or runs with each other; the HTML where it is not shown."""
    several = [runs_list] if isinstance(runs_list, RunObject) else runs_list
    documents = RunList([run.to_dict() for run in several])
    return compare_runs(
        documents, hide_identical, exclude, show, extend_iterations, filename, colorscale
    )


def compare_db_runs(
    project_name: str | None = None,
    run_name: str | None = None,
    labels: Any = None,
    iter: bool = False,
    start_time_from: Any = None,
    hide_identical: bool = True,
    exclude: list[str] | None = None,
    show: bool | None = None,
    colorscale: str = "Blues",
    filename: str | None = None,
    **query_args: Any,
) -> str | None:
    """Compare the recorded runs that meet the filters, of the service in use."""
    found = session.get_run_db().list_runs(
        name=run_name, project=project_name or "", labels=labels, iter=iter,
        start_time_from=start_time_from, **query_args,
    )  # fmt: skip
    return compare_runs(
        found, hide_identical, exclude, show, filename=filename, colorscale=colorscale
    )
