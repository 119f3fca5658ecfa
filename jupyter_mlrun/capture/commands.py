"""Shell lines and magics as IPython writes them, and shell commands as Python arguments."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

CALLS = {"system": 1, "getoutput": 1, "run_line_magic": 2, "run_cell_magic": 3}


@dataclass(frozen=True)
class MagicCall:
    """A call of ``get_ipython()`` that stands for a magic or a shell line."""

    node: ast.Call
    kind: str
    name: str
    text: str


def magic_call(node: ast.AST) -> MagicCall | None:
    """The magic that this node stands for, if it is one."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    shell, kind = node.func.value, node.func.attr
    is_shell = (
        isinstance(shell, ast.Call)
        and isinstance(shell.func, ast.Name)
        and shell.func.id == "get_ipython"
    )
    if not is_shell or kind not in CALLS:
        return None
    values = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != len(node.args) or len(texts) < min(CALLS[kind], 2):
        return None
    if kind in ("system", "getoutput"):
        return MagicCall(node, kind, "", texts[0])
    return MagicCall(node, kind, texts[0], texts[1])


def bound_names(tree: ast.AST) -> set[str]:
    """Names that some statement of this tree binds, at whatever depth."""
    names = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
    return names


def format_command(call: MagicCall, known: Callable[[str], bool], alone: bool) -> str:
    """The Python call that runs this shell line in a run, without IPython."""
    arguments = ", ".join(split_command(call.text, known))
    if call.kind == "getoutput":
        return f"_shell_lines({arguments})"
    return f"_exit_code = _shell({arguments})" if alone else f"_shell({arguments})"


def split_command(text: str, known: Callable[[str], bool]) -> list[str]:
    """A command as Python expressions to be joined, expanded just where IPython expands it.

    IPython leaves a command alone when one of its ``{...}`` or ``$name`` cannot be evaluated.
    """
    from IPython.utils.text import DollarFormatter

    parts: list[str] = []
    try:
        for literal, field, spec, conversion in DollarFormatter().parse(text):
            if literal:
                parts.append(repr(literal))
            if field is not None:
                parts.append(_field(field, spec or "", conversion, known))
    except (ValueError, SyntaxError, KeyError):
        return [repr(text)]
    return parts or ["''"]


def _field(field: str, spec: str, conversion: str | None, known: Callable[[str], bool]) -> str:
    # IPython reads what follows a colon as part of the expression: {name[1:3]}
    source = ":".join([field, spec] if spec else [field]).strip()
    tree = ast.parse(source, mode="eval")
    local = bound_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in local and not known(node.id):
            raise KeyError(node.id)
    if conversion in ("r", "a"):
        source = f"{'repr' if conversion == 'r' else 'ascii'}({source})"
    return f"({source})" if isinstance(tree.body, ast.Tuple | ast.NamedExpr) else source
