# ruff: noqa: E501 (cells are written as one text)
"""No name that a cell takes from outside is missed."""

from __future__ import annotations

import ast
import builtins
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jupyter_mlrun
from jupyter_mlrun.capture.names import free_names
from jupyter_mlrun.capture.transform import parse_body

# cell, names that it surely needs, names that it may need, names that it must not take
SUITE = {
    "plain": ("y = a + b", "a b", "", "y"),
    "use before definition": ("print(x)\nx = 1", "", "x", ""),
    "augmented": ("total += 5", "", "total", ""),
    "delete": ("del gone", "", "gone", ""),
    "delete, then use": ("v = 1\ndel v\nprint(v)", "", "v", ""),
    "conditional definition": ("if flag:\n    f = 1\nprint(f)", "flag", "f", ""),
    "definition on both paths": ("if flag:\n    f = 1\nelse:\n    f = 2\nf", "flag", "", "f"),
    "path that raises": ("if flag:\n    f = 1\nelse:\n    raise E\nf", "flag E", "", "f"),
    "import by try": (
        "try:\n    import cupy as xp\nexcept ImportError:\n    import numpy as xp\nxp.a(d)", "d", "", "xp a",
    ),
    "failed in try": ("try:\n    v = f()\nexcept E:\n    pass\nprint(v)", "f E", "v", ""),
    "finally binds": ("try:\n    f()\nfinally:\n    v = 1\nprint(v)", "f", "", "v"),
    "exception name": ("try:\n    f()\nexcept E as err:\n    print(err)\nerr", "f E", "err", ""),
    "star import": ("from numpy import *\nr = sqrt(q)", "sqrt q", "", "r"),
    "attribute is no name": ("import json\njson.dumps(d).append", "d", "", "dumps append json"),
    "comprehension": ("r = [g(i) for i in items if i > low]", "g items low", "", "i r"),
    "nested comprehension": ("r = {k: [h(v, k) for v in vs] for k, vs in m.items()}", "h m", "", "k v vs"),
    "generator": ("s = sum(w * x for x in xs)", "w xs", "", "x s"),
    "walrus in a comprehension": ("r = [y for x in xs if (y := f(x))]\nprint(y)", "xs f", "y", "x"),
    "comprehension in a class of a function": (
        "def f():\n    class A:\n        k = [j for j in xs if lim]\n    return A", "lim xs", "", "j k A f",
    ),
    "comprehension of lambdas": ("r = {a: [(lambda v: v + off)(a) for b in c] for a in d}", "off c d", "", "a b v"),
    "lambda": ("f = lambda x, k=K: x * k + c", "K c", "", "x k f"),
    "two lambdas on a line": ("f = lambda: a1; g = lambda: b1", "a1 b1", "", ""),
    "decorator and default": ("@deco(arg)\ndef f(x=D):\n    return f(x)", "deco arg D", "", "f x"),
    "annotations": ("def f(x: T) -> R:\n    return x", "T R", "", "x f"),
    "class": (
        "class A(Base, metaclass=M):\n    y = x\n    x = 2\n    def m(self):\n        return A, q, y",
        "Base M x q y", "", "A m self",
    ),
    "class body after binding": ("class A:\n    k = 1\n    j = k", "", "", "A k j"),
    "global in a function": ("def f():\n    global total\n    total += 1\nf()", "", "total", "f"),
    "global read": ("def f():\n    global seen\n    print(seen)", "seen", "", ""),
    "function before its helper": ("def f():\n    return g()\ndef g():\n    return h()", "h", "g", "f"),
    "recursion": ("def f(n):\n    return f(n - 1)", "", "", "f n"),
    "nonlocal": ("def f():\n    a = 1\n    def g():\n        nonlocal a\n        a += z\n    return g", "z", "", "a g"),
    "loop": ("for i in range(n):\n    last = i\nprint(i, last)", "n", "i last", ""),
    "while": ("while cond():\n    v = 1\nprint(v)", "cond", "v", ""),
    "with": ("with opened(p) as f:\n    d = f.read()\nprint(d)", "opened p", "", "f d"),
    "suppress": ("from contextlib import suppress\nwith suppress(E):\n    v = 1\nprint(v)", "E", "v", ""),
    "match": (
        "match command:\n    case [first, *rest]:\n        use(first, rest)\n    case Point(x=px):\n        px",
        "command Point use", "", "first rest px x",
    ),
    "await": ("r = await fetch(url)\nasync for k in stream():\n    print(k)", "fetch url stream", "", "r"),
    "await in a comprehension": ("r = [await f(i) for i in items]", "f items", "", "i r"),
    "async with": ("async with lock as l:\n    print(l)", "lock", "", "l"),
    "shell": ("files = !ls {folder} $pattern\nfor f in files: print(f)", "folder pattern", "", "files f"),
    "shell alone": ("!echo {a.b} > {c}", "a c", "", "b"),
    "time": ("%time r = f(x)", "f x", "", "r"),
    "f-string": ("s = f'{a!r:>{w}} {b=}'", "a w b", "", "s"),
    "starred": ("a, *b = *c, d\nf(*a, **k)", "c d f k", "", "a b"),
    "subscript target": ("t[i] = v\no.p = q", "t i v o q", "", "p"),
    "annotated": ("x: int = y\nz: T", "y T", "", "x z"),
    "short circuit": ("ok = a and (v := f())\nprint(v)", "a f", "v", "ok"),
    "try star": ("try:\n    f()\nexcept* E as g:\n    h(g)", "f E h", "", "g"),
}  # fmt: skip


@pytest.mark.parametrize("case", SUITE)
def test_suite(case: str) -> None:
    body, certain, possible, never = SUITE[case]
    source = parse_body(body, known=lambda name: True)
    names = free_names(source.tree, source.text)
    needed = {n for n in names.reads if not hasattr(builtins, n) and not n.startswith("_")}
    assert {name for name in needed if names.certain(name)} == set(certain.split())
    assert set(possible.split()) <= needed
    assert not set(never.split()) & needed


def test_lines_are_those_of_the_cell() -> None:
    source = parse_body("x = 1\n\ny = a\ndef f():\n    return deep\n")
    names = free_names(source.tree, source.text)
    assert names.reads["a"] == 4 and names.reads["deep"] == 6


def test_future_annotations_are_soft() -> None:
    text = "from __future__ import annotations\ndef f(x: Missing): return x"
    names = free_names(ast.parse(text), text)
    assert "Missing" in names.reads and not names.certain("Missing")


NAMES = st.sampled_from(["a", "b", "c", "d"])


@st.composite
def programs(draw: st.DrawFn, depth: int = 0) -> str:
    """Small programs of assignments, branches, loops, deletions, functions and classes."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.integers(0, 9 if depth < 2 else 3))
        name, other = draw(NAMES), draw(NAMES)
        inner = draw(programs(depth + 1)) if kind > 3 else ""
        block = "".join(f"    {line}\n" for line in inner.splitlines()) or "    pass\n"
        text = [
            f"{name} = {other}", f"{name} += {other}", f"{name} = [{other} for {name} in [{other}]]",
            f"{name} = 1", f"if {other}:\n{block}", f"for {name} in [{other}]:\n{block}",
            f"try:\n{block}except NameError:\n    {name} = 2", f"class {name}:\n{block}",
            f"if {other}:\n{block}else:\n    {name} = 3", f"while {other}:\n{block}    break",
        ][kind]  # fmt: skip
        lines.append(text.rstrip("\n"))
    return "\n".join(lines) + "\n"


class _Watched(dict):
    """A namespace that notes which names were taken from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: set[str] = set()

    def __missing__(self, name: str) -> object:
        if name in "abcd":
            self.taken.add(name)
            return 1
        raise KeyError(name)


@settings(max_examples=300, deadline=None)
@given(programs())
def test_what_a_program_takes_when_it_runs_is_never_missed(text: str) -> None:
    space = _Watched()
    try:
        exec(compile(text, "<p>", "exec"), {"__builtins__": builtins}, space)
    except Exception:
        pass  # what it took until then counts
    names = free_names(ast.parse(text), text)
    assert space.taken <= set(names.reads), text


def _others() -> list[str]:
    """Newer Pythons of this machine that start."""
    found = [shutil.which(f"python3.{minor}") or "" for minor in (12, 13, 14)]
    found += [str(path) for path in Path.home().glob(".pyenv/versions/3.1[2-9].*/bin/python")]
    return [
        path
        for path in sorted({*found} - {""})
        if subprocess.run([path, "-c", ""], capture_output=True).returncode == 0
    ]


OTHERS = _others()
ASKED = """
import ast, json, sys
from jupyter_mlrun.capture.names import free_names
for case, text in json.load(sys.stdin).items():
    names = free_names(ast.parse(text), text)
    print(json.dumps([case, sorted(name for name in names.reads if names.certain(name))]))
"""


@pytest.mark.skipif(not OTHERS, reason="no other Python here")
@pytest.mark.parametrize("python", OTHERS)
def test_other_pythons_find_the_same(python: str) -> None:
    """Their symbol tables differ: newer ones fold comprehensions into what is around them."""
    texts = {case: parse_body(SUITE[case][0], known=lambda name: True).text for case in SUITE}
    root = str(Path(jupyter_mlrun.__file__).parents[1])
    done = subprocess.run(
        [python, "-c", ASKED], input=json.dumps(texts), env={"PYTHONPATH": root},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = dict(json.loads(line) for line in done.stdout.splitlines())
    for case, text in texts.items():
        names = free_names(ast.parse(text), text)
        here = sorted(name for name in names.reads if names.certain(name))
        assert told[case] == here, case
