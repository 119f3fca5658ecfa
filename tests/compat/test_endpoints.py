"""The tables of endpoints are those of the clients that are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat.conftest import CLIENTS
from tests.compat.endpoints import called, recorded

pytestmark = pytest.mark.compat


@pytest.mark.parametrize("version", CLIENTS)
def test_the_table_is_the_clients(version: str) -> None:
    (source,) = (
        Path(CLIENTS[version]).parents[1].glob("lib/python3*/site-packages/mlrun/db/httpdb.py")
    )
    assert called(source.read_text()) == recorded(version)


def test_the_newest_client_has_131() -> None:
    assert len({one.key for one in recorded("1.12.1")}) == 131
