"""The text of the module that ships: imports, values, definitions, the cell, its function."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_mlrun.capture import template
from jupyter_mlrun.capture.literals import alias
from jupyter_mlrun.capture.resolve import Item

PLURALS = {"dataset": "datasets", "model": "models"}


@dataclass(frozen=True)
class Parts:
    """What a module is made of."""

    name: str
    body: str
    """the cell below its magic line, as Python"""
    items: list[Item]
    parameters: Mapping[str, Any]
    inputs: Iterable[str]
    outputs: list[str]
    project: str
    doc: str = ""
    future_annotations: bool = False
    commands: bool = False
    notebook_name: bool = False
    """whether the cell asks for ``__name__``, which is ``__main__`` in a notebook"""


def artifact_uri(item: Item, project: str) -> str:
    """The address of a captured value that ships as an artifact."""
    assert item.data is not None
    plural = PLURALS.get(item.data.kind, "artifacts")
    return f"store://{plural}/{project}/{item.data.key}"


def format_body_module(parts: Parts) -> str:
    """The module of a cell whose body becomes the function ``parts.name``."""
    sections = [_head(parts, _body_imports(parts)), _definitions(parts), _cell(parts.body)]
    sections += [_function(parts), _machinery(parts)]
    return "\n\n\n".join(section.strip("\n") for section in sections if section.strip()) + "\n"


def format_handler_module(parts: Parts) -> tuple[str, int]:
    """The module of a cell that defines its function, and its line less the cell's line."""
    body, future = _lift_future(parts.body)
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


def _body_imports(parts: Parts) -> list[str]:
    lines = _helper_imports(parts) + template.IMPORTS["body"]
    if _awaits(parts.body):
        return lines + template.IMPORTS["await"]
    return lines + (template.IMPORTS["show"] if _shows(parts.body) else [])


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
        ("array", "dataset", "json", "pickle"),
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


def _cell(body: str) -> str:
    return f"_CELL = {quote_text(body)}"


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


def _function(parts: Parts) -> str:
    arguments = [f"{name}={value!r}" for name, value in parts.parameters.items()]
    arguments += [f"{name}=None" for name in parts.inputs]
    names = [*parts.parameters, *parts.inputs]
    values = ", ".join(f'"{name}": {name}' for name in ["context", *names])
    outputs = ", ".join(f'"{name}"' for name in parts.outputs)
    what = f"; return {', '.join(parts.outputs)}" if parts.outputs else ""
    signature = ", ".join(["context", *arguments])
    return (
        f"def {parts.name}({signature}):\n"
        f'    """Run the cell with these values{what}."""\n'
        f"    return _run_cell({{{values}}}, [{outputs}])"
    )


def _machinery(parts: Parts) -> str:
    restore = ""
    if _taken(parts):
        restore += f'        vars(scope)["{parts.name}"] = scope._own_{parts.name}\n'
    if parts.notebook_name:
        restore += '        vars(scope)["__name__"] = "__main__"\n'
    shows = _shows(parts.body)
    if _awaits(parts.body):
        body = template.EXECUTE_AWAIT.format(show=shows)
    else:
        body = template.EXECUTE_SHOW if shows else template.EXECUTE_PLAIN
    texts = [template.RUN_CELL.format(name=parts.name, restore=restore)]
    texts.append(template.EXECUTE.format(name=parts.name, body=body))
    if _commands(parts):
        texts.append(template.SHELL)
    return "\n\n\n".join(text.strip("\n") for text in texts)


def _awaits(body: str) -> bool:
    try:
        compile(body, "<cell>", "exec", dont_inherit=True)
    except SyntaxError:
        return True
    return False


def _shows(body: str) -> bool:
    """Whether the cell ends in an expression that a notebook would show."""
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile(body, "<cell>", "exec", flags, True)
    assert isinstance(tree, ast.Module)
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        return False
    if isinstance(tree.body[-1].value, ast.Constant):
        return not _quiet(body) and tree.body[-1].value.value is not None
    return not _quiet(body)


def _quiet(body: str) -> bool:
    """Whether the last thing in the code is a semicolon."""
    skip = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.DEDENT}
    last = ""
    for token in tokenize.generate_tokens(io.StringIO(body).readline):
        if token.type not in skip:
            last = token.string
    return last == ";"


def _lift_future(body: str) -> tuple[str, list[str]]:
    """The code without its ``from __future__`` lines, which must stand at a module's top."""
    lines = body.splitlines(keepends=True)
    names: list[str] = []
    for node in ast.parse(body).body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            names += [name.name for name in node.names]
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = "\n"
    return "".join(lines), names
