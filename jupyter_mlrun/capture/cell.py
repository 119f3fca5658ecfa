"""A cell of a live kernel as a function: its module, what ships with it, and what it needs."""

from __future__ import annotations
import __future__

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlrun.capture import packages, template
from jupyter_mlrun.capture.altered import find_altered
from jupyter_mlrun.capture.defaults import give_defaults
from jupyter_mlrun.capture.literals import alias
from jupyter_mlrun.capture.module import (
    CellPart,
    Parts,
    artifact_uri,
    format_body_module,
    format_handler_module,
)
from jupyter_mlrun.capture.resolve import Item, Limits, Problem, Resolver
from jupyter_mlrun.capture.signature import (
    describe_body,
    describe_definitions,
    module_functions,
    refuse_generator,
)
from jupyter_mlrun.capture.staleness import find_stale, module_name
from jupyter_mlrun.capture.transform import Source, parse_body, refuse_await
from jupyter_mlrun.errors import CaptureError
from jupyter_mlrun.grammar.values import refuse_builtin

IMPLICIT = {"_shell", "_shell_lines", "context"}


@dataclass(frozen=True)
class Request:
    """What the magic line says about the function."""

    name: str
    handler: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    project: str = "default"
    limits: Limits = field(default_factory=Limits)
    first_line: int = 1
    """the line of the magic in its cell"""
    engine: tuple[str, ...] = ()
    """names that the kind's engine gives the cell, such as ``spark``"""


@dataclass
class Capture:
    """A module that a person can read, and everything that it needs to run."""

    name: str
    handler: str
    form: str
    text: str
    entry_points: dict[str, dict[str, Any]]
    items: list[Item]
    environment: packages.Environment
    warnings: list[str]
    project: str

    @property
    def artifacts(self) -> dict[str, Item]:
        """Captured values that ship as artifacts, by their address."""
        return {artifact_uri(item, self.project): item for item in self.items if item.data}

    @property
    def definitions(self) -> list[dict[str, Any]]:
        """Where functions and classes of other cells stand in the module: first, last, offset.

        ``offset`` is the line in the module less the line in the cell.
        """
        found = []
        for item in self.items:
            at = self.text.find(f"\n{item.text}\n") if item.cell_line else -1
            if at >= 0:
                first = self.text.count("\n", 0, at) + 2
                last = first + item.text.count("\n")
                found.append(
                    {
                        "name": item.name,
                        "cell": item.cell,
                        "first": first,
                        "last": last,
                        "offset": first - item.cell_line,
                    }
                )
        return found  # fmt: skip


def capture_cell(body: str, shell: Any, request: Request) -> Capture:
    """The function of a cell, resolved against the shell's namespace; CaptureError says why not."""
    resolver = Resolver(shell, request.limits)
    given = {*request.parameters, *request.inputs, *request.engine}
    source = parse_body(
        body,
        getattr(shell, "input_transformer_manager", None),
        lambda name: name in given or resolver.knows(name),
        f"<cell {request.name}>",
        head="\n" * request.first_line,
    )
    form, handler = _form(source, request)
    ignore = IMPLICIT | given if form == "body" else IMPLICIT - {"context"}
    names = resolver.resolve_code(source.tree, source.text, ignore)
    if form == "body":
        resolver.resolve_outputs(source.tree, source.text, request.outputs, ignore)
    _capture_given(resolver, request, form)
    _refuse_reserved(resolver, names.bound, given)
    refused = {problem.name for problem in resolver.problems}
    unknown = request.limits.pickled - set(resolver.items) - refused
    if unknown:
        listed = ", ".join(sorted(unknown))
        resolver.problems.append(
            Problem(listed, 1, f"--pickle {listed}: the cell does not use that name")
        )
    if resolver.problems:
        raise CaptureError(format_problems(resolver.problems))
    return _build(source, form, handler, request, resolver, shell)


def format_problems(problems: list[Problem]) -> str:
    """The sentences of a refusal, in the order of the cell."""
    # what follows a magic on its line are no names
    magics = {problem.line for problem in problems if problem.magic}
    problems = [each for each in problems if each.magic or each.line not in magics]
    ordered = sorted({problem.text: problem for problem in problems}.values(), key=lambda p: p.line)
    return "\n".join(problem.text for problem in ordered)


def _form(source: Source, request: Request) -> tuple[str, str]:
    handler = request.handler or request.name
    functions = {node.name: node for node in module_functions(source.tree)}
    if handler in functions:
        _refuse_positional(functions[handler])
        refuse_generator(functions[handler])
        return "handler", handler
    if request.handler:
        known = ", ".join(functions) or "none"
        raise CaptureError(
            f"--handler {handler}: the cell defines no function of that name; it defines {known}"
        )
    refuse_builtin(request.name)
    return "body", request.name


def _refuse_positional(node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    if node.args.posonlyargs:
        names = ", ".join(argument.arg for argument in node.args.posonlyargs)
        raise CaptureError(
            f"line {node.lineno}: {node.name}() takes {names} by place alone, and a run gives "
            "arguments by name: leave out the / among its parameters"
        )


def _give_defaults(entry: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Make the parameters of the line a part of the function: it runs with them again."""
    if not given:
        return
    entry["given"] = dict(given)
    for parameter in entry["parameters"]:
        if parameter["name"] in given:
            parameter["default"] = given[parameter["name"]]


def _capture_given(resolver: Resolver, request: Request, form: str) -> None:
    """A name of -p or -i wins over a captured one that only the cell's body needed."""
    if form == "body":
        for name in (*request.parameters, *request.inputs):
            needed = any(name in item.needs for item in resolver.items.values())
            if name in resolver.items and not needed:
                del resolver.items[name]


def _refuse_reserved(resolver: Resolver, bound: set[str], given: set[str]) -> None:
    private = {alias(m) for item in resolver.items.values() for m in item.imports}
    every = bound | set(resolver.items) | given
    machinery = {name for name in every if name.startswith(("_CELL_", "_own_"))}
    for name in sorted(every & (template.RESERVED | private) | machinery):
        resolver.problems.append(
            Problem(name, 1, f"the name {name} belongs to the machinery of a run: rename it")
        )


def _build(
    source: Source, form: str, handler: str, request: Request, resolver: Resolver, shell: Any
) -> Capture:
    items = list(resolver.items.values())
    flags = getattr(shell.compile, "flags", 0)
    cell = CellPart(
        name=request.name,
        body=source.body.rstrip() + "\n",
        parameters=dict(request.parameters),
        inputs=(*request.inputs, *_of_engine(source.tree, request)),
        outputs=list(request.outputs),
    )
    parts = Parts(
        cell,
        items,
        request.project,
        doc=ast.get_docstring(source.tree) or "",
        future_annotations=bool(flags & __future__.annotations.compiler_flag),
        commands=source.commands,
    )
    if form == "body":
        text = format_body_module(parts)
        entry_points = {cell.name: describe_body(cell, text, parts.doc)}
    else:
        refuse_await(source, handler)
        text, offset = format_handler_module(parts)
        text, _ = give_defaults(text, handler, request.parameters)
        entry_points = describe_definitions(text, source, offset, handler, request.outputs)
        _give_defaults(entry_points[handler], request.parameters)
    _check_module(text, request.name)
    modules = {module for item in items for module in item.modules}
    modules |= set(packages.imported_modules(source.tree))
    environment = packages.build_environment(modules)
    return Capture(
        request.name,
        handler,
        form,
        text,
        entry_points,
        items,
        environment,
        source.warnings + resolver.warnings + _doubts(environment),
        request.project,
    )


def _doubts(environment: packages.Environment) -> list[str]:
    """What may be otherwise in the run than in this kernel."""
    missing = [f"the module {name} is not installed here" for name in sorted(environment.missing)]
    stale = find_stale(environment.files)
    old = [
        f"the file of {name} was changed after this kernel imported it: the run takes it as it is "
        f"now. Restart the kernel, or importlib.reload({name}), to have the same here"
        for name in stale
    ]
    altered = [
        f"{', '.join(names)} of {module_name(path)} {'is' if len(names) == 1 else 'are'} otherwise "
        f"in this kernel than {path} says: the run takes what the file says. Write it there, or "
        "give the run the value by -p"
        for path, names in find_altered(environment.files).items()
        if module_name(path) not in stale
    ]
    return missing + old + altered


def _of_engine(tree: ast.Module, request: Request) -> list[str]:
    """The engine's names that the cell reads and does not make itself."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    read = {node.id for node in nodes if isinstance(node.ctx, ast.Load)}
    made = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    return [name for name in request.engine if name in read - made]


def _check_module(text: str, name: str) -> None:
    try:
        text.encode()
        compile(text, f"{name}.py", "exec", dont_inherit=True)
    except (SyntaxError, UnicodeEncodeError, ValueError) as error:
        raise CaptureError(f"the module made of the cell is not valid Python: {error}") from error
