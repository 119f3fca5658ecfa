"""The text of the module that ships: imports, values, definitions, the cell, its function."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_mlrun.capture import template
from jupyter_mlrun.capture.literals import alias
from jupyter_mlrun.capture.resolve import Item

PLURALS = {"dataset": "datasets", "model": "models"}


@dataclass(frozen=True)
class CellPart:
    """A cell that is executed as it stands, and the function that does it."""

    name: str
    body: str
    """the cell below its magic line, as Python"""
    parameters: Mapping[str, Any]
    inputs: Sequence[str]
    outputs: list[str]

    @property
    def awaits(self) -> bool:
        """Whether the cell awaits at its top."""
        try:
            compile(self.body, "<cell>", "exec", dont_inherit=True)
        except SyntaxError:
            return True
        return False

    @property
    def asks_name(self) -> bool:
        """Whether the cell reads ``__name__``, which is ``__main__`` in a notebook."""
        tree = _parse(self.body)
        return any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(tree))

    @property
    def shows(self) -> bool:
        """Whether the cell ends in an expression that a notebook would show."""
        statements = _parse(self.body).body
        return bool(statements) and isinstance(statements[-1], ast.Expr) and not _quiet(self.body)


@dataclass(frozen=True)
class Parts:
    """What a module is made of."""

    cell: CellPart
    items: list[Item]
    project: str
    doc: str = ""
    future_annotations: bool = False
    commands: bool = False

    @property
    def name(self) -> str:
        """The function's name."""
        return self.cell.name


def artifact_uri(item: Item, project: str) -> str:
    """The address of a captured value that ships as an artifact."""
    assert item.data is not None
    plural = PLURALS.get(item.data.kind, "artifacts")
    return f"store://{plural}/{project}/{item.data.key}"


def format_body_module(parts: Parts) -> str:
    """The module of a cell whose body becomes the function ``parts.name``."""
    imports = _helper_imports(parts) + machinery_imports([parts.cell])
    taken = [parts.name] if _taken(parts) else []
    shell = [template.SHELL] if _commands(parts) else []
    # values of the notebook may be lines of a command, so their class must stand before them
    early = any(item.commands and item.kind == "literal" for item in parts.items)
    sections = [_head(parts, imports), *(shell if early else []), _definitions(parts)]
    sections += [format_cell(parts.cell), format_function(parts.cell)]
    sections += [*format_machinery([parts.cell], taken), *([] if early else shell)]
    return "\n\n\n".join(section.strip("\n") for section in sections if section.strip()) + "\n"


def format_handler_module(parts: Parts) -> tuple[str, int]:
    """The module of a cell that defines its function, and its line less the cell's line."""
    body, future = lift_future(parts.cell.body)
    helpers = [template.SHELL] if _commands(parts) else []
    head = _head(parts, _helper_imports(parts), future)
    sections = [head, *helpers, _definitions(parts)]
    text = "\n\n\n".join(section.strip("\n") for section in sections if section.strip()) + "\n\n\n"
    return text + body.rstrip("\n") + "\n", text.count("\n") - 1


def _taken(parts: Parts) -> bool:
    return any(item.name == parts.name for item in parts.items)


def _commands(parts: Parts) -> bool:
    return parts.commands or any(item.commands for item in parts.items)


def _helper_imports(parts: Parts) -> list[str]:
    lines: list[str] = []
    if any(item.data for item in parts.items):
        lines += template.IMPORTS["captured"]
    if _commands(parts):
        lines += template.IMPORTS["shell"]
    return lines


def machinery_imports(cells: Sequence[CellPart]) -> list[str]:
    """The imports of what runs these cells."""
    imports = list(template.IMPORTS["body"])
    if any(cell.inputs for cell in cells):
        imports += template.IMPORTS["inputs"]
    if any(cell.awaits for cell in cells):
        return imports + template.IMPORTS["await"]
    shows = any(cell.shows for cell in cells)
    return imports + (template.IMPORTS["show"] if shows else [])


def _head(parts: Parts, helper_imports: list[str], future: Iterable[str] = ()) -> str:
    doc = parts.doc or f"Function {parts.name}, made of a notebook cell."
    futures = dict.fromkeys([*(["annotations"] if parts.future_annotations else []), *future])
    private = {f"import {m} as {alias(m)}" for item in parts.items for m in item.imports}
    imports = list(dict.fromkeys(i.text for i in parts.items if i.kind == "import"))
    lines = [_quote_doc(doc)]
    if futures:
        lines += ["", f"from __future__ import {', '.join(futures)}"]
    every = sorted(private | set(helper_imports))
    if every:
        lines += ["", *every]
    if imports:
        lines += ["", *imports]
    return "\n".join(lines)


def _quote_doc(text: str) -> str:
    plain = "\\" not in text and '"""' not in text and not text.endswith('"')
    return f'"""{text}"""' if plain and text.isprintable() else repr(text)


def _definitions(parts: Parts) -> str:
    """Values and definitions, each after what it needs to be bound."""
    ordered: list[Item] = []
    items = {item.name: item for item in parts.items}

    def place(item: Item, open_: tuple[str, ...]) -> None:
        if item in ordered or item.kind == "import":
            return
        for name in sorted(item.needs):
            if name in items and name not in open_:
                place(items[name], (*open_, item.name))
        ordered.append(item)

    for phase in (
        ("literal", "alias"),
        ("array", "dataset", "json", "pickle", "bytes"),
        ("class", "function"),
    ):
        for item in parts.items:
            if item.kind in phase:
                place(item, (item.name,))
    blocks = []
    if any(item.data for item in parts.items):
        blocks.append("\n" + template.CAPTURED.strip("\n") + "\n\n")
    previous = None
    for item in ordered:
        group = item.kind if item.kind in ("class", "function") else "value"
        text = item.text or _data_text(item, parts.project)
        gap = "\n\n" if group != "value" else ("" if previous in (None, group) else "\n")
        blocks.append(gap + text.rstrip("\n"))
        previous = group
    if _taken(parts):
        blocks.append(f"\n_own_{parts.name} = {parts.name}")
    return "\n".join(blocks)


def _data_text(item: Item, project: str) -> str:
    assert item.data is not None
    call = f'_captured("{artifact_uri(item, project)}")'
    return f"{item.name} = {item.data.expression.format(item=call)}"


def format_cell(cell: CellPart) -> str:
    """The text of a cell as a constant of the module."""
    return f"_CELL_{cell.name} = {quote_text(cell.body)}"


def quote_text(text: str) -> str:
    """A string literal that keeps the lines of a text readable, where it can."""
    for mark in ("'''", '"""'):
        if (
            mark not in text
            and not text.endswith(("\\", mark[0]))
            and "\r" not in text
            and "\0" not in text
        ):
            quoted = f"r{mark}{text}{mark}"
            if ast.literal_eval(quoted) == text:
                return quoted
    return repr(text)


def format_function(cell: CellPart) -> str:
    """The function that runs a cell."""
    arguments = [f"{name}={value!r}" for name, value in cell.parameters.items()]
    arguments += [f"{name}=None" for name in cell.inputs]
    given = [f'"{name}": {name}' for name in ("context", *cell.parameters)]
    given += [f'"{name}": _unpacked({name}, context)' for name in cell.inputs]
    values = ", ".join(given)
    outputs = ", ".join(f'"{name}"' for name in cell.outputs)
    what = f"; return {', '.join(cell.outputs)}" if cell.outputs else ""
    call = [f'"{cell.name}"', f"_CELL_{cell.name}", f"{{{values}}}", f"[{outputs}]"]
    call += ["show=True"] if cell.shows else []
    return (
        f"def {cell.name}({', '.join(['context', *arguments])}):\n"
        f'    """Run the cell with these values{what}."""\n'
        f"    return _run_cell({', '.join(call)})"
    )


def format_machinery(
    cells: Sequence[CellPart], taken: Iterable[str] = (), executes: bool = True
) -> list[str]:
    """What runs these cells; ``taken`` are functions whose names the cells know otherwise.

    Where not ``executes``, the module has what executes a text already.
    """
    restore = "".join(f'        vars(scope)["{name}"] = scope._own_{name}\n' for name in taken)
    if any(cell.asks_name for cell in cells):
        restore += '        vars(scope)["__name__"] = "__main__"\n'
    body = template.EXECUTE_PLAIN
    if any(cell.awaits for cell in cells):
        body = template.EXECUTE_AWAIT
    elif any(cell.shows for cell in cells):
        body = template.EXECUTE_SHOW
    texts = [template.UNPACKED] if any(cell.inputs for cell in cells) else []
    texts += [template.RUN_CELL.format(restore=restore)]
    return [*texts, *([template.EXECUTE.format(body=body)] if executes else [])]


def _parse(body: str) -> ast.Module:
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile(body, "<cell>", "exec", flags, True)
    assert isinstance(tree, ast.Module)
    return tree


def _quiet(body: str) -> bool:
    """Whether the last thing in the code is a semicolon."""
    skip = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.DEDENT}
    last = ""
    for token in tokenize.generate_tokens(io.StringIO(body).readline):
        if token.type not in skip:
            last = token.string
    return last == ";"


def lift_future(body: str) -> tuple[str, list[str]]:
    """The code without its ``from __future__`` lines, which must stand at a module's top."""
    lines = body.splitlines(keepends=True)
    names: list[str] = []
    for node in ast.parse(body).body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            names += [name.name for name in node.names]
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = "\n"
    return "".join(lines), names
