# ruff: noqa: E501 (cells are written as one text)
"""``%mlrun`` and Tab, in a real kernel."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

import jupyter_mlrun
from jupyter_mlrun.grammar.table import LINE
from tests.live import Kernel, Live


def test_help_everywhere(kernel: Kernel) -> None:
    assert "usage: %mlrun COMMAND" in kernel.run("%mlrun --help").text
    for name in LINE:
        answer = kernel.run(f"%mlrun {name} --help")
        assert answer.ok and f"usage: %mlrun {name}" in answer.text
    shown = kernel.run("%%mlrun --help")
    assert shown.ok and "--select max.RESULT|min.RESULT" in shown.text
    assert kernel.run("%mlrun rnus").error.endswith("Did you mean %mlrun runs?")


def test_lists(kernel: Kernel) -> None:
    assert kernel.run("%%mlrun listed -o v\nv = 0.123456").ok
    assert not kernel.run("%%mlrun failing\n1/0").ok
    table = kernel.run("%mlrun runs").displays[0]["text/plain"]
    assert "✔ completed  listed" in table and "v 0.1235" in table and "✖ failed" in table
    only = kernel.run("%mlrun runs state:error").displays[0]["text/plain"]
    assert "failing" in only and "listed" not in only
    names = kernel.run("%mlrun functions").displays[0]["text/plain"]
    none = kernel.run("%mlrun functions nobody").displays[0]["text/plain"]
    assert "have nobody in their name" in none
    assert "listed" in names and "failing" in names
    assert "ZeroDivisionError" in kernel.run("%mlrun logs failing").text
    assert "Did you mean 'listed'?" in kernel.run("%mlrun logs listde").error
    status = kernel.run("%mlrun status").text
    assert "Project   default" in status and "listed completed" in status
    assert "write a whole number" in kernel.run("%mlrun runs -n many").error


def test_projects(kernel: Kernel, server: Live) -> None:
    assert "Project churn (new)" in kernel.run("%mlrun project churn").text
    assert kernel.run("%mlrun project churn").text.strip() == "Project churn"
    assert kernel.run("%%mlrun inside -o v\nv = 1").ok
    assert "inside" in kernel.run("%mlrun runs").displays[0]["text/plain"]
    wrong = kernel.run("%%mlrun inside --project chrun\nv = 1").error
    assert "There is no project 'chrun'. Did you mean 'churn'?" in wrong
    assert "churn" in server.call("GET", "mlrun/api/v1/projects?format=name_only")["projects"]
    bad = kernel.run("%mlrun project Bad_Name").error
    assert "Field 'project.metadata.name' is malformed" in bad
    assert kernel.run("%mlrun project default").ok


def test_running_again_by_another_kind(kernel: Kernel, server: Live) -> None:
    made = kernel.run("%%mlrun kinds -p x=2 -o y --kind local\nimport os\ny = os.getpid()")
    assert made.ok, made.error
    again = kernel.run(
        "%mlrun run kinds --kind handler --as r\nimport os\nr.output('y') == os.getpid()"
    )
    assert again.displays[-1]["text/plain"] == "True", again.error
    assert "of kind handler." in again.text
    path = "mlrun/api/v1/projects/default/functions/kinds"
    assert server.call("GET", path)["func"]["kind"] == "handler"
    # the kind is the function's from then on
    same = kernel.run("%mlrun run kinds --as r\nr.output('y') == os.getpid()")
    assert same.displays[-1]["text/plain"] == "True" and "Stored" not in same.text
    refused = kernel.run('%mlrun schedule kinds "0 2 * * *"')
    assert "kind handler, which runs in this kernel alone" in refused.error
    assert kernel.run('%mlrun schedule kinds "0 2 * * *" --kind job').ok
    assert server.call("GET", path)["func"]["kind"] == "job"
    for line, said in (
        ("--kind handler --timeout 5", "needs a process of its own"),
        ("--kind nonsense", "nonsense"),
        ("--kind local --replicas 3", "--replicas is for --kind"),
    ):
        assert said in kernel.run(f"%mlrun run kinds {line}").error


def test_parameters_of_a_line_are_part_of_a_function_that_its_cell_defines(kernel: Kernel) -> None:
    made = kernel.run(
        "%%mlrun doubles -p n=3 -o r --no-run\ndef doubles(context, n, m=1): return n * 2 * m"
    )
    assert made.ok, made.error
    show = "\nr.outputs['r'], r.spec.parameters"
    plain = kernel.run("%mlrun run doubles --as r" + show)
    assert plain.displays[-1]["text/plain"] == "(6, {'n': 3})", plain.error
    other = kernel.run("%mlrun run doubles -p m=5 --kind handler --as r" + show)
    assert other.displays[-1]["text/plain"] == "(30, {'m': 5, 'n': 3})", other.error
    wins = kernel.run("%mlrun run doubles -p n=4 --as r" + show)
    assert wins.displays[-1]["text/plain"] == "(8, {'n': 4})", wins.error


def test_a_function_under_a_condition_is_the_cells_function(kernel: Kernel) -> None:
    code = "if True:\n    def conditional(x): return x * 2\nelse:\n    conditional = None"
    run = kernel.run(f"%%mlrun conditional -p x=2 -o a --as r\n{code}")
    assert run.ok, run.error
    assert kernel.run("r.outputs").displays[-1]["text/plain"] == "{'a': 4}"


def test_running_again_what_is_not_there(kernel: Kernel) -> None:
    kernel.run("%%mlrun known --no-run\nv = 1")
    answer = kernel.run("%mlrun run knwon")
    assert "There is no function 'knwon' in project default. Did you mean 'known'?" in answer.error


def test_an_unreachable_service_is_a_sentence(kernel: Kernel) -> None:
    kernel.run(
        "import os\nkept = {k: os.environ[k] for k in ('MLRUN_DBPATH', 'MLRUN_HTTPDB__TOKEN')}\n"
        "os.environ |= {'MLRUN_DBPATH': 'http://127.0.0.1:9', 'MLRUN_HTTPDB__TOKEN': 'other'}\n"
        "%reload_ext jupyter_mlrun"
    )
    answer = kernel.run("%%mlrun nowhere\nv = 1")
    kernel.run("os.environ.update(kept)\n%reload_ext jupyter_mlrun")
    assert "No service answers at http://127.0.0.1:9" in answer.error
    assert "Traceback" not in answer.error and not answer.displays
    assert kernel.run("%%mlrun nowhere\nv = 1").ok


def test_export_from_the_notebook(kernel: Kernel, server: Live, folder: Path) -> None:
    import nbformat

    cells = [
        nbformat.v4.new_code_cell(text)
        for text in ("base = 1", "%%mlrun add -p n=1 -o v\nv = base + n")
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "page.ipynb")
    kernel.run("base = 1")
    kernel.run("extra = 5")
    answer = kernel.run("%mlrun export")
    assert answer.ok, answer.error
    assert "executed cells that differ from the saved file: [" in answer.text
    # the cell that asks is not among them
    asked = int(kernel.run("print(len(In) - 1)").text) - 1
    assert f"[{asked - 1}]" in answer.text and f"[{asked}]" not in answer.text
    assert f"wrote {folder / 'page.py'}" in answer.text and (folder / "page.yaml").exists()
    (folder / "page.py").write_text("mine = 1\n")
    assert "was not written by an export" in kernel.run("%mlrun export").error
    assert (folder / "page.py").read_text() == "mine = 1\n"
    assert kernel.run("%mlrun export --force").ok


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("%%mlrun ", "--param"), ("%%mlrun t --", "--explain"), ("%%mlrun t --no", "--no-wait"),
        ("%%mlrun t --kind ", "handler"), ("%%mlrun t --project ", "default"), ("%mlrun ", "runs"),
        ("%mlrun run tabb", "tabbed"), ("x = 1\n%mlrun pro", "project"), ("%mlrun runs --", "--limit"),
        ("%%mlrun t --secret PAT", "PATH"), ("%%mlrun tabb", "tabbed"), ("%%mlrun t -o a:mo", "a:model"),
        ("%%mlrun t --workdir /t", "/tmp/"), ("%%mlrun t --select ", "max."), ("%%mlrun t -i x=tabb", "x=tabbed."),
        ("%%mlrun t --nothing", "--nothing"), ("%%mlrun t -i x=gives.", "x=gives.kept"),
        ("%%mlrun t \\\n  -p a=1 \\\n  --no", "--no-wait"), ("%mlrun run \\\n  tabb", "tabbed"),
        ("# grow it\n\n%%mlrun train --ki", "--kind"), ("# one\n%%mlrun t \\\n -p a=1 --no", "--no-run"),
    ],
)  # fmt: skip
def test_tab(kernel: Kernel, code: str, expected: str) -> None:
    kernel.run("%%mlrun tabbed --no-run\nv = 1")
    if "gives" in code:
        assert kernel.run("%%mlrun gives -o kept:artifact\nkept = 'x'").ok
    client = kernel.client
    for _ in range(2):
        message = client.complete(code)
        matches = client.get_shell_msg(timeout=60)
        while matches["parent_header"].get("msg_id") != message:
            matches = client.get_shell_msg(timeout=60)
        # the names come in the background, so that the first Tab does not wait for them
        time.sleep(0.5)
    assert expected in matches["content"]["matches"], matches["content"]["matches"]


def test_other_lines_complete_as_ever(kernel: Kernel) -> None:
    kernel.run("some_long_name = 1")
    message = kernel.client.complete("some_long_")
    answer = kernel.client.get_shell_msg(timeout=60)
    while answer["parent_header"].get("msg_id") != message:
        answer = kernel.client.get_shell_msg(timeout=60)
    assert answer["content"]["matches"] == ["some_long_name"]


def test_loading_and_unloading() -> None:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    try:
        before = list(shell.Completer.custom_matchers)
        jupyter_mlrun.load_ipython_extension(shell)
        jupyter_mlrun.load_ipython_extension(shell)
        assert "mlrun" in shell.magics_manager.magics["cell"]
        assert len(shell.Completer.custom_matchers) == len(before) + 1
        jupyter_mlrun.unload_ipython_extension(shell)
        assert "mlrun" not in shell.magics_manager.magics["cell"]
        assert shell.Completer.custom_matchers == before
        jupyter_mlrun.unload_ipython_extension(shell)
    finally:
        InteractiveShell.clear_instance()


def test_a_terminal_still_asks_for_the_body() -> None:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    try:
        jupyter_mlrun.load_ipython_extension(shell)
        assert shell.check_complete("%%mlrun train -o r")[0] == "incomplete"
        assert shell.check_complete("%%mlrun --help")[0] == "complete"
        jupyter_mlrun.unload_ipython_extension(shell)
    finally:
        InteractiveShell.clear_instance()


def test_how_much_may_ship_is_a_setting(kernel: Kernel) -> None:
    kernel.run("import numpy as np\nvalues = np.arange(2000)")
    cell = "%%mlrun weighed --no-run -o v\nv = int(values.sum())"
    try:
        assert kernel.run("%config MLRunMagics.capture_limit = 1000").ok
        refused = kernel.run(cell)
        assert "values cannot ship: it is 16 kB and at most 1 kB may ship" in refused.error
    finally:
        kernel.run("%config MLRunMagics.capture_limit = 64_000_000")
    assert kernel.run(cell).ok
