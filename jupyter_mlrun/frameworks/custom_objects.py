"""The code that a model needs to be loaded: modules by name, and a folder of its own files."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import zipfile
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun import scratch
from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunNotFoundError

MODULES, OBJECTS, FOLDER = (
    "{}_modules_map.json",
    "{}_custom_objects_map.json",
    "{}_custom_objects.zip",
)


class CustomObjects:
    """Which names of which modules and files a model needs.

    ``modules_map`` is ``{"module": "Name" | ["Name"] | None}``, ``custom_objects_map``
    ``{"file.py": "Name" | ["Name"]}`` with files of the folder, or both the paths of JSON files.
    """

    def __init__(self, modules_map: Any, custom_objects_map: Any, directory: Any) -> None:
        if bool(custom_objects_map) != bool(directory):
            raise MLRunInvalidArgumentError(
                "Give custom_objects_map and custom_objects_directory together: "
                "the names that a model needs, and the folder of the files that have them"
            )
        self.modules = _map(modules_map, "modules_map")
        self.objects = _map(custom_objects_map, "custom_objects_map")
        self._directory = os.fspath(directory) if directory else ""
        self.names: dict[str, Any] = {}

    def find(self, extra: Mapping[str, Any], model: str) -> None:
        """Take over what was stored beside a model."""
        if (item := extra.get(MODULES.format(model))) is not None and not self.modules:
            self.modules = _map(json.loads(item.get()), "modules_map")
        if (item := extra.get(OBJECTS.format(model))) is not None and not self.objects:
            self.objects = _map(json.loads(item.get()), "custom_objects_map")
            self._directory = extra[FOLDER.format(model)].local()

    @staticmethod
    def lies_in(extra: Mapping[str, Any], model: str) -> bool:
        """Whether code was stored beside a model."""
        return MODULES.format(model) in extra or OBJECTS.format(model) in extra

    def activate(self) -> dict[str, Any]:
        """Import everything; the objects by their names."""
        for module, names in self.modules.items():
            self._take(_import(module), names, module)
        if self.objects:
            folder = _folder(self._directory)
            if folder in sys.path:
                sys.path.remove(folder)
            sys.path.insert(0, folder)
            for file, names in self.objects.items():
                module = os.path.splitext(file)[0].replace("/", ".")
                _forget_other(module, os.path.join(folder, file))
                self._take(_import(module), names, os.path.join(folder, file))
        return self.names

    def write(self, folder: str, model: str) -> dict[str, str]:
        """Put the maps and the files into a folder; the paths, as extra data of the model."""
        found = {}
        for name, value in ((MODULES, self.modules), (OBJECTS, self.objects)):
            if value:
                path = os.path.join(folder, name.format(model))
                with open(path, "w", encoding="utf-8") as file:
                    json.dump(value, file)
                found[name.format(model)] = os.path.basename(path)
        if self.objects:
            key = FOLDER.format(model)
            target = os.path.join(folder, key)
            if self._directory.endswith(".zip"):
                shutil.copyfile(self._directory, target)
            else:
                shutil.make_archive(target.removesuffix(".zip"), "zip", self._directory)
            found[key] = key
        return found

    def _take(self, module: Any, names: Any, where: str) -> None:
        for name in [names] if isinstance(names, str) else names or []:
            if not hasattr(module, name):
                raise MLRunNotFoundError(f"The model needs '{name}', which {where} does not have")
            self.names[name] = getattr(module, name)


def _map(value: Any, name: str) -> dict[str, Any]:
    if not value:
        return {}
    if isinstance(value, (str, os.PathLike)):
        from jupyter_mlrun.datastore.resolve import get_dataitem

        value = json.loads(get_dataitem(os.fspath(value)).get())
    if not isinstance(value, Mapping):
        raise MLRunInvalidArgumentError(
            f"{name} is a dict of modules and the names of each, not {type(value).__name__}"
        )
    return dict(value)


def _forget_other(module: str, path: str) -> None:
    """Have a module imported anew, with its package, where another file was imported as it."""
    importlib.invalidate_caches()
    known = getattr(sys.modules.get(module), "__file__", None)
    if known is None or not os.path.exists(path):
        return
    if os.path.realpath(known) != os.path.realpath(path):
        package = module.partition(".")[0]
        for name in [each for each in sys.modules if each.partition(".")[0] == package]:
            del sys.modules[name]


def _import(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MLRunNotFoundError(
            f"The model needs the module '{module}', which cannot be imported: {error}"
        ) from error


def _folder(directory: str) -> str:
    """The folder; an archive is unpacked, and nothing of it leaves its folder."""
    if not directory.endswith(".zip"):
        if not os.path.isdir(directory):
            raise MLRunNotFoundError(f"There is no folder {directory} of the model's own files")
        return os.path.abspath(directory)
    target = scratch.folder()
    with zipfile.ZipFile(directory) as archive:
        root = os.path.realpath(target)
        for name in archive.namelist():
            if os.path.commonpath([root, os.path.realpath(os.path.join(root, name))]) != root:
                raise MLRunInvalidArgumentError(f"'{name}' of {directory} would leave its folder")
        archive.extractall(target)
    return target
