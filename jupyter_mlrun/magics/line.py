"""``%mlrun``: the sub-commands."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_mlrun import states
from jupyter_mlrun.client import events, functions, projects, runs, schedules
from jupyter_mlrun.client.submit import submit
from jupyter_mlrun.display import words
from jupyter_mlrun.display.listing import build_listing
from jupyter_mlrun.errors import (
    Interrupted,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunPreconditionFailedError,
)
from jupyter_mlrun.grammar.options import Parsed
from jupyter_mlrun.grammar.table import LINE
from jupyter_mlrun.magics import origin
from jupyter_mlrun.magics.engine import apply_engine, read_engine, refuse_own_process
from jupyter_mlrun.magics.follow import Follower
from jupyter_mlrun.magics.inputs import resolve_input
from jupyter_mlrun.magics.running import run_elsewhere, run_here
from jupyter_mlrun.magics.secrets import require_secrets
from jupyter_mlrun.magics.session import Session
from jupyter_mlrun.magics.task import (
    Wishes,
    build_task,
    check_arguments,
    read_wishes,
    require_arguments,
)
from jupyter_mlrun.names import near, normalize_name
from jupyter_mlrun.notebook import find_notebook
from jupyter_mlrun_runtimes import get_runtime

LISTED = 20
LOCAL, HANDLER = "local", "handler"


@dataclass
class Line:
    """One ``%mlrun`` line."""

    session: Session
    shell: Any
    parsed: Parsed
    line: str

    def run_function(self) -> dict[str, Any]:
        """Run a stored function again."""
        task, wishes, function = self._build_task()
        client = self.session.client

        def sent(run: dict[str, Any]) -> None:
            self.session.take(self.shell, run, self.parsed.get("as"))

        if function["kind"] == HANDLER:
            address = task["spec"]["function"]
            return run_here(client, task, function, address, wishes.secrets, sent)
        return run_elsewhere(client, task, None, wishes.secrets, self.parsed, sent)

    def schedule(self) -> None:
        """Run a stored function at the times of a cron line."""
        # the kernel's own variables are gone when it runs
        task, _, function = self._build_task(environment={})
        if function["kind"] == HANDLER:
            raise MLRunInvalidArgumentError(
                f"{function['metadata']['name']} is of kind handler, which runs in this kernel "
                "alone: schedule it with --kind local"
            )
        made = submit(self.session.client, task, schedule=self.parsed.words[1])
        found = schedules.read(self.session.client, made["project"], made["name"])
        coming = found.get("next_run_time")
        print(
            f"Schedule {made['project']}/{made['name']}: {made['action']}"
            + (f"; next run {str(coming)[:16].replace('T', ' ')}" if coming else "")
        )

    def _build_task(
        self, environment: Mapping[str, str] = os.environ
    ) -> tuple[dict[str, Any], Wishes, dict[str, Any]]:
        """The run document that the line asks for, checked, of the latest stored function."""
        project = self.session.require_project(self.parsed.get("project"))
        name, _, tag = self.parsed.words[0].partition(":")
        name = normalize_name(name)
        function = self._as_asked(self._read_function(project, name, tag))
        wishes = read_wishes(self.parsed, name, self.shell.user_ns, environment)
        home = origin.find_folder(find_notebook(self.shell.user_ns))
        folder = origin.find_workdir(self.parsed.get("workdir"), home)
        client = self.session.client
        inputs = {
            key: resolve_input(client, project, key, address, home)
            for key, address in wishes.inputs.items()
        }
        handler = self.parsed.get("handler") or function["spec"].get("default_handler") or ""
        entry = (function["spec"].get("entry_points") or {}).get(handler) or {}
        check_arguments(handler, entry, wishes)
        require_arguments(handler, entry, wishes)
        _require_inputs(name, entry, inputs)
        require_secrets(client, project, wishes.project_secrets, environment=environment)
        if not wishes.outputs:
            # a function that was stored from a file describes what it returns without a name
            named = [output.get("name") for output in entry.get("outputs") or []]
            wishes.outputs = [name for name in named if name]
        where = origin.build_origin(self.shell, self.session.cell, self.line, "", folder, {})
        task = build_task(wishes, project, handler, inputs, where)
        task["spec"]["function"] = f"{project}/{name}@{function['metadata']['hash']}"
        return task, wishes, function

    def _as_asked(self, function: dict[str, Any]) -> dict[str, Any]:
        """The function, or a new version of it where another kind or engine is asked for."""
        before = function.get("kind") or LOCAL
        kind = self.parsed.get("kind") or before
        engine = read_engine(self.parsed, kind)
        if kind == HANDLER:
            refuse_own_process(self.parsed)
        if kind == before and not engine:
            return {**function, "kind": kind}
        get_runtime(kind)
        metadata = {key: value for key, value in function["metadata"].items() if key != "hash"}
        made = {**function, "kind": kind, "metadata": metadata, "status": {}}
        made["spec"] = dict(function["spec"])
        apply_engine(made["spec"], engine)
        metadata["hash"] = self.session.store_function(made, known=False)
        named = f"{metadata['project']}/{metadata['name']}@{metadata['hash'][:7]}"
        print(f"Stored the function {named} of kind {kind}.")
        return made

    def _read_function(self, project: str, name: str, tag: str) -> dict[str, Any]:
        client = self.session.client
        try:
            return functions.read(client, project, name, tag)
        except MLRunNotFoundError:
            known = {str(f["metadata"]["name"]) for f in functions.list(client, project)}
            raise MLRunNotFoundError(
                f"There is no function '{self.parsed.words[0]}' in project {project}."
                f"{near(name, known)} %mlrun functions lists them"
            ) from None

    def runs(self) -> Any:
        """A table of runs."""
        everything = bool(self.parsed.get("all"))
        project = None if everything else self.session.require_project(self.parsed.get("project"))
        limit = _count(self.parsed.get("limit") or str(LISTED))
        asked = " ".join(self.parsed.words)
        found = runs.rows(self.session.client, project, q=asked, limit=limit)
        rows = [
            {
                "state": f"{words.MARKS.get(row['state'], '?')} {words.format_state(row['state'])}",
                "name": row["name"],
                **({"project": row["project"]} if everything else {}),
                "started": (row["start_time"] or "")[:16].replace("T", " "),
                "duration": words.format_duration(row["duration"]),
                "results": _brief(row["results"]),
                "uid": row["uid"][:7],
            }
            for row in found["rows"]
        ]
        title = f"{len(rows)} of {found['total']} runs" + ("" if everything else f" in {project}")
        where = project or "any project"
        empty = f"No runs in {where} match {asked}" if asked else f"No runs in {where} yet"
        return build_listing(rows, title, empty)

    def functions(self) -> Any:
        """A table of functions."""
        project = self.session.require_project(self.parsed.get("project"))
        part = self.parsed.words[0] if self.parsed.words else ""
        rows = [
            {
                "name": function["metadata"]["name"],
                "tag": function["metadata"].get("tag") or "",
                "kind": function.get("kind") or "",
                "handler": function["spec"].get("default_handler") or "",
                "version": (function["metadata"].get("hash") or "")[:7],
                "updated": str(function["metadata"].get("updated") or "")[:16].replace("T", " "),
            }
            for function in functions.list(self.session.client, project, tag="latest")
            if part in function["metadata"]["name"]
        ]
        rows.sort(key=lambda row: row["name"])
        empty = f"No functions in {project} yet. Name the code of a cell: %%mlrun train --no-run"
        if part:
            empty = f"No functions in {project} have {part} in their name"
        return build_listing(rows, f"{len(rows)} functions in {project}", empty)

    def logs(self) -> None:
        """The log of a run, printed."""
        project, uid = self.find_run()
        follower = Follower(self.session.client, project, uid, watch=True)
        if self.parsed.get("follow"):
            try:
                follower.wait()
            except KeyboardInterrupt:
                raise Interrupted(f"the run {uid[:7]} goes on") from None
        else:
            follower.print_log()
        follower.print_missing()

    def abort(self) -> None:
        """Stop a run."""
        project, uid = self.find_run()
        run = runs.read(self.session.client, project, uid)
        name, state = run["metadata"]["name"], run["status"].get("state")
        if state in states.TERMINAL:
            raise MLRunPreconditionFailedError(
                f"The run {name} ({uid[:7]}) is {words.format_state(str(state))}: nothing to stop"
            )
        runs.abort(self.session.client, project, uid, "stopped from the notebook")
        print(f"Stopping {name} ({uid[:7]})")

    def find_run(self) -> tuple[str, str]:
        """The run that the line names: by uid or its beginning, by name, else the last one."""
        project = self.session.require_project(self.parsed.get("project"))
        word = self.parsed.words[0] if self.parsed.words else ""
        if not word and self.session.runs and not self.parsed.get("project"):
            return self.session.runs[-1]
        found = runs.rows(self.session.client, project, limit=500)["rows"]
        for row in found:
            if not word or row["uid"] == word or (len(word) > 5 and row["uid"].startswith(word)):
                return project, row["uid"]
        for row in found:
            if row["name"] == word:
                return project, row["uid"]
        if not found:
            raise MLRunNotFoundError(f"Project {project} has no runs yet")
        names = difflib.get_close_matches(word, {row["name"] for row in found}, 1)
        hint = f" Did you mean '{names[0]}'?" if names else " %mlrun runs lists them"
        raise MLRunNotFoundError(f"There is no run '{word}' in project {project}.{hint}")

    def project(self) -> None:
        """Take a project, or show which one is taken."""
        if not self.parsed.words:
            known = ", ".join(projects.names(self.session.client)) or "none yet"
            print(f"Project {self.session.project}; projects: {known}")
            return
        name = self.parsed.words[0]
        before = name in projects.names(self.session.client)
        self.session.choose_project(name)
        print(f"Project {name}" + ("" if before else " (new)"))

    def export(self) -> None:
        """The notebook's code as a module and a function."""
        from jupyter_mlrun.magics.exporting import export_from_kernel

        path = self.parsed.words[0] if self.parsed.words else ""
        options = {"force": bool(self.parsed.get("force")), "dry": bool(self.parsed.get("dry_run"))}
        export_from_kernel(self.shell, path, **options)

    def status(self) -> None:
        """The service and this kernel's runs, printed."""
        client = self.session.client
        found = events.status(client)
        print(f"Service   {client.url} · version {found['version']}")
        print(f"Project   {self.session.project}")
        print(f"Running   {found['running']}")
        for project, uid in self.session.runs[-5:]:
            run = runs.read(client, project, uid)
            from jupyter_mlrun.display.card import format_line

            print(f"Run       {format_line(run)}")


METHODS = {
    "run": Line.run_function, "schedule": Line.schedule, "runs": Line.runs, "logs": Line.logs,
    "functions": Line.functions, "abort": Line.abort, "project": Line.project,
    "export": Line.export, "status": Line.status,
}  # fmt: skip


def format_help() -> str:
    """What ``%mlrun --help`` shows."""
    width = max(len(command.usage) for command in LINE.values())
    lines = [f"  {command.usage:<{width}}  {command.text}" for command in LINE.values()]
    return "\n".join(["usage: %mlrun COMMAND [--help]", "", *lines])


def split_command(line: str) -> tuple[str, str]:
    """The sub-command and the rest of the line."""
    name, _, rest = line.strip().partition(" ")
    if name in LINE:
        return name, rest
    near_name = difflib.get_close_matches(name, list(LINE), 1)
    hint = f"Did you mean %mlrun {near_name[0]}?" if near_name else "%mlrun --help lists them"
    raise MLRunInvalidArgumentError(
        f"%mlrun has no command {name!r}. {hint}" if name else f"%mlrun needs a command. {hint}"
    )


def _require_inputs(name: str, entry: Mapping[str, Any], inputs: Mapping[str, str]) -> None:
    """Refuses a run without an input that the cell was given: its address was that run's alone."""
    for parameter in entry.get("parameters") or []:
        if parameter.get("input") and parameter["name"] not in inputs:
            missing = parameter["name"]
            raise MLRunInvalidArgumentError(
                f"{name} needs the input {missing}: give its address, -i {missing}=ADDRESS"
            )


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise MLRunInvalidArgumentError(f"--limit {text}: write a whole number, such as 50")
    return int(text)


def _brief(values: dict[str, Any]) -> str:
    return words.shorten(
        ", ".join(f"{key} {words.format_number(value)}" for key, value in list(values.items())[:3])
    )
