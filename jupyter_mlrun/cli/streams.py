"""``jupyter mlrun watch-stream``: streams, whose engine comes with a later release."""

from __future__ import annotations

import click


@click.command(name="watch-stream")
@click.argument("url")
@click.option("--shard-ids", "-s", multiple=True, type=int, help="Shards to listen to.")
@click.option("--seek", help="Where to begin: EARLIEST or LATEST.")
@click.option("--interval", "-i", default=3, show_default=True, help="Seconds between two looks.")
@click.option("--is-json", "-j", is_flag=True, help="What comes is JSON.")
def watch_stream(
    url: str, shard_ids: tuple[int, ...], seek: str | None, interval: int, is_json: bool
) -> None:
    """Print what comes in the stream URL."""
    raise click.ClickException(
        f"Streams such as {url} come with serving, which is not in this release: read them with "
        "the client of their broker"
    )
