"""What a user does instead, where a value cannot ship."""

from __future__ import annotations

import types
from typing import Any

from jupyter_mlrun.capture import data, literals


class SecretValue(literals.NotLiteral):
    """The value is probably a secret."""


def way_out(name: str, value: Any, error: Exception, most: int) -> str:
    """What to do where this value cannot ship; ``most`` is the largest pickle in bytes."""
    if isinstance(error, SecretValue):
        variable = name.upper()
        return (
            f"Set it in the kernel's environment (os.environ['{variable}'] = {name}), hand it over "
            f"by --secret {variable}, and read os.environ['{variable}'] in the cell"
        )
    if isinstance(value, types.ModuleType):
        return "Put it in a file, and import it"
    if hasattr(value, "read") and hasattr(value, "close"):
        return "Open the file inside the cell"
    if isinstance(value, types.GeneratorType):
        return "Make it inside the cell, or make a list of it"
    if not _can_pickle(value, most):
        return "Make it inside the cell"
    if callable(value):
        where = "Define it at the top of a cell, or put it in a file and import it"
    else:
        where = f"Make it inside the cell, or hand it over as a file with -i {name}=PATH"
        if data.size_of(value) > most:
            return where
        where = where.replace(", or", ",")
    return f"{where}, or ship it with --pickle {name}"


def _can_pickle(value: Any, most: int) -> bool:
    if data.size_of(value) > most:
        # to find out would take long, and it is not offered
        return True
    try:
        data.pack_pickle(value, most)
    except data.NotData:
        return False
    return True
