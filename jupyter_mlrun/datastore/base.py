"""What a data store does: read, write and describe the things below one URL scheme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO, NamedTuple

from ..errors import MLRunInvalidArgumentError
from ..lazy import attributes

# what MLRun has in its module of this name, and lies elsewhere here
__getattr__, __dir__ = attributes(
    __name__, {"DataItem": "datastore.item", "HttpStore": "datastore.web:WebStore"}
)


class Stat(NamedTuple):
    """What is known of a file without reading it."""

    size: int | None
    modified: float | None
    content_type: str | None


class DataStore:
    """Reads and writes below one scheme; what a scheme cannot do is refused by name.

    A missing thing raises FileNotFoundError.
    """

    def __init__(self, scheme: str, secrets: Mapping[str, str] | None = None) -> None:
        self.scheme = scheme
        # credentials by MLRun's names; what is not in them is looked for in the environment
        self.secrets = secrets

    def get(self, url: str, size: int | None = None, offset: int = 0) -> bytes:
        """Bytes from an offset on, all where no size is given."""
        with self.open(url, "rb") as file:
            if offset:
                file.seek(offset)
            return bytes(file.read(-1 if size is None else size))

    def put(self, url: str, data: bytes, append: bool = False) -> None:
        """Write the whole thing, making the folders it needs."""
        with self.open(url, "ab" if append else "wb") as file:
            file.write(data)

    def open(self, url: str, mode: str = "rb") -> Any:
        """A file object."""
        raise self._cannot("be opened")

    def download(self, url: str, target: str) -> None:
        """Copy it into a local file."""
        import shutil

        with self.open(url, "rb") as source, open(target, "wb") as sink:
            shutil.copyfileobj(source, _as_binary(sink))

    def upload(self, url: str, source: str) -> None:
        """Copy a local file to it."""
        import shutil

        with open(source, "rb") as origin, self.open(url, "wb") as sink:
            shutil.copyfileobj(_as_binary(origin), sink)

    def stat(self, url: str) -> Stat:
        """Size, time of change and content type."""
        raise self._cannot("be described")

    def listdir(self, url: str) -> list[str]:
        """The names in a folder."""
        raise self._cannot("be listed")

    def is_dir(self, url: str) -> bool:
        """Whether it is a folder."""
        return False

    def delete(self, url: str) -> None:
        """Remove it."""
        raise self._cannot("be deleted")

    def signed_url(self, url: str, seconds: int = 3600) -> str:
        """An ``https://`` address with which anybody may read it for a while."""
        raise self._cannot("be signed")

    def local_path(self, url: str) -> str | None:
        """Its path on this machine, where it has one."""
        return None

    def _cannot(self, what: str) -> MLRunInvalidArgumentError:
        return MLRunInvalidArgumentError(f"Addresses of the scheme '{self.scheme}' cannot {what}")


def _as_binary(file: Any) -> BinaryIO:
    binary: BinaryIO = file
    return binary
