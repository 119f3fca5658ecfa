"""Tab: options and their values, from what is known already."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from jupyter_mlrun.client import artifacts, functions, projects, runs, secrets
from jupyter_mlrun.datastore.inputs import last_completed
from jupyter_mlrun.errors import MLRunBaseError
from jupyter_mlrun.grammar.options import HELP, Command, Option
from jupyter_mlrun.grammar.split import find_magic
from jupyter_mlrun.grammar.table import CELL, LINE
from jupyter_mlrun.magics.session import Session
from jupyter_mlrun.packagers.values import KINDS as OUTPUT_KINDS

KINDS = ("local", "handler", "job", "dask", "mpijob", "spark", "remote-spark")
FRESH = 10.0
PATIENCE = 0.03


class Known:
    """Names at the service, kept and refreshed in the background: Tab never waits long."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._values: dict[str, list[str]] = {}
        self._times: dict[str, tuple[int, float]] = {}
        """how much this kernel had made when they were asked for, and when that was"""
        self._busy: dict[str, threading.Thread] = {}

    def names(self, what: str) -> list[str]:
        """The names known now; a refresh begins where they are old."""
        self.refresh(what)
        thread = self._busy.get(what)
        if thread is not None:
            thread.join(PATIENCE)
        return self._values.get(what, [])

    def refresh(self, what: str) -> None:
        """Begin to ask for the names, where they are old."""
        made, moment = self._times.get(what, (-1, 0.0))
        fresh = made == self._session.made and time.monotonic() - moment < FRESH
        if fresh or what in self._busy:
            return
        self._busy[what] = threading.Thread(target=self._refresh, args=(what,), daemon=True)
        self._busy[what].start()

    def _refresh(self, what: str) -> None:
        readers: dict[str, Callable[[], Iterable[str]]] = {
            "projects": lambda: projects.names(self._session.client),
            "functions": self._functions,
            "runs": self._runs,
            "keys": self._keys,
            "secrets": lambda: secrets.names(self._session.client, self._session.project),
        }
        made = self._session.made
        kind, _, function = what.partition(":")
        if kind == "outputs":
            readers[what] = lambda: self._outputs(function)
        try:
            self._values[what] = sorted(set(readers[what]()))
        except MLRunBaseError:
            # without the service there is nothing to offer
            self._values.setdefault(what, [])
        finally:
            self._times[what] = made, time.monotonic()
            self._busy.pop(what, None)

    def _functions(self) -> Iterable[str]:
        project = self._session.project
        return [f["metadata"]["name"] for f in functions.list(self._session.client, project)]

    def _keys(self) -> Iterable[str]:
        found = artifacts.list(self._session.client, self._session.project, tag="latest")
        return [*(each["metadata"]["key"] for each in found), *(f"{n}." for n in self._functions())]

    def _outputs(self, function: str) -> Iterable[str]:
        last = last_completed(self._session.client, self._session.project, function)
        return list((last["status"].get("artifact_uris") or {}) if last else ())

    def _runs(self) -> Iterable[str]:
        rows = runs.rows(self._session.client, self._session.project, limit=50)["rows"]
        return [row["name"] for row in rows]


class Completer:
    """Completes the lines of our magics."""

    def __init__(self, session: Session) -> None:
        self.known = Known(session)

    def prepare(self) -> None:
        """Ask for what the first Tab will want; a service is not started for that."""
        if os.environ.get("MLRUN_DBPATH"):
            for what in ("functions", "projects"):
                self.known.refresh(what)

    def complete(self, text: str) -> tuple[list[str], str] | None:
        """The choices for the line up to the cursor and the word they replace; None if not ours."""
        lines = text.lstrip("\n").split("\n")
        *above, line = lines[find_magic(lines) :]
        is_whole = all(each.rstrip().endswith("\\") for each in above)
        if is_whole:
            line = " ".join([*(each.rstrip()[:-1] for each in above), line])
        if line.startswith("%%mlrun ") and is_whole:
            command, words = CELL, line.split()[1:]
        elif line.lstrip().startswith("%mlrun "):
            command_or_none, words = self._line(line)
            if command_or_none is None:
                word = "" if line.endswith(" ") else words[-1]
                return [name for name in (*LINE, "--help") if name.startswith(word)], word
            command = command_or_none
        else:
            return None
        word = "" if line.endswith(" ") else words.pop()
        return self._choices(command, words, word), word

    def _line(self, line: str) -> tuple[Command | None, list[str]]:
        words = line.split()[1:]
        done = words if line.endswith(" ") else words[:-1]
        if done and done[0] in LINE:
            return LINE[done[0]], words[1:]
        return None, words or [""]

    def _choices(self, command: Command, words: list[str], word: str) -> list[str]:
        option = _option(command, words[-1]) if words else None
        if option is not None and option.metavar:
            return self._values(option.choices, option.values, word)
        if word.startswith("-"):
            every = (*command.options, HELP)
            return [n for o in every for n in o.names if n.startswith(word) and n not in words]
        options = [] if word else [o.names[-1] for o in (*command.options, HELP)]
        if command.values and not [w for w in words if not w.startswith("-")]:
            return [*self._values((), command.values, word), *options]
        return options

    def _values(self, choices: tuple[str, ...], what: str, word: str) -> list[str]:
        if choices:
            found: Iterable[str] = choices
        elif what == "kinds":
            found = KINDS
        elif what == "directions":
            found = ("max.", "min.")
        elif what == "secrets":
            found = sorted({*os.environ, *self.known.names("secrets")})
        elif what == "files":
            return _paths(word)
        elif what in ("projects", "functions", "runs"):
            found = self.known.names(what)
        elif what in ("inputs", "outputs"):
            return self._pair(what, word)
        else:
            found = ()
        return [value for value in found if value.startswith(word)]

    def _pair(self, what: str, word: str) -> list[str]:
        """``NAME=KEY`` and ``NAME=FUNCTION.KEY`` of an input, ``NAME:KIND`` of an output."""
        name, mark, start = word.partition("=" if what == "inputs" else ":")
        if not mark:
            return []
        function, dot, _ = start.partition(".")
        if what == "outputs":
            found = list(OUTPUT_KINDS)
        elif dot:
            found = [f"{function}.{key}" for key in self.known.names(f"outputs:{function}")]
        else:
            found = [*self.known.names("keys"), *_paths(start)]
        return [f"{name}{mark}{value}" for value in found if value.startswith(start)]


def _option(command: Command, name: str) -> Option | None:
    return next((option for option in command.options if name in option.names), None)


def _paths(word: str) -> list[str]:
    folder, slash, start = word.rpartition("/")
    try:
        where = os.path.expanduser(folder + slash) or "."
        entries = sorted(os.scandir(where), key=lambda entry: entry.name)
    except OSError:
        return []
    prefix = folder + slash
    return [
        f"{prefix}{entry.name}" + ("/" if entry.is_dir() else "")
        for entry in entries
        if entry.name.startswith(start) and (start or not entry.name.startswith("."))
    ]


def make_matcher(completer: Completer) -> Any:
    """IPython's matcher: ours alone on the lines of our magics."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher()  # type: ignore[untyped-decorator]
    def mlrun_matcher(context: Any) -> Any:
        text = "\n".join(context.full_text.split("\n")[: context.cursor_line + 1])
        lines = text.split("\n")
        lines[-1] = lines[-1][: context.cursor_position]
        found = completer.complete("\n".join(lines))
        if found is None:
            return {"completions": [], "suppress": False}
        choices, word = found
        # without a choice the word completes to itself: else IPython asks all its other matchers
        choices = choices or [word]
        return {
            "completions": [SimpleCompletion(text=choice, type="mlrun") for choice in choices],
            "matched_fragment": word,
            "suppress": True,
        }

    return mlrun_matcher
