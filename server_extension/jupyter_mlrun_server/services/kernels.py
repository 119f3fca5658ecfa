"""What kernels of this server are told, the service's address and a token, and what they are."""

from __future__ import annotations

import logging
import os
from pathlib import Path

ADDRESS, TOKEN = "MLRUN_DBPATH", "MLRUN_HTTPDB__TOKEN"
OURS = "JUPYTER_MLRUN_DBPATH"


def tell_kernels(url: str, token: str, files_root: Path, log: logging.Logger) -> None:
    """Put address and token into the environment; what the user has set there stays."""
    # kernels name their notebook relative to this folder, as the browser does
    os.environ["JUPYTER_MLRUN_ROOT"] = str(files_root)
    given = os.environ.get(ADDRESS)
    if given and given != os.environ.get(OURS):
        log.info("%s is set by the user: kernels keep talking to %s", ADDRESS, given)
        return
    # MLRun's client 1.8 connects as soon as it reads the address: the token stands before it
    os.environ |= {TOKEN: token, ADDRESS: url, OURS: url}


def kernel_interpreter(name: str) -> str:
    """The interpreter of a kernelspec; empty where the kernelspec names no program of its own."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        argv = KernelSpecManager().get_kernel_spec(name).argv
    except NoSuchKernel:
        return ""
    return argv[0] if argv and os.path.isabs(argv[0]) else ""
