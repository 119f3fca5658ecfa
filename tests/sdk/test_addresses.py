"""Names that scripts import from MLRun's modules are found, by whichever name the package has."""

from __future__ import annotations

import copy
import importlib
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun import addresses, features
from jupyter_mlrun.artifacts import ModelArtifact
from jupyter_mlrun.datastore.manager import StoreManager, schema_to_store, store_manager
from jupyter_mlrun.enumerations import ValueType
from jupyter_mlrun.errors import MLRunInvalidArgumentError

SCRIPT = """
{first}
from mlrun.common.runtimes.constants import RunStates
from mlrun.artifacts.base import Artifact
from mlrun.artifacts.dataset import TableArtifact
from mlrun.artifacts.model import get_model, update_model
from mlrun.common.schemas import DeletionStrategy, ObjectKind, OrderType
from mlrun.data_types import ValueType
from mlrun.datastore import get_store_uri, is_store_uri, store_manager
from mlrun.datastore.base import DataItem
from mlrun.datastore.datastore import StoreManager
from mlrun.datastore.inmem import InMemoryStore
from mlrun.datastore.store_resources import get_store_resource, parse_store_uri
from mlrun.errors import err_to_str
from mlrun.features import Feature
from mlrun.frameworks import compare_run_objects
from mlrun.model import ModelObj
from mlrun.common.schemas.notification import NotificationKind
from mlrun.db.base import RunDBInterface
from mlrun.package.packagers import DefaultPackager
from mlrun.package.utils import ArtifactType
from mlrun.platforms.other import mount_pvc
from mlrun.runtimes.mounts import auto_mount
from mlrun.runtimes.utils import RunError
from mlrun.utils import create_logger, get_in, logger, now_date, update_in
from mlrun.utils.helpers import create_class
import mlrun
assert mlrun.store_manager is store_manager and isinstance(store_manager, StoreManager)
assert mlrun.features.Feature is Feature and issubclass(Feature, ModelObj)
assert mlrun.artifacts.Artifact is Artifact and mlrun.artifacts.get_model is get_model
assert mlrun.MLRunNotFoundError is mlrun.errors.MLRunNotFoundError
assert mlrun.render.runs_to_html and mlrun.mounts.mount_pvc and ObjectKind.project == "project"
assert mlrun.DataItem is DataItem
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
             "features.Feature", "render.run_to_html", "utils.now_date", "data_types.ValueType",
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


@pytest.mark.parametrize(
    "code",
    [
        "from jupyter_mlrun.features import Entity",
        "from jupyter_mlrun.datastore import ParquetTarget",
        "import jupyter_mlrun.datastore.targets",
        "from jupyter_mlrun.runtimes import RemoteRuntime",
        "import jupyter_mlrun; jupyter_mlrun.features.Entity",
        "import jupyter_mlrun; jupyter_mlrun.serving",
    ],
)
def test_what_comes_later_is_said(code: str) -> None:
    with pytest.raises((ImportError, AttributeError), match="is not in this release") as caught:
        exec(code, {})
    shown: Any = caught.value
    # as a notebook shows it: the user's line and one sentence
    assert shown._render_traceback_()[-1].endswith(f": {shown}")
    assert not any("jupyter_mlrun/" in line for line in shown._render_traceback_())


def test_the_nearest_name_is_told() -> None:
    with pytest.raises(AttributeError, match="Did you mean 'now_date'"):
        exec("import jupyter_mlrun; jupyter_mlrun.utils.now_dat", {})
    with pytest.raises(AttributeError, match="Did you mean 'get_or_create_project'"):
        exec("import jupyter_mlrun; jupyter_mlrun.get_or_create_projct", {})


def test_a_feature_goes_into_a_model_as_plain_values() -> None:
    made = features.Feature(name="x", value_type=float, dims=[2])
    model = ModelArtifact("m", body=b"1", inputs=[made], outputs=["y"])
    assert model.inputs[0].value_type == "float" == ValueType.DOUBLE
    assert type(model.to_dict()["spec"]["inputs"][0]["value_type"]) is str
    assert repr(made) == "Feature(name='x', value_type='float', dims=[2])"


def test_a_feature_of_a_type_without_a_word_keeps_its_name() -> None:
    for given, told in ((dict, "dict"), ("List[int32]", "List[int32]"), (complex, "complex")):
        made = features.Feature(name="x", value_type=given)
        assert made.to_dict()["value_type"] == told == str(made.value_type)
    assert features.Feature(name="x").to_dict()["value_type"] == "str"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import jupyter_mlrun; jupyter_mlrun.get_or_create_projct", "Did you mean"),
        ("from jupyter_mlrun import artifacts; artifacts.ModelArtifct", "Did you mean"),
        ("import jupyter_mlrun.alias as a; a.install(); import mlrun.serving", "not in this rel"),
    ],
)
def test_a_name_that_is_not_there_goes_to_another_process(code: str, said: str) -> None:
    from jupyter_mlrun import alias

    known = set(sys.modules)
    try:
        with pytest.raises((AttributeError, ImportError), match=said) as caught:
            exec(code, {})
    finally:
        alias.uninstall()
        for name in set(sys.modules) - known:
            if name.partition(".")[0] == "mlrun":
                del sys.modules[name]
    error: Any = caught.value
    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(again) is type(error) and str(again) == str(error)
        assert again.name == error.name and str(error) in again._render_traceback_()[-1]


def test_a_store_is_found_by_its_address(tmp_path: Path) -> None:
    item = store_manager.object(url=str(tmp_path / "a.txt"), key="a")
    item.put("text")
    store, path, url = store_manager.get_or_create_store(str(tmp_path / "a.txt"))
    assert (item.key, store.get(path), url) == ("a", b"text", str(tmp_path / "a.txt"))
    assert schema_to_store("") is schema_to_store("file") is type(store)
    mine = StoreManager({"KEY": "1"}).set({"OTHER": "2"})
    assert (mine.secret("KEY"), mine.secret("OTHER"), mine.secret("NONE")) == ("1", "2", None)
    with pytest.raises(MLRunInvalidArgumentError, match="address of an artifact"):
        store_manager.get_or_create_store("store://artifacts/p/k")
