"""An iteration of a sweep in a process other than its run's: of a pool, or in a Dask cluster."""

from __future__ import annotations

import ctypes
import io
import os
import pickle
import signal
import sys
import threading

from .parallel import Iteration, Outcome

_at_work: dict[int, str] = {}
_lock = threading.Lock()


def work(piece: bytes, sweep: str = "") -> Outcome:
    """Do one iteration, told to the service by this process itself; ``end_sweep`` ends it."""
    thread = threading.get_ident()
    _at_work[thread] = sweep
    try:
        return _work(piece)
    finally:
        with _lock:
            del _at_work[thread]
            # what comes too late must not end the thread's next piece
            _raise_in(thread, None)


def end_sweep(sweep: str) -> None:
    """End what threads of this process do of a sweep, as soon as they do anything in Python."""
    from .interruption import Aborted

    with _lock:
        for thread in [each for each, of in _at_work.items() if of == sweep]:
            _raise_in(thread, Aborted)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    raised = ctypes.py_object(error) if error else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)


def _work(piece: bytes) -> Outcome:
    from .client.address import Address
    from .client.transport import Client
    from .context import Context, running
    from .errors import describe
    from .execution import KILLED, Execution
    from .outbox import Outbox
    from .output import listening
    from .report import Reporter

    task = _read(piece)
    reporter = Reporter(Client(Address(*task.address)), Outbox(task.folder))
    context = Context(task.run, reporter)
    context.secrets = task.secrets
    printed = io.StringIO()
    with running(context), listening(printed.write, is_shown=False):
        execution = Execution(context, task.function, task.folder, task.handler)
        execution.work()
        if execution.exit_code != KILLED:
            # whoever ended it tells its end
            context.finish()
    failure, problem = execution.failure, ""
    if failure is not None:
        problem = f"{type(failure).__name__}: {describe(failure)}"
    return Outcome(context.to_dict(), context.artifacts, problem, printed.getvalue())


def _read(piece: bytes) -> Iteration:
    paths, rest = pickle.loads(piece)
    # what the handler imports is found where the run finds it
    sys.path[:] = [*paths, *(path for path in sys.path if path not in paths)]
    return Iteration(*pickle.loads(rest))


def main() -> int:
    """Do the iterations that arrive at stdin, until it is closed."""
    from .pool import read_piece, write_piece

    # who interrupts a run interrupts its own process, which ends this one
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    pieces = os.fdopen(os.dup(0), "rb")
    # neither the code's prints nor its questions may mix with the pieces
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    while True:
        try:
            piece = read_piece(pieces)
        except EOFError:
            return 0
        write_piece(answers, pickle.dumps(tuple(work(piece))))


if __name__ == "__main__":
    sys.exit(main())
