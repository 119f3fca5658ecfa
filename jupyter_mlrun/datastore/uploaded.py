"""Artifacts in the service's own folder, of a run on another machine: they go through the service.

The service says where its folder is by ``JUPYTER_MLRUN_UPLOAD``. Paths below it are those that the
run would write on the service's machine; what is read comes from there, too.
"""

from __future__ import annotations

import io
import os
import tempfile
from typing import Any

from ..client.transport import Client, connect, part
from ..errors import MLRunNotFoundError
from .base import DataStore, Stat
from .folders import files_below, make_place

PIECE = 16 << 20


class UploadedStore(DataStore):
    """Reads and writes files of the service's folder by its routes."""

    def __init__(self, scheme: str = "") -> None:
        super().__init__(scheme, None)
        self._client: Client | None = None

    def get(self, url: str, size: int | None = None, offset: int = 0) -> bytes:
        """Bytes from an offset on."""
        headers = {}
        if offset or size is not None:
            end = "" if size is None else str(offset + size - 1)
            headers["Range"] = f"bytes={offset}-{end}"
        data: bytes = self._ask("GET", url, headers=headers).body
        return data

    def put(self, url: str, data: bytes, append: bool = False) -> None:
        """Write the file, in pieces."""
        begin = self.stat(url).size or 0 if append else 0
        for at in range(0, max(len(data), 1), PIECE):
            self._ask("PUT", url, data[at : at + PIECE], offset=begin + at)

    def upload(self, url: str, source: str) -> None:
        """Send a file, or a folder with all it holds, in pieces."""
        if os.path.isdir(source):
            for path, name in files_below(source):
                self.upload(f"{url.rstrip('/')}/{name}", path)
            return
        with open(source, "rb") as file:
            at = 0
            while True:
                data = file.read(PIECE)
                if at and not data:
                    return
                self._ask("PUT", url, data, offset=at)
                at += len(data)
                if len(data) < PIECE:
                    return

    def open(self, url: str, mode: str = "rb") -> Any:
        """The file: read whole, or sent when it is closed."""
        if "r" in mode:
            data = io.BytesIO(self.get(url))
            return data if "b" in mode else io.TextIOWrapper(data, encoding="utf-8")
        sink = _Sink(self, url, append="a" in mode)
        return sink if "b" in mode else io.TextIOWrapper(sink, encoding="utf-8")

    def download(self, url: str, target: str) -> None:
        """Copy the file, or the folder with all it holds."""
        if self.is_dir(url):
            for name in self.listdir(url):
                self.download(f"{url.rstrip('/')}/{name}", make_place(target, name))
            return
        with open(target, "wb") as file:
            file.write(self.get(url))

    def stat(self, url: str) -> Stat:
        """The size."""
        try:
            return Stat(len(self.get(url)), None, None)
        except FileNotFoundError:
            return Stat(None, None, None)

    def listdir(self, url: str) -> list[str]:
        """Paths of all files below the folder, relative to it."""
        found = []
        for entry in self._entries(url):
            name = str(entry["name"])
            if entry["folder"]:
                found += [f"{name}/{each}" for each in self.listdir(f"{url.rstrip('/')}/{name}")]
            else:
                found.append(name)
        return sorted(found)

    def is_dir(self, url: str) -> bool:
        """Whether the service says that it is a folder."""
        try:
            answer = self._ask("GET", url, headers={"Range": "bytes=0-0"})
        except FileNotFoundError:
            return False
        return (
            answer.status == 200
            and "json" in answer.headers.get("content-type", "")
            and (answer.body.startswith(b'{"entries"'))
        )

    def _entries(self, url: str) -> list[dict[str, Any]]:
        return list(self._ask("GET", url).json()["entries"])

    def _ask(self, method: str, url: str, body: bytes | None = None, headers: Any = None,
             offset: int | None = None) -> Any:  # fmt: skip
        if self._client is None:
            self._client = connect()
        project = os.environ.get("MLRUN_ACTIVE_PROJECT") or "default"
        uid = os.environ.get("JUPYTER_MLRUN_RUN", "")
        path = f"lab/runs/{part(project)}/{part(uid)}/files"
        params = {"path": url, **({"offset": offset} if offset is not None else {})}
        try:
            return self._client.request(
                method, path, params, body, headers, timeout=300, idempotent=True, tries=8
            )
        except MLRunNotFoundError as error:
            raise FileNotFoundError(url) from error


class _Sink(io.RawIOBase):
    """What is written, kept on this machine until it is closed."""

    def __init__(self, store: UploadedStore, url: str, append: bool) -> None:
        self._store, self._url, self._append = store, url, append
        self._file = tempfile.TemporaryFile()  # noqa: SIM115

    def writable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """As formats with an index at their end need it."""
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go somewhere else in it."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where writing goes on."""
        return self._file.tell()

    def write(self, data: Any, /) -> int:
        """Keep the bytes."""
        return self._file.write(data)

    def close(self) -> None:
        """Send all of it."""
        if not self.closed:
            self._file.seek(0)
            self._store.put(self._url, self._file.read(), self._append)
            self._file.close()
        super().close()
