"""``jupyter mlrun build`` and ``deploy``: images, and functions that answer requests."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import click

from .arguments import (
    CROSS,
    DB,
    ENSURE,
    ENV_FILE,
    KFP,
    evaluate,
    find_function,
    pairs,
    told,
    use_service,
)  # fmt: skip


@click.command()
@click.argument("func_url", required=False)
@click.option("--name", help="The function's name.")
@click.option("--project", help="The function's project.")
@click.option("--tag", default="", help="The function's tag.")
@click.option("--image", "-i", help="Image to build.")
@click.option("--source", "-s", default="", help="Git address or archive with the code.")
@click.option("--base-image", "-b", help="Image to build on.")
@click.option("--command", "-c", multiple=True, help="Command of the build: -c 'pip install x'.")
@click.option("--secret-name", default="", help="Secret of the registry.")
@click.option("--archive", "-a", default="",
              help="Where the source is packed to, as a .tar.gz, and built from.")  # fmt: skip
@click.option("--silent", is_flag=True, help="Do not show the build's log.")
@click.option("--with-mlrun", is_flag=True, help="Install MLRun's package in the image.")
@DB
@click.option("--runtime", "-r", default="", help="The function's document, as a text.")
@click.option("--skip", is_flag=True, help="Build nothing where the image is there.")
@ENV_FILE
@ENSURE
@CROSS
@KFP
@click.option("--state-file-path", default="/tmp/state", hidden=True)
@click.option("--image-file-path", default="/tmp/image", hidden=True)
@click.option("--full-image-file-path", default="/tmp/fullimage", hidden=True)
@told
def build(func_url: str | None, **given: Any) -> None:
    """Build the image of FUNC_URL: a YAML file, db://PROJECT/NAME, or a name of this folder's
    project."""
    from jupyter_mlrun.functions.load import new_function
    from jupyter_mlrun.projects.load import get_or_create_project

    use_service(given["db"], given["env_file"])
    if func_url:
        function = find_function(func_url, given["ensure_project"], given["allow_cross_project"])
    elif given["runtime"]:
        document = evaluate(given["runtime"])
        if not isinstance(document, dict):
            raise click.BadParameter("it must write a dict", param_hint="--runtime")
        function = new_function(runtime={"kind": "job", **document})
    elif given["name"]:
        function = new_function(given["name"], kind="job", project=given["project"])
    else:
        raise click.UsageError("Function path or url are required: say what to build")
    if not hasattr(function, "build_config"):
        raise click.ClickException(
            f"Functions of kind '{function.kind}' have no image to build: {function.name}"
        )
    for key in ("name", "project", "tag"):
        if given[key]:
            function.metadata[key] = given[key]
    if given["ensure_project"] and given["project"]:
        get_or_create_project(
            given["project"], allow_cross_project=given["allow_cross_project"] or None
        )
    function.build_config(
        image=given["image"] or "", base_image=given["base_image"],
        commands=list(given["command"]) or None, secret=given["secret_name"] or None,
        source=_source(function, given["source"], given["archive"]) or None,
    )  # fmt: skip
    ready = function.deploy(
        watch=not given["silent"], with_mlrun=given["with_mlrun"] or None,
        skip_deployed=given["skip"],
    )  # fmt: skip
    image = function.spec.image
    if given["kfp"]:
        for name, text in (("state", function.status.state or "none"), ("image", image),
                           ("full_image", function.full_image_path(image))):  # fmt: skip
            Path(given[f"{name}_file_path"]).write_text(str(text or ""), encoding="utf-8")
    said = f"Function {'built' if ready else 'building'}"
    click.echo(f"{said}, state={function.status.state or 'none'} image={image}")


def _source(function: Any, source: str, archive: str) -> str:
    """What the image is built from: a .py file becomes the code, ``archive`` takes the rest."""
    from jupyter_mlrun.session import get_dataitem

    if source.endswith(".py"):
        function.with_code(from_file=source)
        function.spec["command"] = source = ""
    if not archive:
        return source
    metadata, folder = function.metadata, source or function.spec.build.get("source") or "./"
    if not Path(folder).is_dir():
        raise click.BadParameter(f"there is no folder {folder} to pack", param_hint="--archive")
    name = f"src-{metadata.project}-{metadata.name}-{metadata.tag or 'latest'}.tar.gz"
    target = f"{archive.rstrip('/')}/{name}"
    with tempfile.TemporaryDirectory() as place:
        packed = shutil.make_archive(f"{place}/source", "gztar", folder)
        get_dataitem(target).upload(packed)
    return target


@click.command()
@click.argument("spec", required=False)
@click.option("--source", "-s", default="", help="Where its code lies.")
@click.option("--func-url", "-f", default="", help="Function: YAML, db://PROJECT/NAME, or a name.")
@click.option("--project", "-p", default="", help="The function's project.")
@click.option("--model", "-m", multiple=True, help="Model: -m NAME=PATH.")
@click.option("--kind", "-k", default=None, help="Kind of the function.")
@click.option("--tag", default="", help="The function's tag.")
@click.option("--env", "-e", multiple=True, help="Variable: -e NAME=VALUE.")
@click.option("--verbose", is_flag=True, help="Log more.")
@ENV_FILE
@ENSURE
@CROSS
@told
def deploy(spec: str | None, **given: Any) -> None:
    """Deploy a function that answers requests."""
    from jupyter_mlrun.functions.load import OF_NUCLIO, new_function

    use_service("", given["env_file"])
    if given["func_url"]:
        function = find_function(
            given["func_url"], given["ensure_project"], given["allow_cross_project"]
        )
    elif not spec and not given["kind"]:
        raise click.UsageError("Say what to deploy: --func-url with a function, or its document")
    else:
        document = evaluate(spec or "{}")
        if not isinstance(document, dict):
            raise click.BadParameter(
                "it must write a dict; a file is named by -f", param_hint="SPEC"
            )
        function = new_function(runtime=document, kind=given["kind"] or document.get("kind"))
    if function.kind not in OF_NUCLIO:
        raise click.ClickException(
            f"Functions of kind '{function.kind}' are not deployed but run: jupyter mlrun run"
        )
    for key, value in pairs("--env", given["env"], str).items():
        function.set_env(key, value)
    for key in ("project", "tag"):
        if given[key]:
            function.metadata[key] = given[key]
    if given["source"]:
        function.spec["source"] = given["source"]
    # a function with models is refused below, as all that answer requests
    pairs("--model", given["model"], str)
    function.verbose = given["verbose"] or function.verbose
    address = function.deploy()
    click.echo(f"deployed: {address}")
