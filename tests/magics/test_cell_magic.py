# ruff: noqa: E501 (cells are written as one text)
"""``%%mlrun`` in a real kernel against a real server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun.magics.failure import format_traceback
from tests.live import Kernel, Live

CARD = "application/vnd.jupyter-mlrun.run+json"


def read(server: Live, card: dict[str, Any]) -> dict[str, Any]:
    """The run document of a card."""
    answer = server.call("GET", f"mlrun/api/v1/projects/{card['project']}/runs/{card['uid']}")
    document: dict[str, Any] = answer["data"]
    return document


@pytest.mark.row("2.24")
@pytest.mark.row("2.24")
def test_the_main_job(server: Live, kernel: Kernel) -> None:
    kernel.run(
        "from sklearn.datasets import load_iris\nfrom sklearn.ensemble import RandomForestClassifier\n"
        "iris = load_iris(as_frame=True)\nframe = iris.frame\n"
        "def split(table):\n    return table.drop(columns='target'), table['target']"
    )
    cell = (
        "%%mlrun train -p n_estimators=5 -o accuracy -o model -o head --label team=onco\n"
        "x, y = split(frame)\n"
        "model = RandomForestClassifier(n_estimators, random_state=0).fit(x, y)\n"
        "accuracy = model.score(x, y)\nhead = frame.head()\nprint('trained')"
    )
    answer = kernel.run(cell, cell_id="cell-1")
    assert answer.ok, answer.error
    first, last = answer.displays[0][CARD], answer.displays[-1][CARD]
    assert first["state"] in ("pending", "running") and last["state"] == "completed"
    assert last["notebook"] == "work/page.ipynb" and last["cell_id"] == "cell-1"
    assert last["snapshot"]["outputs_declared"] == ["accuracy", "model", "head"]
    run = read(server, last)
    assert run["status"]["results"]["accuracy"] > 0.9
    assert set(run["status"]["artifact_uris"]) == {"model", "head"}
    assert run["metadata"]["labels"]["team"] == "onco"
    origin = run["spec"]["origin"]
    assert origin["cell_source"] == cell and origin["packages"]["scikit-learn"]
    assert origin["command_line"].startswith("%%mlrun train -p n_estimators=5")
    assert kernel.run("model").error, "nothing is bound in the kernel"
    text = json.dumps(answer.displays)
    assert "127.0.0.1" not in text and server.mlrun_token() not in text


def test_a_failing_body_fails_the_cell_once_with_its_line(kernel: Kernel) -> None:
    answer = kernel.run("%%mlrun bad\nx = 1\n\ndef f():\n    return x / 0\n\nf()")
    number = answer.displays[-1][CARD]["snapshot"]["execution_count"]
    assert f"Cell [{number}], line 7" in answer.error
    assert answer.error.count("ZeroDivisionError") == 1
    assert "line 7" in answer.error and "----> 5     return x / 0" in answer.error
    assert "jupyter_mlrun" not in answer.error and "_run_cell" not in answer.error
    assert "Traceback" not in answer.text
    assert answer.displays[-1][CARD]["state"] == "error"
    assert answer.displays[-1]["text/plain"].startswith("✖ bad failed")


@pytest.mark.row("2.24")
@pytest.mark.parametrize("kind", ["local", "handler"])
def test_both_kinds_give_the_same(kernel: Kernel, server: Live, kind: str) -> None:
    kernel.run("total = 1\nimport asyncio")
    body = "total += n\nawait asyncio.sleep(0)\nlines = !echo a; echo b\ncount = len(lines)\ntotal"
    answer = kernel.run(f"%%mlrun both --kind {kind} -p n=4 -o total -o count\n{body}")
    assert answer.ok, answer.error
    run = read(server, answer.displays[-1][CARD])
    assert run["status"]["results"] == {"total": 5, "count": 2}
    assert run["metadata"]["labels"]["kind"] == kind
    failed = kernel.run(f"%%mlrun both2 --kind {kind} -o kept -o other\nkept = 1\n1/0")
    assert failed.error.count("ZeroDivisionError") == 1 and "Traceback" not in failed.text
    assert kernel.run("total").displays[0]["text/plain"] == "1"


def test_handler_form_with_types_and_lines(kernel: Kernel, server: Live) -> None:
    kernel.run("FACTOR = 3")
    good = kernel.run(
        "%%mlrun fit -p n=2 -o value\ndef fit(context, n: int):\n"
        "    context.log_result('inner', n)\n    return n * FACTOR"
    )
    assert good.ok, good.error
    assert read(server, good.displays[-1][CARD])["status"]["results"] == {"inner": 2, "value": 6}
    bad = kernel.run("%%mlrun fit\ndef fit(context):\n    x = 1\n    raise KeyError('deep')")
    assert "line 4, in fit" in bad.error and "----> 4     raise KeyError('deep')" in bad.error


def test_inputs_in_all_their_forms(kernel: Kernel, server: Live, folder: Path) -> None:
    (folder / "t.csv").write_text("a\n1\n2\n")
    (folder / "my t.csv").write_text("a\n1\n2\n")
    kernel.run("import pandas as pd")
    made = kernel.run(
        "%%mlrun make -o table -o plain\ntable = pd.DataFrame({'a': [1, 2, 3]})\nplain = {'k': 'v' * 9000}"
    )
    assert made.ok, made.error
    cell = "%%mlrun use -i t={} -o n -o kind\nkind = type(t).__name__\nn = len(t if kind == 'DataFrame' else t.as_df())"
    for address, count, kind in (
        ("t.csv", 2, "DataItem"), ("./t.csv", 2, "DataItem"), (str(folder / "t.csv"), 2, "DataItem"),
        ('"my t.csv"', 2, "DataItem"), ("'./my t.csv'", 2, "DataItem"),
        ("make.table", 3, "DataFrame"), ("table", 3, "DataFrame"), ("make_table:latest", 3, "DataFrame"),
        ("store://datasets/default/make_table", 3, "DataFrame"),
    ):  # fmt: skip
        answer = kernel.run(cell.format(address))
        assert answer.ok, answer.error
        results = read(server, answer.displays[-1][CARD])["status"]["results"]
        assert results == {"n": count, "kind": kind}, address
    for address, sentence in (
        ("nope.csv", "there is no file"), ("./nope", "there is no file"), ("tabel", "Did you mean 'table'?"),
        ("make.tabel", "it kept table, plain. Did you mean 'table'?"), ("store://datasets/default/nix", "nix"),
        ("xyz://a/b", "xyz"),
    ):  # fmt: skip
        answer = kernel.run(cell.format(address))
        assert sentence in answer.error and "Traceback" not in answer.error, address
    again = kernel.run("%mlrun run use")
    assert "use needs the input t: give its address, -i t=ADDRESS" in again.error
    assert kernel.run("%mlrun run use -i t=table").ok
    server.call("POST", "mlrun/api/v1/projects", {"metadata": {"name": "next-door"}})
    kernel.run("%mlrun project next-door")
    elsewhere = kernel.run(cell.format("store://datasets/default/make_table"))
    assert elsewhere.ok, elsewhere.error
    taken = read(server, elsewhere.displays[-1][CARD])
    assert taken["status"]["results"] == {"n": 3, "kind": "DataItem"}
    kernel.run("%mlrun project default")


def test_sweeps(kernel: Kernel, server: Live) -> None:
    kernel.run("seen = []")
    answer = kernel.run(
        "%%mlrun sweep -x a=1,2,3 -x b='x','y' -p c=10 --select max.score -o score -o n\n"
        "seen.append(a)\nn = len(seen)\nscore = a * c + (b == 'y')"
    )
    assert answer.ok, answer.error
    run = read(server, answer.displays[-1][CARD])
    assert run["status"]["results"]["score"] == 31 and run["status"]["results"]["n"] == 1
    assert len(run["status"]["iterations"]) == 7


def test_as_binds_the_run_and_nothing_else(kernel: Kernel) -> None:
    kernel.run("%%mlrun one --as run -o v\nv = 1\nother = 2")
    names = "[n for n in ('v', 'other', 'run', 'context') if n in globals()]"
    assert kernel.run(names).displays[0]["text/plain"] == "['run']"
    checks = "run.status.state, run.outputs['v'], run.wait_for_completion() == 'completed', run.uid()[:0]"
    assert kernel.run(checks).displays[0]["text/plain"] == "('completed', 1, True, '')"


def test_environment_secrets_and_folder(kernel: Kernel, server: Live, folder: Path) -> None:
    (folder / "sub").mkdir(exist_ok=True)
    kernel.run("import os\nos.environ['MY_SECRET'] = 'hunter2-very-secret'")
    answer = kernel.run(
        "%%mlrun env --env MODE=fast --env SAID=\"two words\" --label why='a-b' --secret MY_SECRET "
        "--workdir sub -o mode -o length -o cwd\n"
        "import os\nmode = os.environ['MODE'] + os.environ['SAID']\nlength = len(os.environ['MY_SECRET'])\ncwd = os.getcwd()"
    )
    assert answer.ok, answer.error
    run = read(server, answer.displays[-1][CARD])
    assert run["status"]["results"] == {
        "mode": "fasttwo words", "length": 19, "cwd": str(folder / "sub"),
    }  # fmt: skip
    assert run["metadata"]["labels"]["why"] == "a-b"
    assert run["spec"]["secrets"] == ["MY_SECRET"] and "hunter2" not in json.dumps(run)
    found = [path for path in server.folder.rglob("*") if path.is_file() and "ipython" not in str(path)
             and b"hunter2-very-secret" in path.read_bytes()]  # fmt: skip
    assert not found


def test_files_ship(kernel: Kernel, server: Live, folder: Path) -> None:
    (folder / "mymod.py").write_text("def f():\n    return 'shipped'\n")
    (folder / "cities.txt").write_text("Delft\n")
    kernel.run("import sys\nsys.path.insert(0, '')\nimport mymod")
    answer = kernel.run(
        "%%mlrun files --file cities.txt -o r\nr = mymod.f() + open('cities.txt').read().strip()"
    )
    assert answer.ok, answer.error
    run = read(server, answer.displays[-1][CARD])
    assert run["status"]["results"]["r"] == "shippedDelft"
    name, _, version = run["spec"]["function"].rpartition("/")[2].partition("@")
    path = f"mlrun/api/v1/projects/default/functions/{name}?hash_key={version}"
    function = server.call("GET", path)["func"]
    assert [f["path"] for f in function["spec"]["files"]] == ["cities.txt", "mymod.py"]


def test_the_version_is_that_of_the_code(kernel: Kernel, server: Live) -> None:
    kernel.run("k = 1")

    def version(line: str, body: str = "v = k") -> str:
        answer = kernel.run(f"%%mlrun same {line}\n{body}")
        assert answer.ok, answer.error
        return str(read(server, answer.displays[-1][CARD])["spec"]["function"])

    first = version("-o v")
    assert version("-o v --label a=b --env X=1 --timeout 50 --name other") == first
    kernel.run("unrelated = 2")
    assert version("-o v") == first
    assert version("-o v", "v = k \n\n") == first
    assert version("-o v", "v = k + 0") != first
    kernel.run("k = 2")
    assert version("-o v") != first


def test_no_run_and_run_again(kernel: Kernel, server: Live) -> None:
    kernel.run("base = 100")
    stored = kernel.run("%%mlrun later -p n=1 -o v --no-run\nv = base + n")
    assert stored.ok and "Stored the function default/later@" in stored.text and not stored.displays
    again = kernel.run("%mlrun run later -p n=5")
    assert again.ok, again.error
    assert read(server, again.displays[-1][CARD])["status"]["results"] == {"v": 105}
    with server.kernel("work/other.ipynb") as other:
        other.run("%load_ext jupyter_mlrun")
        answer = other.run("%mlrun run later --as r")
        assert answer.ok, answer.error
        assert other.run("r.outputs['v']").displays[0]["text/plain"] == "101"


def test_explain_shows_all_and_does_nothing(kernel: Kernel, server: Live) -> None:
    kernel.run("import pandas as pd\nshown = pd.DataFrame({'a': [1]})\ndef helper(): return shown")
    before = server.call("GET", "mlrun/api/v1/projects/default/functions")["funcs"]
    answer = kernel.run("%%mlrun explained --explain -o v\nv = helper()\n%matplotlib inline")
    text = answer.displays[0]["text/plain"]
    assert "helper  function  cell [" in text and "shown   dataset" in text
    assert "pandas  package" in text and "warning: line 3: %matplotlib" in text
    reads = kernel.run("%%mlrun explained --explain -i data=cities.csv\nprint(data)").displays[0]
    assert "data" in reads["text/plain"] and "input" in reads["text/plain"]
    assert "cities.csv" in reads["text/plain"] and "cities.csv" in reads["text/html"]
    assert server.call("GET", "mlrun/api/v1/projects/default/functions")["funcs"] == before


def test_exit_codes_and_timeout(kernel: Kernel, server: Live) -> None:
    zero = kernel.run("%%mlrun leave -o v\nimport sys\nv = 1\nsys.exit(0)")
    assert zero.ok and zero.displays[-1][CARD]["state"] == "completed"
    three = kernel.run("%%mlrun leave\nimport sys\nsys.exit(3)")
    assert "3" in three.error and three.displays[-1][CARD]["state"] == "error"
    late = kernel.run("%%mlrun late --timeout 1\nimport time\ntime.sleep(60)")
    run = read(server, late.displays[-1][CARD])
    assert run["status"]["state"] == "aborted" and "1" in late.error, run["status"]


def test_missing_output_fails_by_name_and_keeps_the_rest(kernel: Kernel, server: Live) -> None:
    answer = kernel.run("%%mlrun part -o b -o a -o c -o lines\na = 7\nlines = !echo one")
    assert "output 'b', 'c' of part is not bound at the end of the cell" in answer.error
    kept = read(server, answer.displays[-1][CARD])["status"]["results"]
    assert kept == {"a": 7, "lines": ["one"]}


def test_watch_prints_the_log(kernel: Kernel) -> None:
    answer = kernel.run("%%mlrun loud --watch\nfor i in range(3):\n    print('line', i)")
    assert "line 0\nline 1\nline 2" in answer.text


def test_a_failed_run_is_bound_and_found_too(kernel: Kernel) -> None:
    assert not kernel.run("%%mlrun sad --as r\nprint('so far')\n1/0").ok
    assert kernel.run("r.state()").displays[0]["text/plain"] == "'error'"
    assert "so far" in kernel.run("%mlrun logs").text


def test_unknown_parameters_of_a_stored_function(kernel: Kernel) -> None:
    kernel.run("%%mlrun takes -p number=1 -o v --no-run\nv = number")
    answer = kernel.run("%mlrun run takes -p nubmer=2")
    assert "-p nubmer: takes() takes number. Did you mean 'number'?" in answer.error


def test_a_failing_helper_is_shown_in_its_own_cell(kernel: Kernel) -> None:
    kernel.run("offset = 1\n\n\ndef helper(x):\n    y = x\n    return y / 0")
    shown = kernel.run("%%mlrun uses --explain\nhelper(1)").displays[0]["text/plain"]
    number = shown.partition("function  cell [")[2].partition("]")[0]
    answer = kernel.run("\n%%mlrun uses\nx = 1\nhelper(x)")
    assert f"Cell [{number}], line 6, in helper" in answer.error
    assert "----> 6     return y / 0" in answer.error and "/code/" not in answer.error
    log = kernel.run("%mlrun logs").text
    assert f'File "<cell [{number}]>", line 6, in helper\n    return y / 0\n' in log, log
    assert 'File "<cell uses>", line 4, in <module>\n    helper(x)\n' in log, log
    cell = "%%mlrun calls\ndef calls():\n    return helper(2)"
    assert "line 3, in calls" in kernel.run(cell).error
    log = kernel.run("%mlrun logs").text
    assert 'File "<cell calls>", line 3, in calls\n    return helper(2)\n' in log, log
    assert "/code/" not in log


def test_a_magic_line_of_several_lines(kernel: Kernel, server: Live) -> None:
    plain = "%%mlrun several -p a=1 -o b\nb = a\nprint(1 / 0)"
    first = kernel.run(plain).error
    longer = "%%mlrun several \\\n  -p a=1 \\\n  -o b  # what it gives\nb = a\nprint(1 / 0)"
    second = kernel.run(longer).error
    assert "line 3" in first and "----> 3 print(1 / 0)" in first
    assert "line 5" in second and "----> 5 print(1 / 0)" in second
    found = server.call("GET", "mlrun/api/v1/projects/default/functions?name=several")["funcs"]
    assert len({each["metadata"]["hash"] for each in found}) == 1
    third = kernel.run(f"# mlrun: start-code\n\n# why\n{plain}").error
    assert "line 6" in third and "----> 6 print(1 / 0)" in third


def test_what_is_missing_is_said_before_anything_runs(
    kernel: Kernel, server: Live, folder: Path
) -> None:
    (folder / "hollow").mkdir(exist_ok=True)
    handler = "def h2(context, m, n=None):\n    assert m, n\n    assert False"
    assert kernel.run(f"%%mlrun h2 --no-run\n{handler}").error == ""
    before = server.call("GET", "mlrun/api/v1/projects/default/runs")["runs"]
    for line, sentence in (
        ("%%mlrun hollow", "the cell is empty below %%mlrun hollow: write the code"),
        ("%%mlrun hollow\n\n", "the cell is empty below %%mlrun hollow: write the code"),
        ("%%mlrun v --file hollow\n1", "--file hollow: the folder"),
        ("%mlrun run h2 --workdir nope", "--workdir nope: there is no folder"),
        ("%mlrun run h2", "h2() needs m: give it by -p m=VALUE or -i m=ADDRESS"),
        (f"%%mlrun h2 -p n=1\n{handler}", "h2() needs m: give it by -p m=VALUE"),
    ):
        answer = kernel.run(line)
        assert sentence in answer.error and "Did you mean" not in answer.error, answer.error
    assert server.call("GET", "mlrun/api/v1/projects/default/runs")["runs"] == before
    failed = kernel.run("%mlrun run h2 -p m=1").error
    assert "AssertionError" in failed and "AssertionError: AssertionError" not in failed


def test_an_excerpt_shows_the_lines_of_its_cell_alone() -> None:
    text = [[number, f"text {number}"] for number in range(8, 13)]
    frame = {"file": "/runs/code/f.py", "line": 10, "function": "helper", "text": text}
    known = {"name": "helper", "cell": 3, "first": 10, "last": 11, "offset": 9}
    run = {"metadata": {"name": "n", "uid": "u"}, "spec": {"origin": {"definitions": [known]}},
           "status": {"state": "error", "error": "x", "error_frames": [frame]}}  # fmt: skip
    shown = "\n".join(format_traceback(run))
    assert "1 text 10" in shown and "2 text 11" in shown
    assert not any(f"text {number}" in shown for number in (8, 9, 12))
