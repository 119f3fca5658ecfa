"""Which global names the functions inside a piece of code touch, from Python's symbol table."""

from __future__ import annotations

import ast
import symtable
import sys
from dataclasses import dataclass, field

KINDS = {ast.ListComp: "listcomp", ast.SetComp: "setcomp", ast.DictComp: "dictcomp",
         ast.GeneratorExp: "genexpr"}  # fmt: skip
COMPREHENSIONS = {*KINDS.values()}
_COMP_ITER = 2 << 8
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass
class Globals:
    """Global names of one nested scope and of all scopes inside it."""

    read: dict[str, int] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)


class Scopes:
    """The nested scopes of a module's text, found by name and line.

    Scopes that share both (two lambdas on one line) are answered together: more names, none
    missed.
    """

    def __init__(self, text: str) -> None:
        self._by_place: dict[tuple[str, int], list[symtable.SymbolTable]] = {}
        self._index(symtable.symtable(text, "<cell>", "exec"))

    def _index(self, table: symtable.SymbolTable) -> None:
        for child in table.get_children():
            self._by_place.setdefault((child.get_name(), child.get_lineno()), []).append(child)
            self._index(child)

    def globals_of(self, name: str, line: int) -> Globals:
        """The global names that the scopes of this name and line read and bind."""
        found = Globals()
        for table in self._by_place.get((name, line), ()):
            _collect(table, found)
        return found

    def globals_of_comprehension(self, node: Comprehension) -> Globals:
        """The global names that a comprehension reads and binds."""
        if sys.version_info < (3, 12) or isinstance(node, ast.GeneratorExp):
            return self.globals_of(KINDS[type(node)], node.lineno)
        # newer Pythons fold its table into the one around it, but not that of a generator
        made = node.elt if not isinstance(node, ast.DictComp) else ast.Tuple([node.key, node.value])
        text = ast.unparse(ast.GeneratorExp(made, node.generators))
        found = Globals()
        for table in symtable.symtable(text, "<cell>", "eval").get_children():
            _collect(table, found)
        found.read = dict.fromkeys(found.read, node.lineno)
        return found


def _is_folded(symbol: symtable.Symbol) -> bool:
    """Whether the name is a loop variable of a comprehension, folded into the table around it."""
    if hasattr(symbol, "is_comp_iter"):
        return bool(symbol.is_comp_iter())
    # Python 3.12 and 3.13 know it without saying it
    return bool(getattr(symbol, "_Symbol__flags", 0) & _COMP_ITER)


def _collect(table: symtable.SymbolTable, found: Globals) -> None:
    comprehension = table.get_name() in COMPREHENSIONS
    for symbol in table.get_symbols():
        if not symbol.is_global():
            own = symbol.is_referenced() and symbol.is_assigned() and not _is_folded(symbol)
            if table.get_type() == "class" and own:
                # a class body reads the global until it has bound its own
                found.read.setdefault(symbol.get_name(), table.get_lineno())
            continue
        declared = symbol.is_declared_global() and not comprehension
        if symbol.is_referenced() or declared:
            # the table does not tell `x += 1` from `x = 1` under `global x`
            found.read.setdefault(symbol.get_name(), table.get_lineno())
        if symbol.is_assigned():
            found.bound.add(symbol.get_name())
    for child in table.get_children():
        _collect(child, found)
