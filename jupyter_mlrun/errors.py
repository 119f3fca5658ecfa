"""Every error that a caller can meet, under MLRun's names.

MLRunBaseError
├── MLRunHTTPError                      the service refused; carries its status
│   ├── MLRunBadRequestError            400
│   │   ├── MLRunInvalidArgumentError   400, a value that the caller gave; a ValueError too
│   │   └── MLRunInvalidArgumentTypeError 400, a value of the wrong type; a TypeError too
│   ├── MLRunUnauthorizedError          401
│   ├── MLRunAccessDeniedError          403
│   ├── MLRunNotFoundError              404
│   ├── MLRunConflictError              409
│   ├── MLRunPreconditionFailedError    412
│   ├── MLRunPayloadTooLargeError       413
│   ├── MLRunUnprocessableEntityError   422
│   ├── MLRunInternalServerError        500
│   │   └── MLRunMissingDependencyError 500, a package that is not installed
│   ├── MLRunRuntimeError               500, what was asked for failed
│   │   └── RunError                    the run itself failed
│   ├── MLRunNotImplementedServerError  501
│   ├── MLRunServiceUnavailableError    503
│   └── MLRunTimeoutError               504, waited long enough
├── MLRunServiceUnreachableError        no service answers at the address
└── CaptureError                        a cell that cannot be shipped

An error raised without a message says its docstring.
"""

from __future__ import annotations

_RED, _GREEN, _PLAIN = "\x1b[0;31m", "\x1b[0;32m", "\x1b[0m"
_MOST_LINES = 8


class MLRunBaseError(Exception):
    """Something went wrong."""

    def __init__(self, *args: object) -> None:
        super().__init__(*(args or (_docstring(type(self)),)))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the lines that called this library, not its inside."""
        return for_shell([*_calling_lines(self), f"{_RED}{type(self).__name__}{_PLAIN}: {self}"])


class Interrupted(KeyboardInterrupt):
    """A wait for a run was interrupted; the run goes on or was stopped, as the text says."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the sentence alone."""
        return for_shell([f"{_RED}Interrupted{_PLAIN}: {self}"])


def for_shell(lines: list[str]) -> list[str]:
    """Lines of a traceback, without colours where IPython has none."""
    import re
    import sys

    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if str(getattr(shell, "colors", "")).lower() != "nocolor":
        return lines
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]


def _calling_lines(error: BaseException) -> list[str]:
    import os
    import traceback

    ours = os.path.dirname(os.path.abspath(__file__)) + os.sep
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [f for f in frames if not f.filename.startswith((ours, "<frozen "))]
    shown = [f for f in theirs if f"{os.sep}IPython{os.sep}" not in f.filename]
    return [
        f"{_GREEN}{f.filename if os.path.isfile(f.filename) else 'Cell'}, line {f.lineno}{_PLAIN}\n"
        f"----> {f.lineno} {f.line}"
        for f in shown[-_MOST_LINES:]
    ]


def _docstring(kind: type) -> str:
    # imported late: it is large, and few errors come without a message
    import inspect

    return inspect.getdoc(kind) or ""


class MLRunHTTPError(MLRunBaseError):
    """The service answered with an error."""

    status_code: int = 500


class MLRunBadRequestError(MLRunHTTPError):
    """The request could not be understood."""

    status_code = 400


class MLRunInvalidArgumentError(MLRunBadRequestError, ValueError):
    """A value that was given is not valid."""


class MLRunInvalidArgumentTypeError(MLRunBadRequestError, TypeError):
    """A value that was given is of the wrong type."""


class MLRunUnauthorizedError(MLRunHTTPError):
    """The service does not know the caller: give a token."""

    status_code = 401


class MLRunAccessDeniedError(MLRunHTTPError):
    """The caller may not do this."""

    status_code = 403


class MLRunNotFoundError(MLRunHTTPError):
    """There is no such object."""

    status_code = 404


class MLRunDataNotFoundError(MLRunNotFoundError, FileNotFoundError):
    """There is no data at the address."""


class MLRunDataAccessDeniedError(MLRunAccessDeniedError, PermissionError):
    """The data may not be read or written by this user."""


class MLRunConflictError(MLRunHTTPError):
    """The object is there already, or was changed meanwhile."""

    status_code = 409


class MLRunPreconditionFailedError(MLRunHTTPError):
    """Something that must come first has not happened."""

    status_code = 412


class MLRunPayloadTooLargeError(MLRunHTTPError):
    """The body is larger than the service takes."""

    status_code = 413


class MLRunUnprocessableEntityError(MLRunHTTPError):
    """A value is of the wrong type or not among those allowed."""

    status_code = 422


class MLRunInternalServerError(MLRunHTTPError):
    """The service failed."""

    status_code = 500


class MLRunRuntimeError(MLRunHTTPError, RuntimeError):
    """What was asked for failed while it worked."""

    status_code = 500


class MLRunMissingDependencyError(MLRunInternalServerError):
    """A package is needed that is not installed: the message names what to install."""


class MLRunNotImplementedServerError(MLRunHTTPError):
    """The service does not do this in this release."""

    status_code = 501


class MLRunServiceUnavailableError(MLRunHTTPError):
    """The service cannot answer now: try again."""

    status_code = 503


class MLRunServiceUnreachableError(MLRunBaseError):
    """No service answers: start a Jupyter server with jupyter-mlrun, or set MLRUN_DBPATH."""


class MLRunTimeoutError(MLRunHTTPError, TimeoutError):
    """The time to wait is over."""

    status_code = 504


class MLRunTaskCancelledError(Exception):
    """The task was told to end: a handler may raise it to end its run as aborted."""


class MLRunPackageError(MLRunInvalidArgumentError):
    """A value could not be packed or unpacked."""


class MLRunPackageCollectionError(MLRunPackageError):
    """A packager could not be found or imported."""


class MLRunPackagePackingError(MLRunPackageError):
    """A value could not be packed."""


class MLRunPackageUnpackingError(MLRunPackageError):
    """An artifact could not be unpacked."""


class MLRunPackageBundlingError(MLRunPackageError):
    """A collection of inputs could not be made into one value."""


class MLRunPackageUnbundlingError(MLRunPackageError):
    """A value could not be taken apart into the items to log."""


class CaptureError(MLRunBaseError):
    """The cell cannot be shipped as it is."""


class RunError(MLRunRuntimeError):
    """The run failed."""


STATUS_ERRORS: dict[int, type[MLRunHTTPError]] = {
    400: MLRunBadRequestError,
    401: MLRunUnauthorizedError,
    403: MLRunAccessDeniedError,
    404: MLRunNotFoundError,
    409: MLRunConflictError,
    412: MLRunPreconditionFailedError,
    413: MLRunPayloadTooLargeError,
    422: MLRunUnprocessableEntityError,
    500: MLRunInternalServerError,
    501: MLRunNotImplementedServerError,
    503: MLRunServiceUnavailableError,
    504: MLRunTimeoutError,
}


def from_status(status: int, detail: str) -> MLRunHTTPError:
    """The error for an HTTP status, with the service's own text as its message."""
    error = STATUS_ERRORS.get(status, MLRunHTTPError)(detail)
    error.status_code = status
    return error


def describe(error: BaseException) -> str:
    """An error and its causes as one line: ``a, caused by: b``, at most 32,000 characters."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        parts.append(str(current) or type(current).__name__)
        current = current.__cause__
    return ", caused by: ".join(parts)[:32_000]
