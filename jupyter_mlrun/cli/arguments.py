"""What the commands have in common: values of options, tables, and errors as one line."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

import click

from jupyter_mlrun.errors import MLRunBaseError

NAME_VALUE = "NAME=VALUE"


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command, whose errors are told as one line, with exit code 1."""

    @wraps(command)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except MLRunBaseError as error:
            raise click.ClickException(str(error)) from None
        except FileNotFoundError as error:
            raise click.ClickException(f"There is no file {error.filename or error}") from None

    return call


def evaluate(text: str) -> Any:
    """The value that a text writes in Python, else the text."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


def pairs(
    option: str, given: Iterable[str], read: Callable[[str], Any] = evaluate
) -> dict[str, Any]:
    """The values of an option that is given as NAME=VALUE."""
    found: dict[str, Any] = {}
    for text in given:
        name, mark, value = text.partition("=")
        if not mark or not name.strip():
            raise click.BadParameter(f"{text!r} is not of the form {NAME_VALUE}", param_hint=option)
        found[name.strip()] = read(value.strip())
    return found


def sources(given: Iterable[str]) -> list[dict[str, str]]:
    """Sources of secrets, given as ``file=PATH`` or ``env=NAME,…``."""
    found = pairs("--secrets", given, os.path.expandvars)
    return [{"kind": kind, "source": source} for kind, source in found.items()]


def use_service(db: str | None = "", env_file: str | None = "") -> None:
    """Take variables of a file and the service's address, for this process."""
    from jupyter_mlrun import session

    if env_file:
        session.set_env_from_file(env_file)
    if db:
        session.set_environment(api_path=db)


def format_table(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as columns of text below their headers."""
    table = [[str(cell if cell is not None else "") for cell in row] for row in rows]
    widths = [max([len(head), *(len(row[place]) for row in table)])
              for place, head in enumerate(headers)]  # fmt: skip
    lines = [list(headers), ["-" * width for width in widths], *table]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def format_pairs(value: Mapping[str, Any] | None) -> str:
    """``a=1,b=2``."""
    return ",".join(f"{key}={item}" for key, item in (value or {}).items())


def format_time(text: str | None) -> str:
    """``Nov 21 18:20:05`` of a time in a document."""
    from datetime import datetime

    if not text:
        return ""
    try:
        return datetime.fromisoformat(str(text)).strftime("%b %d %H:%M:%S")
    except ValueError:
        return str(text)


def dump(document: Mapping[str, Any]) -> str:
    """A document as YAML."""
    from jupyter_mlrun.model.document import dump_yaml

    return dump_yaml(document)


def find_function(func_url: str, ensure_project: bool, allow_cross_project: bool) -> Any:
    """The function of ``db://…``, a YAML file, ``.`` for function.yaml, or a project's name."""
    from jupyter_mlrun.functions.load import import_function
    from jupyter_mlrun.projects.load import load_project

    if func_url == ".":
        func_url = "function.yaml"
    if "://" in func_url or func_url.endswith((".yaml", ".yml", ".json", ".py", ".ipynb")):
        return import_function(func_url)
    project = load_project(
        ".", save=ensure_project, allow_cross_project=allow_cross_project or None
    )
    return project.get_function(func_url, enrich=True)


# the options that several commands have
DB = click.option("--db", default="", help="Address of the service.")
ENV_FILE = click.option("--env-file", default="", help="File of variables to set first.")
ENSURE = click.option(
    "--ensure-project", is_flag=True, help="Make the project where there is none."
)
# said by steps of MLRun's pipelines, whose engine is not in this release
KFP = click.option("--kfp", is_flag=True, hidden=True)
CROSS = click.option(
    "--allow-cross-project", is_flag=True,
    help="Load a project.yaml of another name under the name given.",
)  # fmt: skip
