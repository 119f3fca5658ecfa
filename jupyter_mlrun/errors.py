"""Every error that a caller can meet, under MLRun's names.

MLRunBaseError
├── MLRunHTTPError                      the service refused; carries its status
│   ├── MLRunBadRequestError            400
│   │   ├── MLRunInvalidArgumentError   400, a value that the caller gave; a ValueError too
│   │   ├── MLRunInvalidArgumentTypeError 400, a value of the wrong type; a TypeError too
│   │   ├── MLRunIncompatibleVersionError 400, client and service do not fit
│   │   ├── MLRunMissingProjectError    400, no project is named
│   │   └── MLRunModelLimitExceededError 400, more models than there may be
│   ├── MLRunUnauthorizedError          401
│   ├── MLRunAccessDeniedError          403
│   ├── MLRunNotFoundError              404
│   │   └── MLRunPaginationEndOfResultsError 404, no page is left
│   ├── MLRunMethodNotAllowedError      405
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
├── MLRunTaskNotReadyError              a value that a task in progress is still to give
└── CaptureError                        a cell that cannot be shipped

An error raised without a message says its docstring.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LONGEST = 32_000
_RED, _GREEN, _PLAIN = "\x1b[0;31m", "\x1b[0;32m", "\x1b[0m"
_MOST_LINES = 8


class MLRunBaseError(Exception):
    """Something went wrong."""

    def __init__(self, *args: object) -> None:
        super().__init__(*(args or (_docstring(type(self)),)))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the lines that called this library, not its inside."""
        return in_brief(self)


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


def tell_briefly(error: Any) -> Any:
    """The error, of another class than ours, which IPython is to show as it shows ours."""
    from functools import partial

    # no lambda: an error goes to another process by pickle
    vars(error)["_render_traceback_"] = partial(in_brief, error)
    return error


def in_brief(error: BaseException) -> list[str]:
    """What IPython is to show of an error: the user's own lines, and one sentence."""
    said = f"{_RED}{type(error).__name__}{_PLAIN}: {error}"
    return for_shell([*_calling_lines(error), said])


def _calling_lines(error: BaseException) -> list[str]:
    import os
    import traceback

    return [
        f"{_GREEN}{f.filename if os.path.isfile(f.filename) else 'Cell'}, line {f.lineno}{_PLAIN}\n"
        f"----> {f.lineno} {f.line}"
        for f in _frames_of_user(traceback.extract_tb(error.__traceback__))[-_MOST_LINES:]
    ]


def _frames_of_user(frames: Any) -> list[Any]:
    """What called this library, and code of the user's that it called, without any library's."""
    import os
    import sysconfig

    ours = os.path.dirname(os.path.abspath(__file__)) + os.sep
    library = (sysconfig.get_path("stdlib") + os.sep, "<frozen ")
    packages = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))
    found: list[Any] = []
    is_inside = False
    for frame in frames:
        name = frame.filename
        is_ours = name.startswith(ours)
        is_library = name.startswith(library) or any(each in name for each in packages)
        is_shell = f"{os.sep}IPython{os.sep}" in name
        if not (is_ours or is_shell or name.startswith("<frozen ") or (is_inside and is_library)):
            found.append(frame)
        is_inside = is_inside or is_ours
    return found


def _docstring(kind: type) -> str:
    # imported late: it is large, and few errors come without a message
    import inspect

    return inspect.getdoc(kind) or ""


class MLRunHTTPError(MLRunBaseError):
    """The service answered with an error."""

    status_code: int = 500

    @property
    def response(self) -> Any:
        """What MLRun's own errors carry: ``error.response.status_code``, and the text."""
        from types import SimpleNamespace

        return SimpleNamespace(status_code=self.status_code, text=str(self), ok=False)


# MLRun's name for those that have a status; here all have one
MLRunHTTPStatusError = MLRunHTTPError


class MLRunBadRequestError(MLRunHTTPError):
    """The request could not be understood."""

    status_code = 400


class MLRunInvalidArgumentError(MLRunBadRequestError, ValueError):
    """A value that was given is not valid."""


class MLRunInvalidArgumentTypeError(MLRunBadRequestError, TypeError):
    """A value that was given is of the wrong type."""


class MLRunIncompatibleVersionError(MLRunBadRequestError):
    """The client and the service are of versions that do not fit."""


class MLRunMissingProjectError(MLRunBadRequestError):
    """Project must be provided"""


class MLRunModelLimitExceededError(MLRunBadRequestError, ValueError):
    """There are more models than there may be."""


class MLRunUnauthorizedError(MLRunHTTPError):
    """The service does not know the caller: give a token."""

    status_code = 401


class MLRunAccessDeniedError(MLRunHTTPError):
    """The caller may not do this."""

    status_code = 403


class MLRunNotFoundError(MLRunHTTPError):
    """There is no such object."""

    status_code = 404


class MLRunPaginationEndOfResultsError(MLRunNotFoundError):
    """No page is left: begin again without a page token."""


class MLRunMethodNotAllowedError(MLRunHTTPError):
    """The address does not take this verb."""

    status_code = 405


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


class MLRunTaskNotReadyError(MLRunBaseError):
    """The value comes of a task that has not ended: wait for it first."""


# its older name
MLRunTaskNotReady = MLRunTaskNotReadyError


class MLRunValueError(ValueError):
    """A value is not among those that are possible."""


class MLRunRetryExhaustedError(Exception):
    """It was tried as often as was allowed, and failed each time."""


class MLRunFatalFailureError(Exception):
    """A failure after which nothing is tried again; ``original_exception`` is raised instead."""

    def __init__(
        self, *args: object, original_exception: Exception | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args)
        self.original_exception = original_exception


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
    405: MLRunMethodNotAllowedError,
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
    return err_for_status_code(status, detail)


def err_for_status_code(status_code: int, message: str | None = None) -> MLRunHTTPError:
    """The error for an HTTP status; without a message it says what its class stands for."""
    error = STATUS_ERRORS.get(int(status_code), MLRunHTTPError)(*([message] if message else []))
    error.status_code = int(status_code)
    return error


def raise_for_status(response: Any, message: str | None = None) -> None:
    """Nothing for an answer that is none of an error; else raises the error of its status.

    ``response`` is an answer of requests, httpx or aiohttp.
    """
    status: int = getattr(response, "status_code", 0) or getattr(response, "status", 0)
    if status < 400:
        return
    reason = getattr(response, "reason", None) or getattr(response, "reason_phrase", "") or ""
    text = f"{status} {reason} for {getattr(response, 'url', 'the request')}"
    raise err_for_status_code(status, message or text)


def err_to_str(err: Any) -> str:
    """An error as ``describe`` tells it; text as it is, and nothing for None."""
    if not isinstance(err, BaseException):
        return str(err) if err else ""
    return describe(err)


def describe(error: BaseException) -> str:
    """An error and its causes as one line: ``a, caused by: b``.

    One without a text is told by its class. Of more than 32,000 characters the middle is left out.
    """
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        parts.append(str(current) or repr(current))
        current = current.__cause__
    text = ", caused by: ".join(parts)
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST // 2]}...truncated...{text[-_LONGEST // 2 :]}"
