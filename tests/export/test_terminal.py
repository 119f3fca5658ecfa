"""``jupyter mlrun autoload`` and ``doctor``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from jupyter_mlrun.cli import COMMANDS, cli
from jupyter_mlrun.cli.autoload import LINE, config_file, switch
from jupyter_mlrun.cli.doctor import Environment, explain


@pytest.fixture()
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for IPython and Jupyter."""
    for name in ("IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.delenv("MLRUN_DBPATH", raising=False)
    return tmp_path


def test_autoload_is_one_line_of_the_user(home: Path) -> None:
    path = home / "ipythondir" / "profile_default" / "ipython_config.py"
    assert "autoload is off" in CliRunner().invoke(cli, ["autoload", "status"]).output
    assert not path.exists()
    path.parent.mkdir(parents=True)
    path.write_text("c = get_config()\nc.InteractiveShell.colors = 'nocolor'")
    assert "autoload is on" in CliRunner().invoke(cli, ["autoload", "on"]).output
    assert "on already" in CliRunner().invoke(cli, ["autoload", "on"]).output
    assert path.read_text().count("jupyter_mlrun") == 1
    question = "print('mlrun' in get_ipython().magics_manager.magics['cell'])"
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "-c", question], text=True, capture_output=True,
        env={**os.environ, "HOME": str(home)}, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "True", done.stderr
    assert "autoload is off" in CliRunner().invoke(cli, ["autoload", "off"]).output
    assert path.read_text() == "c = get_config()\nc.InteractiveShell.colors = 'nocolor'\n"
    assert not list(path.parent.glob("*.part"))


def test_autoload_knows_a_line_that_the_user_wrote(home: Path) -> None:
    path = config_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    own = "c = get_config()\nc.InteractiveShellApp.extensions = ['jupyter_mlrun']\n"
    path.write_text(own)
    assert "autoload is on already" in CliRunner().invoke(cli, ["autoload", "on"]).output
    refused = CliRunner().invoke(cli, ["autoload", "off"])
    assert refused.exit_code == 1 and "line 2 is yours" in refused.output
    assert path.read_text() == own
    for line in (
        "# c.App.extensions = ['jupyter_mlrun']",
        "c.App.extensions.remove('jupyter_mlrun')",
    ):
        path.write_text(f"{line}\n")
        assert "autoload is off" in CliRunner().invoke(cli, ["autoload", "status"]).output
    path.write_text("c.App.extensions += ['other', 'jupyter_mlrun']\n")
    assert "autoload is on" in CliRunner().invoke(cli, ["autoload", "status"]).output


def test_a_linked_configuration_stays_linked(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.py"
    real.write_text("# mine\n")
    link = tmp_path / "ipython_config.py"
    link.symlink_to(real)
    assert switch(link, True) and link.is_symlink() and "jupyter_mlrun" in real.read_text()


def test_a_configuration_that_is_no_python_is_said(home: Path) -> None:
    path = config_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    for content in (b"c = get_config()\nc.x = = 1\n", b"x = '\xff'\n"):
        path.write_bytes(content)
        refused = CliRunner().invoke(cli, ["autoload", "on"])
        assert refused.exit_code == 1 and f"{path}" in refused.output, refused.output
        assert "is not Python" in refused.output and path.read_bytes() == content
    path.write_text(f"{LINE}\nc.x = = 1\n")
    status = CliRunner().invoke(cli, ["autoload", "status"]).output
    assert "autoload is off" in status and "line 2 is not Python" in status
    assert "line 2 is not Python" in CliRunner().invoke(cli, ["doctor"]).output
    assert CliRunner().invoke(cli, ["autoload", "off"]).exit_code == 0
    assert path.read_text() == "c.x = = 1\n"


def test_doctor_on_one_screen(home: Path) -> None:
    result = CliRunner().invoke(cli, ["doctor"])
    lines = result.output.splitlines()
    assert len(lines) <= 40 and all(len(line.replace(str(home), "")) < 200 for line in lines)
    assert "Service   none runs now" in result.output and "jupyter-mlrun" in result.output


def test_doctor_names_a_service_that_does_not_answer(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLRUN_DBPATH", "http://127.0.0.1:9")
    result = CliRunner().invoke(cli, ["doctor"])
    assert "Service   ✖ No service answers at http://127.0.0.1:9" in result.output
    assert result.exit_code == 1 and "Nothing differs" not in result.output


def test_doctor_says_what_to_type() -> None:
    lab = Environment(
        "JupyterLab", "/lab/python", "3.12.1", {"jupyter-mlrun": "0.1.0", "pandas": "2.2"}
    )
    bare = Environment("kernel bare", "/bare/python", "3.11.2", {"pandas": "2.0"})
    old = Environment("kernel old", "/old/python", "3.12.1", {"jupyter-mlrun": "0.0.9"})
    gone = Environment("kernel gone", "/gone/python", problem="/gone/python is not there")
    text = "\n".join(explain([lab, bare, old, gone]))
    assert "kernel bare has no jupyter-mlrun" in text and "/bare/python -m pip install" in text
    assert (
        "kernel old has jupyter-mlrun 0.0.9, Lab 0.1.0" in text
        and "pandas: 2.0 in kernel bare" in text
    )
    assert "kernel gone: /gone/python is not there" in text
    full = Environment(
        "JupyterLab", "/lab/python", "3.12.1", lab.packages | {"numpy": "2.1", "mlrun": "1.12"}
    )
    lean = Environment("kernel lean", "/lean/python", "3.12.1", {"jupyter-mlrun": "0.1.0"})
    assert explain([full, lean]) == [
        "· kernel lean and its runs cannot import what Lab has: /lean/python -m pip install numpy "
        "pandas"
    ]
    same = Environment("kernel same", "/lab/python", "3.12.1", lab.packages)
    assert explain([lab, same]) == []


def test_every_command_is_listed() -> None:
    output = CliRunner().invoke(cli, ["--help"]).output
    assert all(name in output for name in COMMANDS)
