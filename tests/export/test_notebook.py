# ruff: noqa: E501 (cells are written as one text)
"""A notebook's code as a module and a function beside it."""

from __future__ import annotations

import base64
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from click.testing import CliRunner

import jupyter_mlrun as mlrun
from jupyter_mlrun.cli import cli
from jupyter_mlrun.errors import MLRunConflictError, MLRunInvalidArgumentError, MLRunNotFoundError
from jupyter_mlrun.export.build import build_module
from jupyter_mlrun.export.notebook import export_notebook
from jupyter_mlrun.export.selection import find_marks, select_cells
from jupyter_mlrun.names import validate_function

Cell = str | tuple[str, list[str]]


def notebook(*cells: Cell) -> Any:
    """A notebook of code cells; a pair gives tags too."""
    made = nbformat.v4.new_notebook()
    for cell in cells:
        text, tags = cell if isinstance(cell, tuple) else (cell, [])
        made.cells.append(nbformat.v4.new_code_cell(text, metadata={"tags": tags}))
    return made


@pytest.fixture()
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a notebook file."""

    def make(*cells: Cell, name: str = "page.ipynb") -> Path:
        path = tmp_path / name
        nbformat.write(notebook(*cells), path)
        return path

    return make


def load(path: Path) -> Any:
    """The module of a file."""
    spec = importlib.util.spec_from_file_location("exported", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(*cells: Cell) -> list[str]:
    return [cell.text.strip() for cell in select_cells(notebook(*cells))]


@pytest.mark.row("2.21")
@pytest.mark.parametrize("prefix", ["mlrun", "nuclio"])
def test_comments_choose_cells(prefix: str) -> None:
    cells = ["before = 1", f"gone = 1\n# {prefix}: start-code\na = 1", "b = 1", f"# {prefix}: ignore\nc = 1",
             f"d = 1\n#{prefix}:end-code\ne = 1", "f = 1"]  # fmt: skip
    assert texts(*cells) == ["a = 1", "b = 1", "d = 1"]


def test_tags_choose_cells() -> None:
    cells: list[Cell] = ["a", ("b", ["mlrun:start-code"]), ("c", ["ignore"]), ("d", ["nuclio: ignore"]), "e",
             ("no", ["mlrun-ignore"]), ("f", ["end-code"]), "g"]  # fmt: skip
    assert texts(*cells) == ["b", "e"]


def test_each_start_with_its_end_is_a_part() -> None:
    start, end = "# mlrun: start-code", "# nuclio: end-code"
    cells: list[Cell] = ["no", f"{start}\na", f"b\n{end}\nno", "no", ("c", ["start-code"]), "d",
             ("no", ["end-code"]), f"no\n{start}\ne\n{end}\nno\n{start}\nf", "g"]  # fmt: skip
    chosen = [text.split() for text in texts(*cells)]
    assert chosen == [["a"], ["b"], ["c"], ["d"], ["e", "f"], ["g"]]
    assert texts("a", f"b\n{end}\nno", f"no\n{start}\nc") == ["a", "b", "c"]
    lines = select_cells(notebook(f"no\n{start}\na\n{end}\nno\n{start}\nb"))[0].text.split("\n")
    assert lines.index("a") == 2 and lines.index("b") == 6, "lines stay where they are"


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            ("# mlrun: start-code\na", "b\n# nuclio: start-code"),
            "cell 2, line 2: # mlrun: start-code",
        ),
        (("a\n# mlrun: end-code", "b\n\n# mlrun: end-code"), "cell 2, line 3: # mlrun: end-code"),
        (("# mlrun: start-code\na", ("b", ["start-code"])), "cell 2: its tag start-code"),
    ],
)
def test_marks_that_do_not_pair_are_refused(cells: tuple[Cell, ...], sentence: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match=sentence):
        texts(*cells)


NAMED = (
    "x = 1", "# mlrun: start-code train\na = 1", "b = 1\n# mlrun: end-code train", "c = 1",
    "# nuclio: start-code My_Test a remark\nd = 1\n# nuclio: end-code my-test", "# mlrun: ignore it\ne",
)  # fmt: skip


@pytest.mark.parametrize(
    ("function", "chosen"),
    [
        ("train", "a b"),
        ("Train", "a b"),
        ("my-test", "d"),
        ("my_test", "d"),
        ("other", "x a b c d"),
    ],
)
def test_marks_with_a_name_are_for_the_function_of_that_name(function: str, chosen: str) -> None:
    kept = "".join(cell.text for cell in select_cells(notebook(*NAMED), function))
    assert [name for name in "xabcde" if f"{name} = 1" in kept] == chosen.split()
    # without a name of its own a function takes what has none
    mixed = ("# mlrun: start-code\na = 1\n# mlrun: end-code", *NAMED)
    kept = "".join(cell.text for cell in select_cells(notebook(*mixed), "other"))
    assert kept.split() == ["a", "=", "1"]


def test_an_export_names_the_functions_whose_marks_it_leaves(write: Callable[..., Path]) -> None:
    start, end = "# mlrun: start-code train", "# mlrun: end-code train"
    cells = (f"{start}\ndef train(context):\n    return 3", f"{end}\n1/0")
    answer = export_notebook(str(write(*cells, name="train.ipynb")))
    assert answer["warnings"] == [] and load(Path(answer["module"]["path"])).train(None) == 3
    path = write(*cells)
    (said,) = export_notebook(str(path))["warnings"]
    assert "the marks of train are for a function of that name alone" in said
    assert "code_to_function('train', filename='page.ipynb')" in said
    function = mlrun.code_to_function("train", "p", filename=str(path), kind="job")
    assert "1/0" not in function.code and "train" in function.spec.entry_points
    made = mlrun.new_function("train", "p", kind="job").with_code(str(path))
    assert made.code == function.code


def test_annotations_stand_on_lines_of_their_own() -> None:
    kept = "x = 1  # mlrun: ignore"
    inside = "def f():\n    a = 1  # nuclio: end-code\n    # mlrun: ignore\n    return a"
    assert texts(kept, inside) == [kept, inside]


@pytest.mark.parametrize(
    ("cells", "chosen"),
    [
        (("def helper(x): return x", "def handler(p1=4): return p1"), "handler"),
        (("def helper(x): return x", "def train(context, p1=4): return p1"), "train"),
        (("def first(x): return x", "def second(y): return y"), "first"),
        (("def handler(context): pass", "%%mlrun made\ny = 1"), "made"),
    ],
)
def test_the_function_that_looks_like_a_handler_is_the_default(
    cells: tuple[str, ...], chosen: str
) -> None:
    assert build_module(select_cells(notebook(*cells)), "page").default_handler == chosen


def test_annotations_inside_texts_are_no_annotations() -> None:
    assert find_marks('s = """\n# mlrun: ignore\n"""\nx = "# nuclio: end-code"') == []
    assert find_marks("!ls  # mlrun: ignore\n%magic it's\n# mlrun: ignore") [-1] == (3, "ignore", "")  # fmt: skip


CELLS = (
    "junk = 1/0",
    "# mlrun: start-code\nimport math\n!pip install nothing\n%matplotlib inline\ntotal = 10\n\n"
    "def area(r):\n    out = !echo {r}\n    return math.pi * float(out[0]) ** 2",
    "%load_ext jupyter_mlrun\n%mlrun runs\n%cd /tmp",
    "%%bash\nls",
    "text = '''\n!ls\n# mlrun: end-code\n'''",
    "# Grow it.\n%%mlrun grow -p radius=2.0 \\\n  -i data=x.csv -o total -o size\n'''Grow it.'''\ntotal += 5\n%time size = area(radius)",
    "%%mlrun fit -o m\ndef fit(context, n: int = 3):\n    'Fit.'\n    return n",
    "%%mlrun later -o v\nimport asyncio\nawait asyncio.sleep(0)\nv = total",
)


def test_the_module_runs_and_the_function_holds_it(write: Callable[..., Path]) -> None:
    path = write(*CELLS)
    answer = export_notebook(str(path))
    module = load(path.with_suffix(".py"))
    total, size = module.grow(None)
    assert total == 15 and round(size, 3) == 12.566
    assert module.grow(None, radius=1.0)[0] == 15, "each call starts anew"
    assert module.fit(None) == 3 and module.later(None) == 10 and "!ls" in module.text
    document = yaml.safe_load(path.with_suffix(".yaml").read_text())
    code = base64.b64decode(document["spec"]["build"]["functionSourceCode"]).decode()
    assert path.with_suffix(".py").read_text().endswith(code)
    entry = document["spec"]["entry_points"]["grow"]
    assert entry["doc"] == "Grow it." and [p["name"] for p in entry["parameters"]] == [
        "context",
        "radius",
        "data",
    ]
    assert document["spec"]["default_handler"] == "grow" and document["metadata"]["name"] == "page"
    said = "\n".join(answer["warnings"])
    assert "cell 2, line 3: !pip install nothing is left out" in said
    assert "cell 3, line 3: %cd cannot run outside the notebook and is left out" in said
    assert "cell 4 is left out: line 1: %%bash" in said
    assert "import jupyter_mlrun" not in code


def test_names_that_nothing_defines_are_said() -> None:
    build = build_module(
        select_cells(notebook("def f():\n    return missing", "%%mlrun g\nf()\nother")), "t"
    )
    assert [text.partition(" ")[0] for text in build.warnings] == ["missing", "other"]


def test_a_helper_may_share_the_name_of_a_run(write: Callable[..., Path]) -> None:
    path = write("def train(x):\n    return x + 1", "%%mlrun train -o v\nv = train(1)")
    export_notebook(str(path))
    assert load(path.with_suffix(".py")).train(None) == 2


def test_nothing_of_others_is_written_over(write: Callable[..., Path]) -> None:
    path = write("a = 1")
    module, function = path.with_suffix(".py"), path.with_suffix(".yaml")
    dry = export_notebook(str(path), dry_run=True)
    assert not module.exists() and "a = 1" in dry["module"]["text"] and not dry["module"]["written"]
    export_notebook(str(path))
    assert export_notebook(str(path))["module"]["exists"]
    function.write_text(function.read_text() + "# mine\n")
    before = module.read_bytes()
    with pytest.raises(MLRunConflictError, match=r"page\.yaml was not written by an export"):
        export_notebook(str(path))
    assert module.read_bytes() == before and function.read_text().endswith("# mine\n")
    assert export_notebook(str(path), dry_run=True)["function"]["foreign"]
    tried = CliRunner().invoke(cli, ["export", str(path), "--dry-run"])
    assert "page.yaml was not written by an export" in tried.output
    assert "would write" not in tried.output and tried.exit_code == 1
    export_notebook(str(path), force=True)
    assert not list(path.parent.glob(".*.part"))


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("My Nötebook (1)", "my-notebook-1"),
        ("数", "notebook"),
        ("x" * 90, "x" * 63),
        ("_a__b_", "a-b"),
    ],
)
def test_any_file_gives_a_name_that_mlrun_takes(
    write: Callable[..., Path], file: str, name: str
) -> None:
    answer = export_notebook(str(write("a = 1", name=f"{file}.ipynb")))
    document = yaml.safe_load(answer["function"]["text"])
    assert document["metadata"]["name"] == validate_function(name)


def test_the_open_document_is_taken_where_it_is_given(write: Callable[..., Path]) -> None:
    path = write("a = 1")
    answer = export_notebook(str(path), notebook=json.loads(nbformat.writes(notebook("a = 2"))))
    assert "a = 2" in answer["module"]["text"]


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"cells": 3}', "\x00\xff"])
def test_what_is_no_notebook(content: str, tmp_path: Path) -> None:
    path = tmp_path / "page.ipynb"
    path.write_text(content)
    with pytest.raises(MLRunInvalidArgumentError, match="not a notebook"):
        export_notebook(str(path))
    with pytest.raises(MLRunNotFoundError, match=r"There is no notebook .*: save it first"):
        export_notebook(str(tmp_path / "other.ipynb"))


def test_a_syntax_error_names_its_cell(write: Callable[..., Path]) -> None:
    result = CliRunner().invoke(cli, ["export", str(write("ok = 1", "x = = 2"))])
    assert result.exit_code == 1 and "cell 2, line 1: invalid syntax" in result.output


@pytest.mark.row("2.23")
def test_from_the_terminal_and_by_nbconvert(write: Callable[..., Path]) -> None:
    path = write(*CELLS)
    result = CliRunner().invoke(cli, ["export", str(path), "--dry-run"])
    assert result.exit_code == 0 and f"would write {path.with_suffix('.py')}" in result.output
    command = [sys.executable, "-m", "nbconvert", "--to", "mlrun", str(path), "--output", "again"]
    subprocess.run(command, check=True, capture_output=True, cwd=path.parent)
    assert load(path.parent / "again.py").fit(None) == 3
    document = yaml.safe_load((path.parent / "again.yaml").read_text())
    assert "grow" in document["spec"]["entry_points"]
    (path.parent / "again.py").write_text("mine = 1\n")
    refused = subprocess.run(command, capture_output=True, text=True, cwd=path.parent)
    assert refused.returncode and "was not written by an export" in refused.stderr
    assert (path.parent / "again.py").read_text() == "mine = 1\n"
    subprocess.run(
        [*command, "--MLRunExporter.force=True"], check=True, capture_output=True, cwd=path.parent
    )


def test_as_the_server_asks(write: Callable[..., Path]) -> None:
    path = write("a = 1")
    path.with_suffix(".py").write_text("mine = 1\n")
    for asked, key in (
        ({"path": str(path)}, "error"),
        ({"path": str(path), "dry_run": True}, "module"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "jupyter_mlrun.export"], input=json.dumps(asked), text=True,
            capture_output=True, check=True,
        )  # fmt: skip
        answer = json.loads(done.stdout)
        assert key in answer and answer.get("status", 409) == 409


def test_a_cell_that_awaits_at_its_top_works_in_the_module(write: Callable[..., Path]) -> None:
    path = write(
        "import asyncio\nasync def twice(x):\n    await asyncio.sleep(0)\n    return 2 * x",
        "# gets it\na = await twice(4)\nb = [await twice(n) for n in range(2)]; c = 1\n\n@staticmethod\ndef plain(x):\n    return x + a\nasync with asyncio.timeout(1):\n    text = '''\nkept\n'''",
        "%%mlrun grow -o v\na += 1\nv = plain(1), b, text",
        "%%mlrun later -o v\nawait asyncio.sleep(0)\nv = await twice(a)",
    )
    answer = export_notebook(str(path))
    assert answer["warnings"] == []
    for _ in range(2):
        module = load(path.with_suffix(".py"))
        assert module.grow(None) == (10, [0, 2], "\nkept\n") and module.later(None) == 16
    assert set(yaml.safe_load(answer["function"]["text"])["spec"]["entry_points"]) == {
        "twice", "plain", "grow", "later",
    }  # fmt: skip
    failing = write("import asyncio\n\nawait asyncio.sleep(0)\nawait missing", name="fails.ipynb")
    export_notebook(str(failing))
    with pytest.raises(NameError) as error:
        load(failing.with_suffix(".py"))
    assert [f.lineno for f in error.traceback][-1] == 3, "counted from 0, as pytest does"


def test_what_export_refuses_or_doubts_names_its_cells(write: Callable[..., Path]) -> None:
    for line, sentence in (("%%mlrun a --bogus", "no option --bogus"), ("%%mlrun", "NAME is missing"),
                           ("%%mlrun a -p x", "-p x")):  # fmt: skip
        with pytest.raises(MLRunInvalidArgumentError, match=f"^cell 2: .*{sentence}"):
            export_notebook(str(write("ok = 1", f"{line}\nv = 1")))
    build = build_module(
        select_cells(
            notebook("%%mlrun a\nv = 1", "%%mlrun a\nv = 2", "def b(): ...", "%%mlrun b\nv = 1", "%%mlrun c\nimport asyncio\ndef c(): ...\nawait asyncio.sleep(0)")
        ), "t",
    )  # fmt: skip
    said = "\n".join(build.warnings)
    assert "cells 1 and 2 are both a: the function a of the module is that of cell 2" in said
    assert "another cell defines a function b: who calls b of the module runs cell 4" in said
    assert "cell 5 is left out: line 4: 'await' outside function" in said
    steps = "%%mlrun a\n\ncontext.log_result('x', 1, step=2)\ncontext.log_result('y', 1)"
    ours = "import mlrun, jupyter_mlrun.errors\nfrom .jupyter_mlrun import x\nfrom jupyter_mlrun import run"
    first, *imports = build_module(select_cells(notebook(steps, ours)), "t").warnings
    assert first == "cell 1, line 3: MLRun's own client knows no step= of log_result"
    assert [text.partition(",")[0] + text[6:14] for text in imports] == [
        "cell 2, line 1",
        "cell 2, line 3",
    ]
    with pytest.raises(MLRunInvalidArgumentError, match="has no code to export"):
        export_notebook(str(write("# mlrun: ignore\nx = 1")))
