"""One run from its documents to its end: the same in a process of its own and in a kernel."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from . import alias, states
from .awaiting import finish
from .context import Context
from .engines import engine, kind_of_process
from .errors import MLRunBaseError, MLRunHTTPError, RunError, describe
from .interruption import Aborted, Expired, time_limit
from .ranks import Group
from .settling import exit_code, settle

if TYPE_CHECKING:
    from types import ModuleType

    from .iterations import Ended, Runner
    from .modules import Code

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
    ) -> None:
        self.context = context
        self.is_here = is_here
        self.function = function
        self.folder = folder
        self.handler = handler
        self.spec: dict[str, Any] = context.to_dict()["spec"]
        self.name = str(
            self.spec.get("handler") or (function.get("spec") or {}).get("default_handler") or ""
        )
        self.code = ""
        self.script: Code | None = None
        self.entry: dict[str, Any] = {}
        self.exit_code = 0
        self.times: dict[str, float] = {}
        self.failure: BaseException | None = None
        self._added: list[str] = []
        self.ranks = Group(folder)
        alias.install()

        limits = self.spec.get("limits") or {}
        # elsewhere the supervisor keeps the time
        self.timeout: float | None = limits.get("timeout") if is_here else None
        self.deadline = time.monotonic() + self.timeout if self.timeout else None

    def work(self) -> None:
        """Do all of it; the context has the final state afterwards, not yet told."""
        try:
            with engine(self.context):
                if self._is_sweep():
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
            if self.is_here:
                self._leave()

    def _leave(self) -> None:
        """Leave this process as it was: the next run here ships files of its own."""
        for folder in self._added:
            if folder in sys.path:
                sys.path.remove(folder)
            for name, module in list(sys.modules.items()):
                if str(getattr(module, "__file__", None) or "").startswith(folder + os.sep):
                    del sys.modules[name]

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

    def _is_sweep(self) -> bool:
        options = self.spec.get("hyper_param_options") or {}
        has_values = self.spec.get("hyperparams") or options.get("param_file")
        return bool(has_values) and options.get("strategy") != "custom"

    def _sweep(self) -> None:
        from .iterations import Sweep

        try:
            sweep = Sweep(self.context, self.spec)
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
        try:
            value = self._call(context)
            began = time.monotonic()
            log_returned(context, value, returns, self.entry.get("form") == "body")
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
        handler = self.handler or self._load()
        if handler is None:
            return self._run_script()
        if self.entry.get("form") == "body":
            from .body import bind_body

            arguments = bind_body(handler, context)
        else:
            from .binding import bind_handler

            arguments = bind_handler(handler, context)
        self._mark_start()
        began = time.monotonic()
        try:
            with time_limit(self.timeout, self.deadline), self._tracking(context):
                return finish(handler(**arguments), handler)
        finally:
            self._count("running", began)

    @staticmethod
    def _tracking(context: Context) -> AbstractContextManager[None]:
        if not os.environ.get("MLRUN_EXTERNAL_PLATFORM_TRACKING__ENABLED"):
            return nullcontext()
        from .tracking import tracked

        return tracked(context)

    def _load(self) -> Callable[..., Any] | None:
        """The handler of the function's code, kept for further iterations; None for a script."""
        from . import modules

        code = modules.code_of(self.function, self.folder)
        files = modules.write_files(self.function, self.folder, self._fetch)
        if files:
            self.context.files = files
            # what was shipped comes before what lies beside the notebook by now
            sys.path.insert(0, files)
            self._added.append(files)
        self.entry = modules.entry_point(self.function, self.name)
        is_body = self.entry.get("form") == "body"
        if code is None and modules.has_module(self.name) and not self._has_command():
            is_new = bool(self.spec.get("reset_on_run"))
            self.handler = modules.import_handler(self.name, is_new, self._parameters())
            return self.handler
        if code is None:
            code = modules.code_at(self._command())
        elif not (is_body and self.is_here):
            modules.write(code)
        self.code = code.path
        if not self.name:
            self.script = code
            return None
        module = self._import(code, is_body)
        self.handler = modules.find_handler(module, self.name, self._parameters())
        return self.handler

    def _parameters(self) -> dict[str, Any]:
        return self.spec.get("parameters") or {}

    def _has_command(self) -> bool:
        return os.path.isfile(str((self.function.get("spec") or {}).get("command") or ""))

    def _import(self, code: Code, is_body: bool) -> ModuleType:
        from . import modules

        if is_body or kind_of_process():
            # as in the notebook: what other processes are sent carries its own definitions
            return modules.load(code, "__main__", keep=not self.is_here)
        # worker processes get the same path, and import the module from it
        sys.path.append(os.path.dirname(code.path))
        module = modules.load(code, modules.module_name(self.function))
        self.context.modules.append(module)
        return module

    def _command(self) -> str:
        command = str((self.function.get("spec") or {}).get("command") or "")
        if not command or not os.path.isfile(command):
            name = (self.function.get("metadata") or {}).get("name")
            raise MLRunBaseError(
                f"The function '{name}' has no code to run: {command or 'nothing was stored'}"
            )
        return os.path.abspath(command)

    def _fetch(self, uri: str) -> bytes:
        return bytes(self.context.get_dataitem(uri).get())

    def _run_script(self) -> None:
        assert self.script is not None
        arguments = (self.function.get("spec") or {}).get("args") or []
        before, sys.argv = sys.argv, [self.code, *map(str, arguments)]
        self._mark_start()
        began = time.monotonic()
        try:
            code = self.script.get_code("__main__")
            names = {"__name__": "__main__", "__file__": self.code, "__loader__": self.script}
            with time_limit(self.timeout, self.deadline), self._tracking(self.context):
                exec(code, names)
        finally:
            sys.argv = before
            self._count("running", began)

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
        print_traceback(error, self.code, self.entry, origin)

    def _place(self, context: Context, error: BaseException) -> None:
        from .frames import error_frames

        frames = error_frames(error, self.code, self.entry)
        context.set_status(error_type=type(error).__name__, error_frames=frames)


def process_age() -> float | None:
    """Seconds since this process was made; None where the system does not tell."""
    try:
        with open("/proc/self/stat", "rb") as file:
            stat = file.read()
        began = int(stat[stat.rfind(b")") + 2 :].split()[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except (OSError, AttributeError, ValueError):
        return None
