"""``jupyter mlrun get``, ``logs`` and ``clean``: what the service knows, and making room."""

from __future__ import annotations

from typing import Any

import click

from jupyter_mlrun.client import runtime_resources
from jupyter_mlrun.model.artifact import artifact_uri

from .arguments import DB, dump, format_pairs, format_table, format_time, told, use_service

WORDS = {
    "runs": "runs", "artifacts": "artifacts", "functions": "functions", "projects": "projects",
    "runtimes": "runtimes", "workflows": "workflows",
}  # fmt: skip
RUNTIMES = ("dask", "job", "spark", "remote-spark", "mpijob", "databricks", "application")


@click.command()
@click.argument("kind")
@click.argument("name", default="", required=False)
@click.option("--selector", "-s", default="", help="Filter by labels: -s who=me,draft.")
@click.option("--namespace", "-n", help="Namespace; the service has one.")
@click.option("--uid", help="Uid of a run.")
@click.option("--project", "-p", help="The project; the one in use without it.")
@click.option("--tag", "-t", default="", help="Tag of artifacts and functions.")
@DB
@told
def get(kind: str, name: str, **given: Any) -> None:
    """List KIND, one of runs, artifacts, functions, projects, runtimes, workflows; NAME shows one.

    Their beginnings do: run, art, func.
    """
    from jupyter_mlrun import session

    use_service(given["db"])
    # "runtime" begins as "run" does: four letters tell the two apart
    found = [word for word in WORDS if word.startswith(kind) or kind.startswith(word[:-1])]
    noun = max(found, key=lambda word: kind.startswith(word[:4]), default="")
    if not noun or len(kind) < 3:
        raise click.ClickException(f"'{kind}' is nothing to list: say one of {', '.join(WORDS)}")
    if noun == "runs" and given["tag"]:
        raise click.ClickException(
            "Unsupported argument '--tag' for listing runs. Perhaps you should use '--selector' "
            "instead"
        )
    project = given["project"] or session.active_project()
    if given["project"] and project != "*" and noun != "projects":
        session.need_project(project)
    click.echo(_SHOW[noun](session.get_run_db(), project, name, given))


def _runs(db: Any, project: str, name: str, given: dict[str, Any]) -> str:
    if name:
        return dump(db.read_run(name, project))
    found = db.list_runs(uid=given["uid"], project=project, labels=given["selector"] or None)
    rows = []
    for run in found:
        metadata, spec, status = run["metadata"], run.get("spec") or {}, run.get("status") or {}
        rows.append([
            metadata.get("name"), metadata.get("uid"), metadata.get("iteration") or 0,
            format_time(status.get("start_time")), format_time(status.get("end_time")),
            status.get("state"), format_pairs(spec.get("parameters")),
            format_pairs(status.get("results")),
        ])  # fmt: skip
    heads = ["name", "uid", "iter", "start", "end", "state", "parameters", "results"]
    return format_table(heads, rows)


def _artifacts(db: Any, project: str, name: str, given: dict[str, Any]) -> str:
    found = db.list_artifacts(
        name or None, project, given["tag"] or None, labels=given["selector"] or None
    )
    rows = []
    for artifact in found:
        metadata, spec = artifact["metadata"], artifact.get("spec") or {}
        rows.append([
            metadata.get("key"), metadata.get("tag"), metadata.get("iter") or 0,
            artifact.get("kind"), spec.get("target_path"), str(metadata.get("hash") or "")[:8],
            format_time(metadata.get("updated")), artifact_uri(artifact), metadata.get("tree"),
        ])  # fmt: skip
    heads = ["key", "tag", "iter", "kind", "path", "hash", "updated", "uri", "job/workflow uid"]
    return format_table(heads, rows)


def _functions(db: Any, project: str, name: str, given: dict[str, Any]) -> str:
    if name:
        return dump(db.get_function(name, project, given["tag"] or None))
    found = db.list_functions(None, project, labels=given["selector"] or None)
    rows = []
    for function in found:
        metadata = function["metadata"]
        state = (function.get("status") or {}).get("state")
        named = f"{metadata.get('name')}:{metadata.get('tag') or ''}"
        rows.append([function.get("kind"), state, named, metadata.get("hash")])
    return format_table(["kind", "state", "name:tag", "hash"], rows)


def _projects(db: Any, project: str, name: str, given: dict[str, Any]) -> str:
    if name:
        return dump(db.get_project(name).to_dict())
    rows = []
    for each in db.list_projects(format_="full", labels=given["selector"] or None):
        rows.append([each.name, each.spec.get("owner"), each.status.get("state"),
                     format_time(each.metadata.get("created")), each.description])  # fmt: skip
    return format_table(["name", "owner", "state", "created", "description"], rows)


def _runtimes(db: Any, project: str, name: str, given: dict[str, Any]) -> str:
    found = runtime_resources.list(
        db.client, given["project"] or "*", label_selector=given["selector"], kind=name
    )
    return "\n".join(dump(each) for each in found)


def _workflows(db: Any, project: str, name: str, given: dict[str, Any]) -> str:
    from jupyter_mlrun.client.transport import part

    answer = db.client.json("GET", f"projects/{part(project)}/pipelines")
    rows = [[run.get(key) for key in ("project", "name", "status", "created_at", "finished_at")]
            for run in answer.get("runs") or []]  # fmt: skip
    return format_table(["project", "name", "status", "created at", "finished at"], rows)


_SHOW = {
    "runs": _runs, "artifacts": _artifacts, "functions": _functions, "projects": _projects,
    "runtimes": _runtimes, "workflows": _workflows,
}  # fmt: skip


@click.command()
@click.argument("uid")
@click.option("--project", "-p", help="The run's project; the one in use without it.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="First byte to show.")
@DB
@click.option("--watch/--no-watch", default=True, help="Wait for the run's end.")
@told
def logs(uid: str, project: str | None, offset: int, db: str, watch: bool) -> None:
    """Show the log of the run UID, and wait for its end."""
    from jupyter_mlrun import session

    use_service(db)
    run = session.get_run(uid, project or "")
    state, _ = run.logs(watch=watch, offset=offset)
    click.echo(f"Final state: {state}")


@click.command()
@click.argument("kind", required=False)
@click.argument("object_id", metavar="ID", required=False)
@click.option("--api", default="", help="Address of the service.")
@click.option("--label-selector", "-ls", default="", help="Filter by labels.")
@click.option("--force", "-f", is_flag=True, help="Also what still works.")
@click.option("--grace-period", "-gp", type=click.IntRange(min=0), default=0, show_default=True,
              help="Seconds since its end for which a resource stays.")  # fmt: skip
@told
def clean(
    kind: str | None, object_id: str | None, api: str, label_selector: str, force: bool,
    grace_period: int,
) -> None:  # fmt: skip
    """Remove the resources of runs that have ended: of all kinds, of KIND, or of the run ID."""
    from jupyter_mlrun import session

    if kind is not None and kind not in RUNTIMES:
        raise click.BadParameter(f"must be one of {', '.join(RUNTIMES)}", param_hint="KIND")
    use_service(api)
    found = runtime_resources.delete(
        session.client(), label_selector=label_selector, kind=kind, object_id=object_id,
        force=force, grace_period=grace_period,
    )  # fmt: skip
    click.echo(f"{runtime_resources.count(found)} resources are removed")
