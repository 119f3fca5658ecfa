"""The commands of MLRun's client and of this package with the same arguments, side by side."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.compat.conftest import PYTHON, client_environment
from tests.compat.test_documents import differences
from tests.live import Live

pytestmark = [pytest.mark.compat, pytest.mark.timeout(400)]

SOURCES = Path(__file__).parent / "commands"
SECONDS = 120
# what says who ran it, and where; a workflow's pod is this machine
LABELS = ("owner", "host", "mlrun/client_version", "mlrun/client_python_version",
          "mlrun/runner-pod")  # fmt: skip


@dataclass
class Side:
    """One of the two programs, with a folder and a project of its own."""

    name: str
    command: list[str]
    env: dict[str, str]
    folder: Path
    live: Live

    @property
    def project(self) -> str:
        return f"commands-{self.name}"

    @property
    def uid(self) -> str:
        return self.name[0].encode().hex() * 16

    def __call__(self, text: str, folder: str = "") -> subprocess.CompletedProcess[str]:
        for word, value in (("PROJECT", self.project), ("UID", self.uid), ("HERE", self.folder)):
            text = text.replace(word, str(value))
        return subprocess.run(
            ["timeout", str(SECONDS), *self.command, *shlex.split(text)],
            cwd=self.folder / folder, env=self.env, capture_output=True, text=True,
        )  # fmt: skip

    def runs(self, project: str = "") -> dict[str, Any]:
        """What was recorded, by name and iteration."""
        path = f"mlrun/api/v1/projects/{project or self.project}/runs?iter=true"
        return {
            f"{run['metadata']['name']} {run['metadata'].get('iteration') or 0}": self._told(run)
            for run in self.live.call("GET", path)["runs"]
        }

    def _told(self, run: dict[str, Any]) -> dict[str, Any]:
        """What a script would read of a run."""
        metadata, spec, status = run["metadata"], run["spec"], run["status"]
        labels = metadata.get("labels") or {}
        told = {
            "labels": {key: value for key, value in labels.items() if key not in LABELS},
            "handler": spec.get("handler") or "",
            "function": str(spec.get("function")).partition("@")[0],
            "parameters": spec.get("parameters") or {},
            # MLRun keeps them as they were written
            "inputs": {key: Path(path).name for key, path in (spec.get("inputs") or {}).items()},
            "hyperparams": spec.get("hyperparams") or {},
            "options": spec.get("hyper_param_options") or {},
            "outputs": sorted(spec.get("outputs") or []),
            "state": status["state"],
            "results": status.get("results") or {},
            # the chart needs plotly in MLRun's client
            "artifacts": sorted({*(status.get("artifact_uris") or {})} - {"parallel_coordinates"}),
        }
        found: dict[str, Any] = json.loads(json.dumps(told).replace(self.project, "PROJECT"))
        return found


@pytest.fixture(scope="module")
def sides(live: Live, tmp_path_factory: pytest.TempPathFactory) -> tuple[Side, Side]:
    """MLRun's client and this package."""
    made = []
    for name, python, module in (("theirs", str(PYTHON), "mlrun"),
                                 ("ours", sys.executable, "jupyter_mlrun")):  # fmt: skip
        folder = tmp_path_factory.mktemp(name) / "work"
        shutil.copytree(SOURCES, folder)
        env = client_environment(live, folder.parent)
        env |= {"JUPYTER_DATA_DIR": str(live.folder / "data"), "MLRUN_ENV_FILE": "none.env",
                "OF_THE_TERMINAL": "words"}  # fmt: skip
        side = Side(name, [python, "-m", module], env, folder, live)
        body = {"metadata": {"name": side.project}, "spec": {}}
        live.call("POST", "mlrun/api/v1/projects", body)
        text = (folder / "folder" / "project.yaml").read_text()
        project = text.replace("PROJECT", f"{side.project}-folder")
        (folder / "folder" / "project.yaml").write_text(project)
        made.append(side)
    theirs, ours = made
    return theirs, ours


def both(
    sides: tuple[Side, Side], text: str, folder: str = ""
) -> list[subprocess.CompletedProcess[str]]:
    """The command by both, at once: they end with the same code."""
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda side: side(text, folder), sides))
    codes = [each.returncode for each in done]
    assert codes[0] == codes[1], "\n".join(f"{each.stdout}\n{each.stderr}" for each in done)
    return done


RUNS = [
    "-p x=4 script.py",
    "-p x=4 --name named --label who=me --out-path out script.py --deep 3",
    "--name Odd_Name --handler fit -p n=5 -p name=ann train.py",
    "--name loads --handler load -i data=data.csv train.py",
    "--name in-path --handler load --in-path sub -i data=data.csv train.py",
    "--handler load --workdir HERE/sub -i data=data.csv inner.py",
    "--handler gives --name gives --returns first --returns second train.py",
    "--handler opens --name opens -s file=secrets.env -s env=OF_THE_TERMINAL train.py",
    "--task task.yaml train.py",
    "plain.py a b",
    "--mode pass 'bash command.sh a'",
    "--kind local --handler fit -p n=2 train.py",
    "--workflow nightly --outputs n --uid UID --name step --handler fit train.py",
    """--handler fit -r "{'kind': 'local', 'metadata': {'name': 'whole'},
    'spec': {'command': 'train.py'}}" """,
    "--name sweep --handler fit -x n=[1,3,2] --selector max.n train.py",
    "--name of-file --handler fit --param-file values.csv --selector min.n train.py",
    """--name pairs --handler fit -x n=[1,2] -x "name=['a','b']" --hyper-param-strategy list
    train.py""",
    """--name few --handler fit -x n=[1,2,3,4] --hyper-param-options "{'stop_condition': 'n >= 4'}"
    train.py""",
    "--name failing --handler fails train.py",
    "raises.py",
]
REFUSED = [
    "run --project PROJECT missing.py", "run --project PROJECT --handler none train.py",
    "run -f db://PROJECT/none", "run -f none.yaml", "get run none -p PROJECT",
    "get func none -p PROJECT", "logs none -p PROJECT", "clean none", "config -f none.env",
    "deploy \"{'kind': 'job'}\"", "build none.yaml",
]  # fmt: skip


@pytest.mark.row("4.802")
def test_what_runs_record(sides: tuple[Side, Side]) -> None:
    for arguments in RUNS:
        both(sides, f"run --project PROJECT {arguments}")
    theirs, ours = (side.runs() for side in sides)
    assert sorted(ours) == sorted(theirs)
    assert len(ours) == len(RUNS) + 3 + 3 + 2 + 2, sorted(ours)
    found = {name: differences(run, theirs[name]) for name, run in ours.items()}
    assert {name: told for name, told in found.items() if told} == {}
    # a fresh look at what both say, so that neither compares nothing with nothing
    assert ours["in-path 0"]["results"] == {"first": 5, "folder": "work"}
    assert ours["inner 0"]["results"] == {"first": 5, "folder": "sub"}
    assert ours["opens 0"]["results"] == {"password": 8, "of_the_terminal": 5}
    assert ours["sweep 0"]["results"]["best_iteration"] == 2
    assert ours["step 0"]["artifacts"] == ["model"]
    assert [ours[name]["state"] for name in ("failing 0", "raises 0")] == ["error"] * 2


@pytest.mark.row("4.802", "4.805")
def test_what_is_stored_is_run_listed_and_shown(sides: tuple[Side, Side]) -> None:
    both(sides, "run --project PROJECT --name stored --handler fit -p n=5 --label on=go train.py")
    both(sides, "run -f db://PROJECT/stored -p n=8 --handler fit --name again --local")
    (run,) = (
        run for run in sides[1].live.call(
            "GET", "mlrun/api/v1/projects/commands-ours/runs?name=again&iter=false")["runs"]
    )  # fmt: skip
    assert run["status"]["results"] == {"n": 16, "name": "x"}
    listed = both(sides, "get runs -p PROJECT -s on=go")
    shown = [row(each.stdout, "stored") for each in listed]
    assert [(words["state"], words["parameters"]) for words in shown] == [("completed", "n=5")] * 2
    artifacts = [
        row(each.stdout, "model") for each in both(sides, "get artifacts stored_model -p PROJECT")
    ]
    for side, words in zip(sides, artifacts, strict=True):
        assert words["uri"].startswith(f"store://artifacts/{side.project}/")
        assert Path(words["path"]).read_bytes() == b"m" and words["kind"] == "artifact"
    functions = both(sides, "get func -p PROJECT")
    assert all("stored:latest" in each.stdout for each in functions)
    for side, each in zip(sides, both(sides, "get function stored -p PROJECT"), strict=True):
        document = yaml.safe_load(each.stdout)
        assert document["metadata"]["name"] == "stored" and document["kind"] == "local"
        assert document["spec"]["command"] == "train.py"
        uid = row(side("get runs -p PROJECT -s on=go").stdout, "stored")["uid"]
        run = yaml.safe_load(side(f"get run {uid} -p PROJECT").stdout)
        assert run["status"]["results"] == {"n": 10, "name": "x"}
        log = side(f"logs {uid} -p PROJECT").stdout.split()
        assert log == ["fitted", "x", "Final", "state:", "completed"]
        assert side(f"logs {uid} -p PROJECT --offset 3").stdout.split()[:2] == ["ted", "x"]
    yearly = "--kind job --image x/y --handler fit -p n=3 --schedule '0 0 1 1 *' --name yearly"
    both(sides, f"run --project PROJECT {yearly} train.py")
    for side in sides:
        path = f"mlrun/api/v1/projects/{side.project}/schedules/yearly"
        schedule = side.live.call("GET", path)
        assert (schedule["kind"], schedule["cron_trigger"]["month"]) == ("job", "1")
        task = schedule["scheduled_object"]["task"]
        assert task["spec"]["parameters"] == {"n": 3} and task["spec"]["handler"] == "fit"
        side.live.call("DELETE", path)
    for command in ("get runtimes -p PROJECT", "get workflows -p PROJECT", "clean", "clean job",
                    "version"):  # fmt: skip
        both(sides, command)


@pytest.mark.row("1.02", "4.806")
def test_a_project_of_a_folder(sides: tuple[Side, Side]) -> None:
    both(sides, "project folder -x a=3 --sync")
    for side in sides:
        name = f"{side.project}-folder"
        stored = side.live.call("GET", f"mlrun/api/v1/projects/{name}")
        assert stored["spec"]["params"] == {"a": 3}
        path = f"mlrun/api/v1/projects/{name}/functions"
        (function,) = side.live.call("GET", path)["funcs"]
        assert (function["metadata"]["name"], function["kind"]) == ("fit", "local")
    both(sides, "run -f fit -p n=2 --name in-project", folder="folder")
    theirs, ours = (side.runs(f"{side.project}-folder") for side in sides)
    assert ours == theirs and ours["in-project 0"]["results"] == {"n": 4}


@pytest.mark.row("4.808")
def test_files_of_settings(sides: tuple[Side, Side]) -> None:
    for command in ("config set -f own.env -a http://host/mlrun -e A=1 -p /art",
                    "config set -f own.env -e A=2 -u joe"):  # fmt: skip
        both(sides, command)
    theirs, ours = (sorted((side.folder / "own.env").read_text().split()) for side in sides)
    assert ours == theirs and "A='2'" in ours
    for _ in range(2):
        both(sides, "config clear -f own.env")
    assert not any((side.folder / "own.env").exists() for side in sides)


@pytest.mark.row("4.802", "4.803", "4.804")
def test_what_is_refused(sides: tuple[Side, Side]) -> None:
    for command in REFUSED:
        done = both(sides, command)
        assert all(each.returncode for each in done), command
        assert "Traceback" not in done[1].stderr


def row(table: str, name: str) -> dict[str, str]:
    """The words of a table's line by their heads: columns have two blanks between them."""
    heads, lines = re.split(r"\s{2,}", table.splitlines()[0].strip()), table.splitlines()[2:]
    (line,) = (line for line in lines if name in line.split())
    words = re.split(r"\s{2,}", line.strip())
    # MLRun's lines begin with their number
    return dict(zip(heads, words[-len(heads) :], strict=True))
