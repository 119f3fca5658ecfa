"""The names a cell needs, each resolved against the live namespace."""

from __future__ import annotations

import ast
import builtins
import difflib
import sys
import types
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlrun.capture import data, literals, refusals, sources
from jupyter_mlrun.capture.dynamic import dynamic_names
from jupyter_mlrun.capture.history import History
from jupyter_mlrun.capture.names import Names, free_names
from jupyter_mlrun.capture.packages import imported_modules
from jupyter_mlrun.capture.transform import line_magics, refusal_of_magic, rewrite
from jupyter_mlrun.grammar.secrets import looks_secret

MOST_LITERAL = 100_000
NOTEBOOK_ONLY = {
    "In",
    "Out",
    "get_ipython",
    "exit",
    "quit",
    "_ih",
    "_oh",
    "_dh",
    "_i",
    "_ii",
    "_iii",
}
NOT_OURS = {
    "__name__",
    "__doc__",
    "__file__",
    "__spec__",
    "__builtins__",
    "__debug__",
    "_exit_code",
}


@dataclass(frozen=True)
class Limits:
    """How much may ship: bytes of a value, bytes of a pickle, and names allowed to be pickled."""

    value: int = 64_000_000
    pickle: int = 10_000_000
    pickled: frozenset[str] = frozenset()


@dataclass
class Item:
    """One name that ships: the statements that bind it in the module."""

    name: str
    kind: str
    """import, literal, function, class, dataset, array, json, pickle or alias"""
    text: str
    line: int
    size: int = 0
    cell: int | None = None
    cell_line: int = 0
    needs: set[str] = field(default_factory=set)
    """names that must be bound before this one"""
    imports: set[str] = field(default_factory=set)
    """modules under private names"""
    modules: set[str] = field(default_factory=set)
    """modules that the text imports"""
    data: data.Data | None = None
    detail: str = ""
    commands: bool = False


@dataclass(frozen=True)
class Problem:
    """A name that cannot ship, where it is read, and the way out."""

    name: str
    line: int
    text: str
    magic: bool = False
    """whether the name is a magic written without its sign"""


class Resolver:
    """Resolves names one after the other, and the names that their definitions need."""

    def __init__(self, shell: Any, limits: Limits) -> None:
        self.items: dict[str, Item] = {}
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        hidden = getattr(shell, "user_ns_hidden", {})
        # IPython's own `open`, `exit` and their like are Python's again in a run
        self._space: dict[str, Any] = {
            name: value
            for name, value in shell.user_ns.items()
            if hidden.get(name, _MISSING) is not value or name in NOTEBOOK_ONLY
        }
        self._globals = shell.user_ns
        self._history = History(shell)
        # IPython takes a line that begins with one of these words as the magic
        self._magics = line_magics(shell)
        self._limits = limits
        self._ids: dict[int, str] = {}
        self._bound: set[str] = set()
        self._holders: dict[int, str] = {}

    def knows(self, name: str) -> bool:
        """Whether the name exists in the kernel."""
        return name in self._space or hasattr(builtins, name)

    def is_builtin(self, name: str) -> bool:
        """Whether the name is Python's own, not the user's."""
        own = self._space.get(name, _MISSING)
        if name == "get_ipython":
            return (
                own is _MISSING
                or getattr(own, "__module__", "").startswith("IPython")
                or (getattr(own, "__name__", "") == "get_ipython")
            )
        return own is _MISSING or own is getattr(builtins, name, _MISSING)

    def resolve_code(
        self, tree: ast.Module, text: str, ignore: Iterable[str] = (), owner: str = ""
    ) -> Names:
        """Resolves all that this code needs; ``owner`` names the definition it belongs to."""
        names = free_names(tree, text)
        dynamic = dynamic_names(
            tree, lambda name: name not in names.bound and self.is_builtin(name)
        )
        names.bound |= dynamic.bound
        if not owner:
            self._bound |= names.bound
        for line, problem in dynamic.problems:
            where = f"{owner}, line {line}" if owner else f"line {line}"
            self.problems.append(Problem(owner, line, f"{where}: {problem}"))
        for name, line in dynamic.reads.items():
            if name not in names.reads:
                names.reads[name] = line
                names.soft.add(name)
        skipped = set(ignore)
        for name, line in names.reads.items():
            if name not in skipped:
                self._name(name, line, names, owner)
        return names

    def resolve_outputs(
        self, tree: ast.Module, text: str, outputs: Iterable[str], ignore: Iterable[str]
    ) -> None:
        """Resolves outputs that the cell may leave as they were: they are read at its end."""
        ends = [ast.Expr(ast.Name(name, ast.Load(), lineno=1, col_offset=0)) for name in outputs]
        names = free_names(ast.Module([*tree.body, *ends], []), text)
        names.soft |= set(names.reads)
        for name in outputs:
            if name in names.reads and name not in set(ignore):
                self._name(name, names.reads[name], names, "")

    def _name(self, name: str, line: int, names: Names, owner: str) -> None:
        if name in self.items or name in NOT_OURS:
            return
        certain = names.certain(name)
        value = self._space.get(name, _MISSING)
        if value is _MISSING:
            # what an earlier cell's function reads may be bound by this cell's body alone
            late = bool(owner) and name in self._bound
            self._absent(name, line, certain and not names.stars and not late, owner)
            return
        if name in NOTEBOOK_ONLY:
            if certain:
                self._refuse(name, line, "it exists in the notebook only", owner, "Leave it out")
            return
        try:
            self._add(name, value, line)
        except (sources.NoSource, data.NotData, literals.NotLiteral) as error:
            if certain:
                self._refuse(
                    name,
                    line,
                    str(error),
                    owner,
                    refusals.way_out(name, value, error, Limits.pickle),
                )
            else:
                self.warnings.append(
                    f"line {line}: {name} does not ship, and the cell may read it before it binds "
                    f"it: {error}"
                )

    def _absent(self, name: str, line: int, certain: bool, owner: str) -> None:
        if name == "display" and hasattr(builtins, "display"):
            text = "from IPython.display import display"
            self._put(Item(name, "import", text, line, modules={"IPython"}, detail="IPython"))
            return
        if not certain or hasattr(builtins, name):
            return
        if name in self._magics:
            self.problems.append(
                Problem(name, line, f"line {line}: {refusal_of_magic(name)}", True)
            )
            return
        near = difflib.get_close_matches(name, [n for n in self._space if n[:1] != "_"], 1)
        hint = f"Did you mean {near[0]}?" if near else "Run the cell that defines it first"
        where = f" of {owner}" if owner else ""
        self.problems.append(
            Problem(name, line, f"line {line}{where}: {name} is not defined in this kernel. {hint}")
        )

    def _refuse(self, name: str, line: int, why: str, owner: str, way: str) -> None:
        where = f" of {owner}" if owner else ""
        self.problems.append(
            Problem(name, line, f"line {line}{where}: {name} cannot ship: {why}. {way}")
        )

    def _put(self, item: Item) -> None:
        if item.cell is None:
            found = self._history.find_assignment(item.name)
            item.cell = found[1].number if found is not None else None
        self.items[item.name] = item

    def _add(self, name: str, value: Any, line: int) -> None:
        if name in self._limits.pickled:
            self._put(self._pickled(name, value, line))
        elif isinstance(value, types.ModuleType):
            self._put(self._module(name, value, line))
        elif not self._imported(name, value, line) and not self._aliased(name, value, line):
            self._value(name, value, line)

    def _value(self, name: str, value: Any, line: int) -> None:
        own = getattr(value, "__name__", "") if callable(value) else ""
        if own and getattr(builtins, own, _MISSING) is value:
            self._put(Item(name, "literal", f"{name} = {own}", line))
            return
        if callable(value) and not isinstance(value, types.MethodType) and _has_source(value):
            self._defined(name, value, line)
            return
        size = data.size_of(value)
        data.check_size(size, self._limits.value)
        packed = data.pack_data(value)
        if packed is not None:
            data.check_size(len(packed.body), self._limits.value)
            self._put(_data_item(name, packed, line, self._version_of(value)))
            return
        self._literal(name, value, line)

    def _literal(self, name: str, value: Any, line: int) -> None:
        if looks_secret(name, value):
            raise refusals.SecretValue(
                "it looks like a secret, and what ships is stored with the function"
            )
        if _is_lines(value):
            # what `x = !command` gave in the notebook; a run has a class of its own for it
            text = literals.format_literal(list(value)).text
            self._put(Item(name, "literal", f"{name} = _Lines({text})", line, len(text)))
            self.items[name].commands = True
            return
        packed = data.pack_long(value, MOST_LITERAL, self._limits.value)
        if packed is not None:
            self._put(_data_item(name, packed, line, set()))
            return
        literal = literals.format_literal(value, self._name_of)
        if len(literal.text) > MOST_LITERAL:
            if literal.names:
                raise literals.NotLiteral(f"as text it is {data.format_size(len(literal.text))}")
            packed = data.pack_plain(value, self._limits.value)
            self._put(_data_item(name, packed, line, set()))
            return
        if literal.shared:
            self.warnings.append(f"{name} holds the same object twice; in the run these are copies")
        for other in sorted(self._sharing(name, value)):
            self.warnings.append(f"{other} and {name} share an object; in the run each has its own")
        for needed in literal.names:
            self._name(needed, line, Names(reads={needed: line}), "")
        item = Item(name, "literal", f"{name} = {literal.text}", line, len(literal.text))
        item.imports, item.needs = set(literal.modules), set(literal.names)
        item.modules = set(literal.modules)
        self._put(item)

    def _sharing(self, name: str, value: Any) -> set[str]:
        """The names captured before that hold a list, dict or set of this value, or all of it."""
        found, seen, open_ = set[str](), set[int](), [value]
        while open_:
            each = open_.pop()
            if not isinstance(each, (list, dict, set, tuple)) or id(each) in seen:
                continue
            seen.add(id(each))
            open_ += each.values() if isinstance(each, dict) else each
            if not isinstance(each, tuple):
                found.add(self._holders.setdefault(id(each), name))
        return found - {name}

    def _name_of(self, value: object) -> str | None:
        name = getattr(value, "__name__", "")
        return name if self._space.get(name, _MISSING) is value else None

    def _pickled(self, name: str, value: Any, line: int) -> Item:
        packed = data.pack_pickle(value, self._limits.pickle)
        item = _data_item(name, packed, line, self._version_of(value) | {"cloudpickle"})
        item.kind = "pickle"
        return item

    def _version_of(self, value: Any) -> set[str]:
        return {type(value).__module__.partition(".")[0]} - {"builtins", "__main__"}

    def _module(self, name: str, value: types.ModuleType, line: int) -> Item:
        full = value.__name__
        if sys.modules.get(full) is not value:
            raise sources.NoSource(f"it is a module made in this kernel ({full})")
        if full == name:
            text = f"import {full}"
        else:
            parent, _, last = full.rpartition(".")
            plain = parent and last == name
            text = f"from {parent} import {last}" if plain else f"import {full} as {name}"
        text += self._submodules(value, name)
        top = full.partition(".")[0]
        return Item(name, "import", text, line, modules={top}, detail=top)

    def _submodules(self, value: types.ModuleType, name: str) -> str:
        """Imports of submodules that cells imported by ``import a.b``; ``import a`` misses them."""
        if value.__name__ != name:
            return ""
        found = {
            alias.name
            for node, _ in self._history.imports()
            if isinstance(node, ast.Import)
            for alias in node.names
            if alias.asname is None and alias.name.startswith(name + ".")
        }
        return "".join(f"\nimport {full}" for full in sorted(found) if full in sys.modules)

    def _imported(self, name: str, value: Any, line: int) -> bool:
        """Takes the name by the import that gave it, where that import still gives this object."""
        found = self._history.find_import(name, value)
        text = found[0] if found is not None else _public_import(name, value, self._space)
        if text is None:
            return False
        number = found[1].number if found is not None else None
        modules = set(imported_modules(text))
        top = next(iter(modules), "")
        item = Item(name, "import", text, line, cell=number, modules=modules, detail=top)
        self._put(item)
        return True

    def _aliased(self, name: str, value: Any, line: int) -> bool:
        """Binds the name to the same object as another captured name, where both are one."""
        own = getattr(value, "__name__", name) if callable(value) else name
        if own != name and own not in self.items and self._space.get(own) is value:
            self._name(own, line, Names(reads={own: line}), "")
        other = self._ids.setdefault(id(value), name)
        immutable = isinstance(
            value, (int, float, str, bytes, tuple, type(None), frozenset, complex)
        )
        if immutable or other == name or other not in self.items:
            return False
        self._put(Item(name, "alias", f"{name} = {other}", line, needs={other}, detail=other))
        return True

    def _defined(self, name: str, value: Any, line: int) -> None:
        if getattr(value, "__globals__", self._globals) is not self._globals and not isinstance(
            value, type
        ):
            inner = getattr(value, "__wrapped__", value)
            if getattr(inner, "__globals__", self._globals) is not self._globals:
                module = getattr(value, "__module__", "?")
                raise sources.NoSource(f"it belongs to {module}, which does not hold it by a name")
        snippet = sources.find_source(name, value, self._history)
        text, commands, warnings = rewrite(snippet.text, self.knows)
        self.warnings += [f"{name}: {warning}" for warning in warnings]
        item = Item(name, snippet.kind, text, line, len(text), snippet.cell.number)
        item.commands, item.cell_line = commands, snippet.line
        self._put(item)
        tree = ast.parse(text)
        names = self.resolve_code(tree, text, {name, "_shell", "_shell_lines"}, owner=name)
        item.needs = {n for n in names.eager if n in self.items and n != name}
        item.modules = set(imported_modules(tree))


def _is_lines(value: Any) -> bool:
    kind = type(value)
    return kind.__name__ == "SList" and kind.__module__ == "IPython.utils.text"


def _data_item(name: str, packed: data.Data, line: int, modules: set[str]) -> Item:
    kind = packed.shown
    item = Item(name, kind, "", line, len(packed.body), data=packed)
    item.imports = set(packed.modules)
    item.modules = modules | {m.partition(".")[0] for m in packed.modules}
    return item


def _has_source(value: Any) -> bool:
    if isinstance(value, (type, types.FunctionType)):
        return True
    return any(hasattr(value, name) for name in ("__wrapped__", "py_func"))


def _public_import(name: str, value: Any, space: dict[str, Any]) -> str | None:
    """An import of an importable object by the shortest public module that holds it."""
    module = getattr(value, "__module__", None)
    attribute = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if not isinstance(module, str) or not isinstance(attribute, str) or "." in attribute:
        return None
    if module in ("__main__", "builtins") or not callable(value):
        return None
    parts = module.split(".")
    for count in range(1, len(parts) + 1):
        path = ".".join(parts[:count])
        if getattr(sys.modules.get(path), attribute, None) is value:
            rename = "" if attribute == name else f" as {name}"
            return f"from {path} import {attribute}{rename}"
    return None


_MISSING = object()
