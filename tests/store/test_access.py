"""Members, tokens of users and sealed secrets on every database."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_mlrun.errors import (
    MLRunConflictError,
    MLRunNotFoundError,
    MLRunPreconditionFailedError,
    MLRunServiceUnavailableError,
)
from jupyter_mlrun_server.services.access import Identity, Members, Wish, check
from jupyter_mlrun_server.services.keyring import Keyring
from jupyter_mlrun_server.services.secret_provider import DatabaseSecrets
from jupyter_mlrun_server.store import (
    members,
    project_secrets,
    projects,
    times,
    user_secrets,
    user_tokens,
)
from jupyter_mlrun_server.store.database import Database
from tests.store.conftest import PROJECT


def test_secrets_keep_their_order_and_their_place(database: Database, tmp_path: Path) -> None:
    own = DatabaseSecrets(database, Keyring(tmp_path / "secrets.key"))
    own.save(PROJECT, {"ZEBRA": "first", "ant": "ünï\U0001f511" * 1000})
    own.save(PROJECT, {"Ant": "another case", "ZEBRA": "second"})
    assert own.names(PROJECT) == ["ZEBRA", "ant", "Ant"]
    assert own.read(PROJECT) == {
        "ZEBRA": "second", "ant": "ünï\U0001f511" * 1000, "Ant": "another case",
    }  # fmt: skip
    with pytest.raises(MLRunNotFoundError):
        own.save("nowhere", {"A": "b"})
    with database.write() as connection:
        sealed = project_secrets.read(connection, PROJECT)
        project_secrets.save(connection, PROJECT, {"ZEBRA": sealed["Ant"]})
    with pytest.raises(MLRunServiceUnavailableError, match="lab/ZEBRA was changed"):
        own.read(PROJECT)
    own.delete(PROJECT, ["ZEBRA", "gone"])
    assert own.names(PROJECT) == ["ant", "Ant"]
    own.keyring.add_key()
    assert own.rotate() == 2 and own.rotate() == 0
    with database.write() as connection:
        projects.delete(connection, PROJECT, "cascade")
        projects.save(connection, PROJECT, {})
    assert own.names(PROJECT) == []


def test_two_servers_make_one_key(tmp_path: Path) -> None:
    rings = [Keyring(tmp_path / "secrets.key", "") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda ring: ring.seal("the same", "a/b"), rings))
    assert len({text.split(":")[1] for text in sealed}) == 1
    assert {rings[0].unseal(text, "a/b") for text in sealed} == {"the same"}
    assert list(tmp_path.iterdir()) == [tmp_path / "secrets.key"]


def test_roles_come_from_users_and_groups(database: Database) -> None:
    who = Identity("ann", frozenset(["lab", "team"]))
    asked = Members(database)
    with database.write() as connection:
        members.found_project(connection, PROJECT, "olga")
        members.save(connection, PROJECT, "group", "lab", "viewer")
        members.save(connection, PROJECT, "group", "team", "editor")
        members.save(connection, PROJECT, "user", "Ann", "owner")
    assert asked.role(who, PROJECT) == "editor"
    assert asked.readable(who) == frozenset([PROJECT])
    assert asked.role(Identity("ANN"), PROJECT) is None
    assert asked.role(Identity("root", admin=True), PROJECT) == "owner"
    with database.write() as connection:
        members.save(connection, PROJECT, "user", "ann", "admin")
    # what was given a moment ago counts at once
    check(asked, database, who, Wish("write", "secrets", PROJECT, "POST"))
    with database.write() as connection:
        members.delete(connection, PROJECT, "user", "Ann")
        with pytest.raises(MLRunPreconditionFailedError, match="last owner"):
            members.save(connection, PROJECT, "user", "olga", "viewer")
        found = [(row["name"], row["role"]) for row in members.select(connection, PROJECT)]
        assert found == [("olga", "owner"), ("ann", "admin"), ("team", "editor"), ("lab", "viewer")]
    with pytest.raises(MLRunNotFoundError):
        check(asked, database, who, Wish("read", "runs", "nowhere", "GET"))


def test_tokens_of_users(database: Database) -> None:
    with database.write() as connection:
        text = user_tokens.create(connection, "ann", "a", None, ["lab"])
        dead = user_tokens.create(connection, "ann", "b", times.now() - 1)
        with pytest.raises(MLRunConflictError):
            user_tokens.create(connection, "ann", "a", None)
    with database.read() as connection:
        found = user_tokens.find(connection, text)
        assert found is not None and (found["owner"], found["groups"]) == ("ann", ["lab"])
        assert user_tokens.find(connection, dead) is None
        listed = user_tokens.select(connection)
    assert [(row["name"], row["expired"]) for row in listed] == [("a", False), ("b", True)]
    assert text not in json.dumps(listed)
    with database.write() as connection:
        assert user_tokens.revoke(connection, "ann") == 2
        with pytest.raises(MLRunNotFoundError):
            user_tokens.revoke(connection, "ann", "a")


def test_tokens_that_users_leave(database: Database) -> None:
    with database.write() as connection:
        assert user_secrets.save(connection, "ann", "offline", "sealed", 1, 2) is True
        assert user_secrets.save(connection, "ann", "offline", "anew", 1, 2) is False
        assert user_secrets.save(connection, "bob", "offline", "his", 1, 2) is True
        assert [row["username"] for row in user_secrets.select(connection)] == ["ann", "bob"]
        assert user_secrets.delete(connection, "ann") == 1
        assert user_secrets.names(connection, "bob") == ["offline"]
