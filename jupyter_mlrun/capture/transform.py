"""Cell text as Python, line for line, by IPython's own transformer."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlrun.capture import commands
from jupyter_mlrun.errors import CaptureError

DROPPED_CELL_MAGICS = {"time", "timeit", "prun", "memit", "mprun", "capture"}
# magics whose statement stays, with the letters of their options that take a value
KEPT_STATEMENT_MAGICS = {"time": "", "timeit": "nrpv", "prun": "lsTD", "memit": "rti"}
DROPPED_LINE_MAGICS = {
    "matplotlib": "a run draws without a screen; keep a figure by naming it with -o",
    "config": "it sets up the notebook, not the run",
    "load_ext": "extensions of the notebook are not loaded in a run",
    "reload_ext": "extensions of the notebook are not loaded in a run",
    "autoreload": "a run always imports afresh",
    "pinfo": "it shows help in the notebook",
    "pinfo2": "it shows help in the notebook",
    "psearch": "it searches names in the notebook",
    "nuclio": "commands, variables and settings go into the function that is made of the notebook",
}
REFUSED_LINE_MAGICS = {
    "env": "give the variable to the run: --env NAME=VALUE, or --secret NAME",
    "set_env": "give the variable to the run: --env NAME=VALUE, or --secret NAME",
    "cd": "give the run its folder: --workdir DIR",
    "pip": "install packages in a cell of their own, before the run",
    "conda": "install packages in a cell of their own, before the run",
    "mamba": "install packages in a cell of their own, before the run",
    "uv": "install packages in a cell of their own, before the run",
    "run": "import the file as a module, or ship it with --file",
    "pylab": "import numpy and matplotlib by name",
    "mlrun": "start other runs from a cell of their own",
}


@dataclass
class Source:
    """Python text whose line numbers are the cell's, and what was said about its magics."""

    text: str
    tree: ast.Module
    warnings: list[str] = field(default_factory=list)
    commands: bool = False
    head: str = "\n"

    @property
    def body(self) -> str:
        """The text without the line of the magic."""
        return self.text.removeprefix(self.head)


def parse_body(
    body: str,
    manager: Any = None,
    known: Callable[[str], bool] = lambda name: False,
    filename: str = "<cell>",
    strict: bool = True,
    head: str = "\n",
) -> Source:
    """The body of a cell below its magic line as Python; line 1 stands for the magic line.

    ``known`` tells which names exist in the kernel: IPython expands ``$name`` in a shell line
    only where it does. Without ``strict``, magics that cannot run elsewhere and shell lines at the
    top are left out with a warning, not refused. ``head`` is empty where no magic stands above.
    """
    warnings: list[str] = []
    text = _drop_cell_magics(head + body, warnings)
    text = "".join(transform_lines(text.splitlines(keepends=True), manager))
    _parse(text, filename)
    text, runs_commands, said = rewrite(text, known, strict)
    # what the grammar allows but the compiler refuses (a return at the top) is refused here too
    compile(text, filename, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, True)
    return Source(text, _parse(text, filename), warnings + said, runs_commands, head)


def refuse_await(source: Source, handler: str) -> None:
    """Refuses a cell that defines its function and awaits at its top: it becomes a module."""
    try:
        compile(source.text, "<cell>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise CaptureError(
            f"line {error.lineno}: {error.msg}. A cell that defines {handler} is loaded as a "
            "module: await inside the function, or give the run another name"
        ) from None


def rewrite(
    text: str, known: Callable[[str], bool], strict: bool = True
) -> tuple[str, bool, list[str]]:
    """Code that IPython transformed, without its calls; whether it runs commands; warnings."""
    warnings: list[str] = []
    tree = _parse(text, "<cell>")
    bound = commands.bound_names(tree)
    rewriter = _Rewriter(text, lambda name: name in bound or known(name), warnings, strict)
    rewritten = rewriter.rewrite(tree)
    return rewritten, rewriter.commands, warnings[::-1]


def transform_lines(lines: list[str], manager: Any = None) -> list[str]:
    """IPython's transformation of these lines, as many as before.

    A call that IPython folds from several lines into one is followed by empty lines.
    """
    manager = manager or _new_manager()
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    head, rest = lines[:first], lines[first:]
    for cleanup in manager.cleanup_transforms:
        if getattr(cleanup, "__name__", "") != "leading_empty_lines":
            rest = cleanup(rest)
    for custom in manager.line_transforms:
        if getattr(custom, "__name__", "") != "cell_magic":
            rest = custom(rest)
    if rest and not rest[-1].endswith("\n"):
        rest[-1] += "\n"
    for _ in range(10_000):
        changed, after = manager.do_one_token_transform(rest)
        if not changed:
            return head + rest
        rest = _keep_count(rest, after)
    raise CaptureError("the cell has too many shell lines and magics to transform")


def _keep_count(before: list[str], after: list[str]) -> list[str]:
    missing = len(before) - len(after)
    if missing <= 0:
        return after
    pairs = enumerate(zip(before, after, strict=False))
    at = next((i for i, (old, new) in pairs if old != new), len(after))
    return after[: at + 1] + ["\n"] * missing + after[at + 1 :]


def _new_manager() -> Any:
    from IPython.core import inputtransformer2

    manager: Any = inputtransformer2
    return manager.TransformerManager()


def _parse(text: str, filename: str) -> ast.Module:
    try:
        tree = compile(
            text, filename, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, True
        )
    except ValueError as error:
        raise CaptureError(f"the cell cannot be read as Python: {error}") from None
    assert isinstance(tree, ast.Module)
    return tree


def _drop_cell_magics(text: str, warnings: list[str]) -> str:
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if not line.startswith("%%"):
            break
        name, _, rest = line[2:].strip().partition(" ")
        if name not in DROPPED_CELL_MAGICS or (name == "capture" and rest.strip()):
            raise CaptureError(
                f"line {number + 1}: %%{name} cannot run outside the notebook. "
                "Put its cell before this one, or write it in Python"
            )
        warnings.append(f"line {number + 1}: %%{name} is left out of the run")
        lines[number] = "\n"
    return "".join(lines)


def line_magics(shell: Any) -> set[str]:
    """Words that IPython takes as magics at the beginning of a line, where that is switched on."""
    manager = getattr(shell, "magics_manager", None)
    if manager is None or not manager.auto_magic:
        return set()
    return set(manager.magics["line"])


def refusal_of_magic(name: str) -> str:
    """Why a line magic is refused, and what to do instead."""
    advice = REFUSED_LINE_MAGICS.get(name, "put it in a cell of its own, or write it in Python")
    return f"%{name} cannot run outside the notebook: {advice}"


class _Rewriter:
    """Replaces the calls of ``get_ipython()`` that stand for magics and shell lines."""

    def __init__(
        self, text: str, known: Callable[[str], bool], warnings: list[str], strict: bool
    ) -> None:
        self._strict = strict
        self._top: set[int] = set()
        self._lines = text.splitlines(keepends=True)
        self._known = known
        self._warnings = warnings
        self.commands = False

    def rewrite(self, tree: ast.Module) -> str:
        statements = {id(node.value): node for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        self._top = {id(node.value) for node in tree.body if isinstance(node, ast.Expr)}
        calls = [found for node in ast.walk(tree) if (found := commands.magic_call(node))]
        calls.sort(key=lambda call: (call.node.lineno, call.node.col_offset), reverse=True)
        for call in calls:
            self._splice(call.node, self._replacement(call, id(call.node) in statements))
        return "".join(self._lines)

    def _replacement(self, call: commands.MagicCall, alone: bool) -> str:
        if call.kind in ("system", "getoutput"):
            if not self._strict and id(call.node) in self._top:
                self._warnings.append(f"line {call.node.lineno}: !{call.text} is left out")
                return self._comment(call, f"!{call.text}")
            self.commands = True
            return commands.format_command(call, self._known, alone)
        return self._line_magic(call, alone)

    def _line_magic(self, call: commands.MagicCall, alone: bool) -> str:
        name, rest, line = call.name, call.text, call.node.lineno
        if call.kind == "run_cell_magic":
            raise CaptureError(
                f"line {line}: %%{name} cannot run outside the notebook. "
                "Put its cell before this one, or write it in Python"
            )
        if name in KEPT_STATEMENT_MAGICS and (code := _statement(name, rest)):
            self._warnings.append(f"line {line}: %{name} is left out of the run, its code stays")
            return code if alone else f"({code})"
        if name in DROPPED_LINE_MAGICS and alone:
            self._warnings.append(
                f"line {line}: %{name} is left out of the run: {DROPPED_LINE_MAGICS[name]}"
            )
            return self._comment(call, f"%{name} {rest}")
        if self._strict or not alone:
            raise CaptureError(f"line {line}: {refusal_of_magic(name)}")
        text = f"line {line}: %{name} cannot run outside the notebook"
        self._warnings.append(f"{text} and is left out")
        return self._comment(call, f"%{name} {rest}")

    def _comment(self, call: commands.MagicCall, text: str) -> str:
        """What stands for a statement that is left out; a block must not be left empty."""
        flat = " ".join(text.split())
        return f"# {flat}" if id(call.node) in self._top else "pass"

    def _splice(self, node: ast.expr, text: str) -> None:
        if node.end_lineno is None or node.end_col_offset is None:
            raise CaptureError(f"line {node.lineno}: the magic has no end")
        first = self._lines[node.lineno - 1].encode()
        last = self._lines[node.end_lineno - 1].encode()
        joined = first[: node.col_offset] + text.encode() + last[node.end_col_offset :]
        blank = ["\n"] * (node.end_lineno - node.lineno)
        self._lines[node.lineno - 1 : node.end_lineno] = [joined.decode(), *blank]


def _statement(magic: str, text: str) -> str:
    """The statement of a magic that measures one, without the magic's own options."""
    valued = KEPT_STATEMENT_MAGICS[magic]
    rest = text.strip()
    while rest.startswith("-"):
        option, _, rest = rest.partition(" ")
        rest = rest.lstrip()
        if len(option) == 2 and option[1] in valued:
            rest = rest.partition(" ")[2].lstrip()
    return rest
