"""What is made for a run and given to its root, also when a start breaks off."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunServiceUnavailableError,
)
from jupyter_mlrun_runtimes import get_runtime
from tests.runtimes.kube_task import (
    Keeping,
    task,
)


def starting(error: type[Exception]) -> tuple[Keeping, Any, list[Any]]:
    """A cluster that lets nothing be owned at first, a runtime there, and what became owned."""
    cluster, given = Keeping(), []
    errors = [error("no patch")]

    def give(body: Any, owner: Any) -> None:
        if errors:
            raise errors.pop()
        given.append((body["kind"], owner["kind"]))

    cluster.replace, cluster.give = cluster.create, give  # type: ignore[attr-defined]
    cluster.know = lambda body: None  # type: ignore[method-assign]
    cluster.is_synced = lambda root: True  # type: ignore[attr-defined]
    nothing = SimpleNamespace(of_run=lambda run: [])
    cluster.mirror = lambda resource: nothing  # type: ignore[attr-defined]
    return cluster, get_runtime("job", "kubernetes", cluster), given  # type: ignore[arg-type]


def test_what_was_made_for_a_run_that_cannot_start_goes() -> None:
    cluster, runtime, given = starting(MLRunAccessDeniedError)
    with pytest.raises(MLRunAccessDeniedError, match="no patch"):
        list(runtime.submit(runtime.build(task())))
    assert not cluster.kept and not given


def test_a_run_that_has_started_is_not_sent_again_for_what_it_shall_own() -> None:
    cluster, runtime, given = starting(MLRunServiceUnavailableError)
    *_, handle = runtime.submit(runtime.build(task()))
    assert handle["submitted"]
    assert sorted(name.partition("/")[0] for name in cluster.kept) == ["Job", "Secret"]
    runtime.poll([handle])
    assert not given, "the cluster is given time"
    runtime._ownership._not_before.clear()
    runtime.poll([handle])
    assert given == [("Secret", "Job")]
    runtime.poll([handle])
    assert len(given) == 1
    # what belongs to nobody yet goes with an abort
    cluster, runtime, given = starting(MLRunServiceUnavailableError)
    *_, handle = runtime.submit(runtime.build(task()))
    runtime.cancel(handle)
    assert not cluster.kept and not runtime._ownership._not_before


@pytest.mark.parametrize("error", [MLRunServiceUnavailableError, None])
def test_what_belongs_to_nobody_is_given_after_a_restart(error: type[Exception] | None) -> None:
    """Or by another host: the run's handle, as it was kept, says what is left to do."""
    cluster, runtime, given = starting(error or MLRunServiceUnavailableError)
    if error is None:
        with pytest.raises(MLRunServiceUnavailableError):
            cluster.give({}, {})  # type: ignore[attr-defined]
    *_, handle = runtime.submit(runtime.build(task()))
    assert ("owned" in handle, len(given)) == (error is None, int(error is None))
    handle = json.loads(json.dumps(handle))
    runtime = get_runtime("job", "kubernetes", cluster)  # type: ignore[arg-type]
    for _ in range(2):
        runtime.poll([handle])
        assert given == [("Secret", "Job")]
    # what has an owner goes with it, and is not asked for
    runtime.cancel(handle)
    assert [name.partition("/")[0] for name in cluster.kept] == ["Secret"]
