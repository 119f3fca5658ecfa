"""``%nuclio`` in a real kernel: commands and variables here, settings for the function."""

from __future__ import annotations

import pytest

from tests.live import Kernel

pytestmark = pytest.mark.row("2.22")


def test_variables_are_set_here_but_for_those_of_the_function(kernel: Kernel) -> None:
    said = kernel.run("%nuclio env TIDE=high water\n%nuclio env -c OF_FUNCTION=1")
    assert said.ok and "TIDE is set" in said.text and "high" not in said.text
    here = kernel.run("%%nuclio env --local-only\n# both\nONE=$TIDE/1\nTWO=2\n")
    assert here.ok and "TWO is set" in here.text
    seen = kernel.run(
        "import os\nprint([os.environ.get(n) for n in ('TIDE', 'OF_FUNCTION', 'ONE', 'TWO')])"
    )
    assert "['high water', None, 'high water/1', '2']" in seen.text


def test_commands_are_run_here_but_for_those_of_the_function(kernel: Kernel) -> None:
    said = kernel.run("%nuclio cmd echo to-$((1+1))\n%nuclio cmd -c echo never")
    assert said.ok and "to-2" in said.text and "never" not in said.text


def test_what_is_wrong_is_one_sentence(kernel: Kernel) -> None:
    wrong = kernel.run("%nuclio config spec.image = plain")
    assert not wrong.ok and "written as JSON" in wrong.error and "cell 1" not in wrong.error
    later = kernel.run("%nuclio deploy -n f")
    assert not later.ok and "which are not in this release" in later.error
    assert "Traceback" not in later.error
    unread = kernel.run("%nuclio config spec.maxReplicas = 5")
    assert unread.ok and "for functions that Nuclio runs" in unread.text
    assert "%nuclio cmd|env" in kernel.run("%nuclio help").text
