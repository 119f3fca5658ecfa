"""MLRun's module ``mlrun.db``."""

from .lazy import attributes

# what MLRun has below it is found by name alone: see addresses.py
__path__: list[str] = []

__getattr__, __dir__ = attributes(
    __name__,
    {
        "HTTPRunDB": "rundb:RunDB",
        "RunDBError": "errors:MLRunHTTPError",
        "RunDBInterface": "rundb:RunDB",
        "get_run_db": "session",
    },
)
