"""Data by address: paths, URLs, data URLs, memory, and what is not there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlrun import download_object, get_dataitem, get_object, paths
from jupyter_mlrun.artifacts.shown import artifact_html
from jupyter_mlrun.datastore import get_in_memory_items, inline, set_in_memory_item
from jupyter_mlrun.datastore.credentials import Credentials
from jupyter_mlrun.datastore.item import DataItem
from jupyter_mlrun.datastore.profile_kinds import (
    ConfigProfile,
    DatastoreProfile,
    DatastoreProfileRedis,
)
from jupyter_mlrun.datastore.profiles import DatastoreProfile2Json
from jupyter_mlrun.datastore.registry import HINTS, SCHEMES, scheme_of
from jupyter_mlrun.datastore.resolve import get_dataitem as resolve_dataitem
from jupyter_mlrun.datastore.resolve import item_of
from jupyter_mlrun.datastore.secrecy import without_secrets
from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunInvalidArgumentError,
    MLRunInvalidArgumentTypeError,
    MLRunMissingDependencyError,
    MLRunNotFoundError,
)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """A plain web server of the test's folder, without ranges."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.row("5.303")
def test_what_cannot_be_read_is_a_sentence_of_mlruns_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kinds of Python's own too, so that code which waits for those goes on working."""
    (tmp_path / "towns.csv").write_text("a,b\n1,2\n")
    for read in (DataItem.get, DataItem.as_df, DataItem.local, DataItem.stat, DataItem.open):
        with pytest.raises(MLRunNotFoundError, match=r"is not there\. Did you mean 'towns'\?"):
            read(get_dataitem(str(tmp_path / "town.csv")))
    for name, data, word in (
        ("a.parquet", b"none", "cannot be read as parquet: .*footer"),
        ("b.csv", b"\xff\xfe\x00", "cannot be read as csv: .*utf-8"),
        ("c.json", b"{", "cannot be read as json: "),
        ("d.csv", b"", "cannot be read as csv: No columns"),
        ("e.xml", b"<a", "cannot be read as xml: "),
        ("f.xlsx", b"PK", "cannot be read as xlsx: "),
        ("g.txt", b"x", "'txt', which is no table"),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(data)
        with pytest.raises((MLRunInvalidArgumentError, MLRunMissingDependencyError)) as caught:
            get_dataitem(str(tmp_path / name)).as_df()
        if isinstance(caught.value, MLRunInvalidArgumentError):
            caught.match(word)
    towns = get_dataitem(str(tmp_path / "towns.csv"))
    with pytest.raises(MLRunInvalidArgumentError, match=r"not found: \['c'\]"):
        towns.as_df(columns=["c"])
    with pytest.raises(MLRunInvalidArgumentError, match="unexpected keyword argument 'sap'"):
        towns.as_df(sap=";")
    with pytest.raises(MLRunInvalidArgumentError, match="is a folder: name a file in it"):
        get_dataitem(str(tmp_path)).get()
    with pytest.raises(MLRunInvalidArgumentError, match="is no folder"):
        towns.listdir()

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(towns.store, "open", denied)
    with pytest.raises(MLRunAccessDeniedError, match="look at its permissions") as refused:
        towns.get()
    assert isinstance(refused.value, PermissionError)


def test_local_files(tmp_path: Path) -> None:
    item = get_dataitem(str(tmp_path / "below" / "a.txt"))
    item.put("one")
    item.put(b" two", append=True)
    assert item.get() == b"one two"
    assert item.get(encoding="utf-8") == "one two"
    assert item.get(size=3, offset=4) == b"two"
    assert item.stat().size == 7
    assert item.stat().content_type == "text/plain"
    assert (item.suffix, item.kind) == (".txt", "file")
    assert item.local() == str(tmp_path / "below" / "a.txt")
    assert get_dataitem(f"file://{tmp_path}/below/a.txt").get() == b"one two"
    assert get_dataitem(str(tmp_path)).listdir() == ["below/a.txt"]
    with pytest.raises(MLRunInvalidArgumentError, match="is a folder: name the file in it"):
        item.download(tmp_path)
    item.download(tmp_path / "copy" / "b.txt")
    assert get_object(str(tmp_path / "copy" / "b.txt")) == b"one two"
    item.delete()
    with pytest.raises(FileNotFoundError):
        item.get()
    with pytest.raises(FileNotFoundError, match=r"a\.txt is not there"):
        item.local()


def test_an_upload_is_whole_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "source").write_text("data")
    with pytest.raises(FileNotFoundError, match=r"none\.csv' is not there, to be copied"):
        get_dataitem(str(tmp_path / "x" / "z")).upload(tmp_path / "none.csv")
    get_dataitem(str(tmp_path / "x" / "y")).upload(tmp_path / "source")
    assert (tmp_path / "x" / "y").read_text() == "data"
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["y"]


@pytest.mark.row("5.305")
def test_memory(tmp_path: Path) -> None:
    item = get_dataitem("memory://folder/a.csv")
    item.put("a,b\n1,2\n")
    assert item.as_df().to_dict("list") == {"a": [1], "b": [2]}
    assert item.as_df(columns=["b"]).to_dict("list") == {"b": [2]}
    assert get_dataitem("memory://folder").listdir() == ["a.csv"]
    assert Path(item.local()).read_text() == "a,b\n1,2\n"
    item.remove_local()
    item.delete()


@pytest.mark.parametrize("value", [{"a": 1}, 3, None])
def test_only_bytes_and_text_are_written(tmp_path: Path, value: Any) -> None:
    with pytest.raises(MLRunInvalidArgumentTypeError, match=r"writes bytes or text, not \w+: turn"):
        get_dataitem(str(tmp_path / "a")).put(value)


@pytest.mark.row("5.305")
def test_values_in_memory_are_the_objects_themselves() -> None:
    held = get_dataitem("memory://held")
    held.put(memoryview(b"some"))
    held.put(" more", append=True)
    assert held.get() == b"some more"
    for before, added in ((b"some", 3), ({"a": 1}, b"more")):
        held.put(before)
        with pytest.raises(MLRunInvalidArgumentTypeError, match=r"memory://held one .* without"):
            held.put(added, append=True)
    held.put("text")
    held.put(" and more", append=True)
    assert (held.get(), held.get(size=4), held.get(encoding="utf-8")) == (
        "text and more", "text", "text and more",
    )  # fmt: skip
    assert held.stat().size == 13
    held.delete()
    frame = pd.DataFrame({"a": [1, 2, 3]})
    item = set_in_memory_item("table", frame)
    assert item.as_df() is frame
    assert list(item.as_df(additional_filters=[("a", ">", 1)])["a"]) == [2, 3]
    assert get_in_memory_items()["table"] is frame
    get_dataitem("memory://put").put(frame)
    assert get_in_memory_items()["put"] is frame is get_dataitem("memory://put").get()
    with get_dataitem("memory://written").open("wb") as file:
        file.write(b"closed, so kept")
    assert get_dataitem("memory://written").get() == b"closed, so kept"


@pytest.mark.row("5.303", "5.305")
def test_objects_in_memory_are_read_as_files_too(capsys: pytest.CaptureFixture[str]) -> None:
    item = get_dataitem("memory://facts.json")
    item.put([{"a": "é"}, {"a": None}])
    assert json.loads(item.read_bytes()) == item.get()
    assert json.loads(Path(item.local()).read_text()) == item.get()
    assert item.as_df()["a"].to_list()[0] == "é"
    item.show()
    assert "é" in capsys.readouterr().out
    for name in ("words", "facts.json"):
        get_dataitem("memory://words").put("héllo")
        assert isinstance(get_object(f"memory://{name}"), bytes)
    assert get_object("memory://words", size=2, offset=1) == "é".encode()


@pytest.mark.row("5.302", "5.305")
def test_a_table_in_memory_is_of_the_library_asked_for() -> None:
    from dask import dataframe

    item = set_in_memory_item("asked", pd.DataFrame({"a": [1, 2, 3]}))
    assert list(item.as_df(df_module=dataframe, columns=["a"]).compute()["a"]) == [1, 2, 3]
    polars = pytest.importorskip("polars")
    assert item.as_df(df_module=polars)["a"].to_list() == [1, 2, 3]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda item: item.get(offset=-1), "offset is a number from 0 on, not -1"),
        (lambda item: item.get(encoding="utf-9"), "no text of the encoding 'utf-9'"),
        (lambda item: item.get(encoding="ascii"), "no text of the encoding 'ascii'"),
        (lambda item: item.as_df(df_module="polars"), "a module such as polars.* not 'polars'"),
    ],
)
def test_arguments_that_cannot_be_are_sentences(tmp_path: Path, call: Any, text: str) -> None:
    (tmp_path / "a.csv").write_text("é")
    with pytest.raises(MLRunInvalidArgumentError, match=text):
        call(get_dataitem(str(tmp_path / "a.csv")))


@pytest.mark.row("5.303")
def test_objects_by_address(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("some text")
    assert get_object(str(tmp_path / "a.txt"), size=4) == b"some"
    download_object(str(tmp_path / "a.txt"), str(tmp_path / "b.txt"))
    assert (tmp_path / "b.txt").read_text() == "some text"


@pytest.mark.row("5.313")
def test_the_web_with_credentials(tmp_path: Path) -> None:
    seen: list[str | None] = []

    class Guarded(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            """Ann alone is let in, and sent on from one address."""
            if self.path == "/elsewhere":
                seen.append(self.headers.get("Authorization"))
            if self.path == "/moved":
                self.send_response(302)
                self.send_header(
                    "Location", f"http://localhost:{self.server.server_port}/elsewhere"
                )  # type: ignore[attr-defined]
                self.end_headers()
                return
            if self.headers.get("Authorization") != "Basic YW5uOnAvdw==":
                self.send_error(401)
                return
            super().do_GET()

    (tmp_path / "a.txt").write_text("seen")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Guarded, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    place = f"127.0.0.1:{server.server_address[1]}"
    try:
        item = get_dataitem(f"http://ann:p%2Fw@{place}/a.txt")
        assert item.get() == b"seen"
        assert "p%2Fw" not in repr(item) + str(item)
        with pytest.raises(PermissionError, match=r"\(401\): set HTTPS_AUTH_TOKEN.*permissions"):
            get_dataitem(f"http://{place}/a.txt").get()
        with pytest.raises(PermissionError):
            get_dataitem(f"http://ann:p%2Fw@{place}/moved").get()
        assert seen == [None]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.row("5.322")
@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.csv", b"a\n1\n", "DataFrame"), ("a.png", b"\x89PNG", "Image"),
        ("a.html", b"<b>x</b>", "HTML"), ("a.json", b'{"a": 1}', "dict"), ("a.txt", b"text", ""),
    ],
)  # fmt: skip
def test_items_are_shown(
    tmp_path: Path, name: str, data: bytes, kind: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from IPython import display

    shown: list[object] = []
    monkeypatch.setattr(display, "display", shown.append)
    (tmp_path / name).write_bytes(data)
    get_dataitem(str(tmp_path / name)).show()
    held = get_dataitem(f"memory://shown/{name}")
    held.put(data.decode("latin-1") if kind != "Image" else data)
    held.show()
    if kind:
        assert [type(each).__name__ for each in shown] == [kind, kind]
    else:
        assert capsys.readouterr().out == "text\ntext\n"
    held.delete()


@pytest.mark.row("5.322")
def test_broken_files_are_shown_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from IPython import display

    shown: list[Any] = []
    monkeypatch.setattr(display, "display", shown.append)
    for name, data in (("a.json", b'{"a"'), ("b.json", b""), ("a.html", b"<b>\xff"),
                       ("a.svg", b"<svg>\xff</svg>")):  # fmt: skip
        (tmp_path / name).write_bytes(data)
        get_dataitem(str(tmp_path / name)).show()
    assert capsys.readouterr().out == '{"a"\n\n'
    assert [type(each).__name__ for each in shown] == ["HTML", "SVG"]


def test_times_choose_rows(tmp_path: Path) -> None:
    times = pd.date_range("2026-01-01", periods=4, tz="UTC")
    frame = pd.DataFrame({"t": times, "n": range(4)})
    for name in ("a.parquet", "a.csv"):
        item = get_dataitem(str(tmp_path / name))
        if name == "a.csv":
            frame.to_csv(item.url, index=False)
        else:
            frame.to_parquet(item.url)
        found = item.as_df(time_column="t", start_time="2026-01-01", end_time="2026-01-03")
        assert list(found["n"]) == [1, 2]
        with pytest.raises(MLRunInvalidArgumentError, match="give time_column="):
            item.as_df(start_time="2026-01-01")
        with pytest.raises(MLRunInvalidArgumentError, match="no column 'x'"):
            item.as_df(additional_filters=[("x", "=", 1)])


def test_folders_of_tables(tmp_path: Path) -> None:
    frame = pd.DataFrame({"p": ["a", "b"], "n": [1, 2]})
    frame.to_parquet(tmp_path / "parts", partition_cols=["p"])
    assert sorted(get_dataitem(str(tmp_path / "parts")).as_df()["n"]) == [1, 2]
    (tmp_path / "many").mkdir()
    for place in range(2):
        frame.to_csv(tmp_path / "many" / f"{place}.csv", index=False)
    assert len(get_dataitem(str(tmp_path / "many")).as_df(format="csv")) == 4


def test_tables_of_dask(tmp_path: Path) -> None:
    dd = pytest.importorskip("dask.dataframe")
    pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).to_parquet(tmp_path / "a.parquet")
    frame = get_dataitem(str(tmp_path / "a.parquet")).as_df(
        ["b"], df_module=dd, additional_filters=[("a", ">", 1)]
    )
    assert list(frame.compute()["b"]) == ["y"]


def test_the_web(web: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n2\n")
    item = get_dataitem(f"{web}/a.csv")
    assert item.get() == b"a\n1\n2\n"
    assert item.get(size=3, offset=2) == b"1\n2"
    assert item.stat().size == 6
    assert list(item.as_df()["a"]) == [1, 2]
    with pytest.raises(FileNotFoundError, match=r"none\.csv is not there \(404\)"):
        get_dataitem(f"{web}/none.csv").get()
    with pytest.raises(FileNotFoundError, match=r"token=\*\*\* is not"):
        get_dataitem(f"{web}/none.csv?token=abc").get()
    with pytest.raises(MLRunInvalidArgumentError, match="'http' cannot be written"):
        item.put(b"x")


@given(st.binary())
def test_data_urls(data: bytes) -> None:
    import base64
    from urllib.parse import quote

    encoded = base64.b64encode(data).decode()
    assert inline.parse(f"data:x/y;base64,{encoded}") == ("x/y", data)
    assert inline.parse(f"data:,{quote(data)}") == ("text/plain", data)


def test_data_urls_are_files() -> None:
    item = get_dataitem("data:text/csv,a%0A1")
    assert item.as_df().to_dict("list") == {"a": [1]}
    assert Path(item.local()).read_text() == "a\n1"


@pytest.mark.row("5.304")
@pytest.mark.parametrize(
    ("url", "secrets", "options"),
    [
        ("hdfs://node:8020/x", {"HDFS_USER": "ann"}, {"host": "node", "port": 9870, "user": "ann"}),
        ("webhdfs://n:50070/x", {"HDFS_USER": "a"}, {"host": "n", "port": 50070, "user": "a"}),
        ("dbfs:///x", {"DATABRICKS_HOST": "https://h.net", "DATABRICKS_TOKEN": "t"},
         {"instance": "h.net", "token": "t"}),
        ("wasbs://c@acc.blob.core.windows.net/x", {"AZURE_STORAGE_ACCOUNT_KEY": "k"},
         {"account_name": "acc", "account_key": "k"}),
        ("az://c/x", {"AZURE_CLIENT_ID": "id", "AZURE_STORAGE_ACCOUNT": "a"},
         {"account_name": "a", "anon": False}),
        ("gcs://b/x", {"GCP_CREDENTIALS": '{"type": "x"}'}, {"token": {"type": "x"}}),
        ("oss://b/x", {"ALIBABA_ACCESS_KEY_ID": "i"}, {"key": "i"}),
        ("s3://b/x", {"AWS_PROFILE": "me"}, {"profile": "me"}),
    ],
)  # fmt: skip
def test_credentials_of_each_store(url: str, secrets: dict[str, str], options: object) -> None:
    """What fsspec's file systems are made with, of MLRun's variables."""
    assert Credentials(secrets).options(scheme_of(url), url) == options


@pytest.mark.parametrize("url", ["data:", "data:text/plain", "data:x;base64,???"])
def test_broken_data_urls_are_sentences(url: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="data URL"):
        get_dataitem(url).get()


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("nothing://x", "scheme 'nothing' are not known"),
        ("ds:///x", "names no profile: write ds://PROFILE/path"),
        ("v3io://container/x", "cannot be read as a file"),
        ("redis://u:p@host/x", "holds credentials: give them as REDIS_USER"),
        ("redis://host", "names no key"),
        ("dbfs://a/x", "set DATABRICKS_HOST and DATABRICKS_TOKEN"),
        ("hdfs:///x", "names no host"),
    ],
)
def test_addresses_that_cannot_be_read_are_sentences(url: str, text: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match=text):
        get_dataitem(url).get()


@pytest.mark.parametrize(
    ("url", "line"),
    [("s3://b/k", "s3"), ("gcs://b/k", "gcs"), ("az://c/k", "azure"), ("oss://b/k", "oss")],
)
def test_a_library_that_is_missing_is_named(
    url: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fsspec

    def missing(*_: object, **__: object) -> None:
        raise ImportError("no such module")

    monkeypatch.setattr(fsspec, "filesystem", missing)
    with pytest.raises(
        MLRunMissingDependencyError, match=rf'pip install "jupyter-mlrun\[{line}\]"'
    ):
        get_dataitem(url, {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}).get()


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(MLRunInvalidArgumentError, match="An address is text, not int"):
        get_dataitem(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("writer", "name"),
    [
        ("to_csv", "a.csv"),
        ("to_parquet", "a.parquet"),
        ("to_parquet", "a.pq"),
        ("to_json", "a.json"),
        ("to_feather", "a.feather"),
    ],
)
def test_tables(tmp_path: Path, writer: str, name: str) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    path = tmp_path / name
    getattr(frame, writer)(path, **({"index": False} if writer == "to_csv" else {}))
    item = get_dataitem(str(path))
    pd.testing.assert_frame_equal(item.as_df(), frame, check_dtype=False)
    assert list(item.as_df(columns=["b"]).columns) == ["b"]


def test_what_is_no_table_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"")
    with pytest.raises(
        MLRunInvalidArgumentError, match="'bin', which is no table: name one of csv"
    ):
        get_dataitem(str(tmp_path / "a.bin")).as_df()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ann:pw@h/a", "https://***@h/a"),
        ("https://t0ken@h/a?x=1", "https://***@h/a?x=1"),
        ("https://h/a?x=1&X-Amz-Credential=c/d&X-Amz-Signature=s&api_KEY=k#access_token=t",
         "https://h/a?x=1&X-Amz-Credential=***&X-Amz-Signature=***&api_KEY=***#access_token=***"),
        ("https://h/a?sig=%2Fs&Password=p&y=2", "https://h/a?sig=***&Password=***&y=2"),
        ("store://key:v1@tree", "store://key:v1@tree"),
        ("abfss://box@account/a", "abfss://box@account/a"),
        ("wasbs://box:pw@account/a", "wasbs://***@account/a"),
    ],
)  # fmt: skip
def test_addresses_are_shown_without_secrets(url: str, shown: str) -> None:
    assert without_secrets(url) == shown
    document = {"metadata": {}, "spec": {"target_path": url}}
    assert escape(shown) in artifact_html(document, "store://x")
    assert url == shown or escape(url) not in artifact_html(document, url)


def test_secrets_of_profiles_stay_text() -> None:
    """A password that looks like a number, or like a list, is none."""
    both = DatastoreProfile2Json

    def again(profile: DatastoreProfile) -> DatastoreProfile:
        return both.create_from_json(both.get_json_public(profile), both.get_json_private(profile))

    for password in ("1e5", "007", "[1, 2]", "True", "0x10"):
        read = again(DatastoreProfileRedis(name="r", endpoint_url="redis://h", password=password))
        assert (read.password, read.username) == (password, None)
    assert again(ConfigProfile(name="c", private={"a": 1})).private == {"a": 1}


COPIES = """
import os, sys, time
import jupyter_mlrun as mlrun
path = mlrun.get_dataitem(sys.argv[1]).local()
assert open(path).read() == "x", path
if os.fork() == 0:
    assert open(mlrun.get_dataitem(sys.argv[1]).local()).read() == "x"
    sys.exit()
os.wait()
assert os.path.exists(path), "a fork's end is not its parent's"
print(path, flush=True)
time.sleep(float(sys.argv[2]))
"""


def test_copies_go_with_their_process(web: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def start(seconds: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", COPIES, f"{web}/a.txt", seconds]
        env = os.environ | {"TMPDIR": str(scratch)}
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)

    def path_of(process: subprocess.Popen[str]) -> Path:
        assert process.stdout is not None
        return Path(process.stdout.readline().strip())

    with start("600") as killed, start("600") as living:
        first, second = path_of(killed), path_of(living)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert first.is_file() and second.is_file()
        with start("0") as third:
            path_of(third)
        assert third.returncode == 0
        assert not first.exists(), "what a killed process left goes with the next one"
        assert second.is_file(), "what is in use stays"
        living.kill()
    (left,) = scratch.iterdir()
    assert second.is_relative_to(left)


def test_tables_that_hold_pickles_need_an_explicit_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_MLRUN_HOME", str(tmp_path / "home"))
    path, read = str(tmp_path / "a.h5"), []
    monkeypatch.setattr(pd, "read_hdf", lambda file, **how: read.append((file, how)))

    def item(project: str, **spec: object) -> DataItem:
        document = {"metadata": {"project": project}, "spec": {"target_path": path, **spec}}
        return item_of(document, f"store://datasets/{project}/a")

    Path(path).write_bytes(b"")
    get_dataitem(path).as_df()
    get_dataitem(f"file://{path}").as_df()
    assert len(read) == 2, "a file of one's own, named by the program, is read"
    read.clear()
    below = paths.artifacts_folder() / "other" / "b.h5"
    below.parent.mkdir(parents=True)
    below.write_bytes(b"")
    linked = tmp_path / "linked.h5"
    linked.symlink_to(below)
    somebody = tmp_path / "somebody.h5"
    somebody.write_bytes(b"")
    real_uid = os.geteuid()
    for strange in (below, linked, somebody):
        if strange is somebody:
            monkeypatch.setattr(os, "geteuid", lambda: real_uid + 1)
        with pytest.raises(MLRunAccessDeniedError, match="trust=True"):
            get_dataitem(str(strange)).as_df()
    monkeypatch.setattr(os, "geteuid", lambda: real_uid)
    # what a run was given is no word of its program
    taken = resolve_dataitem(path, key="data")
    disguised = item("default", target_path=str(tmp_path / "a.bin"), format="h5", imported=True)
    for foreign in (taken, item("other"), item("default", imported=True), disguised):
        with pytest.raises(MLRunAccessDeniedError, match="trust=True"):
            foreign.as_df()
    assert read == []
    taken.as_df(trust=True)
    monkeypatch.setenv("MLRUN_ACTIVE_PROJECT", "default")
    item("default").as_df()
    monkeypatch.setenv("MLRUN_PACKAGERS__TRUSTED_PROJECTS", "some, other")
    item("other").as_df()
    assert read == [(path, {})] * 3


def test_schemes() -> None:
    assert scheme_of("/a/b") == scheme_of("a:b") == scheme_of("") == ""
    assert scheme_of("S3://x") == "s3"
    assert scheme_of("data:text/plain,x") == "data"
    assert list(SCHEMES) == sorted(SCHEMES)
    assert list(HINTS) == sorted(HINTS)
