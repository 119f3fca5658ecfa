"""Who works here: the name that runs carry as their owner."""

from __future__ import annotations

import getpass
import os


def user_name() -> str:
    """The user's name: the hub's, where one started this process, else the system's."""
    for name in ("JUPYTERHUB_USER", "V3IO_USERNAME"):
        if found := os.environ.get(name):
            return found
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # a container's user need not have a name
        return str(os.getuid())
