"""``jupyter mlrun config``, ``version`` and ``load-source``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from .arguments import dump, pairs, told, use_service


@click.command()
@click.argument("command", default="get", type=click.Choice(["get", "set", "clear"]))
@click.option("--env-file", "-f", default="", help="The file; ~/.mlrun.env without it.")
@click.option("--api", "-a", default="", help="Address of the service.")
@click.option("--artifact-path", "-p", default="", help="Below which path artifacts go.")
@click.option("--username", "-u", default="", help="User of the service.")
@click.option("--access-key", "-k", default="", help="Token for the service.")
@click.option("--env-vars", "-e", multiple=True, help="Another variable: -e NAME=VALUE.")
@told
def config(command: str, env_file: str, env_vars: tuple[str, ...], **given: str) -> None:
    """Show the settings, or write them into the file of variables that every program reads."""
    from jupyter_mlrun.session import default_env_file

    file = Path(env_file).expanduser() if env_file else default_env_file()
    if command == "get":
        use_service(given["api"], env_file)
        click.echo(dump(read_settings()))
        return
    if file.is_dir():
        raise click.BadParameter(f"{file} is a folder: name the file", param_hint="--env-file")
    if command == "clear":
        is_there = file.is_file()
        file.unlink(missing_ok=True)
        click.echo(f"Deleted .env file {file}" if is_there else f".env file {file} not found")
        return
    named = {
        "MLRUN_DBPATH": given["api"], "MLRUN_ARTIFACT_PATH": given["artifact_path"],
        "V3IO_USERNAME": given["username"], "MLRUN_HTTPDB__TOKEN": given["access_key"],
    }  # fmt: skip
    wanted = {key: value for key, value in named.items() if value}
    wanted |= pairs("--env-vars", env_vars, str)
    if not wanted:
        raise click.UsageError("Say what to set: --api, --artifact-path, --env-vars NAME=VALUE, …")
    write_variables(file, wanted)
    click.echo(f"Wrote {', '.join(wanted)} to {file}")
    if env_file:
        click.echo(f"To use it: export MLRUN_ENV_FILE={env_file}")


def read_settings() -> dict[str, Any]:
    """The settings in force; the token is not shown."""
    from dataclasses import asdict

    from jupyter_mlrun import config as settings

    found = asdict(settings.load())
    found["token"] = "***" if found.get("token") else ""
    return found


def write_variables(file: Path, wanted: dict[str, str]) -> None:
    """Set variables in a file of lines NAME=VALUE, readable by its user alone; others stay."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    kept = [line for line in lines
            if line.partition("=")[0].removeprefix("export ").strip() not in wanted]  # fmt: skip
    kept += [f"{key}='{value}'" for key, value in wanted.items()]
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        # it may hold a token
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as open_:
            open_.write("\n".join(kept) + "\n")
        os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)


@click.command()
def version() -> None:
    """Show the version."""
    from jupyter_mlrun import get_version
    from jupyter_mlrun.client.transport import CLIENT_VERSION

    click.echo(f"jupyter-mlrun version: {get_version()} (speaks MLRun {CLIENT_VERSION})")


@click.command(name="load-source")
@click.argument("source_uri")
@click.option("--project", "-p", default="", help="Project of a store:// address.")
@click.option("--target", "-t", default="/home/mlrun_code", show_default=True,
              help="Folder that the source is brought into.")  # fmt: skip
@told
def load_source(source_uri: str, project: str, target: str) -> None:
    """Bring the code of SOURCE_URI into a folder: git, an archive or a stored artifact."""
    from jupyter_mlrun import session, sources

    if source_uri.startswith("store://"):
        item = session.get_dataitem(source_uri)
        name = Path(item.url.partition("?")[0]).name
        item.download(os.path.join(target, name))
        if sources.is_source(name):
            sources.extract_archive(os.path.join(target, name), target)
    elif sources.is_source(source_uri):
        sources.fetch(source_uri, target, project=project)
    else:
        raise click.ClickException(
            f"Unsupported source type: {source_uri}. Supported types: store:// URIs, git:// URLs, "
            ".zip and .tar.gz archives"
        )
    click.echo(f"Successfully loaded source to: {target}")
