"""``jupyter mlrun run``: a script, a function of a file or a stored one."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.names import normalize_name, validate_function
from jupyter_mlrun.states import TERMINAL

from .arguments import (
    CROSS,
    DB,
    ENSURE,
    ENV_FILE,
    KFP,
    dump,
    evaluate,
    find_function,
    pairs,
    sources,
    told,
    use_service,
)  # fmt: skip


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("url", required=False)
@click.option("--param", "-p", multiple=True, help="Parameter: -p x=37 -p y='text'.")
@click.option("--inputs", "-i", multiple=True, help="Input: -i data=PATH.")
@click.option("--outputs", "-o", multiple=True, help="Name of a result or artifact to wait for.")
@click.option("--in-path", help="Below which path inputs are found.")
@click.option("--out-path", help="Below which path artifacts go.")
@click.option("--secrets", "-s", multiple=True, help="Secrets: file=PATH or env=NAME1,NAME2.")
@click.option("--uid", help="The run's uid.")
@click.option("--name", help="The run's name.")
@click.option("--workflow", help="Workflow to which the run belongs.")
@click.option("--project", help="The run's project.")
@DB
@click.option("--runtime", "-r", default="", help="The function's document, as a text.")
@click.option("--hyperparam", "-x", multiple=True, help="Values to run with: -x p2=[1,2,3].")
@click.option("--param-file", default="", help="CSV or JSON file of values to run with.")
@click.option("--selector", default="", help="Which result is best: max.accuracy.")
@click.option("--hyper-param-strategy", default="", help="list, grid or random.")
@click.option("--hyper-param-options", default="", help="More options, as a dict.")
@click.option("--func-url", "-f", default="",
              help="Function: a YAML file, db://PROJECT/NAME[:TAG], hub://NAME, or a name in the "
              "project of this folder.")  # fmt: skip
@click.option("--task", default="", help="File of a task: YAML, or the task.json of a run.")
@click.option("--handler", default="", help="Function in the code to call.")
@click.option("--mode", help="'pass' runs the command as it is.")
@click.option("--schedule", help="Cron line at whose times it runs.")
@click.option("--from-env", is_flag=True, help="Take the run of the environment.")
@click.option("--dump", "dump_run", is_flag=True, help="Print the run as YAML at the end.")
@click.option("--image", default="", help="Image of its container.")
@click.option("--kind", default="", help="Where it runs: local, job, dask, mpijob, spark, …")
@click.option("--source", default="", help="Git address or archive with its code.")
@click.option("--local", is_flag=True, help="Run in this process, whatever the function's kind.")
@click.option("--auto-mount", is_flag=True, help="Give it the volumes that the settings name.")
@click.option("--workdir", default="", help="Folder in which it runs.")
@click.option("--label", multiple=True, help="Label: --label who=me.")
@click.option("--watch", "-w", is_flag=True, help="Show its log and wait for its end.")
@click.option("--verbose", is_flag=True, help="Log more, and print what is sent.")
@click.option("--scrape-metrics", is_flag=True, help="Mark it for the collection of metrics.")
@ENV_FILE
@click.option("--auto-build", is_flag=True, help="Build its image first where that is needed.")
@ENSURE
@click.option("--returns", multiple=True, help="What a handler's returned values are kept as.")
@CROSS
@click.option("--origin-file", default="", hidden=True)
@click.option("--runtime-config", "-rc", multiple=True, hidden=True)
@KFP
@click.argument("run_args", nargs=-1, type=click.UNPROCESSED)
@told
def run(url: str | None, **given: Any) -> None:
    """Run URL, a script with its arguments, or a function: in this folder or stored."""
    task = given["task"]
    if task and not url and _is_recorded(task):
        from jupyter_mlrun.process_run import run_task

        sys.exit(run_task(task))
    use_service(given["db"], given["env_file"])
    if given["from_env"]:
        raise click.ClickException("--from-env needs MLRUN_EXEC_CONFIG in the environment")
    if given["ensure_project"] and given["project"]:
        from jupyter_mlrun.projects.load import get_or_create_project

        get_or_create_project(
            given["project"], allow_cross_project=given["allow_cross_project"] or None
        )
    function = build_function(url or "", given)
    template = build_task(url or "", given)
    if given["verbose"]:
        click.echo(dump(function.to_dict()))
        click.echo(dump(template.to_dict()))
    # a script of this machine is waited for, as a program that is called would be
    watch = given["watch"] or (function.kind == "local" and not given["schedule"])
    with _configured(given["runtime_config"]):
        answer = function.run(
            template, watch=watch, schedule=given["schedule"], local=given["local"],
            auto_build=given["auto_build"], project=given["project"] or "",
            workdir=given["workdir"], scrape_metrics=given["scrape_metrics"],
        )  # fmt: skip
    _tell(answer, given["dump_run"], watch)


def _configured(given: tuple[str, ...]) -> Any:
    from jupyter_mlrun.tenants import RuntimeConfigurationContext

    values = pairs("--runtime-config", given, str)
    if unknown := sorted(values.keys() - {"auth_token_name"}):
        raise click.BadParameter(
            f"there is no setting '{unknown[0]}': MLRun has auth_token_name",
            param_hint="--runtime-config",
        )
    return RuntimeConfigurationContext(**values)


def _is_recorded(path: str) -> bool:
    return os.path.basename(path) == "task.json" and os.path.isfile(path)


def build_function(url: str, given: dict[str, Any]) -> Any:
    """The function that the options name."""
    from jupyter_mlrun.functions.load import new_function

    url = str(evaluate(url)) if url else ""
    file, _, rest = url.partition(" ")
    args = [*shlex.split(rest), *given["run_args"]]
    if given["func_url"]:
        function = find_function(
            given["func_url"], given["ensure_project"], given["allow_cross_project"]
        )
    elif given["runtime"]:
        document = evaluate(given["runtime"])
        if not isinstance(document, dict):
            raise click.BadParameter("it must write a dict", param_hint="--runtime")
        function = new_function(runtime=document, command=file)
    else:
        if not url and not given["handler"] and not given["source"]:
            raise click.UsageError(
                "Say what to run: a script, --func-url with a function, or --handler"
            )
        kind = given["kind"] or ("local" if url or given["source"] else "")
        function = new_function(
            _function_name(given["name"] or "", url, file), kind=kind or "local",
            command=file, mode=given["mode"], source=given["source"] or None,
        )  # fmt: skip
    if args:
        function.spec["args"] = args
    if file and (given["func_url"] or not function.code):
        _ship(function, file, given["workdir"])
    for key in ("image", "workdir"):
        if given[key]:
            function.spec[key] = given[key]
    if given["project"]:
        function.metadata["project"] = given["project"]
    if given["auto_mount"]:
        function.try_auto_mount_based_on_config()
    return function


def _ship(function: Any, file: str, workdir: str) -> None:
    if file.endswith(".py"):
        there = os.path.join(workdir, file)
        function.with_code(from_file=there if os.path.isfile(there) else file)
    elif function.spec.get("mode") != "pass":
        raise click.UsageError(f"{file} is no .py file: give --mode pass to run it as a command")
    else:
        function.spec["command"] = file


def _function_name(given: str, url: str, file: str) -> str:
    """The run's name, where a function may have it too; else what the file says."""
    try:
        return validate_function(normalize_name(given))
    except MLRunInvalidArgumentError:
        return _stem(url, file)


def _stem(url: str, file: str) -> str:
    """What a function is called without a name: as its file, or as the words of a command."""
    stem = normalize_name(Path(file if file.endswith(".py") else url).stem)
    return stem if stem.replace("-", "").isalnum() else ""


def build_task(url: str, given: dict[str, Any]) -> Any:
    """The task that the options describe, on top of the one of ``--task``."""
    from jupyter_mlrun.tasks import new_task

    base = _read_task(given["task"]) if given["task"] else None
    options = evaluate(given["hyper_param_options"]) if given["hyper_param_options"] else {}
    if not isinstance(options, dict):
        raise click.BadParameter("it must write a dict", param_hint="--hyper-param-options")
    options |= {
        key: value
        for key, value in (("param_file", given["param_file"]),
                           ("strategy", given["hyper_param_strategy"]),
                           ("selector", given["selector"]))
        if value
    }  # fmt: skip
    template = new_task(
        name=given["name"], project=given["project"], handler=given["handler"] or None,
        params=pairs("--param", given["param"]) or None,
        hyper_params=pairs("--hyperparam", given["hyperparam"]) or None,
        hyper_param_options=options or None,
        inputs=pairs("--inputs", given["inputs"]) or None, outputs=list(given["outputs"]) or None,
        in_path=given["in_path"], secrets=sources(given["secrets"]) or None, base=base,
        out_path=given["out_path"] or os.environ.get("MLRUN_ARTIFACT_PATH"),
        returns=[evaluate(each) for each in given["returns"]] or None,
    )  # fmt: skip
    if given["uid"]:
        template.metadata["uid"] = given["uid"]
    is_named_by_file = not (given["func_url"] or given["runtime"] or given["kind"])
    if is_named_by_file and (stem := _stem(url, url.partition(" ")[0])):
        # as in MLRun: a file that is run by itself gives the run its name
        template.metadata.setdefault("name", stem)
    for key, value in pairs("--label", given["label"], str).items():
        template.set_label(key, value)
    if given["workflow"]:
        template.set_label("workflow", given["workflow"])
    if given["verbose"]:
        template.spec["verbose"] = True
    return template


def _read_task(path: str) -> Any:
    import yaml

    from jupyter_mlrun.session import get_object

    document = yaml.safe_load(get_object(path))
    if not isinstance(document, dict):
        raise click.BadParameter(f"{path} holds no task", param_hint="--task")
    return document


def _tell(answer: Any, dump_run: bool, watched: bool) -> None:
    if not hasattr(answer, "metadata"):
        click.echo(dump(answer))
        return
    if dump_run:
        click.echo(answer.to_yaml())
    project, uid = answer.metadata.project, answer.metadata.uid
    if watched or answer.status.state in TERMINAL:
        click.echo(f"run {uid} of project {project} is {answer.status.state}", err=True)
    else:
        click.echo(f"run {uid} of project {project} is sent; its log: "
                   f"jupyter mlrun logs {uid} -p {project}")  # fmt: skip
