"""``jupyter mlrun token``: tokens of users for a service that stands alone."""

from __future__ import annotations

import click

from .store import on_store, opened

LONGEST_DAYS = 3650.0


@click.group()
def token() -> None:
    """Make, list and revoke the tokens by which users come to a service that stands alone."""


@token.command()
@click.argument("user")
@click.option("--name", default="default", show_default=True, help="What the token is called.")
@click.option(
    "--days", type=click.FloatRange(0.0, LONGEST_DAYS, min_open=True), default=90.0,
    show_default=True, help="After how many days it dies.",
)  # fmt: skip
@click.option("--forever", is_flag=True, help="It does not die by itself.")
@click.option("--group", "groups", multiple=True, help="A group that the user belongs to.")
@on_store
def create(
    user: str, name: str, days: float, forever: bool, groups: tuple[str, ...], db_url: str,
    config: str,
) -> None:  # fmt: skip
    """Make a token for USER and print it: it is kept as a hash and shown this once."""
    from ..services.identities import in_days
    from ..store import user_tokens

    with opened(db_url, config) as service, service.database.write() as connection:
        expires = in_days(None if forever else days)
        click.echo(user_tokens.create(connection, user, name, expires, groups))


@token.command("list")
@click.argument("user", default="")
@on_store
def list_tokens(user: str, db_url: str, config: str) -> None:
    """List the tokens, or those of USER: owner, name, when they were made and when they die."""
    from ..store import user_tokens

    with opened(db_url, config) as service, service.database.read() as connection:
        for row in user_tokens.select(connection, user):
            end = row["expires"] or "never"
            groups = ",".join(row["groups"]) or "-"
            dead = "  (dead)" if row["expired"] else ""
            click.echo(f"{row['owner']}\t{row['name']}\t{groups}\t{row['created']}\t{end}{dead}")


@token.command()
@click.argument("user")
@click.option("--name", default="", help="One token by name; without it all of the user's.")
@on_store
def revoke(user: str, name: str, db_url: str, config: str) -> None:
    """Let the tokens of USER die: a running service refuses them within two seconds."""
    from ..store import user_tokens

    with opened(db_url, config) as service, service.database.write() as connection:
        gone = user_tokens.revoke(connection, user, name)
        click.echo(f"{gone} token{'s' * (gone != 1)} of {user} revoked")
