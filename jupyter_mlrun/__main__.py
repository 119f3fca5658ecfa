"""``python -m jupyter_mlrun``: ``run`` is what every runtime executes; the rest is for people."""

from __future__ import annotations

import os
import sys


def main(arguments: list[str] | None = None) -> None:
    """Run a command. The way to a run's own process imports nothing that it does not need."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["run"] and "JUPYTER_MLRUN_REQUIREMENTS" in os.environ:
        from .requirements import enter

        enter(given)
    if given[:2] == ["run", "--task"] and len(given) == 3 and os.path.isfile(given[2]):
        from .process_run import run_task

        sys.exit(run_task(given[2]))
    if given[:1] == ["run"] and "--from-env" in given:
        from .pod_run import run_from_env

        sys.exit(run_from_env(given[1:]))
    from .cli import cli

    cli(given, prog_name="jupyter mlrun")


def cli() -> None:
    """The console script ``jupyter-mlrun``."""
    main()


if __name__ == "__main__":
    main()
