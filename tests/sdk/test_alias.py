"""``import mlrun`` inside runs: this package where MLRun's own is absent, and never before it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_mlrun as mlrun
from tests.live import Live

SEES = """
from jupyter_mlrun import alias
alias.install()
alias.install()
import sys
import mlrun
import mlrun.artifacts, mlrun.datastore.item
from mlrun import get_or_create_ctx
from mlrun.errors import MLRunNotFoundError
import jupyter_mlrun
assert mlrun.errors.MLRunNotFoundError is jupyter_mlrun.errors.MLRunNotFoundError
assert mlrun.datastore.item.DataItem is jupyter_mlrun.DataItem
assert get_or_create_ctx is jupyter_mlrun.get_or_create_ctx
assert mlrun.__version__ == jupyter_mlrun.__version__ and mlrun.__name__ == "mlrun"
assert type(sys.meta_path[-1]).__name__ == "Finder"
assert sum(type(each).__name__ == "Finder" for each in sys.meta_path) == 1
assert jupyter_mlrun.__spec__.name == "jupyter_mlrun"
twice = [n for n, m in sys.modules.items() if n.startswith("mlrun") and type(m).__name__ != "Alias"]
assert not twice, twice
try:
    import mlrun.nothing_of_this_name
except ModuleNotFoundError as error:
    print("gone:", error)
alias.uninstall()
assert "mlrun" not in sys.modules
"""
LATER = """
from jupyter_mlrun import alias
alias.install()
for line in ("import jupyter_mlrun.feature_store as fstore", "import mlrun.feature_store as fstore",
             "from mlrun.serving.states import Step", "from jupyter_mlrun import serving",
             "import mlrun.model_monitoring", "import jupyter_mlrun; jupyter_mlrun.hub",
             "import mlrun; mlrun.serving", "import jupyter_mlrun.nothing"):
    try:
        exec(line)
    except Exception as error:
        print(type(error).__name__, error)
"""
REAL = """
from jupyter_mlrun import alias
alias.install()
import mlrun
print(mlrun.WHO)
try:
    import mlrun.artifacts
except ModuleNotFoundError:
    print("nothing of ours below it")
"""
OUT = """
from jupyter_mlrun import alias
alias.install()
try:
    import mlrun
except ModuleNotFoundError:
    print("kept out")
"""


SENDS = """
import sys
from jupyter_mlrun import alias
alias.install()
import mlrun
import cloudpickle
def says():
    return mlrun.__name__, mlrun.get_version()
sys.stdout.write(cloudpickle.dumps(says).hex())
"""
TAKES = """
import pickle, sys
print(*pickle.loads(bytes.fromhex(sys.argv[1]))())
import mlrun
"""


def python(code: str, folder: Path, *words: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=folder, capture_output=True, text=True,
        env={"PYTHONPATH": str(folder), **env},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_finds_this_package(tmp_path: Path) -> None:
    assert "gone: No module named 'mlrun.nothing_of_this_name'" in python(SEES, tmp_path)


def test_what_is_still_to_come_says_what_it_is(tmp_path: Path) -> None:
    *lines, unknown = python(LATER, tmp_path).splitlines()
    parts = [line.split()[1].rstrip(":") for line in lines]
    assert parts == ["feature_store", "feature_store", "serving", "serving", "model_monitoring",
                     "hub", "serving"]  # fmt: skip
    assert all("is not in this release of jupyter-mlrun (" in line for line in lines), lines
    kinds = [line.split()[0] for line in lines]
    assert kinds == ["ModuleNotFoundError"] * 5 + ["NoSuchNameError"] * 2
    assert unknown == "ModuleNotFoundError No module named 'jupyter_mlrun.nothing'"


def test_it_never_shadows_another(tmp_path: Path) -> None:
    (tmp_path / "mlrun").mkdir()
    (tmp_path / "mlrun" / "__init__.py").write_text("WHO = 'the real one'\n")
    assert python(REAL, tmp_path).splitlines() == ["the real one", "nothing of ours below it"]


def test_it_can_be_kept_out(tmp_path: Path) -> None:
    assert python(OUT, tmp_path, JUPYTER_MLRUN_IMPORT_ALIAS="0") == "kept out\n"


def test_functions_that_name_it_are_sent_to_other_processes(tmp_path: Path) -> None:
    sent = python(SENDS, tmp_path)
    assert python(TAKES, tmp_path, sent) == f"mlrun {mlrun.__version__}\n"


def test_a_run_whose_code_says_mlrun(service: Live, tmp_path: Path) -> None:
    source = (
        "import mlrun\n"
        "from mlrun.execution import MLClientCtx\n"
        "def f(context: MLClientCtx, x: int):\n"
        "    mlrun.get_or_create_ctx('x').log_result('y', x + 1)\n"
        "    return mlrun.__name__\n"
    )
    function = mlrun.new_function("says-mlrun", kind="local").with_code(body=source)
    for local in (False, True):
        run = function.run(handler="f", params={"x": 2}, local=local)
        assert run.outputs["y"] == 3 and run.outputs["return"] == "mlrun"
    with pytest.raises(mlrun.RunError, match="nothing_such"):
        function.with_code(body="import mlrun.nothing_such\ndef f(context): pass\n").run(
            handler="f"
        )


@pytest.mark.row("5.320")
def test_modules_by_mlruns_names(monkeypatch: pytest.MonkeyPatch, isolated_dirs: Path) -> None:
    from importlib import import_module

    for module, names in {
        "run": ["new_function", "get_dataitem", "wait_for_runs_completion", "new_task"],
        "runtimes": ["KubejobRuntime", "DaskCluster", "RuntimeKinds", "mounts"],
        "lists": ["RunList"], "db": ["get_run_db"], "secrets": ["get_secret_or_env"],
        "platforms": ["auto_mount", "mount_v3io"], "projects": ["MlrunProject", "load_project"],
        "execution": ["MLClientCtx"], "config": ["config"],
    }.items():  # fmt: skip
        found = import_module(f"jupyter_mlrun.{module}")
        assert all(hasattr(found, name) for name in names), module
        assert not hasattr(found, "no_such_name")
    from jupyter_mlrun.runtimes import RuntimeKinds, get_runtime_class

    assert get_runtime_class("job").__name__ == "KubejobRuntime"
    assert {"job", "dask", "handler", "nuclio"} <= set(RuntimeKinds.all())
    monkeypatch.setenv("MLRUN_ARTIFACT_PATH", "/a")
    assert mlrun.mlconf.artifact_path == "/a" and mlrun.mlconf.default_project == "default"
    mlrun.mlconf.artifact_path = "/b"
    assert mlrun.mlconf.to_dict()["artifact_path"] == "/b"
    with pytest.raises(AttributeError, match="Did you mean 'artifact_path'"):
        _ = mlrun.mlconf.artifact_pth
    monkeypatch.setenv("SAMPLE_DATA_SOURCE_URL_PREFIX", "/s")
    assert mlrun.get_sample_path("/x.csv") == "/s/x.csv"


@pytest.mark.row("1.22")
def test_waiting_for_several_runs(service: Live) -> None:
    function = mlrun.new_function("several", kind="local").with_code(
        body="def f(context, x):\n    if x:\n        raise ValueError('odd')\n"
    )
    runs = [function.run(handler="f", params={"x": x}, watch=False) for x in (0, 1)]
    ended = mlrun.wait_for_runs_completion(runs, sleep=0.1, silent=True)
    assert {run.state() for run in ended} == {"completed", "error"}
    with pytest.raises(mlrun.RunError, match="1 of 2 runs failed"):
        mlrun.wait_for_runs_completion(runs, sleep=0.1)
