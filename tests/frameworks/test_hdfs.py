"""Hadoop's file system: what every store does, on Hadoop's own small cluster, by WebHDFS."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
import xml.etree.ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from jupyter_mlrun import get_dataitem
from jupyter_mlrun.datastore.profile_kinds import DatastoreProfileHdfs
from jupyter_mlrun.errors import MLRunRuntimeError
from tests.live import free_port
from tests.sdk.test_stores import (  # noqa: F401
    test_a_profile_stands_for_the_place,
    test_bytes_are_written_read_and_deleted,
    test_nothing_is_changed_on_the_way,
    test_tables_and_columns,
)

JARS = Path(__file__).parents[2] / ".venv-frameworks" / "hadoop"
CLUSTER = "org.apache.hadoop.mapreduce.MiniHadoopClusterManager"
START = 120
USER = "ann"
pytestmark = [pytest.mark.frameworks, pytest.mark.row("5.309"), pytest.mark.timeout(300)]

Place = tuple[str, dict[str, str], Any]


@pytest.fixture(scope="module")
def hdfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int, int]]:
    """Host, port and WebHDFS port of a name node with one data node."""
    jars = sorted(JARS.glob("*.jar"))
    if not jars or shutil.which("java") is None:
        pytest.skip("Hadoop is not there: make test-frameworks fetches it, and needs Java")
    folder = tmp_path_factory.mktemp("hadoop")
    settings = folder / "conf.xml"
    command = [
        "java", "-Xmx512m", f"-Dtest.build.data={folder / 'data'}",
        f"-Dhadoop.log.dir={folder / 'logs'}", "-cp", os.pathsep.join(map(str, jars)), CLUSTER,
        "-nomr", "-format", "-nnport", "0", "-nnhttpport", "0", "-datanodes", "1",
        "-writeConfig", str(settings), "-D", "dfs.permissions.enabled=false",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        known = settled(settings, process, folder / "log")
        host, _, port = known["fs.defaultFS"].rpartition("://")[2].partition(":")
        web = known["dfs.namenode.http-address"].rpartition(":")[2]
        yield host, int(port), int(web)
    finally:
        process.kill()
        process.wait()


def settled(path: Path, process: subprocess.Popen[bytes], log: Path) -> dict[str, str]:
    """The cluster's settings, once it has written them whole."""
    end = time.monotonic() + START
    while True:
        assert process.poll() is None, log.read_text()[-2000:]
        assert time.monotonic() < end, f"Hadoop did not start: {log.read_text()[-2000:]}"
        try:
            found = xml.etree.ElementTree.parse(path).iter("property")
            return {str(p.findtext("name")): str(p.findtext("value")) for p in found}
        except (FileNotFoundError, xml.etree.ElementTree.ParseError):
            time.sleep(0.2)


@pytest.fixture
def place(hdfs: tuple[str, int, int]) -> Place:
    """A folder of the cluster below which nothing lies, its credentials, and a profile."""
    host, port, web = hdfs
    profile = DatastoreProfileHdfs("hdfsplace", host=host, port=port, http_port=web, user=USER)
    return f"webhdfs://{host}:{web}/{uuid.uuid4().hex}", {"HDFS_USER": USER}, profile


def test_both_schemes_and_whose_a_file_is(place: Place, hdfs: tuple[str, int, int]) -> None:
    url, secrets, _ = place
    host, port, web = hdfs
    get_dataitem(f"{url}/a.txt", secrets).put(b"one")
    below = url.rpartition("/")[2]
    # Hadoop's own port is in the address, that of WebHDFS beside it
    known = secrets | {"HDFS_HTTP_PORT": str(web)}
    same = get_dataitem(f"hdfs://{host}:{port}/{below}/a.txt", known)
    assert same.get() == b"one"
    filesystem, path = same.store.filesystem(same.url)  # type: ignore[attr-defined]
    assert filesystem.info(path)["owner"] == USER
    with same.open("rb") as file:
        file.seek(1)
        assert file.read() == b"ne"


def test_what_a_run_keeps_goes_there(
    run: Any, hdfs: tuple[str, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, port, web = hdfs
    url = f"hdfs://{host}:{port}/{uuid.uuid4().hex}"
    secrets = {"HDFS_HTTP_PORT": str(web), "HDFS_USER": USER}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})

    def keep(context: Any) -> None:
        context.log_dataset("frame", frame, format="parquet")
        context.log_model("m", b"weights", model_file="m.bin")

    done = run(keep, output_path=f"{url}/runs")
    kept = done.artifact("frame")
    assert kept.url.startswith(f"{url}/runs/")
    pd.testing.assert_frame_equal(kept.as_df(), frame, check_dtype=False)
    model = get_dataitem(os.path.dirname(done.artifact("m").url), secrets)
    assert sorted(model.listdir()) == ["m.bin", "model_spec.yaml"]


def test_a_name_node_that_is_away_is_a_sentence() -> None:
    secrets = {"HDFS_HTTP_PORT": str(free_port()), "HDFS_USER": USER}
    with pytest.raises(MLRunRuntimeError, match=r"'hdfs://127\.0\.0\.1/x' cannot be read"):
        get_dataitem("hdfs://127.0.0.1/x", secrets).get()
