"""Names that scripts import from MLRun's modules are found, by whichever name the package has."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlrun import addresses

SCRIPT = """
{first}
from mlrun.common.runtimes.constants import RunStates
from mlrun.common.schemas import DeletionStrategy, OrderType
from mlrun.common.schemas.notification import NotificationKind
from mlrun.db.base import RunDBInterface
from mlrun.package.packagers import DefaultPackager
from mlrun.package.utils import ArtifactType
from mlrun.platforms.other import mount_pvc
from mlrun.runtimes.mounts import auto_mount
from mlrun.runtimes.utils import RunError
from mlrun.utils import create_logger, logger
import mlrun
assert mlrun.utils.logger is logger and mlrun.RunError is RunError is mlrun.errors.RunError
assert mlrun.runtimes.utils.RunError is mlrun.runtimes.RunError is RunError
assert mlrun.auto_mount is auto_mount and mlrun.DefaultPackager is DefaultPackager
assert mlrun.common.schemas.DeletionStrategy.cascade == "cascade" == DeletionStrategy("cascade")
assert RunStates.completed in RunStates.terminal_states() and f"{{OrderType.asc}}" == "asc"
assert NotificationKind.mail == "mail" and "RunStates" in dir(mlrun.common.runtimes.constants)
logger.info("seen", a=1)
create_logger("ERROR").info("not seen")
for wrong in ("import mlrun.utils.nothing", "from mlrun.utils import nothing"):
    try:
        exec(wrong)
    except ImportError as error:
        print(type(error).__name__, "nothing" in str(error))
"""
AT_HAND = """
import jupyter_mlrun as mlrun
for name in ("model.Notification", "errors.MLRunNotFoundError", "artifacts.get_model",
             "projects.MlrunProject", "runtimes.KubejobRuntime", "db.get_run_db",
             "datastore.DataItem", "datastore.datastore_profile.DatastoreProfileS3",
             "execution.MLClientCtx", "config.config", "lists.RunList", "run.get_dataitem"):
    found = mlrun
    for part in name.split("."):
        found = getattr(found, part)
"""


def python(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, env={}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("is_alias", [False, True])
def test_imports_of_scripts(tmp_path: Path, is_alias: bool) -> None:
    if is_alias:
        code = SCRIPT.format(first="from jupyter_mlrun import alias; alias.install()")
    else:
        code = SCRIPT.format(first="").replace("import mlrun\n", "import jupyter_mlrun as mlrun\n")
        code = code.replace("from mlrun.", "from jupyter_mlrun.")
        code = code.replace("import mlrun.utils", "import jupyter_mlrun.utils")
    logged, *wrong = python(code, tmp_path).splitlines()
    assert logged.endswith('[info] seen: {"a": 1}')
    assert wrong == ["ModuleNotFoundError True", "ImportError True"]


def test_modules_are_at_hand(tmp_path: Path) -> None:
    python(AT_HAND, tmp_path)


@pytest.mark.parametrize("part", addresses.MODULES)
def test_each_name_lies_where_the_table_says(part: str) -> None:
    module = importlib.import_module(f"jupyter_mlrun.{part}")
    for name in addresses.MODULES[part]:
        assert getattr(module, name) is not None
