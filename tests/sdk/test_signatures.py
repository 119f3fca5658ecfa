"""What people hold has the members and arguments of MLRun 1.12.1, in its order."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import artifacts
from jupyter_mlrun.frameworks import parallel_coordinates
from jupyter_mlrun.projects import MlrunProject

# one a line, as MLRun 1.12.1 has them; properties without brackets
LINES = (Path(__file__).parent / "signatures-1.12.1.txt").read_text().splitlines()
# what only the making of MLRun's own documents needs, and what every part has at once
LEFT_OUT = {"fields", "deprecated_fields", "init_with_params", "strip"}


def owner_of(name: str) -> Any:
    if name == "MlrunProject":
        return MlrunProject
    places = (mlrun, artifacts, parallel_coordinates)
    return next(getattr(place, name) for place in places if hasattr(place, name))


@pytest.mark.row("1.24", "4.105", "4.109", "4.115", "4.205", "4.212", "5.101", "5.301")
@pytest.mark.parametrize("line", LINES, ids=lambda line: line.partition("(")[0])
def test_a_member_has_mlruns_arguments(line: str) -> None:
    name, brackets, rest = line.partition("(")
    owner, _, member = name.partition(".")
    found = owner_of(owner)
    if member:
        assert hasattr(found, member), f"{owner} has no {member}"
        found = getattr(found, member)
    if not brackets:
        return
    theirs = [part.partition("=")[0] for part in re.split(r",\s*", rest.removesuffix(")")) if part]
    named = [part for part in theirs if not part.startswith("*") and part not in LEFT_OUT]
    # what a project stores has no key apart from its own there
    more = {"self", "cls", "db_key"} - set(named)
    ours = [each for each in inspect.signature(found).parameters if each not in more]
    assert ours[: len(named)] == named
