"""Every command of the documentation is executed: a page is a notebook and a terminal beside it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Block, blocks, headings, links, pages, text
from tests.live import Kernel, Live, live_server

SETUP = Path(__file__).parent / "setup"
SECONDS = 100
# pages whose kernel is a Python of its own, with a large engine
PYTHONS = {"docs/howto/runtimes/spark.md": ROOT / ".venv-spark" / "bin" / "python"}
TYPED_PAGES = [page for page in pages() if blocks(page)]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One server for all pages."""
    with live_server(tmp_path_factory.mktemp("live")) as server:
        yield server


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", TYPED_PAGES)
def test_commands_of(page: str, live: Live) -> None:
    python = PYTHONS.get(page)
    if python is not None and not python.exists():
        pytest.skip(f"there is no {python}: make test-engines makes it")
    folder = live.root / re.sub(r"\W", "-", page)
    folder.mkdir()
    notebook = f"{folder.name}/page.ipynb"
    with live.kernel(notebook) as kernel:
        prepare(page, kernel, folder)
        if python is not None:
            kernel.run(f"import sys; sys.executable = {str(python)!r}")
        for block in blocks(page):
            if block.language == "bash":
                type_in_terminal(block, live, folder)
            else:
                type_in_notebook(block, kernel)


def prepare(page: str, kernel: Kernel, folder: Path) -> None:
    """What a page takes for granted: files, and cells executed before its own."""
    name = re.sub(r"\W", "-", page.removesuffix(".md"))
    files = SETUP / name
    if files.is_dir():
        shutil.copytree(files, folder, dirs_exist_ok=True)
    cells = SETUP / f"{name}.py"
    if cells.exists():
        for number, cell in enumerate(cells.read_text().split("\n# %%\n")):
            answer = kernel.run(cell, cell_id=f"setup-{number}")
            assert answer.ok, f"the setup of {page}:\n{cell}\n{answer.error}"


def type_in_notebook(block: Block, kernel: Kernel) -> None:
    """Executes a cell; ``raises`` after the language says that it has to fail."""
    answer = kernel.run(block.text, cell_id=f"line-{block.line}", seconds=SECONDS)
    said = f"{block.place}:\n{block.text}\n{answer.text}\n{answer.error}"
    assert answer.ok == ("raises" not in block.words), said


def type_in_terminal(block: Block, live: Live, folder: Path) -> None:
    """Runs the lines in a shell; what ``make`` would do in the checkout is only looked up."""
    for line in block.text.splitlines():
        if line.startswith("make"):
            done = subprocess.run(["make", "-n", *line.split()[1:]], cwd=ROOT, capture_output=True)
            assert done.returncode == 0, f"{block.place}: {line}: {done.stderr!r}"
    lines = [line for line in block.text.splitlines() if not elsewhere(line)]
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", "\n".join(lines)],
        cwd=folder, env=terminal(live), capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    failed = done.returncode != 0
    said = f"{block.place}:\n{block.text}\n{done.stdout}\n{done.stderr}"
    assert failed == ("raises" in block.words), said


def elsewhere(line: str) -> bool:
    """Lines that the tests of their own execute: make, and installing what was built."""
    return line.startswith(("make", "pip install"))


def terminal(live: Live) -> dict[str, str]:
    """The environment of a terminal that JupyterLab opens."""
    return {
        **live.environment(),
        "MLRUN_DBPATH": f"{live.url}/mlrun",
        "MLRUN_HTTPDB__TOKEN": live.mlrun_token(),
        # a page may show a program that starts a service for itself
        "JUPYTER_MLRUN_AUTOSTART": "1",
    }


@pytest.mark.parametrize("page", pages())
def test_links_of(page: str) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), f"{page} links to {target}, which is not there"
        if anchor:
            found = {slug(heading) for heading in headings(str(file.resolve().relative_to(ROOT)))}
            assert anchor in found, f"{page} links to {target}; the headings are {sorted(found)}"


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_page_is_linked() -> None:
    linked = {"README.md"}
    for page in pages():
        for target in links(page):
            path = ((ROOT / page).parent / target.partition("#")[0]).resolve()
            linked.add(str(path.relative_to(ROOT)))
    assert set(pages()) <= linked, set(pages()) - linked


def test_contributing_names_files_that_are_there() -> None:
    inner = ("", "jupyter_mlrun", "server_extension/jupyter_mlrun_server", "labextension/src")
    places = [ROOT / part for part in inner]
    for path in re.findall(r"`([\w./]+/[\w./]*)`", text("CONTRIBUTING.md")):
        assert any((place / path).exists() for place in places), f"{path} is not there"
