"""Folders are copied file by file, between a store and this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..errors import MLRunInvalidArgumentError


def files_below(folder: str) -> Iterator[tuple[str, str]]:
    """Each file of a folder, as its path and as the name below the folder that stores give it."""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            yield path, os.path.relpath(path, folder).replace(os.sep, "/")


def make_place(folder: str, name: str) -> str:
    """Where a file of a store's folder lies below one of this machine; its parents are made.

    Raises MLRunInvalidArgumentError where the name, which others may have chosen, leads elsewhere.
    """
    root = os.path.abspath(folder)
    path = os.path.abspath(os.path.join(root, name))
    if not path.startswith(root.rstrip(os.sep) + os.sep):
        raise MLRunInvalidArgumentError(
            f"The name '{name}' leads out of the folder that is downloaded: it is not written"
        )
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path
