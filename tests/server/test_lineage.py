"""Which runs took what a run left."""

from __future__ import annotations

from tests.server.conftest import Api
from tests.server.documents import OTHER_UID, PROJECT, UID, run

RUNS = f"v1/projects/{PROJECT}/runs"


async def test_the_runs_that_use_a_runs_outputs(api: Api) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run("train"))
    third = "3" * len(UID)
    model = f"store://models/{PROJECT}/train_model#0@{UID}"
    for uid, name, inputs in (
        (OTHER_UID, "evaluate", {"model": model, "data": "/x.csv"}),
        (third, "other", {"data": f"/files/@{OTHER_UID}"}),
    ):
        body = run(name)
        body["spec"]["inputs"] = inputs
        # a text that names the run is no input
        body["spec"]["parameters"] = {"note": f"see @{UID}"}
        await api.ok("POST", f"{RUNS}/{uid}", body)
    found = await api.ok("GET", f"v1/lab/runs/{PROJECT}/{UID}/users")
    ((row, inputs),) = [(user["row"], user["inputs"]) for user in found["users"]]
    assert (row["uid"], row["name"], inputs) == (OTHER_UID, "evaluate", {"model": model})
    assert await api.ok("GET", f"v1/lab/runs/{PROJECT}/{third}/users") == {"users": []}
