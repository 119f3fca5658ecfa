"""The controls of a notebook, used as a user's clicks use them."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import widgets
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from tests.live import Live

pytest.importorskip("ipywidgets")
SOURCE = '''
import mlrun

def train(context, data: mlrun.DataItem, steps: int = 3, rate: float = 0.5, name: str = "a",
          deep: bool = False, layers=[1, 2]):
    """Train.

    :param steps: how many
    """
    context.log_progress(1, 2, "half")
    context.log_results({"steps": steps, "rate": rate, "name": name, "deep": deep,
                         "layers": layers, "lines": len(data.get().split())})
'''


@pytest.fixture
def form(service: Live, tmp_path: Path) -> Any:
    path = tmp_path / "trains.py"
    path.write_text(SOURCE.replace("import mlrun", "import jupyter_mlrun as mlrun"))
    function = mlrun.code_to_function(
        "trains", "default", filename=str(path), kind="local", handler="train"
    )
    return widgets.RunForm(function)


def test_a_form_runs_what_it_holds(form: Any, tmp_path: Path) -> None:
    assert list(form.fields) == ["data", "steps", "rate", "name", "deep", "layers"]
    (tmp_path / "lines.txt").write_text("a b c")
    form.fields["data"].value = str(tmp_path / "lines.txt")
    form.fields["steps"].value = "7"
    form.fields["deep"].value = True
    form.button.click()
    assert form.run is not None, form.shown.outputs
    assert form.run.wait_for_completion() == "completed"
    assert form.run.status.results == {
        "steps": 7, "rate": 0.5, "name": "a", "deep": True, "layers": [1, 2], "lines": 3,
    }  # fmt: skip


def test_a_form_says_what_is_wrong(form: Any) -> None:
    form.fields["steps"].value = "many"
    with pytest.raises(MLRunInvalidArgumentError, match="'many' is no int for the parameter steps"):
        form.values()
    form.button.click()
    assert form.run is None and not form.button.disabled


def test_names_in_a_form_are_no_html() -> None:
    points = {"<i>h": {"parameters": []}}
    function: Any = SimpleNamespace(name="<img src=x>", spec={"entry_points": points})
    title = widgets.RunForm(function, "<i>h").box.children[0].value
    assert title == "<b>&lt;img src=x&gt;</b> &lt;i&gt;h"


@pytest.mark.row("4.109")
def test_progress_and_comparison(service: Live) -> None:
    def handler(context, x):
        return x

    function = mlrun.new_function("plain", kind="handler")
    runs = [function.run(handler=handler, params={"x": x, "same": 1}) for x in (1, 2)]
    progress = widgets.Progress(runs[0])
    progress.thread.join(20)
    assert progress.bar.value == 1 and progress.bar.bar_style == "success"
    assert progress.button.disabled and "completed" in progress.line.value
    comparison = widgets.Comparison(runs)
    assert "param.x" in comparison.page.value and "param.same" not in comparison.page.value
    comparison.hidden.value = False
    assert "param.same" in comparison.page.value
    comparison.chosen.value = (0,)
    assert "1 runs" in comparison.page.value or "<tr>" in comparison.page.value
    with pytest.raises(MLRunInvalidArgumentError, match="no runs"):
        widgets.compare([])


def test_a_bar_follows_a_run_that_works(service: Live, tmp_path: Path) -> None:
    path = tmp_path / "slow.py"
    path.write_text(
        "import time\ndef slow(context):\n    context.log_progress(1, 4, 'a quarter')\n"
        "    context.commit()\n    time.sleep(60)\n"
    )
    function = mlrun.code_to_function(
        "slow", "default", filename=str(path), kind="local", handler="slow"
    )
    progress = widgets.Progress(function.run(watch=False))
    deadline = time.monotonic() + 60
    while progress.bar.value != 0.25 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert progress.bar.value == 0.25 and progress.line.value == "a quarter"
    progress.button.click()
    progress.thread.join(60)
    assert progress.bar.bar_style == "warning"
    assert progress.run.status.state == "aborted"
