"""What scripts of MLRun do beside calling it: settings, modules, triggers, tags, images."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import errors
from tests.live import Live

NAMES = """
import jupyter_mlrun as mlrun
print(mlrun.artifacts.dataset.DatasetArtifact.kind)
print(mlrun.datastore.datastore_profile.DatastoreProfileBasic.__name__)
print(mlrun.common.schemas.schedule.ScheduleCronTrigger(hour=3).hour)
from jupyter_mlrun.utils.logger import Logger, create_logger
from jupyter_mlrun.utils import logger
logger.info("said after the module was imported", by="logger")
create_logger("warning", "human", "mine").info("never said")
for name in ("nothing", "pool_"):
    print(name, hasattr(mlrun.artifacts, name), hasattr(mlrun, name))
"""


def test_modules_are_there_without_an_import(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NAMES], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    *found, told, first, second = done.stdout.splitlines()
    assert found == ["dataset", "DatastoreProfileBasic", "3"]
    assert 'said after the module was imported: {"by": "logger"}' in told
    assert [first, second] == ["nothing False False", "pool_ False False"]


@pytest.mark.parametrize(
    ("part", "noun"),
    [("wait_for_pipeline_completion", "workflows"), ("get_hub_item", "modules of the hub"),
     ("get_model_provider", "serving graphs")],
)  # fmt: skip
def test_what_is_still_to_come_of_the_package(part: str, noun: str) -> None:
    with pytest.raises(AttributeError, match=rf"{part} \({noun}\) is not in this release"):
        getattr(mlrun, part)


@pytest.mark.parametrize(
    ("name", "said"),
    [("as_step", r"function\.as_step \(workflows\) is not in this release"),
     ("set_topology", r"\(serving graphs\) is not in this release"),
     ("with_requirement", "Did you mean 'with_requirements'")],
)  # fmt: skip
def test_what_a_function_does_not_do(name: str, said: str) -> None:
    function = mlrun.new_function("plain", kind="serving")
    with pytest.raises(AttributeError, match=said):
        getattr(function, name)
    assert not hasattr(function, name)


@pytest.mark.row("4.406", "4.509")
def test_settings_below_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_mlrun.tracking import is_enabled

    for variable in ("EXTERNAL_PLATFORM_TRACKING__ENABLED", "PACKAGERS__PACK_TUPLES"):
        monkeypatch.setenv(f"MLRUN_{variable}", "")
    assert mlrun.mlconf.external_platform_tracking.enabled is False and not is_enabled()
    mlrun.mlconf.external_platform_tracking.enabled = True
    assert mlrun.mlconf.external_platform_tracking.enabled is True and is_enabled()
    mlrun.mlconf.packagers.pack_tuples = True
    assert mlrun.mlconf.to_dict()["packagers"]["pack_tuples"] is True
    assert "packagers.pack_tuples='true'" in repr(mlrun.mlconf)
    assert "pack_tuples" in dir(mlrun.mlconf.packagers)
    for copied in (copy.deepcopy(mlrun.mlconf), pickle.loads(pickle.dumps(mlrun.mlconf))):
        assert copied.packagers.pack_tuples is True
    monkeypatch.setenv("MLRUN_STORAGE__AUTO_MOUNT_PARAMS", "aws_secret_key=opened")
    assert "auto_mount_params='***'" in repr(mlrun.mlconf) and "opened" not in repr(mlrun.mlconf)
    for wrong in ("pack_tuple", "zzz"):
        with pytest.raises(AttributeError, match=f"no setting 'packagers.{wrong}' here"):
            setattr(mlrun.mlconf.packagers, wrong, True)
    with pytest.raises(AttributeError, match="no setting 'packagers' here"):
        mlrun.mlconf.packagers = {}


@pytest.mark.row("4.701", "4.703")
def test_triggers_of_schedules(service: Live) -> None:
    from jupyter_mlrun.common.schemas import (
        ScheduleCronTrigger,
        ScheduleInput,
        ScheduleKinds,
        ScheduleUpdate,
    )

    db: Any = mlrun.get_run_db()
    name = f"daily-{uuid.uuid4().hex[:8]}"
    function = mlrun.new_function(name, kind="local").with_code(body="def f(context): return 1")
    begins = datetime.fromisoformat("2100-01-01T00:00:00+00:00")
    trigger = ScheduleCronTrigger(hour=4, minute=30, timezone="UTC", start_date=begins)
    made = function.run(handler="f", name=name, schedule=trigger)
    assert (made["action"], made["name"]) == ("created", name)
    kept = db.get_schedule("default", name)
    assert kept.next_run_time.startswith("2100-01-01T04:30:00")
    db.update_schedule("default", name, ScheduleUpdate(labels={"team": "sea"}))
    changed = db.get_schedule("default", name)
    assert changed.labels == {"team": "sea"} and changed.cron_trigger == kept.cron_trigger
    again = ScheduleInput(
        name=f"{name}-2", kind=ScheduleKinds.job, scheduled_object=kept.scheduled_object,
        cron_trigger=ScheduleCronTrigger.from_crontab("15 5 * * 1"),
    )  # fmt: skip
    db.create_schedule("default", again)
    assert db.get_schedule("default", f"{name}-2").cron_trigger["day_of_week"] == "1"
    assert again["cron_trigger"].to_crontab() == "15 5 * * 1"
    for each in (name, f"{name}-2"):
        db.delete_schedule("default", each)
    with pytest.raises(errors.MLRunInvalidArgumentError, match="no field 'hours'"):
        ScheduleCronTrigger(hours=3)
    with pytest.raises(errors.MLRunInvalidArgumentError, match="got 2, expected 5"):
        ScheduleCronTrigger.from_crontab("1 2")
    with pytest.raises(errors.MLRunInvalidArgumentError, match="is one of job, pipeline"):
        ScheduleInput(name="a", kind="yearly", scheduled_object={}, cron_trigger="0 * * * *")


@pytest.mark.row("1.19", "2.05")
def test_a_tagged_function_is_found_by_its_tag(service: Live, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(context): pass\n")
    project = mlrun.get_or_create_project(f"tagged-{uuid.uuid4().hex[:8]}", str(tmp_path))
    made = project.set_function("a.py", "fit", kind="job", handler="f", tag="v1")
    assert project.get_function("fit:v1") is made and project.get_function("fit") is made
    (tmp_path / "a.py").write_text("def f(context): return 2\n")
    synced = project.get_function("fit", sync=True)
    assert project.get_function("fit:v1") is synced and "return 2" in synced.code
    with pytest.raises(errors.MLRunNotFoundError, match="names but has not stored yet"):
        project.get_function("fit", ignore_cache=True)
    project.remove_function("fit")
    with pytest.raises(errors.MLRunNotFoundError, match="names none of that name"):
        project.get_function("fit:v1")


def test_what_the_service_refuses_has_mlruns_older_name(service: Live) -> None:
    from jupyter_mlrun.db.base import RunDBError

    assert RunDBError is mlrun.db.RunDBError
    with pytest.raises(RunDBError, match="not found"):
        mlrun.get_run_db().read_run(uuid.uuid4().hex, "default")


@pytest.mark.row("2.12")
def test_an_image_alone_is_not_built(service: Live) -> None:
    function: Any = mlrun.new_function("imaged", kind="job", image="registry.example.org/own:1")
    assert function.deploy() is True
    assert function.spec.image == "registry.example.org/own:1"
    assert (function.status.get("build") or {}).get("pod") is None


@pytest.mark.row("2.18")
def test_parts_of_a_document() -> None:
    for kind in ("job", "local"):
        function = mlrun.new_function("parts", kind=kind)
        assert function.to_dict(fields=["kind"]) == {"kind": kind}
        assert "spec" not in function.to_dict(exclude=["spec"])
        assert function.to_dict(["metadata"], ["metadata"]) == {}


def test_a_property_that_fails_says_its_own_reason() -> None:
    from jupyter_mlrun.functions.function import Function

    class Failing(Function):
        @property
        def client(self) -> Any:
            return None.foo  # type: ignore[attr-defined]

    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'foo'"):
        _ = Failing({"metadata": {}, "spec": {}}).client


def test_workflows_are_named_with_the_projects_folder_and_elsewhere(
    service: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    project = mlrun.get_or_create_project(f"w{uuid.uuid4().hex[:12]}", "./proj")
    (tmp_path / "proj" / "flow.py").write_text("def pipeline(): ...")
    project.set_workflow("far", "src/far.py", engine="remote")
    project.set_workflow("near", "./proj/flow.py")
    project.set_workflow("inside", "flow.py", embed=True)
    assert [each["name"] for each in project.workflows] == ["far", "near", "inside"]
