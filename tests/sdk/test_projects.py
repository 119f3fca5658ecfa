"""Projects made, loaded, filled, run and written, over a real service."""

from __future__ import annotations

import os
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import jupyter_mlrun as mlrun
from jupyter_mlrun import errors, session
from jupyter_mlrun.names import new_uid
from jupyter_mlrun.projects import pipeline_context
from tests.live import Live

TRAINER = "def fit(context, n: int = 1):\n    'Fits.'\n    context.log_result('n', n * 2)\n"
SETUP = """
def setup(project):
    project.set_function("train.py", "late", kind="local", handler="fit")
    project.spec.params["seen"] = project.get_param("given", "nothing")
    return project
"""


@pytest.fixture(autouse=True)
def in_use(service: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No project is in use before a test, and after it."""
    monkeypatch.setenv("MLRUN_ACTIVE_PROJECT", "")
    monkeypatch.delenv("MLRUN_ACTIVE_PROJECT")
    pipeline_context.clear(with_project=True)
    yield
    pipeline_context.clear(with_project=True)
    os.environ.pop("MLRUN_ACTIVE_PROJECT", None)


@pytest.fixture
def name() -> str:
    return f"p-{new_uid()[:12]}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "project"
    path.mkdir()
    (path / "train.py").write_text(TRAINER)
    return path


def git(path: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(path), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def filled(name: str, folder: Path) -> mlrun.MlrunProject:
    """A project with a function and a parameter, stored."""
    project = mlrun.new_project(name, str(folder), description="Ours.", parameters={"a": 1})
    project.set_function("train.py", "train", kind="local", handler="fit")
    project.save()
    return project


@pytest.mark.row("1.01", "1.06", "1.10", "1.15")
def test_a_new_project(name: str, folder: Path) -> None:
    with pytest.raises(errors.MLRunInvalidArgumentError, match="No current project"):
        mlrun.get_current_project()
    assert mlrun.get_current_project(silent=True) is None
    project = mlrun.new_project(name, str(folder), description="Ours.", parameters={"a": 1})
    assert mlrun.get_current_project() is project and os.environ["MLRUN_ACTIVE_PROJECT"] == name
    written = yaml.safe_load((folder / "project.yaml").read_text())
    assert written["metadata"]["name"] == name and written["spec"]["params"] == {"a": 1}
    stored = mlrun.get_run_db().get_project(name)
    assert (stored.description, stored.status.state) == ("Ours.", "online")
    assert mlrun.new_function("f", kind="local").metadata.project == name
    with pytest.raises(errors.MLRunConflictError, match="Use overwrite=True"):
        mlrun.new_project(name, str(folder))
    again = mlrun.new_project(name, str(folder), overwrite=True)
    assert not again.params and again.description is None


@pytest.mark.row("1.05")
@pytest.mark.parametrize("wrong", ["Bad_Name", "a" * 64, ""])
def test_names(wrong: str, folder: Path) -> None:
    with pytest.raises(errors.MLRunInvalidArgumentError):
        mlrun.new_project(wrong, str(folder)).save()
    assert not mlrun.ProjectMetadata.validate_project_name(wrong or "-", raise_on_failure=False)
    assert not mlrun.ProjectMetadata.validate_project_labels({"a b": 1}, raise_on_failure=False)


@pytest.mark.row("1.03", "1.04", "1.26")
def test_get_or_create(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = mlrun.get_or_create_project(name, str(folder), parameters={"a": 1})
    made.set_function("train.py", "train", kind="local")
    made.save()
    again = mlrun.get_or_create_project(name, str(folder), parameters={"b": 2})
    assert again.params == {"a": 1, "b": 2} and again.get_function_names() == ["train"]
    assert again.get_param("c", 3) == 3
    monkeypatch.setenv("V3IO_USERNAME", "Ann.B")
    own = mlrun.get_or_create_project(name, str(folder / "own"), user_project=True)
    assert own.name == f"{name}-ann-b"
    other = mlrun.get_or_create_project(name, str(folder / "own"), user_project=True)
    assert other.name == own.name


@pytest.mark.row("1.18", "1.19", "1.20", "1.21", "1.22", "2.05", "4.116")
def test_functions_of_a_project(filled: mlrun.MlrunProject, folder: Path) -> None:
    run = filled.run_function("train", params={"n": 4}, labels={"who": "me"})
    assert run.outputs == {"n": 8} and run.metadata.project == filled.name
    assert run.metadata.labels["who"] == "me"
    local = mlrun.run_function("train", params={"n": 1}, local=True)
    assert local.outputs == {"n": 2}
    fresh = mlrun.load_project(str(folder))
    assert fresh.get_function("train").code == TRAINER
    (folder / "train.py").write_text(TRAINER + "# more\n")
    assert fresh.get_function("train").code == TRAINER
    assert fresh.get_function("train", sync=True).code.endswith("# more\n")
    assert [one.name for one in fresh.get_function_objects().values()] == ["train"]
    mlrun.new_function("apart", project=filled.name, kind="local").with_code(body="x=1").save()
    assert fresh.get_function("apart").code == "x=1"
    with pytest.raises(errors.MLRunNotFoundError, match=r"Did you mean 'train'"):
        fresh.get_function("trian")
    tagged = fresh.set_function("train.py", name="tagged", kind="job", handler="fit", tag="v1")
    assert fresh.get_function("tagged", tag="v1") is tagged, "what is set need not be stored yet"
    with pytest.raises(errors.MLRunNotFoundError):
        fresh.get_function("tagged", tag="v2")
    fresh.delete_function("tagged")
    fresh.delete_function("train")
    assert fresh.get_function_names() == []


@pytest.mark.row("2.05")
def test_forms_of_functions(filled: mlrun.MlrunProject, folder: Path) -> None:
    tagged = filled.set_function("train.py", "train:v2", image="a/b", requirements=["numpy"])
    assert (tagged.metadata.tag, tagged.name, tagged.kind) == ("v2", "train", "job")
    assert tagged.spec.build.requirements == ["numpy"] and tagged.spec.build.base_image == "a/b"
    filled.set_function(mlrun.new_function("obj", kind="job", image="x/y"), with_repo=True)
    assert filled.spec.find("functions", "obj")["spec"]["spec"]["build"]["source"] == "./"
    module = filled.set_function(name="mod", kind="job", image="x/y", handler="pkg.mod.run")
    assert module.spec.default_handler == "pkg.mod.run" and not module.code
    repo = filled.set_function("train.py", "repo", image="x/y", with_repo=True)
    assert repo.spec.command == "train.py" and not repo.code
    mlrun.code_to_function("y", filename=str(folder / "train.py"), kind="job").export(
        str(folder / "y.yaml")
    )
    assert filled.set_function("y.yaml", "from-yaml").code == TRAINER
    mlrun.new_function("there", project=str(filled.name), kind="job").with_code(body="y=2").save()
    assert filled.set_function(f"db://{filled.name}/there").code == "y=2"
    filled.save()
    back = mlrun.load_project(str(folder))
    assert back.get_function_names() == filled.get_function_names()
    assert back.get_function("obj").spec.build.base_image == "x/y"
    for arguments, text in [
        ({"func": "train.py"}, "Function name must be specified"),
        ({"func": "train.py", "name": "a:b:c"}, "in the format"),
        ({"func": "train.py", "name": "a:b", "tag": "c"}, "must match"),
        ({"func": "x.bin", "name": "a"}, "Unsupported function url"),
        ({"func": 3, "name": "a"}, "must be a function url or object"),
    ]:
        with pytest.raises((errors.MLRunInvalidArgumentError, FileNotFoundError), match=text) as e:
            filled.set_function(**arguments)
        assert "x.bin" not in text or e


@pytest.mark.row("1.23", "2.11")
def test_enriched_functions(filled: mlrun.MlrunProject) -> None:
    filled.set_default_image("team/base")
    filled.spec.default_requirements = ["numpy"]
    filled.set_function("train.py", "job", handler="fit")
    enriched = filled.get_function("job", enrich=True)
    assert enriched.spec.build.base_image == "team/base"
    assert enriched.spec.build.requirements == ["numpy"]
    filled.build_config(requirements=["x"], commands=["ls"], set_as_default=True, image="t/i")
    assert filled.default_image == "t/i" and filled.spec.build.commands == ["ls"]
    with pytest.raises(errors.MLRunInvalidArgumentError, match="have no image to build"):
        filled.build_function("train")
    with pytest.raises(errors.MLRunInvalidArgumentError, match=r"use build_function\(\)"):
        filled.deploy_function("job")
    with pytest.raises(errors.MLRunNotImplementedServerError, match="no engine"):
        filled.run("main")


@pytest.mark.row("1.08", "1.02")
def test_the_set_up_script(name: str, folder: Path) -> None:
    (folder / "project_setup.py").write_text(SETUP)
    project = mlrun.load_project(str(folder), name=name, parameters={"given": "this"})
    assert project.get_function_names() == ["late"] and project.params["seen"] == "this"
    assert mlrun.get_run_db().get_project(name).get_function_names() == ["late"]
    quiet = mlrun.new_project(f"{name}-2", str(folder), run_setup=False)
    assert quiet.get_function_names() == []
    (folder / "project_setup.py").write_text("def setup(project): pass\n")
    with pytest.raises(errors.MLRunInvalidArgumentError, match="must return a project object"):
        quiet.setup()


@pytest.mark.row("1.02", "1.16", "1.17")
def test_a_project_of_git(filled: mlrun.MlrunProject, folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "repo.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "commit.gpgsign", "false")
    project = mlrun.load_project(str(folder))
    project.create_remote(f"git://{bare}", branch="main")
    assert project.source == f"git://{bare}#refs/heads/main"
    with pytest.raises(errors.MLRunConflictError, match="already exists"):
        project.create_remote(f"git://{bare}")
    project.push("main", "first", add=["train.py"], author_name="a", author_email="a@b")
    assert git(bare, "log", "--format=%s", "main") == "first"
    clone = tmp_path / "clone"
    loaded = mlrun.load_project(str(clone), f"git://{bare}#main")
    assert loaded.get_function("train").code == TRAINER and loaded.spec.branch == "main"
    assert loaded.spec.origin_url == f"git://{bare}#refs/heads/main"
    with pytest.raises(errors.MLRunInvalidArgumentError, match="not empty"):
        mlrun.load_project(str(clone), f"git://{bare}#main")
    (folder / "train.py").write_text(TRAINER + "# two\n")
    project.push("main", "second")
    loaded.pull("main")
    assert (clone / "train.py").read_text().endswith("# two\n")
    mlrun.load_project(str(clone), f"git://{bare}#main", clone=True)
    with pytest.raises(errors.MLRunRuntimeError, match=r"git clone failed"):
        mlrun.load_project(str(tmp_path / "none"), f"git://{bare}#nobranch")


@pytest.mark.row("1.02", "1.09", "1.11")
def test_a_project_of_an_archive(
    filled: mlrun.MlrunProject, folder: Path, tmp_path: Path, name: str
) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("secret")
    filled.export(str(tmp_path / "out" / "p.zip"))
    with zipfile.ZipFile(tmp_path / "out" / "p.zip") as archive:
        assert sorted(archive.namelist()) == ["project.yaml", "train.py"]
    loaded = mlrun.load_project(str(tmp_path / "z"), str(tmp_path / "out" / "p.zip"))
    assert loaded.get_function("train").code == TRAINER
    with tarfile.open(tmp_path / "p.tar.gz", "w:gz") as tar:
        tar.add(folder / "project.yaml", "project.yaml")
    assert mlrun.load_project(str(tmp_path / "t"), str(tmp_path / "p.tar.gz")).name == filled.name
    other = mlrun.new_project(
        f"{name}-o", str(tmp_path / "o"), from_template=str(tmp_path / "out" / "p.zip")
    )
    assert other.params == {"a": 1} and other.get_function("train").metadata.project == other.name
    with pytest.raises(errors.MLRunInvalidArgumentError, match="Project name mismatch"):
        mlrun.load_project(str(tmp_path / "t"), name=f"{name}-x")
    crossed = mlrun.load_project(str(tmp_path / "t"), name=f"{name}-x", allow_cross_project=True)
    assert crossed.name == f"{name}-x"


@pytest.mark.row("1.02")
def test_archives_that_leave_their_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../evil.py", "x")
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as tar:
        entry = tarfile.TarInfo("link")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(entry)
    (tmp_path / "none.zip").write_text("no archive")
    for file in ("bad.zip", "bad.tar.gz", "none.zip"):
        with pytest.raises(errors.MLRunInvalidArgumentError):
            mlrun.load_project(str(tmp_path / "in"), str(tmp_path / file), name="x")
    assert not (tmp_path / "evil.py").exists()
    with pytest.raises(errors.MLRunNotFoundError, match="it has no project"):
        mlrun.load_project(str(tmp_path / "empty"))
    with pytest.raises(errors.MLRunInvalidArgumentError, match="Unsupported url scheme"):
        mlrun.load_project(str(tmp_path), "ftp://host/x")
    with pytest.raises(errors.MLRunNotFoundError, match="There is no project"):
        mlrun.load_project(str(tmp_path), "db://nowhere-at-all")


@pytest.mark.row("1.27")
def test_secrets(filled: mlrun.MlrunProject, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.env").write_text("# all\nexport TOKEN='t 1'\nV3IO_API=x\nPLAIN=2 # two\n")
    filled.set_secrets(file_path=str(folder / "a.env"))
    filled.set_secrets({"OTHER": "o"})
    assert sorted(filled.list_secret_keys()) == ["OTHER", "PLAIN", "TOKEN"]
    filled.with_secrets("file", str(folder / "a.env"), prefix="X_")
    filled.with_secrets("inline", {"HERE": "h"})
    monkeypatch.setenv("OUTSIDE", "e")
    found = [filled.get_secret(key) for key in ("X_TOKEN", "X_PLAIN", "HERE", "OUTSIDE", "NONE")]
    assert found == ["t 1", "2", "h", "e", None]
    (folder / "b.env").write_text("s3cr3t-without-name\n")
    with pytest.raises(errors.MLRunInvalidArgumentError, match=r"key=value: line 1") as failure:
        filled.set_secrets(file_path=str(folder / "b.env"))
    assert "s3cr3t" not in str(failure.value)
    for arguments in ({}, {"secrets": {"a": "b"}, "file_path": "x"}):
        with pytest.raises(errors.MLRunInvalidArgumentError, match="must specify secrets OR"):
            filled.set_secrets(**arguments)  # type: ignore[arg-type]
    with pytest.raises(errors.MLRunInvalidArgumentError, match="no kind of source"):
        filled.with_secrets("vault", {})
    for path in (Path(filled.context) / "project.yaml",):
        assert "t 1" not in path.read_text()


@pytest.mark.row("1.24")
def test_artifacts(filled: mlrun.MlrunProject, folder: Path, tmp_path: Path) -> None:
    filled.log_artifact("note", body=b"hello", format="txt")
    assert filled.get_artifact("note").to_dataitem().get() == b"hello"
    assert filled.get_artifact_uri("note", tag="v1") == f"store://artifacts/{filled.name}/note:v1"
    entry = {"kind": "", "metadata": {"key": "x"}, "spec": {"target_path": "s3://b/x.txt"}}
    (folder / "art.yaml").write_text(yaml.safe_dump(entry))
    filled.set_artifact("named", "art.yaml", tag="v1")
    filled.set_artifact("far", target_path="s3://b/far.txt")
    filled.save()
    assert [each["metadata"]["key"] for each in filled.list_artifacts()] == ["note"]
    loaded = mlrun.load_project(str(folder))
    keys = {each["metadata"]["key"]: each for each in loaded.list_artifacts()}
    assert set(keys) == {"note", "named", "far"}
    assert loaded.get_artifact("named", tag="v1").target_path == "s3://b/x.txt"
    loaded.delete_artifact(loaded.get_artifact("far"))
    assert "far" not in {each["metadata"]["key"] for each in loaded.list_artifacts()}
    with pytest.raises(errors.MLRunInvalidArgumentError, match="shared/object storage"):
        filled.set_artifact("bad", target_path="/here")
    with pytest.raises(errors.MLRunInvalidArgumentError, match="unsupported file suffix"):
        filled.import_artifact(str(folder / "train.py"))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("_spec.yaml", yaml.safe_dump(entry))
        archive.writestr("_body", b"inside")
    assert filled.import_artifact(str(tmp_path / "a.zip"), "fresh").to_dataitem().get() == b"inside"


@pytest.mark.row("1.13", "1.14", "1.30", "1.31", "1.32")
def test_the_life_of_a_project(filled: mlrun.MlrunProject) -> None:
    db, name = mlrun.get_run_db(), str(filled.name)
    assert filled.status.state == "online"
    db.patch_project(name, {"spec": {"desired_state": "archived"}})
    assert db.get_project(name).status.state == "archived"
    assert name in db.list_projects(state="archived")
    db.patch_project(name, {"spec": {"desired_state": "online"}})
    db.patch_project(name, {"metadata": {"labels": {"a": "1"}}})
    db.patch_project(name, {"metadata": {"labels": {"b": "2"}}}, "additive")
    assert db.get_project(name).metadata.labels == {"a": "1", "b": "2"}
    assert name in db.list_projects(labels=["a=1"]) and name not in db.list_projects(labels="c=1")
    filled.log_artifact("kept", body=b"x")
    summary = session.client().json("GET", f"project-summaries/{name}")
    assert summary["files_count"] == 1
    with pytest.raises(errors.MLRunPreconditionFailedError, match="can not be deleted since"):
        db.delete_project(name)
    db.delete_project(name, "cascade")
    with pytest.raises(errors.MLRunNotFoundError):
        db.get_project(name)


@pytest.mark.row("2.25", "2.05")
def test_code_as_an_artifact(filled: mlrun.MlrunProject, folder: Path) -> None:
    stored = filled.log_code_file("trainer", local_path=str(folder / "train.py"))
    function = filled.set_function(stored.uri, "of-artifact", kind="job", handler="fit")
    assert function.spec.build.source == stored.uri and not function.code
    with pytest.raises(errors.MLRunInvalidArgumentError, match="with_repo=True is not supported"):
        filled.set_function(stored.uri, "x", kind="job", with_repo=True)
    item = mlrun.get_dataitem(stored.uri)
    assert item.get(encoding="utf-8") == TRAINER


@pytest.mark.row("2.32", "2.28", "1.21")
def test_what_goes_with_a_function(filled: mlrun.MlrunProject) -> None:
    function = filled.get_function("train")
    function.status.state = "ready"
    function.save(tag="a", versioned=True)
    address = function.with_requirements(["x"]).save(tag="b", versioned=True)
    assert mlrun.import_function(address).status.state == "ready"
    db = mlrun.get_run_db()
    assert len(db.list_functions("train", filled.name)) >= 2
    filled.delete_function("train", delete_from_db=True)
    assert db.list_functions("train", filled.name) == []
    with pytest.raises(errors.MLRunNotFoundError):
        mlrun.import_function(address)
    assert filled.get_function_names() == []


@pytest.mark.row("1.29")
def test_notifiers(filled: mlrun.MlrunProject, capsys: pytest.CaptureFixture[str]) -> None:
    filled.notifiers.push("all is well", "warning", [{"metadata": {"name": "r"}, "status": {}}])
    assert capsys.readouterr().out == "[warning] all is well\n  r: None\n"
    secret = {"webhook": "https://hooks.example/x"}
    filled.notifiers.add_notification("slack", secret_params=secret)
    (one,) = filled.notifiers.server_notifications
    assert (one.kind, one.when) == ("slack", ["completed", "error", "aborted"])
    filled.notifiers.remove_notification("slack")
    filled.notifiers.remove_notification("console")
    filled.notifiers.push("nobody hears this")
    assert not filled.notifiers.server_notifications and not capsys.readouterr().out
    with pytest.warns(UserWarning, match="No notification of type slack"):
        filled.notifiers.remove_notification("slack")
    for call in (
        lambda: filled.notifiers.add_notification("slak"),
        lambda: filled.notifiers.push("x", "loud"),
    ):
        with pytest.raises(errors.MLRunInvalidArgumentError, match=r"is no (kind|severity)"):
            call()


@pytest.mark.row("1.34")
def test_profiles(filled: mlrun.MlrunProject) -> None:
    from jupyter_mlrun.datastore.profile_kinds import KINDS

    profile = KINDS["s3"](name="lab", bucket="b", secret_key="s3cr3t", access_key_id="id")
    filled.register_datastore_profile(profile)
    assert [each.name for each in filled.list_datastore_profiles()] == ["lab"]
    found = filled.get_datastore_profile("lab")
    assert found.name == "lab" and "s3cr3t" not in repr(found)
    filled.delete_datastore_profile("lab")
    assert filled.list_datastore_profiles() == []


@pytest.mark.row("1.07", "1.40", "1.06")
def test_two_clients_in_one_process(service: Live, name: str, folder: Path) -> None:
    import threading

    from jupyter_mlrun.tenants import get_active_client

    with pytest.raises(errors.MLRunInvalidArgumentError, match="Credentials need a token"):
        mlrun.Credentials()
    assert "t0k3n" not in repr(mlrun.Credentials("t0k3n"))
    outside = mlrun.new_project(name, str(folder))
    ours = mlrun.Client(mlrun.Credentials(service.mlrun_token()))
    seen: dict[str, object] = {}

    def work() -> None:
        other = mlrun.Client(mlrun.Credentials(use_env=True))
        with other.session(project="default"):
            seen["project"] = mlrun.new_function("f", kind="local").metadata.project
            seen["client"] = get_active_client() is other

    with ours.session():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        inside = mlrun.get_or_create_project(f"{name}-in", str(folder / "in"))
        current = mlrun.get_current_project()
        assert current is not None and current.name == inside.name
        assert mlrun.new_function("g", kind="local").metadata.project == inside.name
    assert seen == {"project": "default", "client": True}
    assert mlrun.get_current_project() is outside and get_active_client() is None
    with mlrun.Client(mlrun.Credentials("mlrk" + "0" * 40)).session():
        with pytest.raises(errors.MLRunAccessDeniedError):
            mlrun.get_run_db().list_projects()
        with pytest.raises(errors.MLRunInvalidArgumentError, match="No current project"):
            mlrun.get_current_project()


@pytest.mark.row("1.24", "2.08")
def test_lists(filled: mlrun.MlrunProject) -> None:
    for number in range(3):
        filled.run_function("train", name=f"r{number}", params={"n": number}, local=True)
    runs = filled.list_runs(sort=True)
    assert {run["metadata"]["name"] for run in runs} == {"r0", "r1", "r2"}
    first, token = filled.paginated_list_runs(page_size=2)
    rest, end = filled.paginated_list_runs(page_token=token)
    names = [run["metadata"]["name"] for run in [*first, *rest]]
    assert sorted(names) == ["r0", "r1", "r2"] and len(first) == 2
    assert end is None or not filled.paginated_list_runs(page_token=end)[0]
    assert [function.name for function in filled.list_functions()] == ["train"]


@pytest.mark.row("1.28", "1.35", "1.12", "1.41")
def test_settings(filled: mlrun.MlrunProject, folder: Path) -> None:
    filled.set_member("bob", "viewer")
    assert {"kind": "user", "name": "bob", "role": "viewer"}.items() <= next(
        each for each in filled.list_members() if each["name"] == "bob"
    ).items()
    filled.remove_member("bob")
    with pytest.raises(errors.MLRunInvalidArgumentError, match="is no role"):
        filled.set_member("bob", "king")
    filled.add_custom_packager("a.B", True)
    filled.add_custom_packager("a.B", True)
    assert filled.get_custom_packagers() == [("a.B", True)]
    filled.remove_custom_packager("a.B")
    with pytest.raises(errors.MLRunInvalidArgumentError, match="is not registered"):
        filled.remove_custom_packager("a.B")
    filled.spec["ours"] = {"kept": True}
    filled.spec.goals = "win"
    filled.save()
    back = mlrun.load_project(str(folder))
    assert back.spec["ours"] == {"kept": True} and back.spec.goals == "win"
    assert back.to_dict()["spec"].keys() >= {"params", "functions"}
    assert "context" not in back.to_dict()["spec"]
    (folder / "project.yaml").write_text(back.to_yaml().replace("win", "lose"))
    assert back.reload().spec.goals == "lose" and back.context == str(folder)
    assert filled.name in back._repr_html_() and repr(back) == f"<project {filled.name}>"
