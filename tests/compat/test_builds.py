"""MLRun's own client has images built: by buildah on this machine, from a base made here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import base_image
from tests.compat.conftest import PYTHON, Client
from tests.live import Live, live_server

pytestmark = [
    pytest.mark.compat,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not base_image.has_buildah, reason="needs buildah, and root for its build"),
]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server whose builder keeps images in a folder of the test, with the base image in it."""
    if not PYTHON.exists():
        pytest.fail("MLRun's own client is not installed: type `make .venv-mlrun/.installed`")
    folder = tmp_path_factory.mktemp("builds")
    storage = folder / "storage"
    base_image.make_base(storage, folder)
    base_image.write_wheel(folder)
    options = (f"--MLRunBuilder.storage={storage}", "--MLRunBuilder.storage_driver=vfs")
    env = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}
    with live_server(folder / "live", options=options, env=env) as server:
        yield server


def test_builds(mlrun_client: Client) -> None:
    seen = mlrun_client("builds.py", base_image.NAME)
    assert seen["moved"] == ["", base_image.NAME]
    assert seen["ready"] is True and seen["state"] == "ready" and seen["deployed"] is True
    assert seen["image"] == ".mlrun/func-built-first:latest"
    assert seen["pod"].startswith("mlrun-build-first-")
    assert "Successfully installed demo-sum-1.0" in seen["log"] and seen["kind"] == "logs"
    assert "by *****" in seen["log"] and "somebody-1" not in seen["log"]
    assert seen["log"].count("STEP 1") == 1 and seen["skipped"] is True
    # printed as it flowed, each line once
    assert seen["said"].count("Installing collected packages: demo-sum") >= 2
    assert seen["status"] == [True, {"image": ".mlrun/func-built-second:mine"}]
    assert seen["broken"] == ["MLRunRuntimeError", "error"]
    assert "No matching distribution found for no-such-package-here" in seen["reason"]
    assert seen["run"] == ["completed", {"return": 42}]
    assert seen["default"] == ".mlrun-project-image-built"
