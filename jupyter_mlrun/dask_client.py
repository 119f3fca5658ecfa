"""A client of a function's Dask cluster: by TLS with the keys of this user's clusters."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .errors import MLRunMissingDependencyError, MLRunRuntimeError
from .paths import dask_keys_folder

KEYS = "JUPYTER_MLRUN_DASK_KEYS"
MISSING = (
    "Dask is not installed in this Python: pip install 'jupyter-mlrun[dask]', "
    "then restart the kernel"
)

# seconds until a name that was just made is known everywhere
NEW_NAME = 10.0


def require() -> Any:
    """The module ``distributed``; raises MLRunMissingDependencyError with what to install."""
    try:
        import distributed
    except ImportError as error:
        raise MLRunMissingDependencyError(f"{MISSING} ({error})") from None
    return distributed


def security(folder: str | os.PathLike[str] | None = None) -> Any:
    """The keys with which this user's clusters talk; None where there are none here."""
    distributed = require()
    found = Path(folder or os.environ.get(KEYS) or dask_keys_folder())
    files = {name: found / f"{name}.pem" for name in ("ca", "cert", "key")}
    if not all(file.exists() for file in files.values()):
        return None
    both = {"cert": str(files["cert"]), "key": str(files["key"])}
    return distributed.Security(
        tls_ca_file=str(files["ca"]),
        require_encryption=True,
        **{
            f"tls_{role}_{part}": path
            for role in ("client", "scheduler", "worker")
            for part, path in both.items()
        },
    )


def find(address: str) -> None:
    """Nothing, where the name of a scheduler is known here, or soon is."""
    host = urlsplit(address).hostname or ""
    deadline = time.monotonic() + NEW_NAME
    while True:
        try:
            socket.getaddrinfo(host, None)
            return
        except socket.gaierror:
            if time.monotonic() > deadline:
                raise MLRunRuntimeError(
                    f"The Dask cluster works, and its scheduler {address} cannot be reached from "
                    "here: the name is known in the network of its Kubernetes cluster alone. Its "
                    "client is there in runs of the function, and in notebooks of that network"
                ) from None
            time.sleep(0.5)


def connect(address: str, timeout: float | None = 30) -> Any:
    """A ``distributed.Client`` of a scheduler, which is the default client from now on.

    Raises OSError where no scheduler answers in ``timeout`` seconds; None takes Dask's own
    ``distributed.comm.timeouts.connect``.
    """
    distributed = require()
    keys = security() if address.startswith("tls://") else None
    limit = {} if timeout is None else {"timeout": timeout}
    return distributed.Client(address, security=keys, **limit)
