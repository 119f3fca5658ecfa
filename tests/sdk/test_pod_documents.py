"""Functions of kinds that run in pods have MLRun's documents, call by call."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlrun.functions import new_function

HERE = Path(__file__).parent / "pods"
CALLS = HERE / "calls.py"
FORM = HERE / "form-lines.json"
GOLDEN = HERE / "documents-1.12.1.json"
MLRUN = Path(__file__).parents[2] / ".venv-mlrun" / "bin" / "python"


def documents(python: str | Path, whose: str, folder: Path) -> dict:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    command = [str(python), str(CALLS), whose]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=folder, timeout=100)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout[done.stdout.index("{") :])


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return documents(sys.executable, "ours", tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def golden():
    return json.loads(GOLDEN.read_text())


def names():
    return sorted(json.loads(GOLDEN.read_text()))


@pytest.mark.parametrize("case", names())
def test_the_document_is_mlruns(case, ours, golden):
    if "error" in golden[case]:
        # ours may be narrower: what a script catches of MLRun's it catches of ours
        assert golden[case]["error"][0] in ours[case].get("error", []), ours[case]
    else:
        assert ours[case] == golden[case]


@pytest.mark.compat
def test_the_real_client_still_makes_these_documents(golden, tmp_path):
    """The recorded documents are those of the real client: ``MLRUN_WRITE_GOLDEN=1`` records."""
    real = documents(MLRUN, "mlrun", tmp_path)
    if os.environ.get("MLRUN_WRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(real, indent=1, sort_keys=True) + "\n")
    assert real == golden


@pytest.mark.parametrize("kind, told", json.loads(FORM.read_text()).items())
def test_the_lines_that_the_form_shows(kind, told):
    """JupyterLab's form shows these lines, and gives the function this spec."""
    function = new_function("sized", kind=kind, image="x")
    for line in told["lines"]:
        exec(line, {"function": function})
    spec = function.to_dict()["spec"]
    for name, expected in told["spec"].items():
        assert spec[name] == expected, name


def test_spark_with_iguazios_data_layer(monkeypatch):
    """MLRun's own client needs another Kubernetes library for this: read from its source."""
    monkeypatch.setenv("V3IO_ACCESS_KEY", "key")
    monkeypatch.setenv("V3IO_USERNAME", "ann")
    for everywhere in (True, False):
        fn = new_function("fn", kind="spark", image="img", project="p")
        fn.with_igz_spark(mount_v3io_to_executor=everywhere)
        fn.with_igz_spark(mount_v3io_to_executor=everywhere)
        assert len(fn.spec.deps["jars"]) == 5
        assert fn.spec.deps["files"] == ["local:///igz/java/libs/v3io-pyspark.zip"]
        assert fn.spec.monitoring == {
            "enabled": True, "exporter_jar": "/spark/jars/jmx_prometheus_javaagent-0.16.1.jar",
        }  # fmt: skip
        volumes = {each["name"]: each for each in fn.spec.volumes}
        assert {"v3io", "v3io-config"} <= set(volumes)
        assert volumes["v3io-config"]["configMap"]["name"] == "spark-operator-v3io-config"
        named = {each["name"] for each in fn.spec.volume_mounts}
        own = {each["name"] for each in fn.spec.driver_volume_mounts or []}
        assert ("v3io" in named, "v3io" in own) == (everywhere, not everywhere)
