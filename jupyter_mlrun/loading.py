"""Where the code of a run lies: its source, its files, and what of it is called."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import modules
from .engines import kind_of_process
from .errors import MLRunBaseError, MLRunInvalidArgumentError
from .folder import Folder
from .scripts import filled

if TYPE_CHECKING:
    from types import ModuleType

    from .context import Context
    from .modules import Code

HERE = (".", "./")


def has_source(function: Mapping[str, Any]) -> bool:
    """Whether the function's code comes from a repository, an archive or a folder."""
    build = (function.get("spec") or {}).get("build") or {}
    return bool(build.get("source")) and build["source"] not in HERE


class Loading:
    """The code of one run: the folder it works in, its handler, script or command.

    With ``is_here`` this process is left as it was: the next run in it has code of its own.
    """

    def __init__(
        self, context: Context, function: Mapping[str, Any], folder: str, is_here: bool
    ) -> None:
        self.function, self.is_here = function, is_here
        self.spec: Mapping[str, Any] = function.get("spec") or {}
        self.run: Mapping[str, Any] = context.to_dict()["spec"]
        self.name = str(self.run.get("handler") or self.spec.get("default_handler") or "")
        # where the code lies, what its notebook says of it, and the script where no handler is
        self.code, self.entry = "", dict[str, Any]()
        self.script: Code | None = None
        self._context, self._folder = context, folder
        self._added: list[str] = []
        self._hidden: dict[str, ModuleType] = {}
        self._place: Folder | None = None
        self._known = frozenset(sys.modules) if is_here else frozenset()

    def enter(self, workdir: str, takes_source: bool) -> None:
        """Work in the folder that was asked for, which lies in the function's source."""
        if takes_source and has_source(self.function):
            source = self._bring(str(self.spec["build"]["source"]))
            workdir = os.path.join(source, os.path.expanduser(workdir))
        if not workdir:
            return
        workdir = os.path.abspath(os.path.expanduser(workdir))
        if not os.path.isdir(workdir):
            raise MLRunInvalidArgumentError(
                f"The working directory {workdir} is not there: give another as workdir"
            )
        self._place = Folder(workdir)
        self._add(workdir)

    def _bring(self, source: str) -> str:
        if os.path.isdir(source):
            return os.path.realpath(source)
        from .sources import fetch

        context, target = self._context, os.path.join(self._folder, "source")
        secrets = {**os.environ, **context.secrets}
        fetch(source, target, secrets, clone=True, db=context.client, project=context.project)
        return target

    def _add(self, folder: str) -> None:
        sys.path.insert(0, folder)
        self._added.append(folder)

    def leave(self) -> None:
        """Leave this process as it was."""
        if not self.is_here:
            return
        for folder in self._added:
            if folder in sys.path:
                sys.path.remove(folder)
        # a copy at once: other threads import meanwhile
        for name, module in sys.modules.copy().items():
            if name not in self._known and self._is_own(str(getattr(module, "__file__", "") or "")):
                sys.modules.pop(name, None)
        sys.modules.update(self._hidden)
        if self._place is not None:
            self._place.leave()

    def _is_own(self, file: str) -> bool:
        """Whether a module lies in a folder of this run, and in none below that holds others'."""
        places = [folder + os.sep for folder in self._added if file.startswith(folder + os.sep)]
        others = [path for path in sys.path if path and file.startswith(path + os.sep)]
        return any(not any(path.startswith(place) for path in others) for place in places)

    def load(self) -> Callable[..., Any] | None:
        """The handler of the function's code; None for a script."""
        code = modules.code_of(self.function, self._folder)
        files = modules.write_files(self.function, self._folder, self._fetch)
        if files:
            self._context.files = files
            # what was shipped comes before what lies beside the notebook by now
            self._add(files)
        self.entry = modules.entry_point(self.function, self.name)
        is_body = self.entry.get("form") == "body"
        if code is None and modules.has_module(self.name) and not os.path.isfile(self._file()):
            is_new = bool(self.run.get("reset_on_run"))
            return modules.import_handler(self.name, is_new, self._parameters(), self._context)
        if code is None:
            code = modules.code_at(self._command())
        elif not (is_body and self.is_here):
            modules.write(code)
        self.code = code.path
        if not self.name:
            self.script = code
            return None
        module = self._import(code, is_body)
        return modules.find_handler(module, self.name, self._parameters(), self._context)

    def _parameters(self) -> dict[str, Any]:
        return self.run.get("parameters") or {}

    def arguments(self) -> list[str]:
        """What a script is called with."""
        given = [*self._words()[1:], *map(str, self.spec.get("args") or [])]
        return [filled(each, self._parameters()) for each in given]

    def command(self) -> list[str]:
        """The command of a function that runs as it is; empty for one of Python code."""
        if self.spec.get("mode") != "pass" or self.name:
            return []
        first = [filled(each, self._parameters()) for each in self._words()[:1]]
        return [*first, *self.arguments()]

    def _words(self) -> list[str]:
        command = str(self.spec.get("command") or "")
        return [command] if os.path.isfile(command) else shlex.split(command)

    def _file(self) -> str:
        return next(iter(self._words()), "")

    def _command(self) -> str:
        file = self._file()
        if not os.path.isfile(file):
            name = (self.function.get("metadata") or {}).get("name")
            command = self.spec.get("command") or "nothing was stored"
            raise MLRunBaseError(
                f"The function '{name}' has no code to run: {command}; give it a .py file, or "
                "mode='pass' for a command"
            )
        return os.path.abspath(file)

    def _import(self, code: Code, is_body: bool) -> ModuleType:
        if is_body or kind_of_process():
            # as in the notebook: what other processes are sent carries its own definitions
            return modules.load(code, "__main__", keep=not self.is_here)
        # worker processes get the same path, and import the module from it
        folder, name = os.path.dirname(code.path), modules.module_name(self.function)
        if folder not in sys.path:
            sys.path.append(folder)
            self._added.append(folder)
        if self.is_here and name in sys.modules:
            self._hidden[name] = sys.modules[name]
        module = modules.load(code, name)
        self._context.modules.append(module)
        return module

    def _fetch(self, uri: str) -> bytes:
        return bytes(self._context.get_dataitem(uri).read_bytes())
