"""What a module's functions take and give, read from its text and never by running it."""

from __future__ import annotations

import ast
import re
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

_MARK = re.compile(r"#\s*mlrun:\s*handler")
_FIELD = re.compile(
    r"^\s*:\s*(?P<tag>\w+)(\s+(?P<type>[\w.\[\], ]*?)\s*)??(\s+(?P<name>\*{0,2}\w+))?\s*:"
)
_GOOGLE = re.compile(
    r"^(Args|Arguments|Parameters|Returns|Yields|Raises|Example|Examples|Note)s?:$"
)
_ARGUMENT = re.compile(r"^\s+(?P<name>\*{0,2}\w+)\s*(\((?P<type>[^)]*)\))?\s*:\s*(?P<doc>.*)$")
_SEVERAL = re.compile(r"[ \t]{3,}|\t")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parse_module(source: str, path: str) -> ast.Module:
    """The module's tree; a syntax error is named with its line."""
    try:
        return ast.parse(source, path)
    except SyntaxError as error:
        raise MLRunInvalidArgumentError(
            f"{path}, line {error.lineno}: {error.msg}; the function cannot be made of it"
        ) from None


def describe_handlers(source: str, path: str = "<code>") -> dict[str, dict[str, Any]]:
    """The entry points of a module, by name.

    Those marked by a line ``# mlrun:handler`` above them, else all whose names begin with no
    underscore.
    """
    tree = parse_module(source, path)
    found = [node for node in tree.body if isinstance(node, Function)]
    marks = {number for number, line in enumerate(source.splitlines(), 1) if _MARK.match(line)}
    if marks:
        chosen = [node for node in found if _first_line(node) - 1 in marks]
    else:
        chosen = [node for node in found if not node.name.startswith("_")]
    return {node.name: describe(node) for node in chosen}


def _first_line(node: Function) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def describe(node: Function) -> dict[str, Any]:
    """A function's entry point, in MLRun's form."""
    text, documented, returned = parse_docstring(ast.get_docstring(node) or "")
    parameters = [_parameter(each, default, documented) for each, default in _arguments(node)]
    output = {"doc": returned.get("doc", ""), "type": returned.get("type") or _type(node.returns)}
    entry: dict[str, Any] = {"name": node.name, "doc": text, "parameters": parameters}
    if any(output.values()):
        entry["outputs"] = [{key: value for key, value in output.items() if value}]
    entry["lineno"] = node.lineno
    entry["has_varargs"] = node.args.vararg is not None
    entry["has_kwargs"] = node.args.kwarg is not None
    return entry


def _arguments(node: Function) -> list[tuple[ast.arg, ast.expr | None]]:
    plain = [*node.args.posonlyargs, *node.args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(node.args.defaults))
    pairs = list(zip(plain, [*defaults, *node.args.defaults], strict=True))
    return [*pairs, *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]


def _parameter(
    argument: ast.arg, default: ast.expr | None, documented: dict[str, dict[str, str]]
) -> dict[str, Any]:
    said = documented.get(argument.arg, {})
    found: dict[str, Any] = {"name": argument.arg}
    if kind := said.get("type") or _type(argument.annotation):
        found["type"] = kind
    if said.get("doc"):
        found["doc"] = said["doc"]
    if default is not None:
        found["default"] = _value(default)
    return found


def _value(node: ast.expr) -> Any:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return ast.unparse(node)
    # documents are JSON
    return ast.unparse(node) if isinstance(value, (bytes, set, complex)) else value


def _type(node: ast.expr | None) -> str:
    if node is None:
        return ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr
    return ast.unparse(node)


def parse_docstring(text: str) -> tuple[str, dict[str, dict[str, str]], dict[str, str]]:
    """What a docstring says of the function, of each parameter and of the value returned."""
    lines = text.splitlines()
    first = next((n for n, line in enumerate(lines) if _FIELD.match(line)), None)
    if first is not None:
        return _parse_fields(lines, first)
    first = next((n for n, line in enumerate(lines) if _GOOGLE.match(line)), None)
    if first is not None:
        return _parse_sections(lines, first)
    return text.strip(), {}, {}


def _parse_fields(
    lines: list[str], first: int
) -> tuple[str, dict[str, dict[str, str]], dict[str, str]]:
    parameters: dict[str, dict[str, str]] = {}
    returned: dict[str, str] = {}
    target, key = returned, ""
    for line in lines[first:]:
        match = _FIELD.match(line)
        if match is None:
            if key and line.strip() and _SEVERAL.match(line):
                target[key] = f"{target[key]} {line.strip()}".strip()
            continue
        tag, name = match["tag"], (match["name"] or "").strip().lstrip("*")
        rest = line[match.end() :].strip()
        key = "type" if tag in ("type", "rtype") else "doc"
        if tag in ("param", "parameter", "arg", "argument", "type") and name:
            target = parameters.setdefault(name, {})
            if match["type"] and key == "doc":
                target["type"] = match["type"].strip()
        elif tag in ("return", "returns", "rtype"):
            target = returned
        else:
            target = {}
        target[key] = rest
    return "\n".join(lines[:first]).strip(), parameters, returned


def _parse_sections(
    lines: list[str], first: int
) -> tuple[str, dict[str, dict[str, str]], dict[str, str]]:
    parameters: dict[str, dict[str, str]] = {}
    returned: dict[str, str] = {}
    section, current = "", returned
    for line in lines[first:]:
        if _GOOGLE.match(line):
            section, current = line.rstrip(":"), {}
        elif section in ("Args", "Arguments", "Parameters"):
            if match := _ARGUMENT.match(line):
                current = parameters.setdefault(match["name"].lstrip("*"), {})
                current |= {k: v for k in ("type", "doc") if (v := match[k])}
            elif line.strip():
                current["doc"] = f"{current.get('doc', '')} {line.strip()}".strip()
        elif section == "Returns" and line.strip():
            returned["doc"] = f"{returned.get('doc', '')} {line.strip()}".strip()
    return "\n".join(lines[:first]).strip(), parameters, returned
