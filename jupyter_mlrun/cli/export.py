"""``jupyter mlrun export``."""

from __future__ import annotations

import click

from jupyter_mlrun.errors import MLRunBaseError


@click.command()
@click.argument("notebook", type=click.Path())
@click.option("--force", is_flag=True, help="Replace files that an export did not write.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
def export(notebook: str, force: bool, dry_run: bool) -> None:
    """Write NOTEBOOK's code as a module and a function beside it."""
    from jupyter_mlrun.export.notebook import describe_outcome, export_notebook, would_refuse

    try:
        answer = export_notebook(notebook, force=force, dry_run=dry_run)
    except MLRunBaseError as error:
        raise click.ClickException(str(error)) from None
    for text in answer["warnings"]:
        click.echo(f"warning: {text}", err=True)
    for line in describe_outcome(answer, force, dry_run):
        click.echo(line)
    if dry_run and not force and would_refuse(answer):
        raise SystemExit(1)
