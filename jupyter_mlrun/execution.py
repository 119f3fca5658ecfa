"""One run from its documents to its end: the same in a process of its own and in a kernel."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from . import alias, states
from .context import Context, running
from .engines import engine
from .errors import MLRunBaseError, MLRunHTTPError, RunError, describe
from .interruption import Aborted, Expired, time_limit
from .loading import Loading
from .ranks import Group
from .runview import is_sweep
from .scripts import run_command, run_script
from .settling import exit_code, settle

if TYPE_CHECKING:
    from .iterations import Ended, Plan, Runner

KILLED = 143

# MLRun's name for it, in MLRun's place
MLClientCtx = Context


class Execution:
    """The work of one run: its code, how to call it, and what became of it."""

    def __init__(
        self,
        context: Context,
        function: Mapping[str, Any],
        folder: str,
        handler: Callable[..., Any] | None = None,
        is_here: bool = False,
        workdir: str = "",
        takes_source: bool = False,
    ) -> None:
        self.context = context
        self.function = function
        self.folder = folder
        self.handler = handler
        self.spec: dict[str, Any] = context.to_dict()["spec"]
        self.loading = Loading(context, function, folder, is_here)
        self.place = (workdir, takes_source)
        # of a sweep, where it was made before
        self.plan: Plan | None = None
        self.exit_code = 0
        self.times: dict[str, float] = {}
        self.failure: BaseException | None = None
        self.ranks = Group(folder)
        alias.install()

        limits = self.spec.get("limits") or {}
        # elsewhere the supervisor keeps the time
        self.timeout: float | None = limits.get("timeout") if is_here else None
        self.deadline = time.monotonic() + self.timeout if self.timeout else None

    def work(self) -> None:
        """Do all of it; the context has the final state afterwards, not yet told."""
        try:
            self.loading.enter(*self.place)
            with engine(self.context):
                if is_sweep(self.spec):
                    self._sweep()
                else:
                    error = self.ranks.agree(self._attempt(self.context))
                    self._settle(self.context, error)
        except Aborted:
            self.exit_code = KILLED
        except (Exception, KeyboardInterrupt) as error:
            # what fails outside the user's code is the run's end too, and is told
            self._settle(self.context, error)
        finally:
            self.loading.leave()

    def tell(self) -> None:
        """Tell the service how it ended."""
        self.context.set_status(times=self._all_times())
        try:
            self.context.close()
        except KeyboardInterrupt as error:
            self.failure = error
            self.context.close()
        except (MLRunHTTPError, ValueError, TypeError, OverflowError) as error:
            # what cannot be told must not take the run's end with it
            self.exit_code = self.exit_code or 1
            self.context.tell_end(f"what the run recorded was not taken: {describe(error)}")

    def _sweep(self) -> None:
        from .iterations import Sweep

        try:
            sweep = Sweep(self.context, self.spec, self.plan)
            with time_limit(self.timeout, self.deadline):
                text = sweep.work(self._runner(len(sweep.plan.sets)))
        except (MLRunBaseError, KeyboardInterrupt, Expired) as error:
            self._settle(self.context, error)
            return
        if not text:
            self._settle(self.context, self.ranks.agree(None))
            return
        if self.failure is not None:
            self._place(self.context, self.failure)
        self.context.set_status(error_type="RunError")
        self.exit_code = self.exit_code or 1
        self.failure = self.failure or RunError(text)
        self.context.set_state(error=text, commit=False)

    def _runner(self, total: int) -> Runner:
        from .parallel import is_parallel, run_parallel

        options = self.spec.get("hyper_param_options") or {}
        if is_parallel(options):
            return lambda children: run_parallel(children, options, self._pack, total)
        return lambda children: self._one_by_one(children, total)

    def _one_by_one(self, children: Iterator[Context], total: int) -> Generator[Ended]:
        from .iterations import Ended, announce

        first: BaseException | None = None
        for child in children:
            announce(child, total)
            # what asks for the run in progress is given its iteration
            with running(child):
                error = self._attempt(child)
            self._settle(child, error)
            child.finish()
            if isinstance(error, (KeyboardInterrupt, Expired)):
                raise error
            problem = ""
            if error is not None and child.state != states.COMPLETED:
                first = first or error
                problem = f"{type(error).__name__}: {describe(error)}"
            yield Ended(child, problem)
        self.failure = first

    def _pack(self, child: Context) -> bytes:
        """An iteration as bytes for another process."""
        from .parallel import Iteration, pack

        run = child.to_dict()
        run["spec"].pop("limits", None)
        url, token = self.context.client.address
        secrets = self.context.secrets
        return pack(
            Iteration(run, dict(self.function), self.handler, self.folder, (url, token), secrets)
        )

    def _attempt(self, context: Context) -> BaseException | None:
        """Call the handler once; what it raised, after whatever it had to log was logged."""
        from .returns import log_named, log_returned

        returns = self.spec.get("returns")
        context.is_part = True
        try:
            value = self._call(context)
            began = time.monotonic()
            log_returned(context, value, returns, self.loading.entry.get("form") == "body")
            self._count("saving", began)
        except Aborted:
            raise
        except BaseException as error:
            # whatever the user's code raises ends this run, and this run only
            try:
                log_named(context, getattr(error, "outputs", None) or {}, returns)
            except Exception as second:
                # to pack a value runs the user's code too
                second.__cause__ = error
                return second
            return error
        return None

    def _call(self, context: Context) -> Any:
        with time_limit(self.timeout, self.deadline):
            # to load the code executes it too
            work = self._work_of(context)
            self._mark_start()
            began = time.monotonic()
            try:
                with self._tracking(context):
                    return work()
            finally:
                self._count("running", began)

    def _work_of(self, context: Context) -> Callable[[], Any]:
        """What is to be called: the handler with its arguments, a script, or a command."""
        loading = self.loading
        if self.handler is None and (command := loading.command()):
            return lambda: run_command(command, context)
        handler = self.handler = self.handler or loading.load()
        if given := loading.entry.get("given"):
            # the parameters of its cell, where the run has no other
            inputs = {key.partition(":")[0].strip() for key in context.inputs}
            context.add_parameters({k: v for k, v in given.items() if k not in inputs})
        if handler is None:
            assert loading.script is not None
            script = loading.script
            return lambda: run_script(script, loading.arguments())
        if loading.entry.get("form") == "body":
            from .body import bind_body

            arguments = bind_body(handler, context)
        else:
            from .binding import bind_handler

            arguments = bind_handler(handler, context)
        return lambda: finish(handler(**arguments), handler)

    @staticmethod
    def _tracking(context: Context) -> AbstractContextManager[None]:
        if not os.environ.get("MLRUN_EXTERNAL_PLATFORM_TRACKING__ENABLED"):
            return nullcontext()
        from .tracking import tracked

        return tracked(context)

    def _mark_start(self) -> None:
        if "starting" not in self.times and (age := process_age()) is not None:
            self.times["starting"] = round(age, 3)

    def _count(self, phase: str, began: float) -> None:
        spent = self.times.get(phase, 0.0) + time.monotonic() - began
        self.times[phase] = round(spent, 4)

    def _all_times(self) -> dict[str, float]:
        known = self.context.to_dict()["status"].get("times") or {}
        return {**known, **self.times}

    def _settle(self, context: Context, error: BaseException | None) -> None:
        """Give the context the state that belongs to how its handler ended."""
        if isinstance(error, SystemExit):
            self.exit_code = exit_code(error)
            if isinstance(error.code, str):
                print(error.code, file=sys.stderr)
        failure = settle(context, error)
        if failure is None:
            return
        self.failure = failure
        if context.state != states.ABORTED:
            self.exit_code = self.exit_code or 1
            self._describe(context, failure)

    def _describe(self, context: Context, error: BaseException) -> None:
        from .frames import print_traceback

        self._place(context, error)
        origin = self.spec.get("origin") or {}
        print_traceback(error, self.loading.code, self.loading.entry, origin)

    def _place(self, context: Context, error: BaseException) -> None:
        from .frames import error_frames

        frames = error_frames(error, self.loading.code, self.loading.entry)
        context.set_status(error_type=type(error).__name__, error_frames=frames)


def finish(value: Any, handler: Callable[..., Any]) -> Any:
    """What a handler returned, awaited where it is to be awaited; generators are refused."""
    if hasattr(value, "__await__"):
        from .awaiting import wait

        return wait(value)
    if hasattr(value, "gi_frame") or hasattr(value, "ag_frame"):
        raise MLRunBaseError(
            f"{handler.__name__}() is a generator, which cannot be a handler: return the values"
        )
    return value


def process_age() -> float | None:
    """Seconds since this process was made; None where the system does not tell."""
    try:
        with open("/proc/self/stat", "rb") as file:
            stat = file.read()
        began = int(stat[stat.rfind(b")") + 2 :].split()[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except (OSError, AttributeError, ValueError):
        return None
