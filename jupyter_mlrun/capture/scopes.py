"""Which global names the functions inside a piece of code touch, from Python's symbol table."""

from __future__ import annotations

import symtable
from dataclasses import dataclass, field

COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}


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


def _collect(table: symtable.SymbolTable, found: Globals) -> None:
    comprehension = table.get_name() in COMPREHENSIONS
    for symbol in table.get_symbols():
        if not symbol.is_global():
            if table.get_type() == "class" and symbol.is_referenced() and symbol.is_assigned():
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
