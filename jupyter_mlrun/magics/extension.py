"""The magics as IPython knows them, loaded and unloaded."""

from __future__ import annotations

from typing import Any

from IPython.core import magic as ipython_magic
from traitlets import Int, default
from traitlets.config import Configurable

from jupyter_mlrun import config
from jupyter_mlrun.display.show import show
from jupyter_mlrun.errors import MLRunBaseError
from jupyter_mlrun.grammar.options import parse_line
from jupyter_mlrun.grammar.split import find_magic, join_continued
from jupyter_mlrun.grammar.table import CELL, LINE
from jupyter_mlrun.magics.cell import Cell
from jupyter_mlrun.magics.completion import Completer, make_matcher
from jupyter_mlrun.magics.failure import FailedRun, refuse
from jupyter_mlrun.magics.line import METHODS, Line, format_help, split_command
from jupyter_mlrun.magics.nuclio import NAME as NUCLIO
from jupyter_mlrun.magics.nuclio import NuclioMagics
from jupyter_mlrun.magics.session import Session

magic: Any = ipython_magic


@magic.magics_class
class MLRunMagics(magic.Magics, Configurable):  # type: ignore[misc]
    """``%%mlrun`` and ``%mlrun``."""

    capture_limit = Int(help="Largest captured value, in bytes.").tag(config=True)
    pickle_limit = Int(help="Largest value that --pickle ships, in bytes.").tag(config=True)

    def __init__(self, shell: Any, session: Session) -> None:
        super().__init__(shell)  # type: ignore[call-arg]
        self._session = session

    @default("capture_limit")
    def _capture_limit(self) -> int:
        return config.load().capture_limit

    @default("pickle_limit")
    def _pickle_limit(self) -> int:
        return config.load().pickle_limit

    @magic.no_var_expand  # type: ignore[untyped-decorator]
    @magic.cell_magic("mlrun")  # type: ignore[untyped-decorator]
    def cell(self, line: str, cell: str) -> None:
        """Run this cell as a function in a clean process: ``%%mlrun --help`` lists the options."""
        try:
            self._cell(line, cell)
        except MLRunBaseError as error:
            if isinstance(error, FailedRun):
                raise
            raise refuse(error) from None

    def _cell(self, line: str, cell: str) -> None:
        line, cell = join_continued(line, cell)
        parsed = parse_line(CELL, line)
        if parsed.help:
            print(CELL.format_help())
            return
        limits = (self.capture_limit, self.pickle_limit)
        text = f"%%mlrun {line}".strip()
        Cell(self._session, self.shell, parsed, cell, text, limits).run()

    @magic.no_var_expand  # type: ignore[untyped-decorator]
    @magic.line_magic("mlrun")  # type: ignore[untyped-decorator]
    def line(self, line: str) -> Any:
        """Runs, logs, functions, projects: ``%mlrun --help`` lists the commands."""
        try:
            return self._line(line)
        except MLRunBaseError as error:
            if isinstance(error, FailedRun):
                raise
            raise refuse(error) from None

    def _line(self, line: str) -> None:
        if line.strip() in ("", "--help"):
            print(format_help())
            return
        name, rest = split_command(line)
        parsed = parse_line(LINE[name], rest)
        if parsed.help:
            print(LINE[name].format_help())
            return
        shown = METHODS[name](Line(self._session, self.shell, parsed, f"%mlrun {line}"))
        if isinstance(shown, dict) and "text/plain" in shown:
            show(shown)


def prepare_cell(lines: list[str]) -> list[str]:
    """Puts ``%%mlrun`` first, where comments stand above it, and gives ``--help`` a body.

    IPython calls a cell magic only on the first line, and only with a body. Any other first line
    is left as it is, so that a terminal goes on asking for the body.
    """
    lines = lines[find_magic(lines) :]
    words = lines[0].split() if lines else []
    asks = words[:1] == ["%%mlrun"] and "--help" in words and not "".join(lines[1:]).strip()
    return [lines[0].rstrip("\n") + "\n", "\n"] if asks else lines


def give_body(lines: list[str]) -> list[str]:
    """Lets ``%%mlrun NAME`` without a body reach the magic, which says what is missing.

    This is asked only for what is executed, so a terminal goes on asking for the body.
    """
    text = "".join(lines).rstrip("\n")
    empty = text.startswith("get_ipython().run_cell_magic('mlrun', ") and text.endswith(", '')")
    return [text.removesuffix("'')") + "'\\n')\n"] if empty else lines


def load(shell: Any) -> None:
    """Give the shell the magics, their completion, and the hook that knows the cell."""
    unload(shell)
    session = Session()
    shell.register_magics(MLRunMagics(shell, session))
    if NUCLIO not in shell.magics_manager.magics["line"]:
        # one of Nuclio's own, which does more, stays
        shell.register_magics(NuclioMagics(shell))
    shell.events.register("pre_run_cell", session.cell.remember)
    shell.input_transformers_cleanup.append(prepare_cell)
    shell.input_transformers_post.append(give_body)
    completer = Completer(session)
    matcher = make_matcher(completer)
    if getattr(shell, "Completer", None) is not None:
        shell.Completer.custom_matchers.append(matcher)
        completer.prepare()
    shell._jupyter_mlrun = (session, matcher)


def unload(shell: Any) -> None:
    """Take away what ``load`` gave."""
    session, matcher = getattr(shell, "_jupyter_mlrun", (None, None))
    if session is None:
        return
    shell.events.unregister("pre_run_cell", session.cell.remember)
    shell.input_transformers_cleanup.remove(prepare_cell)
    shell.input_transformers_post.remove(give_body)
    if getattr(shell, "Completer", None) is not None:
        shell.Completer.custom_matchers.remove(matcher)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("mlrun", None)
        if "NuclioMagics" in shell.magics_manager.registry:
            shell.magics_manager.magics[kind].pop(NUCLIO, None)
    for name in ("MLRunMagics", "NuclioMagics"):
        shell.magics_manager.registry.pop(name, None)
    del shell._jupyter_mlrun
