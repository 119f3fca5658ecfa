"""The image that all functions of a kind can run in: built once, for a function that goes again."""

from __future__ import annotations

from typing import Any

from jupyter_mlrun import session
from jupyter_mlrun.client import functions
from jupyter_mlrun.errors import MLRunBaseError


def deploy_default(function: Any, with_mlrun: bool | None = None) -> None:
    """Build the function's image, and remove the function, whether that works or not."""
    project, name = str(function.project), str(function.metadata.name)
    session.need_project(project)
    try:
        function.deploy(with_mlrun=with_mlrun)
    except BaseException as error:
        try:
            functions.delete(session.client(), project, name)
        except MLRunBaseError as left:
            error.add_note(f"The function {name} is left behind: {left}")
        raise
    functions.delete(session.client(), project, name)
