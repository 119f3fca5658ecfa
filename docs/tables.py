"""Writes the tables of docs/reference from the code: ``python docs/tables.py``.

A table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``; the tests compare.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parent / "reference"
ROOT = REFERENCE.parents[1]
_PART = re.compile(r"(<!-- table: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell(part) for part in line)} |\n" for line in lines)


def cell(text: str) -> str:
    """The text on one line, with its bars kept."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: object) -> str:
    """The text as code; nothing for nothing."""
    return f"`{text}`" if text not in ("", None) else ""


def first_line(thing: Any) -> str:
    """The first paragraph of a docstring."""
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split()).replace("``", "`")


def traits() -> str:
    """The service's settings, and those that it has only where it stands alone."""
    from traitlets import Undefined

    from jupyter_mlrun_server.alone import MLRunServeApp
    from jupyter_mlrun_server.app import MLRunServerApp
    from jupyter_mlrun_server.builder_traits import MLRunBuilder
    from jupyter_mlrun_server.cluster_traits import MLRunCluster

    rows = []
    for app in (MLRunServerApp, MLRunCluster, MLRunBuilder, MLRunServeApp):
        for name, trait in sorted(app.class_own_traits(config=True).items()):
            if name in vars(app):
                default = "" if trait.default_value is Undefined else trait.default_value or ""
                shown = default.__name__ if inspect.isclass(default) else default
                rows.append((code(f"{app.__name__}.{name}"), code(shown), trait.help))
    return table(("setting", "default", "meaning"), rows)


def variables() -> str:
    """A client's settings."""
    from jupyter_mlrun.config import Settings

    rows = [
        (code(part.metadata["env"]), code(part.default), part.metadata["help"])
        for part in fields(Settings)
    ]
    return table(("variable", "default", "meaning"), rows)


def panels() -> str:
    """The panels' settings, of every schema."""
    rows = []
    for file in sorted((ROOT / "labextension" / "schema").glob("*.json")):
        schema = json.loads(file.read_text())
        rows += [
            (
                value.get("title", ""),
                code(json.dumps(value.get("default"))),
                value.get("description", ""),
            )
            for value in schema.get("properties", {}).values()
        ]
    return table(("setting", "default", "meaning"), rows)


def shortcuts() -> str:
    """The keyboard shortcuts, of every schema."""
    rows = []
    for file in sorted((ROOT / "labextension" / "schema").glob("*.json")):
        for one in json.loads(file.read_text()).get("jupyter.lab.shortcuts", []):
            where = "anywhere" if one["selector"] == "body" else code(one["selector"])
            name = one["command"].partition(":")[2].replace("-", " ")
            rows.append((code(", ".join(one["keys"])), name, where))
    return table(("keys", "command", "where"), rows)


VERSIONS = {"v1": "v1", "v2": "v2", "all": "v1, v2"}
RUNS = {"nothing": "", "project": "its project", "own": "its own run", "service": "yes"}


def routes() -> str:
    """Every verb of every route."""
    from jupyter_mlrun_server import handlers

    rows = []
    for name, route in handlers.declared():
        if name != "missing":
            rows += list(verbs(route, title=first_line(route.handler)))
    return table(("verb", "path", "version", "what", "query", "a run's token"), rows)


def verbs(route: Any, title: str) -> Iterable[tuple[str, ...]]:
    """The rows of one route."""
    from jupyter_mlrun_server.handlers import openapi

    socket = hasattr(route.handler, "on_message")
    for verb in openapi.VERBS:
        method = getattr(route.handler, verb)
        guard = getattr(method, "jupyter_mlrun_guard", None)
        if guard is None:
            continue
        what = title if socket else f"{title} {first_line(method)}"
        shown = "WebSocket" if socket else verb.upper()
        address = openapi.addresses(route)[0]
        described = openapi.document()["paths"].get(address, {}).get(verb, {})
        query = [each["name"] for each in described.get("parameters", []) if each["in"] == "query"]
        yield (
            code(shown), code(openapi.readable(route.path)), VERSIONS[route.version], what,
            " ".join(map(code, query)), RUNS[guard[1]],
        )  # fmt: skip


def coverage() -> str:
    """Every endpoint of MLRun's newest client, and the tests that call it."""
    sys.path.insert(0, str(ROOT))
    from tests.compat.coverage import rows

    return table(("endpoint", "client's method", "tested by"), rows())


def features() -> str:
    """The features that the SDK promises, and the tests that prove them."""
    sys.path.insert(0, str(ROOT))
    from tests.docs.rows import rows

    return table(("id", "feature", "weight", "proved by"), rows())


def open_features() -> str:
    """The features that no test proves yet."""
    sys.path.insert(0, str(ROOT))
    from tests.docs.rows import unproved

    return table(("id", "feature", "weight", "waits for"), unproved())


def names() -> str:
    """What the package exports."""
    import jupyter_mlrun

    rows = []
    for name in jupyter_mlrun.__all__:
        thing = getattr(jupyter_mlrun, name)
        if callable(thing):
            rows.append((code(f"{name}{arguments(thing)}"), first_line(thing)))
    return table(("name", "what"), rows)


def members(kind: str) -> str:
    """The public members of an exported class, inherited ones too."""
    import jupyter_mlrun

    rows = []
    for name, thing in inspect.getmembers(getattr(jupyter_mlrun, kind)):
        if name.startswith("_") or not (callable(thing) or isinstance(thing, property)):
            continue
        # a list's own methods are known
        if thing is getattr(list, name, None):
            continue
        shown = name if isinstance(thing, property) else f"{name}{arguments(thing)}"
        rows.append((code(shown), first_line(thing)))
    return table(("member", "what"), rows)


def arguments(thing: Any) -> str:
    """The names of a function's arguments, with their defaults."""
    if inspect.isclass(thing):
        return ""
    parts = [
        str(part.replace(annotation=part.empty))
        for part in inspect.signature(thing).parameters.values()
        if part.name != "self"
    ]
    return f"({', '.join(parts)})"


def cell_magic() -> str:
    """The options of %%mlrun."""
    from jupyter_mlrun.grammar.table import CELL

    return options(CELL)


def line_magic() -> str:
    """The commands of %mlrun, each with its options."""
    from jupyter_mlrun.grammar.table import LINE

    parts = []
    for name, command in LINE.items():
        example = f"\n`{command.example}`\n" if command.example else ""
        parts.append(
            f"### `%mlrun {name}`\n\n`{command.usage}`\n\n{command.text}\n{example}\n"
            f"{options(command)}"
        )
    return "\n".join(parts)


def options(command: Any) -> str:
    """A magic's options; the help option goes without saying."""
    rows = [
        (
            code(f"{', '.join(option.names)} {option.metavar}".strip()),
            "yes" if option.repeat else "",
            re.sub(r"([A-Z]*\{\w+\}|--[a-z]\w+|-x)", r"`\1`", option.text),
        )
        for option in command.options
    ]
    return table(("option", "repeats", "meaning"), rows) if rows else ""


def commands() -> str:
    """The commands of the terminal."""
    import click

    from jupyter_mlrun.cli import COMMANDS, cli

    parts = []
    context = click.Context(cli, info_name="jupyter mlrun")
    for name, command, above in every_command(cli, context, sorted(COMMANDS)):
        own = click.Context(command, info_name=name.split()[-1], parent=above)
        usage = f"{own.command_path} {' '.join(command.collect_usage_pieces(own))}"
        records = [part.get_help_record(own) for part in command.params]
        rows = [(code(record[0]), record[1]) for record in records if record]
        found = f"\n{table(('option', 'meaning'), rows)}" if rows else ""
        parts.append(f"### `{name}`\n\n`{usage}`\n\n{first_line(command.callback)}\n{found}")
    return "\n".join(parts)


def every_command(group: Any, context: Any, names: Iterable[str]) -> Iterable[tuple[str, Any, Any]]:
    """The commands of a group with those below them: name, command, and the context above."""
    import click

    for name in names:
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            below = click.Context(command, info_name=name, parent=context)
            for part, each, above in every_command(command, below, sorted(command.commands)):
                yield f"{name} {part}", each, above
        else:
            yield name, command, context


TABLES: dict[str, Callable[[], str]] = {
    "traits": traits,
    "variables": variables,
    "panels": panels,
    "shortcuts": shortcuts,
    "routes": routes,
    "coverage": coverage,
    "features": features,
    "open_features": open_features,
    "cell_magic": cell_magic,
    "line_magic": line_magic,
    "commands": commands,
    "names": names,
    "context": lambda: members("Context"),
    "run": lambda: members("RunObject"),
    "runlist": lambda: members("RunList"),
    "task": lambda: members("RunTemplate"),
    "item": lambda: members("DataItem"),
    "function": lambda: members("Function"),
    "rundb": lambda: members("RunDB"),
}


def current(text: str) -> str:
    """A page's text with its tables as the code is now."""

    def renew(match: re.Match[str]) -> str:
        return f"{match[1]}\n{TABLES[match[2]]()}\n{match[4]}"

    return _PART.sub(renew, text)


def openapi() -> str:
    """The OpenAPI document."""
    from jupyter_mlrun_server.handlers.openapi import document

    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


# files that are written as a whole
FILES: dict[str, Callable[[], str]] = {"openapi.json": openapi}


def main() -> int:
    """Rewrites the pages; the exit status is always 0."""
    for name, content in FILES.items():
        (REFERENCE / name).write_text(content(), encoding="utf-8")
    for page in sorted(REFERENCE.glob("*.md")):
        before = page.read_text(encoding="utf-8")
        after = current(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            print(f"{page.relative_to(ROOT)}: written anew")
    return 0


if __name__ == "__main__":
    sys.exit(main())
