"""Which endpoints a client of MLRun calls: read from the syntax tree of its ``httpdb.py``.

``python tests/compat/endpoints.py FILE`` prints the table that ``endpoints-<version>.txt`` holds.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CALLS = {"api_call", "paginated_api_call"}
FOLDER = Path(__file__).parent
VERBS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


class Endpoint(NamedTuple):
    """A verb and a path below a version; each field of the path is ``{}``."""

    verb: str
    version: str
    path: str
    caller: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it one endpoint, whoever calls it."""
        return self.verb, self.version, self.path

    def __str__(self) -> str:
        return f"{self.verb:6} {self.version} {self.path:75} {self.caller}".rstrip()


def recorded(version: str) -> list[Endpoint]:
    """The table of a client's version."""
    lines = (FOLDER / f"endpoints-{version}.txt").read_text().splitlines()
    return [Endpoint(*line.split()) for line in lines if line and not line.startswith("#")]


def called(source: str) -> list[Endpoint]:
    """Every endpoint that the client's class calls, in the order of its methods."""
    (database,) = (
        node for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == "HTTPRunDB"
    )  # fmt: skip
    found: dict[tuple[str, str, str], Endpoint] = {}
    for method in database.body:
        if isinstance(method, ast.FunctionDef) and method.name not in CALLS:
            for endpoint in _of_method(method):
                found.setdefault(endpoint.key, endpoint)
    return list(found.values())


def _of_method(method: ast.FunctionDef) -> Iterator[Endpoint]:
    values = _Values(method)
    for node in ast.walk(method):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in CALLS:
            continue
        given = dict(zip(("method", "path"), node.args, strict=False))
        given |= {word.arg: word.value for word in node.keywords if word.arg}
        versions = values.of(given["version"]) if "version" in given else ["v1"]
        parts = values.of(given["method"]), versions, values.of(given["path"])
        for verb, version, path in itertools.product(*parts):
            assert verb in VERBS, (method.name, verb)
            yield Endpoint(verb, version, _plain(path), method.name)


def _plain(path: str) -> str:
    return re.sub(r"\{\w*\}", "{}", path.split("?")[0])


class _Values:
    """What the texts of a method can be: literals, and names that are given literals."""

    def __init__(self, method: ast.FunctionDef) -> None:
        self.texts: dict[str, list[str]] = {}
        self._read(method.body, certain=True)

    def _read(self, body: list[ast.stmt], certain: bool) -> None:
        for node in body:
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                self._give(node.target, ast.BinOp(node.target, ast.Add(), node.value), certain)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._give(node.targets[0], node.value, certain)
            for part in ("body", "orelse", "finalbody"):
                self._read(getattr(node, part, []), certain=False)

    def _give(self, name: ast.Name, value: ast.expr, certain: bool) -> None:
        before = [] if certain else self.texts.get(name.id, [])
        self.texts[name.id] = list(dict.fromkeys([*before, *self.of(value)]))

    def of(self, node: ast.expr) -> list[str]:
        """Every text that the expression can be; what is not known is ``{}``."""
        if isinstance(node, ast.Constant):
            return [str(node.value)]
        if isinstance(node, ast.IfExp):
            return self.of(node.body) + self.of(node.orelse)
        if isinstance(node, ast.Attribute):
            return [node.attr]
        if isinstance(node, ast.Name):
            return self.texts.get(node.id) or ["{}"]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return [left + right for left in self.of(node.left) for right in self.of(node.right)]
        if isinstance(node, ast.JoinedStr):
            return ["".join(self._piece(piece) for piece in node.values)]
        if isinstance(node, ast.Tuple) and len(node.elts) == 1:
            # a slip of 1.8, which means the text
            return self.of(node.elts[0])
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_path_of":
            return self._path_of(node)
        return ["{}"]

    def _piece(self, piece: ast.expr) -> str:
        return str(piece.value) if isinstance(piece, ast.Constant) else "{}"

    def _path_of(self, call: ast.Call) -> list[str]:
        (resource,) = self.of(call.args[0])
        with_uid = len(call.args) > 2 or any(word.arg == "uid" for word in call.keywords)
        return [f"projects/{{}}/{resource}" + ("/{}" if with_uid else "")]


if __name__ == "__main__":
    for one in called(Path(sys.argv[1]).read_text()):
        print(one)
