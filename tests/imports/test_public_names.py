"""What the package shows is a list that one changes knowingly, and every name of it is there."""

from __future__ import annotations

import subprocess
import sys

import pytest

import jupyter_mlrun

PUBLIC = [
    "Artifact",
    "ArtifactList",
    "ArtifactType",
    "Client",
    "Context",
    "Credentials",
    "DataItem",
    "DefaultPackager",
    "Function",
    "FunctionList",
    "HyperParamOptions",
    "LogHint",
    "MLClientCtx",
    "MLRunInvalidArgumentError",
    "MLRunNotFoundError",
    "MlrunProject",
    "Notification",
    "Packager",
    "ProjectMetadata",
    "Retry",
    "RunDB",
    "RunError",
    "RunList",
    "RunObject",
    "RunTemplate",
    "RuntimeConfigurationContext",
    "VolumeMount",
    "__version__",
    "auto_mount",
    "build_function",
    "code_to_function",
    "connect",
    "deploy_function",
    "download_object",
    "function_to_module",
    "get_current_project",
    "get_dataitem",
    "get_object",
    "get_or_create_ctx",
    "get_or_create_project",
    "get_run",
    "get_run_db",
    "get_sample_path",
    "get_secret_or_env",
    "handler",
    "import_function",
    "import_function_to_dict",
    "list_runs",
    "load_project",
    "mlconf",
    "mount_v3io",
    "new_function",
    "new_project",
    "new_task",
    "pipeline_context",
    "run_form",
    "run_function",
    "run_local",
    "set_env_from_file",
    "set_environment",
    "store_manager",
    "unpack",
    "v3io_cred",
    "wait_for_runs_completion",
]


def test_the_public_names() -> None:
    assert sorted(jupyter_mlrun.__all__) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_each_of_them_is_there(name: str) -> None:
    code = f"import jupyter_mlrun; jupyter_mlrun.{name}; assert {name!r} in dir(jupyter_mlrun)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_another_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = jupyter_mlrun.nothing


def test_the_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version

    assert jupyter_mlrun.get_version() == jupyter_mlrun.__version__ == version("jupyter-mlrun")
