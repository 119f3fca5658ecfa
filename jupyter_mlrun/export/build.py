"""The module and the function document of chosen cells: pure."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlrun.capture import template
from jupyter_mlrun.capture.defaults import give_defaults
from jupyter_mlrun.capture.module import (
    CellPart,
    format_cell,
    format_function,
    format_machinery,
    lift_future,
    machinery_imports,
)
from jupyter_mlrun.capture.names import free_names
from jupyter_mlrun.capture.signature import (
    describe_body,
    describe_function,
    module_functions,
    refuse_generator,
)
from jupyter_mlrun.capture.transform import parse_body, refuse_await
from jupyter_mlrun.errors import CaptureError, MLRunInvalidArgumentError
from jupyter_mlrun.export.awaiting import awaits, format_awaiting
from jupyter_mlrun.export.selection import SourceCell
from jupyter_mlrun.grammar.options import Parsed, parse_line
from jupyter_mlrun.grammar.split import find_magic, join_continued
from jupyter_mlrun.grammar.table import CELL
from jupyter_mlrun.grammar.values import (
    check_function_name,
    parse_parameters,
    parse_sweep,
    refuse_builtin,
    split_pair,
)
from jupyter_mlrun.model.function import encode_source
from jupyter_mlrun.names import normalize_name

PACKAGE = "jupyter_mlrun"
WAY_OUT = "Mend the cell, or leave it out with the comment # mlrun: ignore"


@dataclass
class Build:
    """What the cells become."""

    module: str = ""
    handlers: dict[str, dict[str, Any]] = field(default_factory=dict)
    default_handler: str = ""
    warnings: list[str] = field(default_factory=list)
    is_empty: bool = False
    """whether there is no code in it"""


@dataclass
class _Pieces:
    code: list[str] = field(default_factory=list)
    awaiting: dict[int, int] = field(default_factory=dict)
    """places in ``code`` that await at their top, with the numbers of their cells"""
    cells: dict[str, int] = field(default_factory=dict)
    """numbers of the ``%%mlrun`` cells by the names of their functions"""
    bodies: dict[str, CellPart] = field(default_factory=dict)
    handlers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    docs: dict[str, str] = field(default_factory=dict)
    futures: list[str] = field(default_factory=list)
    commands: bool = False


def build_module(cells: list[SourceCell], title: str) -> Build:
    """The module of the cells: plain cells as they stand, ``%%mlrun`` cells as functions."""
    build, pieces = Build(), _Pieces()
    for cell in cells:
        try:
            _add(cell, pieces, build)
        except CaptureError as error:
            build.warnings.append(f"cell {cell.number} is left out: {error}")
        except MLRunInvalidArgumentError as error:
            raise MLRunInvalidArgumentError(f"cell {cell.number}: {error}. {WAY_OUT}") from None
        except SyntaxError as error:
            raise CaptureError(
                f"cell {cell.number}, line {error.lineno}: {error.msg}. {WAY_OUT}"
            ) from None
    _warn_hidden(pieces, build)
    build.is_empty = not (pieces.code or pieces.bodies)
    build.module = _format(pieces, title)
    tree = ast.parse(build.module)
    build.handlers = _entry_points(tree, build.module, pieces)
    of_runs = [*pieces.bodies, *pieces.handlers]
    build.default_handler = of_runs[0] if of_runs else _choose_handler(build.handlers)
    build.warnings += _unknown_names(pieces)
    return build


def _choose_handler(handlers: dict[str, dict[str, Any]]) -> str:
    """The function that looks like one: by its name, by its context, else the first of all."""
    if "handler" in handlers:
        return "handler"
    wanting = (
        name for name, entry in handlers.items()
        if (entry.get("parameters") or [{}])[0].get("name") == "context"
    )  # fmt: skip
    return next(wanting, next(iter(handlers), ""))


def _add(cell: SourceCell, pieces: _Pieces, build: Build) -> None:
    lines = cell.text.lstrip("\n").split("\n")
    first, _, rest = "\n".join(lines[find_magic(lines) :]).partition("\n")
    name, _, line = first.partition(" ")
    if name == "%%mlrun":
        _add_run(cell, line, rest, pieces, build)
        return
    if name == "%%nuclio" and line.split()[:1] != ["handler"]:
        # it holds no code: see nuclio.py
        return
    source = parse_body(cell.text, filename=f"<cell {cell.number}>", strict=False, head="")
    build.warnings += [f"cell {cell.number}, {text}" for text in source.warnings]
    _warn_of_ours(source.tree, cell, build)
    pieces.commands |= source.commands
    body, futures = lift_future(source.body)
    pieces.futures += futures
    if body.strip():
        if awaits(body):
            pieces.awaiting[len(pieces.code)] = cell.number
        pieces.code.append(body.rstrip("\n") if awaits(body) else body.strip("\n"))


def _add_run(cell: SourceCell, line: str, rest: str, pieces: _Pieces, build: Build) -> None:
    line, body = join_continued(line, rest)
    parsed = parse_line(CELL, line)
    if parsed.help:
        return
    name = check_function_name(parsed.words[0])
    head = "\n" * (1 + rest.removesuffix(body).count("\n"))
    source = parse_body(body, filename=f"<cell {name}>", strict=False, head=head)
    build.warnings += [f"cell {cell.number}, {text}" for text in source.warnings]
    _warn_of_ours(source.tree, cell, build)
    pieces.commands |= source.commands
    outputs = tuple(text.partition(":")[0] for text in parsed.texts("output"))
    defined = {node.name: node for node in module_functions(source.tree)}
    handler = parsed.get("handler") or name
    _warn_twice(handler if handler in defined else name, cell, pieces, build)
    if handler in defined:
        refuse_await(source, handler)
        refuse_generator(defined[handler])
        body, futures = lift_future(source.body)
        pieces.futures += futures
        pieces.code.append(_with_defaults(body.strip("\n"), handler, parsed, cell, build))
        pieces.handlers[handler] = outputs
        pieces.bodies.pop(handler, None)
        return
    refuse_builtin(name)
    pieces.bodies[name] = CellPart(
        name,
        source.body.rstrip() + "\n",
        _parameters(parsed, cell, build),
        tuple(split_pair("-i", text)[0] for text in parsed.texts("input")),
        list(outputs),
    )
    pieces.docs[name] = ast.get_docstring(source.tree) or ""


def _warn_of_ours(tree: ast.AST, cell: SourceCell, build: Build) -> None:
    """Say what MLRun's own client does not have."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and PACKAGE in _imported(node):
            build.warnings.append(
                f"cell {cell.number}, line {node.lineno}: {PACKAGE} is imported, which is not "
                "where MLRun's own client runs the module: import mlrun, or leave the cell out "
                "with the comment # mlrun: ignore"
            )
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", "") == "log_result"
            and any(each.arg == "step" for each in node.keywords)
        ):
            build.warnings.append(
                f"cell {cell.number}, line {node.lineno}: MLRun's own client knows no step= of "
                "log_result"
            )


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The packages that a statement imports."""
    if isinstance(node, ast.ImportFrom):
        return set() if node.level else {(node.module or "").partition(".")[0]}
    return {each.name.partition(".")[0] for each in node.names}


def _with_defaults(text: str, handler: str, parsed: Parsed, cell: SourceCell, build: Build) -> str:
    given, refused = give_defaults(text, handler, dict(_values("-p", "param", parsed, cell, build)))
    for name in refused:
        build.warnings.append(
            f"cell {cell.number}: {handler}() takes {name} before an argument that has no default: "
            f"the parameter {name} of the line is left out"
        )
    return given


def _warn_twice(name: str, cell: SourceCell, pieces: _Pieces, build: Build) -> None:
    if (before := pieces.cells.get(name)) is not None:
        build.warnings.append(
            f"cells {before} and {cell.number} are both {name}: the function {name} of the module "
            f"is that of cell {cell.number}"
        )
    pieces.cells[name] = cell.number


def _warn_hidden(pieces: _Pieces, build: Build) -> None:
    """Say which functions of plain cells the run of a cell has taken the name of."""
    for text in pieces.code:
        nodes = module_functions(ast.parse(text))
        for name in sorted({node.name for node in nodes} & set(pieces.bodies)):
            build.warnings.append(
                f"another cell defines a function {name}: who calls {name} of the module runs "
                f"cell {pieces.cells[name]}. Give one of them another name"
            )


def _parameters(parsed: Parsed, cell: SourceCell, build: Build) -> dict[str, Any]:
    given = dict(_values("-p", "param", parsed, cell, build))
    return given | {k: v for k, v in _values("-x", "sweep", parsed, cell, build) if k not in given}


def _values(
    option: str, kind: str, parsed: Parsed, cell: SourceCell, build: Build
) -> Iterator[tuple[str, Any]]:
    """What a line gives a parameter; the first of the values that a sweep tries."""
    for text in parsed.texts(kind):
        name, value = split_pair(option, text)
        inner = value.strip()[1:-1].strip()
        if value.strip()[:1] == "{" and inner.isidentifier():
            build.warnings.append(
                f"cell {cell.number}: the parameter {name} takes {value.strip()} of the kernel; "
                "in the module its default is None"
            )
            yield name, None
        elif option == "-x":
            yield name, parse_sweep([text], {})[name][0]
        else:
            yield name, parse_parameters([text], {})[name]


def _format(pieces: _Pieces, title: str) -> str:
    cells = list(pieces.bodies.values())
    defined = {name for text in pieces.code for name in _defined(text)}
    taken = [cell.name for cell in cells if cell.name in defined]
    helpers = [template.SHELL] if pieces.commands else []
    # what awaits at its top is executed where it stands, so what executes it stands above
    helpers += [template.EXECUTE.format(body=template.EXECUTE_AWAIT)] if pieces.awaiting else []
    own = "\n".join(f"_own_{name} = {name}" for name in taken)
    sections = [_head(pieces, cells, title), *helpers, *_plain(pieces), own]
    for cell in cells:
        sections += [format_cell(cell), format_function(cell)]
    sections += format_machinery(cells, taken, executes=not pieces.awaiting) if cells else []
    return "\n\n\n".join(part.strip("\n") for part in sections if part.strip()) + "\n"


def _head(pieces: _Pieces, cells: list[CellPart], title: str) -> str:
    imports = machinery_imports(cells) if cells else []
    imports += template.IMPORTS["shell"] if pieces.commands else []
    imports += template.IMPORTS["execute"] + template.IMPORTS["await"] if pieces.awaiting else []
    head = [f'"""{title}"""']
    if pieces.futures:
        head += ["", f"from __future__ import {', '.join(dict.fromkeys(pieces.futures))}"]
    return "\n".join([*head, *(["", *sorted(set(imports))] if imports else [])])


def _plain(pieces: _Pieces) -> list[str]:
    return [
        format_awaiting(text, pieces.awaiting[place]) if place in pieces.awaiting else text
        for place, text in enumerate(pieces.code)
    ]


def _defined(text: str) -> set[str]:
    tree = ast.parse(text)
    return free_names(tree, text).bound


def _entry_points(tree: ast.Module, text: str, pieces: _Pieces) -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    machinery = {"_run_cell", "_execute"}
    for node in module_functions(tree):
        if node.name in machinery or node.name.startswith("_"):
            continue
        entries[node.name] = describe_function(node, pieces.handlers.get(node.name, ()))
    for name, cell in pieces.bodies.items():
        entries[name] = describe_body(cell, text, pieces.docs[name])
    return entries


def _unknown_names(pieces: _Pieces) -> list[str]:
    """What the module reads and nothing in it binds: it would fail there."""
    code = "\n".join(pieces.code)
    names = free_names(ast.parse(code), code)
    known = names.bound | template.RESERVED | {"__name__", "__file__", "__doc__", "_exit_code"}
    found = (
        {} if names.stars else {n: "the notebook's code" for n in names.reads if names.certain(n)}
    )
    for name, cell in pieces.bodies.items():
        try:
            inner = free_names(ast.parse(cell.body), cell.body)
        except SyntaxError:
            continue
        given = known | set(cell.parameters) | set(cell.inputs) | {"context"} | set(pieces.bodies)
        if not (names.stars or inner.stars):
            found |= {n: name for n in inner.reads if inner.certain(n) and n not in given}
    return [
        f"{name} is used in {where}, and no exported cell defines it"
        for name, where in found.items()
        if name not in known and not hasattr(builtins, name)
    ]


def build_function(build: Build, name: str, project: str = "") -> dict[str, Any]:
    """The function document that holds the module, in MLRun's form."""
    return {
        "kind": "local",
        "metadata": {"name": normalize_name(name), "tag": "", "project": project},
        "spec": {
            "command": "",
            "args": [],
            "image": "",
            "build": {
                "functionSourceCode": encode_source(build.module),
                "commands": [],
                "requirements": [],
                "origin_filename": "",
            },
            "default_handler": build.default_handler,
            "entry_points": build.handlers,
            "disable_auto_mount": False,
            "env": [],
        },
        "verbose": False,
    }
