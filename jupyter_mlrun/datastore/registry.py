"""URL scheme to the class that reads it; a scheme that is not here is asked of fsspec."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module

from ..errors import MLRunInvalidArgumentError
from .base import DataStore

SCHEMES = {
    "": "jupyter_mlrun.datastore.local:LocalStore",
    "data": "jupyter_mlrun.datastore.inline:InlineStore",
    "file": "jupyter_mlrun.datastore.local:LocalStore",
    "http": "jupyter_mlrun.datastore.web:WebStore",
    "https": "jupyter_mlrun.datastore.web:WebStore",
    "memory": "jupyter_mlrun.datastore.memory:MemoryStore",
    "redis": "jupyter_mlrun.datastore.redis_store:RedisStore",
    "rediss": "jupyter_mlrun.datastore.redis_store:RedisStore",
}
# which extra of this package brings the library that fsspec needs for a scheme
HINTS = {
    "abfs": "azure",
    "abfss": "azure",
    "az": "azure",
    "dbfs": "dbfs",
    "gcs": "gcs",
    "gs": "gcs",
    "hdfs": "hdfs",
    "oss": "oss",
    "s3": "s3",
    "s3a": "s3",
    "wasb": "azure",
    "wasbs": "azure",
    "webhdfs": "hdfs",
}
# the service's own addresses, and those of things this release does not have
NOT_FILES = ("store", "v3io", "v3ios")
ENTRY_POINTS = "jupyter_mlrun.datastores"


# the service's folder of artifacts, as a run on another machine is told of it
UPLOADS = "JUPYTER_MLRUN_UPLOAD"


def is_uploaded(path: str) -> bool:
    """Whether a path is in the folder of a service on another machine."""
    root = os.environ.get(UPLOADS, "").rstrip("/")
    return bool(root) and path.startswith(f"{root}/")


def scheme_of(url: str) -> str:
    """The scheme of an address, lower case; empty for a path."""
    if url[:5].lower() == "data:":
        return "data"
    scheme, found, _ = url.partition("://")
    return scheme.lower() if found else ""


def get_store(url: str, secrets: Mapping[str, str] | None = None) -> DataStore:
    """The store that reads an address; raises MLRunInvalidArgumentError for an unknown scheme.

    ``ds://PROFILE/path`` is read by the store of the profile. A scheme that is not here may come
    from another package, by an entry point of the group ``jupyter_mlrun.datastores``.
    """
    scheme = scheme_of(url)
    if scheme == "ds":
        from .profile_store import ProfileStore

        return ProfileStore(scheme, secrets)
    if scheme in NOT_FILES:
        raise MLRunInvalidArgumentError(
            f"'{url}' cannot be read as a file: addresses of the scheme '{scheme}' are not files"
        )
    if not scheme and os.environ.get(UPLOADS) and is_uploaded(url):
        from .uploaded import UploadedStore

        return UploadedStore(scheme)
    path = SCHEMES.get(scheme) or _installed(scheme)
    module, _, name = path.partition(":")
    store: type[DataStore] = getattr(import_module(module), name)
    return store(scheme, secrets)


def _installed(scheme: str) -> str:
    if scheme not in HINTS:
        from importlib.metadata import entry_points

        for point in entry_points(group=ENTRY_POINTS, name=scheme):
            return point.value
    return "jupyter_mlrun.datastore.fsspec_store:FsspecStore"
