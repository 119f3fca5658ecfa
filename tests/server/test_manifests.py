"""Manifests of Jobs: who may have them, and what they do not show."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from jupyter_mlrun_server.services.service import Service
from tests.server.alone import Alone
from tests.server.conftest import Api
from tests.server.documents import PROJECT, UID, function, run

HUSH = "hush-of-the-administrator"
ENV = {"AWS_KEY": HUSH, "PLAIN": HUSH, "MLRUN_LOG_LEVEL": "DEBUG"}


def job(**spec: Any) -> dict[str, Any]:
    """A function that works in pods."""
    document = function("def fit(context): pass", "fit", "job")
    document["spec"] |= {"image": "registry.local/fit:1", **spec}
    return document


def give_pods(service: Service, **defaults: Any) -> None:
    """What the administrator gives all pods of the service."""
    places = service.launcher.places
    places.planned = replace(places.planned, defaults=replace(places.planned.defaults, **defaults))


async def test_who_may_run_a_function_has_its_manifest(alone: Alone) -> None:
    await alone.project(PROJECT, ann="editor", bob="viewer")
    path = f"v1/projects/{PROJECT}"
    await alone.ok("ann", "POST", f"{path}/functions/fit", job())
    await alone.ok("ann", "POST", f"{path}/runs/{UID}", recorded())
    give_pods(alone.app.service, env=ENV)
    for each in (f"v1/lab/functions/{PROJECT}/fit", f"v1/lab/runs/{PROJECT}/{UID}"):
        refused = await alone("bob", "GET", f"{each}/manifest")
        assert refused.status == 403 and HUSH not in refused.body.decode(), refused.body
        assert "it takes the role editor" in refused.detail
        assert (await alone("ann", "GET", f"{each}/manifest")).status == 200


@pytest.mark.parametrize(
    "mounted, named",
    [
        ({"env": ENV}, "AWS_KEY"),
        ({"auto_mount_type": "env", "auto_mount_params": ENV}, "AWS_KEY"),
        ({"auto_mount_type": "s3", "auto_mount_params": {"endpoint_url": HUSH}},
         "AWS_ENDPOINT_URL_S3"),
    ],
)  # fmt: skip
async def test_values_of_the_administrator_are_named_alone(
    api: Api, service: Service, mounted: dict[str, Any], named: str
) -> None:
    own = [{"name": "PLAIN", "value": "of the function"}]
    await api.ok("POST", f"v1/projects/{PROJECT}/functions/fit", job(env=own))
    path = f"v1/lab/functions/{PROJECT}/fit/manifest"
    before = await api.ok("GET", path)
    assert not [note for note in before["notes"] if "administrator" in note]
    give_pods(service, **mounted)
    found = await api.ok("GET", path)
    assert HUSH not in json.dumps(found) and "of the function" in json.dumps(found)
    (note,) = (note for note in found["notes"] if "administrator" in note)
    assert f"set {named}," in note and "PLAIN" not in note and "MLRUN_LOG_LEVEL" not in note


def recorded(**spec: Any) -> dict[str, Any]:
    """A run of the function."""
    document = run("fit")
    document["spec"] |= {"function": f"{PROJECT}/fit:latest", "handler": "fit", **spec}
    return document


@pytest.mark.parametrize(
    "secrets, names", [(7, []), ("ABC", []), ({"A": 1}, []), (["KEY", 3], ["KEY", "3"]), (None, [])]
)
async def test_secrets_of_a_run_are_a_list_of_names_or_none(
    api: Api, secrets: Any, names: list[str]
) -> None:
    await api.ok("POST", f"v1/projects/{PROJECT}/functions/fit", job())
    await api.ok("POST", f"v1/projects/{PROJECT}/runs/{UID}", recorded(secrets=secrets))
    found = await api.ok("GET", f"v1/lab/runs/{PROJECT}/{UID}/manifest")
    (made,) = (each for each in found["objects"] if each["kind"] == "Job")
    (container,) = made["spec"]["template"]["spec"]["containers"]
    held = [each["name"] for each in container["env"] if "secretKeyRef" in str(each)]
    assert [name for name in held if not name.startswith("MLRUN")] == names


async def test_the_notes_say_what_becomes_of_artifacts_and_how_to_run_it_again(api: Api) -> None:
    path = f"v1/lab/functions/{PROJECT}/fit/manifest"
    for image, stays in (("mlrun/mlrun:1.12.1", True), ("registry.local/fit:1", False)):
        await api.ok("POST", f"v1/projects/{PROJECT}/functions/fit", job(image=image))
        notes = (await api.ok("GET", path))["notes"]
        told = [note for note in notes if "they stay in its pod" in note and image in note]
        assert bool(told) == stays
        assert "kubectl replace --force -f THIS_FILE" in notes[0]
