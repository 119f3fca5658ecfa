"""Commands for people: ``jupyter mlrun …``."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "autoload": "jupyter_mlrun.cli.autoload:autoload",
    "build": "jupyter_mlrun.cli.build:build",
    "clean": "jupyter_mlrun.cli.get:clean",
    "config": "jupyter_mlrun.cli.config:config",
    "deploy": "jupyter_mlrun.cli.build:deploy",
    "doctor": "jupyter_mlrun.cli.doctor:doctor",
    "export": "jupyter_mlrun.cli.export:export",
    "get": "jupyter_mlrun.cli.get:get",
    "load-source": "jupyter_mlrun.cli.config:load_source",
    "logs": "jupyter_mlrun.cli.get:logs",
    "project": "jupyter_mlrun.cli.project:project",
    "run": "jupyter_mlrun.cli.run:run",
    "secrets": "jupyter_mlrun_server.commands.secrets:secrets",
    "serve": "jupyter_mlrun_server.commands.serve:serve",
    "token": "jupyter_mlrun_server.commands.token:token",
    "version": "jupyter_mlrun.cli.config:version",
    "watch-stream": "jupyter_mlrun.cli.streams:watch_stream",
}


class Commands(click.Group):
    """Commands that are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of a name."""
        if name not in COMMANDS:
            return super().get_command(ctx, name)
        module, _, attribute = COMMANDS[name].partition(":")
        command: Any = getattr(import_module(module), attribute)
        return command  # type: ignore[no-any-return]


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jupyter-mlrun")
def cli() -> None:
    """Turn notebook cells into recorded, versioned runs."""
