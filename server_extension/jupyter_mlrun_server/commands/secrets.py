"""``jupyter mlrun secrets``: the keys under which secrets are stored."""

from __future__ import annotations

import click

from .store import on_store, opened


@click.group()
def secrets() -> None:
    """Look after the keys under which secrets of projects are stored."""


@secrets.command("new-key")
def make_key() -> None:
    """Print a new key, for $JUPYTER_MLRUN_SECRETS_KEY."""
    from ..services.keyring import new_key

    click.echo(new_key())


@secrets.command()
@click.option(
    "--keep-key", is_flag=True,
    help="Make no new key: seal anew with the first one of $JUPYTER_MLRUN_SECRETS_KEY.",
)  # fmt: skip
@on_store
def rotate(keep_key: bool, db_url: str, config: str) -> None:
    """Seal every secret of the store anew with a new key, and forget the old one."""
    from ..services.secret_provider import DatabaseSecrets

    with opened(db_url, config) as service:
        if not keep_key:
            service.keyring.add_key()
        own = DatabaseSecrets(service.database, service.keyring)
        count = own.rotate()
        service.keyring.drop_old_keys()
        click.echo(f"{count} secret{'s' * (count != 1)} sealed anew")
