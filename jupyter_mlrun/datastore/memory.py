"""``memory://``: values of this process by name, for tests and for steps of one program."""

from __future__ import annotations

import io
import json
import threading
from contextlib import suppress
from typing import Any

from ..errors import MLRunInvalidArgumentTypeError
from .base import DataStore, Stat
from .folders import files_below, make_place

_items: dict[str, Any] = {}
_lock = threading.Lock()


def set_in_memory_item(key: str, value: Any) -> Any:
    """Keep a value, such as a DataFrame or bytes; its DataItem."""
    from .resolve import get_dataitem

    with _lock:
        _items[_name(key)] = value
    return get_dataitem(f"memory://{_name(key)}")


def get_in_memory_items() -> dict[str, Any]:
    """All values by name."""
    return _items


def _name(url: str) -> str:
    return url.removeprefix("memory://").strip("/")


def _as_bytes(name: str, value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise MLRunInvalidArgumentTypeError(
        f"Bytes or text are appended to bytes or text, and at memory://{name} one of the two is "
        f"of type {type(value).__name__}: put the whole object, without append=True"
    )


class MemoryStore(DataStore):
    """Reads and writes values of this process; a DataFrame stays the object that it is."""

    def __init__(self, scheme: str = "memory", secrets: Any = None) -> None:
        super().__init__(scheme, secrets)

    def value(self, url: str) -> Any:
        """The value; raises FileNotFoundError."""
        name = _name(url)
        if name not in _items:
            raise FileNotFoundError(f"memory://{name} is not there")
        return _items[name]

    def _bytes(self, url: str) -> bytes:
        value = self.value(url)
        if isinstance(value, (str, bytes, bytearray, memoryview)):
            return _as_bytes(_name(url), value)
        if isinstance(value, (dict, list)):
            with suppress(TypeError, ValueError):
                return json.dumps(value, ensure_ascii=False).encode()
        if hasattr(value, "to_csv"):
            return bytes(value.to_csv(index=False).encode())
        return str(value).encode()

    def get(self, url: str, size: int | None = None, offset: int = 0) -> Any:
        """The object as it was put, as in MLRun; of bytes and text what is asked for."""
        value = self.value(url)
        if not isinstance(value, (str, bytes)):
            return value
        return value[offset:] if size is None else value[offset : offset + size]

    def put(self, url: str, data: Any, append: bool = False) -> None:
        """Keep bytes, or a value of any other type as the object that it is."""
        name = _name(url)
        data = bytes(data) if isinstance(data, (bytearray, memoryview)) else data
        with _lock:
            before = _items.get(name, data[:0] if isinstance(data, str) else b"")
            if append and isinstance(data, str) and isinstance(before, str):
                data = before + data
            elif append:
                data = _as_bytes(name, before) + _as_bytes(name, data)
            _items[name] = data

    def open(self, url: str, mode: str = "rb") -> Any:
        """The bytes as a file; what is written is kept when it is closed."""
        if "r" in mode:
            data = self._bytes(url)
            return io.BytesIO(data) if "b" in mode else io.StringIO(data.decode())
        sink = _Sink(self, url, "a" in mode)
        return sink if "b" in mode else io.TextIOWrapper(sink, encoding="utf-8")

    def stat(self, url: str) -> Stat:
        """The size, and the type that the name says."""
        import mimetypes

        return Stat(len(self._bytes(url)), None, mimetypes.guess_type(_name(url))[0])

    def listdir(self, url: str) -> list[str]:
        """The names below it."""
        root = _name(url)
        root = f"{root}/" if root else ""
        return sorted(name.removeprefix(root) for name in _items if name.startswith(root))

    def is_dir(self, url: str) -> bool:
        """Whether there are names below it."""
        return _name(url) not in _items and bool(self.listdir(url))

    def delete(self, url: str) -> None:
        """Forget it, and what is below it."""
        name = _name(url)
        with _lock:
            gone = [each for each in _items if each == name or each.startswith(f"{name}/")]
            for each in gone:
                del _items[each]
        if not gone:
            raise FileNotFoundError(f"memory://{name} is not there")

    def upload(self, url: str, source: str) -> None:
        """Keep a file's bytes, or those of each file of a folder."""
        import os

        if not os.path.isdir(source):
            with open(source, "rb") as file:
                self.put(url, file.read())
            return
        for path, name in files_below(source):
            self.upload(f"{url.rstrip('/')}/{name}", path)

    def download(self, url: str, target: str) -> None:
        """Write the bytes to a file, or those of each name below it."""

        if self.is_dir(url):
            for name in self.listdir(url):
                self.download(f"{url.rstrip('/')}/{name}", make_place(target, name))
            return
        with open(target, "wb") as file:
            file.write(self._bytes(url))


class _Sink(io.BytesIO):
    def __init__(self, store: MemoryStore, url: str, append: bool) -> None:
        super().__init__()
        self._store, self._url, self._append = store, url, append

    def close(self) -> None:
        """Keep what was written."""
        if not self.closed:
            self._store.put(self._url, self.getvalue(), self._append)
        super().close()
