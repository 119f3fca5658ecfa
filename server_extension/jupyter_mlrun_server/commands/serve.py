"""``jupyter mlrun serve``."""

from __future__ import annotations

import click

from jupyter_mlrun.errors import MLRunBaseError


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]}
)
@click.argument("settings", nargs=-1, type=click.UNPROCESSED)
def serve(settings: tuple[str, ...]) -> None:
    """Serve the REST API alone, for many users: no notebooks, no kernels, nobody's code.

    SETTINGS are those of MLRunServeApp and MLRunServerApp: --ip=0.0.0.0 --port=8989
    --MLRunServerApp.db_url=postgresql+psycopg://… --help-all.
    """
    from ..alone import MLRunServeApp

    try:
        MLRunServeApp.launch_instance(list(settings))
    except MLRunBaseError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"The service cannot listen: {error}") from None
