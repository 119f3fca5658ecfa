"""Pickles with what made them: the module that pickled, its version, Python's, the object's."""

from __future__ import annotations

import sys
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

from ..errors import MLRunMissingDependencyError, MLRunPackagePackingError
from ..errors import MLRunPackageUnpackingError as UnpackingError

if TYPE_CHECKING:
    from ..datastore.item import DataItem

DEFAULT_PICKLE_MODULE = "cloudpickle"
PICKLE_MODULES = ("cloudpickle", "pickle", "joblib", "dill")
PYTHON = ".".join(map(str, sys.version_info[:3]))


def dumps(obj: Any, key: str, module_name: str = DEFAULT_PICKLE_MODULE) -> bytes:
    """The value as a pickle; raises MLRunPackagePackingError for what cannot be pickled."""
    import io

    module, stream = _module(module_name), io.BytesIO()
    try:
        module.dump(obj, stream)
    except Exception as error:
        # pickling runs the user's own code
        raise MLRunPackagePackingError(
            f"The output '{key}' ({type(obj).__name__}) cannot be stored: {error}. "
            "Log a part of it that can be, or its path"
        ) from error
    return stream.getvalue()


def instructions(obj: Any, module_name: str = DEFAULT_PICKLE_MODULE) -> dict[str, Any]:
    """What is recorded of a pickle."""
    owner = type(obj).__module__.partition(".")[0]
    versions = {
        "object_module_version": version_of(owner),
        "pickle_module_version": version_of(module_name),
    }
    return {
        "object_module_name": owner, "pickle_module_name": module_name, "python_version": PYTHON,
        **{name: version for name, version in versions.items() if version is not None},
    }  # fmt: skip


def version_of(module: str) -> str | None:
    """The version of a package that is imported; None where it has none."""
    found = getattr(sys.modules.get(module), "__version__", None)
    if found is None and module not in ("builtins", "__main__"):
        try:
            found = metadata.version(module)
        except metadata.PackageNotFoundError:
            return None
    return None if found is None else str(found)


def loads(item: DataItem, module_name: str, object_type: str = "", **made: Any) -> Any:
    """The value of a pickle; where it does not come back, the sentence says what differs.

    Only what may be trusted may be given: to unpickle runs the code of who pickled.
    """
    import io

    module = _module(module_name)
    try:
        return module.load(io.BytesIO(item.read_bytes()))
    except Exception as error:
        # unpickling runs whatever code the object's packages hold
        what = f" ({object_type})" if object_type else ""
        with_ = f"Python {made.get('python_version') or 'unknown'}"
        owner = made.get("object_module_name")
        if version := made.get("object_module_version"):
            with_ += f" and {owner} {version}"
        here = f"this is {PYTHON}"
        if owner and (current := version_of(str(owner))) and made.get("object_module_version"):
            here += f" and {owner} {current}"
        raise UnpackingError(
            f"'{item.artifact_url}'{what} cannot be read here: {error}. It was stored with "
            f"{with_}, {here}"
        ) from error


def _module(name: str) -> Any:
    if name not in PICKLE_MODULES:
        raise MLRunPackagePackingError(
            f"'{name}' is no module to pickle with: choose {', '.join(PICKLE_MODULES)}"
        )
    try:
        return import_module(name)
    except ImportError:
        raise MLRunMissingDependencyError(
            f"The value is pickled by {name}, which is not installed: pip install {name}"
        ) from None
