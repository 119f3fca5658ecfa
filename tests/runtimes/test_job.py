"""Jobs on this machine keep the whole contract."""

from __future__ import annotations

from typing import ClassVar

from jupyter_mlrun_runtimes.contract import Runtime
from jupyter_mlrun_runtimes.job import JobRuntime
from jupyter_mlrun_runtimes.testing import RuntimeContract


class TestJobHere(RuntimeContract):
    """The inherited suite."""

    runtime_class: ClassVar[type[Runtime]] = JobRuntime
