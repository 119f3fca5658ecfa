"""``jupyter mlrun project``: load a project, and store what it names."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from .arguments import CROSS, DB, ENV_FILE, pairs, sources, told, use_service


@click.command()
@click.argument("context", default="", required=False)
@click.option("--name", "-n", help="The project's name.")
@click.option("--url", "-u", help="Git address, archive, project.yaml, or name of a stored one.")
@click.option("--run", "-r", help="Workflow to run: a name or a .py file.")
@click.option("--arguments", "-a", multiple=True, help="Argument of the workflow: -a x=6.")
@click.option("--artifact-path", "-p", help="Below which path artifacts go.")
@click.option("--param", "-x", multiple=True, help="Parameter of the project: -x x=37.")
@click.option("--secrets", "-s", multiple=True, help="Secrets: file=PATH or env=NAME1,NAME2.")
@click.option("--namespace", help="Namespace; the service has one.")
@DB
@click.option("--init-git", is_flag=True, help="Make the folder a git repository.")
@click.option("--clone", "-c", is_flag=True, help="Remove what is in the folder first.")
@click.option("--sync", is_flag=True, help="Store the project's functions.")
@click.option("--watch", "-w", is_flag=True, help="Wait for the workflow's end.")
@click.option("--dirty", "-d", is_flag=True, help="Run with changes that are not committed.")
@click.option("--git-repo", help="Repository in which to comment.")
@click.option("--git-issue", type=int, default=None, help="Issue in which to comment.")
@click.option("--handler", default=None, help="The workflow's function.")
@click.option("--engine", default=None, help="The workflow's engine.")
@click.option("--local", is_flag=True, help="Run the workflow's functions in this process.")
@click.option("--timeout", type=int, default=None, help="Seconds to wait for the workflow.")
@ENV_FILE
@click.option("--save/--no-save", default=True, help="Store the project.")
@click.option("--schedule", default=None, help="Cron line at whose times the workflow runs.")
@click.option("--save-secrets", is_flag=True, help="Store the secrets with the project.")
@click.option("--notifications", "--notification", "-nt", multiple=True,
              help="Whom the workflow tells: file=PATH of JSON, or JSON such as "
              "'{\"slack\": {\"webhook\": \"https://…\"}}'.")  # fmt: skip
@CROSS
@told
def project(context: str, **given: Any) -> None:
    """Load the project of the folder CONTEXT, or of --url into it."""
    from jupyter_mlrun.projects.load import load_project

    use_service(given["db"], given["env_file"])
    parameters = pairs("--param", given["param"])
    for key in ("git_repo", "git_issue"):
        if given[key]:
            parameters[key] = given[key]
    commit = os.environ.get("GITHUB_SHA") or os.environ.get("CI_COMMIT_SHA")
    if commit:
        parameters.setdefault("commit_id", commit)
    found = load_project(
        context or "./", given["url"], given["name"], init_git=given["init_git"],
        clone=given["clone"], save=given["save"], parameters=parameters,
        allow_cross_project=given["allow_cross_project"] or None,
    )  # fmt: skip
    if given["artifact_path"]:
        path = given["artifact_path"]
        found.artifact_path = path if "://" in path else os.path.abspath(path)
    _take_secrets(found, given)
    _take_notifications(found, given["notifications"])
    click.echo(found.to_yaml())
    if given["run"]:
        found.run(given["run"], arguments=pairs("--arguments", given["arguments"]))
    elif given["sync"]:
        found.sync_functions(save=True)
        click.echo(f"functions stored: {', '.join(found.get_function_names()) or 'none'}")


def _take_secrets(project: Any, given: dict[str, Any]) -> None:
    for each in sources(given["secrets"]):
        project.with_secrets(each["kind"], each["source"])
    if given["save_secrets"] and given["secrets"]:
        project.set_secrets(dict(project._secrets.items()))


def _take_notifications(project: Any, given: tuple[str, ...]) -> None:
    """Have the project's workflows tell whom the option names."""
    hint = "--notifications"
    for text in given:
        path = text.removeprefix("file=")
        try:
            kinds = json.loads(Path(path).read_text("utf-8") if path != text else text)
        except ValueError as error:
            raise click.BadParameter(f"{path} is no JSON: {error}", param_hint=hint) from None
        if not isinstance(kinds, dict):
            raise click.BadParameter(f"{path} is no dict of kinds", param_hint=hint)
        for kind, parameters in kinds.items():
            project.notifiers.add_notification(kind, parameters)
