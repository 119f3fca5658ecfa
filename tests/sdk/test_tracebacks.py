"""A mistake in a cell is shown as the user's own line and one sentence: no frame of a library."""

from __future__ import annotations

import linecache
import re
from pathlib import Path
from typing import Any

import pytest

import jupyter_mlrun as mlrun
from tests.live import Live

# each is a mistake, with what its sentence has to say
WITHOUT_SERVICE = {
    "mlrun.get_dataitem('nowhere/x.csv').get()": "is not there",
    "mlrun.get_dataitem('nowhere/x.csv').as_df()": "is not there",
    "mlrun.get_dataitem('bad.parquet').as_df()": "cannot be read as parquet",
    "mlrun.get_dataitem('bad.json').as_df()": "cannot be read as json",
    "mlrun.get_dataitem('nope://x/y').get()": "not known",
    "mlrun.get_dataitem(3)": "An address is text",
    "mlrun.get_dataitem('http://127.0.0.1:9/x').get()": "127.0.0.1:9",
    "mlrun.get_dataitem('.').get()": "is a folder",
    "mlrun.get_object('bad.json', offset='a')": "offset is a number of bytes",
    "mlrun.code_to_function('f', filename='nowhere.py')": "There is no file",
    "mlrun.code_to_function('f', filename='bad.json')": "'{' was never closed",
    "mlrun.code_to_function('f', filename='bad.ipynb')": "is not a notebook",
    "mlrun.new_function('f', kind='jobb')": "Did you mean 'job'",
    "mlrun.import_function('nowhere.yaml')": "is not there",
    "mlrun.import_function('bad.json')": "holds no function",
    "mlrun.load_project('bad', 'bad.zip')": "neither a zip nor a tar file",
    "mlrun.artifacts.get_model('nowhere')": "is no folder",
    "mlrun.datastore.get_store_resource('x')": "begins with store://",
    "mlrun.set_env_from_file('nowhere.env')": "nowhere.env",
    "mlrun.get_sample_path(); mlrun.download_object('nowhere', 'x')": "is not there",
    "mlrun.utils.create_class('Thing')": "write it with its module",
}


def shown(code: str, names: dict[str, Any]) -> str:
    """What IPython would show for a cell."""
    cell = "<cell>"
    linecache.cache[cell] = (len(code), None, code.splitlines(keepends=True), cell)
    with pytest.raises(Exception) as caught:
        exec(compile(code, cell, "exec"), names)
    error: Any = caught.value
    assert hasattr(error, "_render_traceback_"), f"{type(error)}: {error}"
    return "\n".join(error._render_traceback_())


def check(text: str, said: str) -> None:
    assert said and said in text, text
    places = re.findall(r"^(?:\x1b\[[0-9;]*m)*(\S+), line \d+", text, re.MULTILINE)
    # the test itself stands for the cell
    strange = [each for each in places if each != "Cell" and not each.endswith(Path(__file__).name)]
    assert not strange, text
    assert "Cell" in places, text
    assert len(text.splitlines()[-1]) < 600


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files that are not what their names say."""
    for name in ("bad.parquet", "bad.json", "bad.ipynb", "bad.zip"):
        (tmp_path / name).write_text("not { this")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("code", WITHOUT_SERVICE)
def test_of_a_mistake_without_a_service(isolated_dirs: Path, folder: Path, code: str) -> None:
    check(shown(code, {"mlrun": mlrun}), WITHOUT_SERVICE[code])


WITH_SERVICE = {
    "project.import_artifact('nowhere.zip', 'a')": "is not there",
    "project.import_artifact('bad.zip', 'a')": "bad.zip",
    "project.import_artifact('nowhere.yaml', 'a')": "is not there",
    "project.import_artifact('bad.json', 'a')": "is no artifact spec",
    "project.get_artifact('nothing')": "not found",
    "project.get_function('nothing')": "nothing",
    "project.run_function('nothing')": "nothing",
    "project.set_function('nowhere.py', 'f')": "nowhere.py",
    "project.log_artifact('a b', body=b'x')": "is malformed",
    "project.log_dataset('d', df=3)": "DataFrame",
    "project.log_model('m')": "has no data",
    "project.log_artifact('x', local_path='nowhere')": "nowhere",
    "project.log_artifact('x', body=b'x', tag='a b')": "is malformed",
    "project.get_store_resource('store://artifacts/nothing')": "not found",
    "mlrun.get_dataitem('store://artifacts/nothing').get()": "not found",
    "mlrun.artifacts.update_model('store://models/nothing')": "not found",
    "mlrun.new_function('f', kind='handler').run(handler='no')": "no",
    "project.export('/proc/nowhere/x.zip')": "/proc/nowhere",
    "project.run('nothing')": "workflows have no engine",
}


def test_of_a_mistake_with_a_service(service: Live, folder: Path) -> None:
    project = mlrun.get_or_create_project("mistakes", str(folder), save=True)
    names = {"mlrun": mlrun, "project": project}
    for code, said in WITH_SERVICE.items():
        check(shown(code, names), said)
