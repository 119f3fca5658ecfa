"""Each store does the same on a real server: S3, Google's, Azure's, Redis; memory and files too."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import get_dataitem
from jupyter_mlrun.datastore.profile_kinds import (
    DatastoreProfileAzureBlob,
    DatastoreProfileGCS,
    DatastoreProfileRedis,
    DatastoreProfileS3,
)
from jupyter_mlrun.datastore.profiles import (
    register_temporary_client_datastore_profile,
    remove_temporary_client_datastore_profile,
)
from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunRuntimeError
from tests.live import Live, free_port

AZURITE_ACCOUNT, AZURITE_KEY = (
    "devstoreaccount1",
    ("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="),
)
SERVERS = Path(__file__).parents[1] / "servers"
START = 180
pytestmark = [
    pytest.mark.row("5.301", "5.302", "5.304", "5.306", "5.307", "5.308", "5.312"),
    # Azure's client hands a large body to aiohttp as it is
    pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning"),
]

Place = tuple[str, dict[str, str], Any]


@pytest.fixture(scope="session")
def s3() -> Iterator[Place]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    from botocore.session import Session

    client = Session().create_client(
        "s3", "us-east-1", endpoint_url=endpoint,
        aws_access_key_id="key", aws_secret_access_key="secret",
    )  # fmt: skip
    client.create_bucket(Bucket="bucket")
    secrets = {
        "AWS_ENDPOINT_URL_S3": endpoint, "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }  # fmt: skip
    profile = DatastoreProfileS3(
        "s3place", bucket="bucket", endpoint_url=endpoint, access_key_id="key", secret_key="secret"
    )
    yield "s3://bucket", secrets, profile
    server.stop()


@pytest.fixture(scope="session")
def gcs() -> Iterator[Place]:
    from gcp_storage_emulator.server import create_server

    port = free_port()
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket="bucket")
    server.start()
    endpoint = f"http://127.0.0.1:{port}"
    yield (
        "gcs://bucket",
        {"STORAGE_EMULATOR_HOST": endpoint},
        DatastoreProfileGCS("gcsplace", bucket="bucket"),
    )
    server.stop()


@pytest.fixture(scope="session")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    command = shutil.which("azurite-blob", path=str(SERVERS / "node_modules" / ".bin"))
    command = command or os.environ.get("AZURITE_BLOB") or shutil.which("azurite-blob")
    if command is None:
        pytest.skip("azurite is not installed: npm install --prefix tests/servers")
    port = free_port()
    folder = tmp_path_factory.mktemp("azurite")
    process = subprocess.Popen(
        [command, "--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence",
         "--skipApiVersionCheck", "--disableTelemetry", "--silent"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    endpoint = f"http://127.0.0.1:{port}/{AZURITE_ACCOUNT}"
    text = (
        f"DefaultEndpointsProtocol=http;AccountName={AZURITE_ACCOUNT};AccountKey={AZURITE_KEY};"
        f"BlobEndpoint={endpoint};"
    )
    _wait(lambda: urllib.request.urlopen(f"{endpoint}?comp=list", timeout=5), process)
    from azure.storage.blob import BlobServiceClient

    service = BlobServiceClient.from_connection_string(text)
    service.create_container("container")
    service.close()
    profile = DatastoreProfileAzureBlob("azplace", container="container", connection_string=text)
    yield "az://container", {"AZURE_STORAGE_CONNECTION_STRING": text}, profile
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    command = shutil.which("redis-server")
    if command is None:
        pytest.skip("redis-server is not installed: apt-get install redis-server")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    process = subprocess.Popen(
        [command, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder),
         "--requirepass", "pass/word"],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    import redis as client

    connection = client.Redis(port=port, password="pass/word")
    _wait(connection.ping, process)
    connection.close()
    url = f"redis://127.0.0.1:{port}"
    profile = DatastoreProfileRedis("redisplace", endpoint_url=url, password="pass/word")
    yield url, {"REDIS_PASSWORD": "pass/word"}, profile
    process.terminate()
    process.wait(10)


def _wait(ready: Callable[[], Any], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START
    while True:
        try:
            ready()
            return
        except Exception as error:
            # each client raises its own kinds while nothing listens; an answer is an answer
            if hasattr(error, "code"):
                return
            assert process.poll() is None, f"the server ended with {process.returncode}"
            assert time.monotonic() < end, f"no answer within {START} s: {error}"
            time.sleep(0.1)


@pytest.fixture(params=["file", "memory", "s3", "gcs", "azure", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An address below which nothing lies, its credentials, and a profile of the place."""
    if request.param == "file":
        return str(tmp_path / "place"), {}, None
    if request.param == "memory":
        return f"memory://{uuid.uuid4().hex}", {}, None
    url, secrets, profile = request.getfixturevalue(request.param)
    return f"{url}/{uuid.uuid4().hex}", secrets, profile


def test_bytes_are_written_read_and_deleted(place: Place) -> None:
    url, secrets, _ = place
    item = get_dataitem(f"{url}/below/a.txt", secrets)
    with pytest.raises(FileNotFoundError):
        item.get()
    with pytest.raises(FileNotFoundError):
        item.stat()
    item.put(b"one")
    item.put(" two", append=True)
    assert item.get() == b"one two"
    assert item.get(encoding="utf-8") == "one two"
    assert item.get(size=3, offset=4) == b"two"
    assert item.get(offset=4) == b"two"
    assert item.stat().size == 7
    with item.open("rb") as file:
        assert file.read(3) == b"one"
    assert get_dataitem(f"{url}/below", secrets).is_dir()
    assert not item.is_dir()
    item.delete()
    with pytest.raises(FileNotFoundError):
        item.get()


def test_folders_go_both_ways(place: Place, tmp_path: Path) -> None:
    url, secrets, _ = place
    (tmp_path / "tree" / "below").mkdir(parents=True)
    for name in ("a.txt", "below/b.txt"):
        (tmp_path / "tree" / name).write_text(name)
    item = get_dataitem(f"{url}/tree", secrets)
    item.upload(tmp_path / "tree")
    assert item.listdir() == ["a.txt", "below/b.txt"]
    assert Path(item.local(), "below", "b.txt").read_text() == "below/b.txt"
    item.remove_local()


@pytest.mark.parametrize("place", ["memory", "s3", "redis"], indirect=True)
def test_names_do_not_lead_out_of_a_downloaded_folder(place: Place, tmp_path: Path) -> None:
    url, secrets, _ = place
    get_dataitem(f"{url}/tree/../../../out.txt", secrets).put(b"out")
    target = tmp_path / "one" / "two" / "folder"
    with pytest.raises(MLRunInvalidArgumentError, match="leads out of the folder"):
        get_dataitem(f"{url}/tree", secrets).download(str(target))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_marks_of_folders_are_no_files(s3: Place, tmp_path: Path) -> None:
    from botocore.session import Session

    url, secrets, _ = s3
    client = Session().create_client(
        "s3", "us-east-1", endpoint_url=secrets["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id="key", aws_secret_access_key="secret",
    )  # fmt: skip
    for key, body in (("marked/", b""), ("marked/sub/", b""), ("marked/sub/a.txt", b"a")):
        client.put_object(Bucket="bucket", Key=key, Body=body)
    get_dataitem(f"{url}/marked", secrets).download(str(tmp_path / "here"))
    assert (tmp_path / "here" / "sub" / "a.txt").read_text() == "a"


@pytest.mark.row("5.117")
def test_data_goes_with_its_artifact(
    place: Place, service: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, secrets, _ = place
    project = mlrun.get_or_create_project(f"a{uuid.uuid4().hex[:12]}", str(tmp_path / "context"))
    project.artifact_path = url
    project.save()
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "leaf.txt").write_text("leaf")
    with monkeypatch.context() as known:
        for name, value in secrets.items():
            known.setenv(name, value)
        kept = [
            project.log_artifact("words", body="words"),
            project.log_artifact("tree", local_path=str(tmp_path / "tree")),
            project.log_model("net", b"weights", model_file="net.bin"),
        ]
    for artifact in kept:
        project.delete_artifact(artifact, "data-force", secrets)
    assert project.list_artifacts() == []
    assert not get_dataitem(url, secrets).is_dir() or get_dataitem(url, secrets).listdir() == []


def test_nothing_is_changed_on_the_way(place: Place, tmp_path: Path) -> None:
    url, secrets, _ = place
    data = bytes(range(256)) * 5000
    source = tmp_path / "source.bin"
    source.write_bytes(data)
    item = get_dataitem(f"{url}/deep/er/b.bin", secrets)
    item.upload(source)
    item.download(tmp_path / "back" / "b.bin")
    assert (tmp_path / "back" / "b.bin").read_bytes() == data
    assert Path(item.local()).read_bytes() == data
    item.remove_local()
    assert get_dataitem(url, secrets).ls() == ["deep/er/b.bin"]


def test_tables_and_columns(place: Place) -> None:
    url, secrets, _ = place
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    get_dataitem(f"{url}/t.csv", secrets).put(frame.to_csv(index=False))
    get_dataitem(f"{url}/t.parquet", secrets).put(frame.to_parquet())
    for name in ("t.csv", "t.parquet"):
        item = get_dataitem(f"{url}/{name}", secrets)
        pd.testing.assert_frame_equal(item.as_df(), frame, check_dtype=False)
        assert list(item.as_df(columns=["b"])["b"]) == ["x", "y", "z"]
        chosen = item.as_df(additional_filters=[("a", ">", 1), ("b", "in", ["y", "x"])])
        assert list(chosen["a"]) == [2]


def test_a_profile_stands_for_the_place(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    url, secrets, profile = place
    if profile is None:
        pytest.skip("no profile for this kind")
    if "STORAGE_EMULATOR_HOST" in secrets:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", secrets["STORAGE_EMULATOR_HOST"])
    below = url.rpartition("/")[2]
    register_temporary_client_datastore_profile(profile)
    try:
        item = get_dataitem(f"ds://{profile.name}/{below}/p.txt")
        item.put(b"by profile")
        assert get_dataitem(f"{url}/p.txt", secrets).get() == b"by profile"
        assert (item.kind, item.suffix) == (url.partition(":")[0], ".txt")
        for secret in ("secret", "pass/word", AZURITE_KEY):
            assert secret not in repr(item) + str(item) + repr(profile)
    finally:
        remove_temporary_client_datastore_profile(profile.name)


@pytest.mark.row("5.306")
def test_signed_addresses_are_read_without_credentials(s3: Place, azure: Place) -> None:
    for url, secrets, _ in (s3, azure):
        item = get_dataitem(f"{url}/{uuid.uuid4().hex}.txt", secrets)
        item.put(b"signed")
        with urllib.request.urlopen(item.sign(60), timeout=30) as answer:
            assert answer.read() == b"signed"


@pytest.mark.row("5.306")
def test_a_role_is_assumed(s3: Place) -> None:
    url, secrets, _ = s3
    known = {
        **secrets, "MLRUN_AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/reader",
        "AWS_ENDPOINT_URL_STS": secrets["AWS_ENDPOINT_URL_S3"],
    }  # fmt: skip
    name = uuid.uuid4().hex
    get_dataitem(f"{url}/{name}", secrets).put(b"x")
    assert get_dataitem(f"{url}/{name}", known).get() == b"x"


def test_a_server_that_is_away_is_a_sentence() -> None:
    port = free_port()
    s3 = {
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
    }  # fmt: skip
    with pytest.raises(MLRunRuntimeError, match=r"'s3://bucket/x' cannot be read: .*credentials"):
        get_dataitem("s3://bucket/x", s3).get()
    with pytest.raises(MLRunRuntimeError, match=r"Redis server 127\.0\.0\.1 does not answer"):
        get_dataitem(f"redis://127.0.0.1:{port}/x").get()
    with pytest.raises(MLRunRuntimeError, match="Look at the address"):
        get_dataitem(f"http://127.0.0.1:{port}/x").get()


def test_artifacts_go_to_the_place(
    context: Any, s3: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run's output path may be a bucket, and what is logged is read from there."""
    from jupyter_mlrun.packagers.values import log_value, unpack

    url, secrets, _ = s3
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    frame = pd.DataFrame({"a": [1, 2]})
    artifact = context.log_dataset("frame", frame, artifact_path=f"{url}/runs")
    assert artifact.target_path.startswith(f"{url}/runs/{context.run_uid}/")
    pd.testing.assert_frame_equal(artifact.to_dataitem().as_df(), frame)
    model = context.log_model("m", b"weights", model_file="m.bin", artifact_path=f"{url}/runs")
    folder = get_dataitem(model.target_path, secrets)
    assert folder.listdir() == ["m.bin", "model_spec.yaml"]
    kept = log_value(context, "t", (1, "two"))
    assert kept is not None and unpack(kept, context=context) == (1, "two")
