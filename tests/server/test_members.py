"""Members inside a Jupyter server: kept for a service to come, while its one user may do all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from jupyter_mlrun_server.services.access import Identity, Members
from jupyter_mlrun_server.services.events import SCHEMA_ID
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import members
from tests.server.conftest import Api
from tests.server.documents import PROJECT

MEMBERS = f"v1/lab/projects/{PROJECT}/members"


async def test_whoever_is_admitted_is_the_one_user(api: Api, service: Service) -> None:
    owner = service.place.owner
    for token in (api.token, api.jupyter_token):
        me = (await api("GET", "v1/lab/me", token=token)).json
        assert me == {"user": owner, "groups": [], "admin": True, "enforced": False}
    found = await api.ok("GET", MEMBERS)
    assert found == {"members": [], "role": "owner", "enforced": False}
    await api.ok("PUT", f"{MEMBERS}/user/ann", {"role": "owner"})
    await api.ok("PUT", f"{MEMBERS}/group/lab", {"role": "viewer"})
    await api.ok("PUT", f"{MEMBERS}/group/lab", {"role": "editor"})
    assert (await api.ok("GET", MEMBERS))["members"] == [
        {"kind": "user", "name": "ann", "role": "owner"},
        {"kind": "group", "name": "lab", "role": "editor"},
    ]
    assert (await api("DELETE", f"{MEMBERS}/group/lab")).status == 204


async def test_bad_members_are_refused(api: Api) -> None:
    for method, path, body, status, word in (
        ("PUT", f"{MEMBERS}/user/ann", {"role": "king"}, 400, "viewer, editor, admin, owner"),
        ("PUT", f"{MEMBERS}/robot/ann", {"role": "viewer"}, 400, "user, group"),
        ("PUT", f"{MEMBERS}/user/{'x' * 300}", {"role": "viewer"}, 400, "A member is"),
        ("PUT", f"{MEMBERS}/user/ann", [], 400, "JSON object"),
        ("DELETE", f"{MEMBERS}/user/nobody", None, 404, "no member user nobody"),
        ("GET", "v1/lab/projects/nowhere/members", None, 404, "nowhere"),
        ("PUT", "v1/lab/projects/nowhere/members/user/a", {"role": "viewer"}, 404, "nowhere"),
    ):
        answer = await api(method, path, body)
        assert (answer.status, word in answer.detail) == (status, True), (path, answer.body)


async def test_listeners_of_jupyter_hear_of_every_noun(api: Api, jp_serverapp: Any) -> None:
    heard: list[dict[str, Any]] = []

    async def listen(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        heard.append(data)

    jp_serverapp.event_logger.add_listener(schema_id=SCHEMA_ID, listener=listen)
    await api.ok("PUT", f"{MEMBERS}/user/ann", {"role": "owner"})
    spec = {"path": "https://hub.example.org", "channel": "main"}
    source = {"kind": "HubSource", "metadata": {"name": "mine"}, "spec": spec}
    await api.ok("PUT", "v1/hub/sources/mine", {"index": 1, "source": source})
    await api.ok("PATCH", f"v1/projects/{PROJECT}", {"spec": {"goals": "tides"}})
    for _ in range(200):
        if {"member", "hub-source", "project"} <= {each["kind"] for each in heard}:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(heard)


def test_a_change_while_members_are_read_is_not_forgotten(
    service: Service, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorizer, ann = Members(service.database), Identity("ann")
    everybody = members.everybody

    def read(connection: Connection) -> Any:
        found = everybody(connection)
        monkeypatch.setattr(members, "everybody", everybody)
        with service.database.write() as other:
            members.save(other, PROJECT, "user", "ann", "editor")
        authorizer.forget()  # as another thread does while this one reads
        return found

    monkeypatch.setattr(members, "everybody", read)
    assert authorizer.role(ann, PROJECT) is None
    assert authorizer.role(ann, PROJECT) == "editor"
