"""The commands, as a shell runs them, over a real service."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

import jupyter_mlrun as mlrun
from jupyter_mlrun import errors, session
from jupyter_mlrun.cli import cli
from jupyter_mlrun.names import new_uid
from jupyter_mlrun.projects import pipeline_context
from tests.live import Live

SCRIPT = """
import sys
import jupyter_mlrun as mlrun
if __name__ == "__main__":
    context = mlrun.get_or_create_ctx("script")
    context.log_result("y", context.get_param("x", 1) * 2)
    print("arguments", sys.argv[1:])
"""
TRAINER = "def fit(context, n: int = 1):\n    context.log_result('n', n * 2)\n    print('fitted')\n"


@pytest.fixture(autouse=True)
def surroundings(service: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLRUN_ACTIVE_PROJECT", "default")
    monkeypatch.setenv("MLRUN_ENV_FILE", str(tmp_path / "none.env"))
    monkeypatch.chdir(tmp_path)
    pipeline_context.clear(with_project=True)
    (tmp_path / "train.py").write_text(TRAINER)
    (tmp_path / "script.py").write_text(SCRIPT)


def run(*arguments: str, code: int = 0) -> Result:
    """A command's answer; its exit code is the one that is expected."""
    done = CliRunner().invoke(cli, arguments, prog_name="jupyter mlrun")
    assert done.exit_code == code, f"{done.output}\n{done.exception!r}"
    return done


def last(name: str) -> mlrun.RunObject:
    (found, *_) = mlrun.list_runs(name=name)
    return found


@pytest.mark.row("4.802")
def test_a_script_with_its_arguments() -> None:
    run("run", "script.py --deep 3", "-p", "x=4", "--name", "cli-script", "--label", "who=me")
    done = last("cli-script")
    assert done.outputs == {"y": 8} and done.metadata.labels["who"] == "me"
    _, log = mlrun.get_run_db().get_log(done.metadata.uid, "default")
    assert b"arguments ['--deep', '3']" in log


@pytest.mark.row("4.802")
@pytest.mark.parametrize(
    ("given", "called", "function"),
    [("v1.2", "v1.2", "script"), ("Cli_Named", "cli-named", "cli-named")],
)
def test_a_run_and_its_function_have_one_name_where_both_may(
    given: str, called: str, function: str
) -> None:
    run("run", "--name", given, "script.py")
    assert last(called).spec.function.partition("@")[0].endswith(f"/{function}")


def test_a_token_of_another_system_is_taken_with_a_warning() -> None:
    with (
        pytest.warns(UserWarning, match="auth_token_name='mine' names a token of an Iguazio"),
        mlrun.RuntimeConfigurationContext(auth_token_name="mine"),
    ):
        pass
    with mlrun.RuntimeConfigurationContext():
        pass
    given = ("run", "script.py", "--name", "cli-token", "--runtime-config")
    with pytest.warns(UserWarning, match="runs go on without it"):
        run(*given, "auth_token_name=mine")
    assert last("cli-token").outputs == {"y": 2}
    assert "there is no setting 'other'" in run(*given, "other=1", code=2).output


def test_a_handler_with_values_to_try(tmp_path: Path) -> None:
    run("run", "train.py", "--handler", "fit", "--name", "cli-sweep", "-x", "n=[1,3,2]",
        "--selector", "max.n", "--local")  # fmt: skip
    assert last("cli-sweep").outputs["best_iteration"] == 2
    run("run", "train.py", "--handler", "fit", "-p", "n=5")
    # the file gives the run its name
    assert last("train").outputs == {"n": 10}
    answer = run("run", "train.py", "--handler", "fit", "--name", "cli-dump", "-p", "n=5", "--dump")
    assert "n: 10" in answer.output
    task = {"metadata": {"name": "cli-task"}, "spec": {"parameters": {"n": 6}, "handler": "fit"}}
    assert (
        "of project default is completed"
        in run("run", "train.py", "--handler", "fit", "--kind", "job", "--local").output
    )
    (tmp_path / "t.yaml").write_text(yaml.safe_dump(task))
    run("run", "train.py", "--task", "t.yaml")
    assert last("cli-task").outputs == {"n": 12}


@pytest.mark.row("4.802")
@pytest.mark.parametrize("where", [(), ("--local",)])
def test_the_uid_of_a_run_may_be_chosen(where: tuple[str, ...]) -> None:
    uid = new_uid()
    command = ("run", "train.py", "--handler", "fit", "-p", "n=5", "--uid", uid, *where)
    run(*command)
    done = mlrun.get_run(uid)
    assert (done.metadata.uid, done.outputs) == (uid, {"n": 10})
    assert "is there already" in run(*command, code=1).output
    no_uid = run("run", "train.py", "--handler", "fit", "--uid", "../x", *where, code=1)
    assert "cannot be a run's uid" in no_uid.output
    # another run that is made from this one is a run of its own
    assert mlrun.new_task(base=done).metadata.get("uid") is None


@pytest.mark.row("4.802")
def test_stored_functions_and_those_of_files(tmp_path: Path) -> None:
    function = mlrun.code_to_function("cli-fn", filename="train.py", kind="local", handler="fit")
    function.save()
    function.export("function.yaml")
    for address in ("db://default/cli-fn", ".", "function.yaml"):
        name = f"r-{new_uid()[:8]}"
        run("run", "-f", address, "-p", "n=7", "--name", name, "-w")
        assert last(name).outputs == {"n": 14}
    answer = run("run", "-f", "db://default/cli-fn", "--schedule", "0 0 1 1 *", "--name", "cli-s")
    assert "cli-s" in answer.output
    mlrun.get_run_db().delete_schedule("default", "cli-s")


@pytest.mark.row("1.02", "1.27", "4.806")
def test_a_project_of_a_folder(tmp_path: Path) -> None:
    name = f"p-{new_uid()[:8]}"
    entry = {"url": "train.py", "name": "fit", "kind": "local", "handler": "fit"}
    document = {"kind": "project", "metadata": {"name": name}, "spec": {"functions": [entry]}}
    (tmp_path / "project.yaml").write_text(yaml.safe_dump(document))
    (tmp_path / "s.env").write_text("TOKEN=t\n")
    answer = run("project", ".", "-x", "a=3", "--sync", "-s", "file=s.env", "--save-secrets")
    assert f"name: {name}" in answer.output and "functions stored: fit" in answer.output
    stored = mlrun.get_run_db().get_project(name)
    assert stored.get_param("a") == 3
    assert mlrun.get_run_db().list_project_secret_keys(name) == ["TOKEN"]
    assert "fit:latest" in run("get", "func", "-p", name).output
    run("run", "-f", "fit", "-p", "n=2", "--project", name, "--name", "in-project", "-w")
    assert "in-project" in run("get", "runs", "-p", name).output
    told = '{"slack": {"webhook": "https://hooks.example.org/x"}}'
    run("project", ".", "-nt", told)
    assert "is no JSON" in run("project", ".", "-nt", "{no", code=2).output
    assert "no engine" in run("project", ".", "--run", "main", "-nt", told, code=1).output


@pytest.mark.row("4.805", "4.807")
def test_what_is_there() -> None:
    context = mlrun.get_or_create_ctx("cli-seen", project="default")
    context.log_artifact("cli-note", body=b"x")
    context.log_result("r", 1)
    context.commit(completed=True)
    uid = context.uid
    assert uid in run("get", "run").output
    shown = yaml.safe_load(run("get", "run", uid).output)
    assert shown["status"]["results"] == {"r": 1}
    assert "cli-note" in run("get", "artifacts").output
    assert "default" in run("get", "projects").output
    # a list of its own, although its name begins as that of runs does
    assert uid not in run("get", "runtimes").output and uid not in run("get", "runtime").output
    assert run("logs", uid).output.endswith("Final state: completed\n")
    assert "nothing to list" in run("get", "pods", code=1).output
    assert "no project 'defolt'. Did you mean" in run("get", "runs", "-p", "defolt", code=1).output
    assert "not found" in run("get", "run", "nowhere", code=1).output
    assert "resources are removed" in run("clean").output
    assert "must be one of" in run("clean", "cloud", code=2).output


@pytest.mark.row("1.39", "4.808")
def test_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "own.env"
    run("config", "set", "-f", str(file), "-a", "http://host/mlrun", "-k", "t0k3n", "-e", "A=1")
    run("config", "set", "-f", str(file), "-e", "A=2")
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(file.read_text().splitlines()) == [
        "A='2'", "MLRUN_DBPATH='http://host/mlrun'", "MLRUN_HTTPDB__TOKEN='t0k3n'",
    ]  # fmt: skip
    for name in ("A", "MLRUN_DBPATH", "MLRUN_HTTPDB__TOKEN"):
        monkeypatch.setenv(name, "")
    assert mlrun.set_env_from_file(str(file), return_dict=True)["A"] == "2"
    shown = run("config")
    assert "dbpath: http://host/mlrun" in shown.output and "t0k3n" not in shown.output
    monkeypatch.delenv("A")
    monkeypatch.setenv("MLRUN_ENV_FILE", str(file))
    monkeypatch.setattr(session, "_client", None)
    session.client()
    import os

    assert os.environ["A"] == "2"
    run("config", "clear", "-f", str(file))
    assert not file.exists()
    assert "not found" in run("config", "clear", "-f", str(file)).output
    for command in (("clear",), ("set", "-e", "A=1")):
        told = run("config", *command, "-f", str(tmp_path), code=2).output
        assert f"{tmp_path} is a folder: name the file" in " ".join(told.split())
    with pytest.raises(errors.MLRunInvalidArgumentError, match="absolute path or a valid url"):
        mlrun.set_environment(artifact_path="relative")
    with pytest.raises(errors.MLRunNotFoundError, match="does not exist"):
        mlrun.set_env_from_file(str(file))


@pytest.mark.row("4.803", "4.804")
def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    for arguments, text in [
        (("run",), "Say what to run"),
        (("run", "none.py"), "There is no file"),
        (("run", "train.py", "-p", "n"), "is not of the form NAME=VALUE"),
        (("run", "-f", "db://default/none-such"), "not found"),
        (("run", "-f", "none"), "it has no project.yaml"),
        (("build", "db://default/none-such"), "not found"),
        (("build", "train.py"), "have no image to build"),
        (("deploy",), "Say what to deploy"),
        (("deploy", "-k", "serving", "-m", "a=b"), "comes with serving"),
        (("build",), "Function path or url are required"),
        (("build", "-r", "[1]"), "it must write a dict"),
        (("build", "--name", "x", "-a", "t", "-s", "none"), "there is no folder none to pack"),
        (("deploy", "{'kind': 'remote', 'metadata': {'name': 'x'}}"), "comes with serving"),
        (("watch-stream", "v3io://x"), "come with serving"),
        (("deploy", "{'kind': 'job'}"), "are not deployed but run"),
        (("load-source", "x.bin"), "Unsupported source type"),
    ]:
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code in (1, 2) and text in done.output, (arguments, done.output)
        assert "Traceback" not in done.output


@pytest.mark.row("4.803")
def test_the_source_of_an_image_is_packed(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text(TRAINER)
    # whether an image can be built depends on the machine
    command = ["build", "--name", "packed", "--project", "default", "-s", "code", "-a", "out"]
    done = CliRunner().invoke(cli, command)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.output.splitlines(), "it says how the build went"
    with tarfile.open(tmp_path / "out" / "src-default-packed-latest.tar.gz") as packed:
        assert "./train.py" in packed.getnames()


@pytest.mark.row("2.16")
def test_source_is_brought_into_a_folder(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile("a.zip", "w") as archive:
        archive.write("train.py")
    run("load-source", str(tmp_path / "a.zip"), "-t", str(tmp_path / "code"))
    assert (tmp_path / "code" / "train.py").read_text() == TRAINER


def test_the_module_and_the_console_script() -> None:
    for command in ([sys.executable, "-m", "jupyter_mlrun"],
                    [str(Path(sys.executable).parent / "jupyter"), "mlrun"]):  # fmt: skip
        if Path(command[0]).exists():
            done = subprocess.run([*command, "version"], capture_output=True, text=True, check=True)
            assert done.stdout.startswith("jupyter-mlrun version: ")
