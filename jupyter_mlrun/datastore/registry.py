"""URL scheme to the class that reads it; a scheme that is not here is asked of fsspec."""

from __future__ import annotations

import os
from importlib import import_module

from ..errors import MLRunInvalidArgumentError
from .base import DataStore

SCHEMES = {
    "": "jupyter_mlrun.datastore.local:LocalStore",
    "data": "jupyter_mlrun.datastore.inline:InlineStore",
    "file": "jupyter_mlrun.datastore.local:LocalStore",
    "http": "jupyter_mlrun.datastore.web:WebStore",
    "https": "jupyter_mlrun.datastore.web:WebStore",
}
# what to install where fsspec knows a scheme but not its library
HINTS = {
    "abfs": "adlfs",
    "az": "adlfs",
    "gcs": "gcsfs",
    "gs": "gcsfs",
    "hdfs": "pyarrow",
    "oss": "ossfs",
    "s3": "s3fs",
    "wasb": "adlfs",
    "wasbs": "adlfs",
}
# the service's own addresses, and those of things this release does not have
NOT_FILES = ("store", "ds", "v3io", "v3ios", "redis", "rediss")


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


def get_store(url: str) -> DataStore:
    """The store that reads an address; raises MLRunInvalidArgumentError for an unknown scheme."""
    scheme = scheme_of(url)
    if scheme in NOT_FILES:
        raise MLRunInvalidArgumentError(
            f"'{url}' cannot be read as a file: addresses of the scheme '{scheme}' are not files"
        )
    if not scheme and os.environ.get(UPLOADS) and is_uploaded(url):
        from .uploaded import UploadedStore

        return UploadedStore(scheme)
    path = SCHEMES.get(scheme, "jupyter_mlrun.datastore.fsspec_store:FsspecStore")
    module, _, name = path.partition(":")
    store: type[DataStore] = getattr(import_module(module), name)
    return store(scheme)
