"""MLRun's module ``mlrun.db``."""

from .lazy import attributes

__getattr__, __dir__ = attributes(
    __name__,
    {"HTTPRunDB": "rundb:RunDB", "RunDBInterface": "rundb:RunDB", "get_run_db": "session"},
)
