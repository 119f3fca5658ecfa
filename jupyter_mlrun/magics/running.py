"""Sending a run, showing its card, and waiting for its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_mlrun import masking, names, states
from jupyter_mlrun.client import runs
from jupyter_mlrun.client.submit import submit
from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.display.card import build_bundle
from jupyter_mlrun.display.show import show
from jupyter_mlrun.errors import Interrupted, MLRunBaseError
from jupyter_mlrun.grammar.options import Parsed
from jupyter_mlrun.magics.failure import FailedRun
from jupyter_mlrun.magics.follow import (
    Follower,
    follow_in_background,
    read_tail,
    wait_interruptibly,
)


class CardDisplay:
    """The card below the cell, kept up to date by its display id."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._handle: Any = None

    def show(self, run: Mapping[str, Any]) -> None:
        """Show the run as it is now, at the same place."""
        bundle = build_bundle(run, self._tail(run))
        if self._handle is None:
            self._handle = show(bundle, f"mlrun-{run['metadata']['uid']}")
        else:
            self._handle.update(bundle, raw=True)

    def _tail(self, run: Mapping[str, Any]) -> list[str]:
        """The end of the log, where the run did not simply complete."""
        if run["status"].get("state") not in states.TERMINAL - {states.COMPLETED}:
            return []
        try:
            return read_tail(self._client, dict(run))
        except MLRunBaseError:
            # the card is whole without the end of the log
            return []


Sent = Callable[[dict[str, Any]], None]
"""Called with a run as soon as it is recorded, and again when it was waited for and has ended."""


def run_elsewhere(
    client: Client,
    task: dict[str, Any],
    function: Mapping[str, Any] | None,
    secrets: Mapping[str, str],
    parsed: Parsed,
    sent: Sent,
) -> dict[str, Any]:
    """The run as it was recorded, or as it ended where the line says to wait."""
    run = submit(client, task, function, secrets)
    sent(run)
    return _follow(client, run, parsed, sent)


def _follow(client: Client, run: dict[str, Any], parsed: Parsed, sent: Sent) -> dict[str, Any]:
    card = CardDisplay(client)
    card.show(run)
    project, uid = run["metadata"]["project"], run["metadata"]["uid"]
    follower = Follower(client, project, uid, bool(parsed.get("watch", False)), aloud=True)
    if not parsed.get("wait", True):
        follow_in_background(Follower(client, project, uid), card.show)
        return run
    try:
        ended = wait_interruptibly(follower, lambda text: print(text, file=sys.stderr, flush=True))
    except Interrupted:
        follow_in_background(Follower(client, project, uid), card.show)
        raise
    return _end(card, ended, sent)


def _end(card: CardDisplay, run: dict[str, Any], sent: Sent) -> dict[str, Any]:
    """The run, shown at its end; raises where it did not complete."""
    card.show(run)
    sent(run)
    if run["status"].get("state") != states.COMPLETED:
        raise FailedRun(run)
    _warn_unselected(run)
    return run


def _warn_unselected(run: Mapping[str, Any]) -> None:
    """Say that nothing was selected, where no iteration has the result that should decide."""
    selector = (run["spec"].get("hyper_param_options") or {}).get("selector")
    results = run["status"].get("results") or {}
    if not selector or results.get("best_iteration"):
        return
    table = run["status"].get("iterations") or [[]]
    known = [str(name).removeprefix("output.") for name in table[0] if "output." in str(name)]
    wanted = str(selector).partition(".")[2]
    print(
        f"mlrun: --select {selector}: no iteration has a result {wanted!r}, so none is selected; "
        f"they have {', '.join(known) or 'none'}.{names.near(wanted, known)}",
        file=sys.stderr,
    )


def run_here(
    client: Client,
    task: dict[str, Any],
    function: Mapping[str, Any],
    address: str,
    secrets: Mapping[str, str],
    sent: Sent,
) -> dict[str, Any]:
    """The run of the kind ``handler`` at its end: it works in this kernel."""
    from jupyter_mlrun.process_run import execute
    from jupyter_mlrun_runtimes import process

    task["metadata"]["uid"] = names.new_uid()
    task["metadata"]["labels"] |= {"kind": "handler", "host": os.uname().nodename}
    task["metadata"]["labels"].setdefault("owner", task["spec"]["origin"].get("user") or "")
    task["spec"]["function"] = address
    task["spec"]["origin"]["process"] = process.identity()
    task["status"] = {"state": states.PENDING, "process": process.identity()}
    sent(task)
    card = CardDisplay(client)
    card.show(task)
    handed = {**task["spec"]["env"], **secrets, masking.NAMES: ",".join(secrets)}
    before = {name: os.environ.get(name) for name in handed}
    os.environ.update(handed)
    try:
        ended = execute(task, function, client)
    except KeyboardInterrupt:
        card.show(runs.read(client, task["metadata"]["project"], task["metadata"]["uid"]))
        raise Interrupted("the run was stopped") from None
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
    return _end(card, ended, sent)
