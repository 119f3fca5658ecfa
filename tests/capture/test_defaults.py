# ruff: noqa: E501 (cells are written as one text)
"""Parameters of a line become defaults of the function that the cell defines."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from jupyter_mlrun.capture.defaults import give_defaults
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.export.build import build_module
from jupyter_mlrun.export.selection import select_cells
from tests.export.test_notebook import notebook


@pytest.mark.parametrize(
    ("head", "values", "expected", "refused"),
    [
        ("def f(context, n): return n", {"n": 3}, "(context, n=3)", []),
        ("async def f(n: int, m = 2): return n", {"n": 3, "m": "é"}, "(n: int = 3, m='é')", []),
        ("def f(a, b, c=1): return a", {"a": 1, "c": 9}, "(a, b, c=9)", ["a"]),
        ("def f(*, é: list[int], z): return z", {"é": [1], "z": None}, "(*, é: list[int] = [1], z=None)", []),
        ("def f(\n    a,  # ü first\n    b=(\n        1\n    ),\n): return b", {"a": 5, "b": 6}, "(a=5, b=6)", []),
        ("def f(b=[\n1,\n2]): return b", {"b": 6}, "(b=6)", []),
        ("s = '''a\rb'''\r\ndef f(x):\r\n    return x", {"x": 4}, "(x=4)", []),
        ("def f(a, **more): return a", {"other": 1}, "(a, **more)", []),
        ("def f(a): return 1\ndef f(x): return x", {"x": 2}, "(x=2)", []),
    ],
)  # fmt: skip
def test_defaults(head: str, values: dict[str, Any], expected: str, refused: list[str]) -> None:
    text = f"ö = 'before'\n{head}\nafter = 'ä'\n"
    given, left = give_defaults(text, "f", values)
    namespace: dict[str, Any] = {}
    exec(compile(given, "given", "exec", dont_inherit=True), namespace)
    assert str(inspect.signature(namespace["f"])) == expected
    assert left == refused and namespace["after"] == "ä"
    assert given.count("\n") == text.count("\n")


def test_the_module_of_a_cell_that_defines_its_function() -> None:
    cells = [
        "%%mlrun second -p n=3 -p word='a b' -o r\ndef second(context, n, word, *, deep=1):\n    return n",
        "%%mlrun third -p a=1 -o r\ndef third(a, b):\n    return a",
    ]
    build = build_module(select_cells(notebook(*cells)), "page")
    assert "def second(context, n=3, word='a b', *, deep=1):" in build.module
    assert "def third(a, b):" in build.module
    [warning] = build.warnings
    assert warning.startswith("cell 2: third() takes a before an argument that has no default")
    entry = build.handlers["second"]["parameters"]
    assert {each["name"]: each.get("default") for each in entry}["n"] == 3


def test_values_of_sweeps_and_functions_under_conditions() -> None:
    cells = [
        "%%mlrun cond -p lr=0.5 -x xs=[1,2],[3,4]\nif True:\n    def cond(lr=0.1, xs=None):\n        return lr",
        "%%mlrun swept -x xs='[1,2]' -x y={grid} -p z=1 -o r\nr = xs",
    ]
    build = build_module(select_cells(notebook(*cells)), "page")
    assert "def cond(lr=0.5, xs=None):" in build.module and "def cond(context" not in build.module
    assert "def swept(context, z=1, xs=1, y=None):" in build.module
    assert [text for text in build.warnings if "takes {grid} of the kernel" in text]
    assert build.handlers["cond"]["parameters"][0]["default"] == 0.5


def test_a_secret_of_the_line_is_refused() -> None:
    cell = "%%mlrun login -p password=hunter2-of-old -o r\ndef login(password):\n    return 1"
    with pytest.raises(MLRunInvalidArgumentError, match=r"cell 1: .*--secret"):
        build_module(select_cells(notebook(cell)), "page")
