"""``%nuclio`` in the notebook itself: commands and variables, of which an export reads the rest."""

from __future__ import annotations

import os
from typing import Any

from IPython.core import magic as ipython_magic

from jupyter_mlrun.errors import MLRunBaseError, MLRunInvalidArgumentError
from jupyter_mlrun.export.nuclio import (
    INSTEAD,
    OF_NOTEBOOK,
    NuclioMagic,
    NuclioSettings,
    read_magics,
    read_settings,
)
from jupyter_mlrun.magics.failure import refuse

magic: Any = ipython_magic
NAME = "nuclio"
HELP = """%nuclio cmd|env|env_file|config [-c|-l] …, or %%nuclio cmd|env|… with a line each below it

  cmd pip install x          run it here, and among the commands of the function's image
  env NAME=VALUE             set it here, and in the function
  env_file PATH              the same for each line of a file
  config spec.image = "a/b"  set it in the function: image, kind, spec.build.baseImage

-c: for the function alone; -l: for this notebook alone."""


@magic.magics_class
class NuclioMagics(magic.Magics):  # type: ignore[misc]
    """``%nuclio``, as far as functions of batch runs are concerned."""

    @magic.no_var_expand  # type: ignore[untyped-decorator]
    @magic.line_cell_magic(NAME)  # type: ignore[untyped-decorator]
    def nuclio(self, line: str, cell: str | None = None) -> None:
        """Commands and settings of the function that is made of this notebook."""
        text = f"%nuclio {line}" if cell is None else f"%%nuclio {line}\n{cell}"
        try:
            self._do(text)
        except MLRunBaseError as error:
            raise refuse(type(error)(str(error).removeprefix("cell 1: "))) from None

    def _do(self, text: str) -> None:
        used = next(read_magics(text), None)
        if used is None or used.name == "help":
            print(HELP)
            return
        found = _read(text)
        for said in found.warnings:
            print(said.removeprefix("cell 1: "))
        if used.name in OF_NOTEBOOK:
            raise MLRunInvalidArgumentError(
                f"%nuclio {used.name} comes with functions that Nuclio runs, which are not in this "
                "release: make a function for runs by mlrun.code_to_function, or begin a cell with "
                "%%mlrun NAME"
            )
        if used.name not in INSTEAD and used.where != "function":
            self._apply(used, found.spec.get("env") or _variables(used))

    def _apply(self, used: NuclioMagic, variables: list[dict[str, str]]) -> None:
        if used.name == "cmd":
            for command in used.lines:
                self.shell.system(os.path.expandvars(command))
        elif used.name in ("env", "env_file"):
            for each in variables:
                os.environ[each["name"]] = each["value"]
                # never the value: it may be a password
                print(f"%nuclio: {each['name']} is set")


def _variables(used: NuclioMagic) -> list[dict[str, str]]:
    """The variables of a magic that is for this notebook alone."""
    if used.name not in ("env", "env_file"):
        return []
    text = "\n".join([f"%%nuclio {used.name}", *used.lines])
    variables: list[dict[str, str]] = _read(text).spec.get("env") or []
    return variables


def _read(text: str) -> NuclioSettings:
    # here is the user's own process, whose variables they are
    return read_settings({"cells": [{"cell_type": "code", "source": text}]}, expands=True)
