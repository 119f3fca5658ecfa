"""``jupyter mlrun run``: what every runtime executes, for people who look closer."""

from __future__ import annotations

import sys

import click


@click.command()
@click.option(
    "--task",
    required=True,
    type=click.Path(exists=True, dir_okay=False),
    help="The task.json of a run's folder.",
)
def run(task: str) -> None:
    """Run a recorded task in this process and report it to the service."""
    from jupyter_mlrun.execution import run_task

    sys.exit(run_task(task))
