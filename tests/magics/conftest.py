"""A real Jupyter server and real kernels for the tests of the magics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import Kernel, Live, live_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server of this module's tests."""
    with live_server(tmp_path_factory.mktemp("server")) as live:
        yield live


@pytest.fixture(scope="module")
def shared_kernel(server: Live) -> Iterator[Kernel]:
    """A kernel with the magics, shared because its start takes a second."""
    with server.kernel("work/page.ipynb") as kernel:
        assert kernel.run("%load_ext jupyter_mlrun").ok
        yield kernel


@pytest.fixture()
def kernel(shared_kernel: Kernel) -> Kernel:
    """The shared kernel with an empty namespace and the project ``default``."""
    answer = shared_kernel.run("%reset -f\n%mlrun project default")
    assert answer.ok, answer.error
    return shared_kernel


@pytest.fixture(scope="module", autouse=True)
def folder(server: Live) -> Path:
    """The notebook's folder."""
    path = server.root / "work"
    path.mkdir(exist_ok=True)
    return path
