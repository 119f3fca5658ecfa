"""Secrets of projects: sealed on the disk, named in answers, given to runs, masked everywhere."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_mlrun.errors import MLRunConflictError
from jupyter_mlrun_runtimes.kube.settings import Settings
from jupyter_mlrun_server.services.cluster_secrets import ClusterSecrets
from jupyter_mlrun_server.services.service import Service
from tests.server.conftest import Api
from tests.server.documents import PROJECT, UID, function, run
from tests.server.test_local_runs import ENDED, Submit, log, read, settled, submit, until

__all__ = ["submit"]
SECRETS = f"v1/projects/{PROJECT}/secrets"
KEYS = f"v1/projects/{PROJECT}/secret-keys"
VALUE = "correct-horse-battery"


async def store(api: Api, **values: str) -> None:
    await api.ok("POST", SECRETS, {"provider": "kubernetes", "secrets": values})


def holders(folder: Path, value: str) -> list[Path]:
    """The files below a folder that hold the value."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return [file for file in files if value.encode() in file.read_bytes()]


async def test_names_are_listed_and_values_are_not(api: Api, service: Service) -> None:
    await store(api, ZEBRA=VALUE, ant="an-other-value")
    await store(api, middle="third-value", ZEBRA="changed-value")
    found = await api.ok("GET", f"{KEYS}?provider=kubernetes")
    assert found == {"provider": "kubernetes", "secret_keys": ["ZEBRA", "ant", "middle"]}
    refused = await api("GET", f"{SECRETS}?provider=vault&secret=ZEBRA")
    assert refused.status == 403 and "secret-keys" in refused.detail
    assert service.secrets.read(PROJECT, ["ZEBRA", "gone"]) == {"ZEBRA": "changed-value"}
    assert (
        await api("DELETE", f"{SECRETS}?provider=kubernetes&secret=ant&secret=no")
    ).status == 204
    assert (await api.ok("GET", KEYS))["secret_keys"] == ["ZEBRA", "middle"]
    assert (await api("DELETE", SECRETS)).status == 204
    assert (await api.ok("GET", KEYS))["secret_keys"] == []


async def test_they_are_sealed_on_the_disk(api: Api, service: Service) -> None:
    await store(api, PASSWORD=VALUE)
    key = service.place.root / "secrets.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert not holders(service.place.root, VALUE)
    # a sealed text opens in its own place only
    with service.database.write() as connection:
        connection.exec_driver_sql("UPDATE project_secrets SET name = 'OTHER'")
    service.secrets.forget(PROJECT)
    moved = await api("POST", f"v1/projects/{PROJECT}/runs/{UID}", run())
    assert moved.status == 503 and f"{PROJECT}/OTHER" in moved.detail


async def test_internal_ones_are_hidden(api: Api, service: Service) -> None:
    service.secrets.save(PROJECT, {"mlrun.hook": "internal-value"}, internal=True)
    await store(api, OPEN=VALUE)
    assert (await api.ok("GET", KEYS))["secret_keys"] == ["OPEN"]
    assert service.secrets.read(PROJECT, ["mlrun.hook"]) == {"mlrun.hook": "internal-value"}
    for method, path, body in (
        ("POST", SECRETS, {"secrets": {"mlrun.hook": "mine"}}),
        ("DELETE", f"{SECRETS}?secret=mlrun.hook", None),
    ):
        answer = await api(method, path, body)
        assert answer.status == 403 and "internal" in answer.detail
    await api("DELETE", SECRETS)
    assert service.secrets.read(PROJECT, ["mlrun.hook"]) == {"mlrun.hook": "internal-value"}


@pytest.mark.parametrize(
    "body, status, word",
    [
        ({"secrets": {"a b": "x"}}, 400, "'a b' cannot name"),
        ({"secrets": {"A": 5}}, 400, "A must be a text"),
        ({"secrets": {"A": ""}}, 400, "A must have 1 to"),
        ({"secrets": {"A": "x\0"}}, 400, "A must have 1 to"),
        ({"secrets": ["A"]}, 400, "must be an object"),
        ({"provider": "azure", "secrets": {}}, 400, "'azure'"),
        ([], 400, "JSON object"),
    ],
)
async def test_bad_ones_are_refused(api: Api, body: Any, status: int, word: str) -> None:
    answer = await api("POST", SECRETS, body)
    assert answer.status == status and word in answer.detail
    assert (await api.ok("GET", KEYS))["secret_keys"] == []


async def test_an_unknown_project_has_none(api: Api) -> None:
    for method, path in (("GET", "secret-keys"), ("POST", "secrets"), ("DELETE", "secrets")):
        answer = await api(method, f"v1/projects/nowhere/{path}", {"secrets": {"A": "b"}})
        assert answer.status == 404 and "nowhere" in answer.detail


async def test_they_go_with_their_project(api: Api, service: Service) -> None:
    await store(api, PASSWORD=VALUE)
    headers = {"x-mlrun-deletion-strategy": "cascade"}
    assert (await api("DELETE", f"v1/projects/{PROJECT}", headers=headers)).status == 204
    await api.ok("POST", "v1/projects", {"metadata": {"name": PROJECT}})
    assert (await api.ok("GET", KEYS))["secret_keys"] == []
    assert service.secrets.provider.names(PROJECT) == []


TELLS = """
import os

def train(context):
    word = os.environ["DB_PASSWORD"]
    print("environment", word, context.get_secret("PASSWORD") == word)
    for letter in word:
        print(letter, end="", flush=True)
    print()
    context.log_result("word", word)
    context.log_result("length", len(word))
    context.logger.info("logged " + word)
    raise ValueError("failed with " + word)
"""


@pytest.mark.row("2.30", "4.207")
async def test_a_run_gets_them_by_name_and_they_are_masked_in_all_that_it_says(
    api: Api, submit: Submit, service: Service
) -> None:
    await store(api, PASSWORD=VALUE)
    code = function(TELLS)
    code["spec"]["env"] = [
        {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {
            "name": f"mlrun-project-secrets-{PROJECT}", "key": "PASSWORD"}}},
    ]  # fmt: skip
    sources = [{"kind": "kubernetes", "source": ["PASSWORD"]}]
    task = {
        "metadata": {"name": "train", "project": PROJECT},
        "spec": {"secret_sources": sources, "parameters": {"password": f"<{VALUE}>"}},
    }
    sent = await api.ok("POST", "v1/submit_job", {"task": task, "function": code})
    assert sent["data"]["spec"]["parameters"] == {"password": "<*****>"}
    uid = sent["data"]["metadata"]["uid"]
    done = await until(api, uid, *ENDED)
    assert done["status"]["results"] == {"word": "*****", "length": len(VALUE)}
    assert "failed with *****" in done["status"]["error"]
    said = await log(api, uid)
    assert "environment ***** True\n*****\n" in said and "logged *****" in said
    await settled(service, uid)
    assert VALUE not in json.dumps(await read(api, uid))
    # nothing on the disk holds it: store, logs, tasks, outboxes
    assert not holders(service.place.root, VALUE)
    again = await api.ok("POST", f"v1/lab/runs/{PROJECT}/{uid}/rerun", {})
    assert (await until(api, again["data"]["metadata"]["uid"], *ENDED))["status"]["results"][
        "length"
    ] == len(VALUE)


async def test_what_a_project_does_not_have_is_refused_at_once(api: Api) -> None:
    await store(api, PASSWORD=VALUE)
    task = {"metadata": {"name": "train", "project": PROJECT}, "spec": {}}
    body: dict[str, Any] = {"task": task, "function": function("def train(): pass")}
    task["spec"] = {"secret_sources": [{"kind": "kubernetes", "source": ["PASWORD"]}]}
    answer = await api("POST", "v1/submit_job", body)
    assert answer.status == 400 and "Did you mean 'PASSWORD'?" in answer.detail
    task["spec"] = {}
    body["function"]["spec"]["env"] = [
        {"name": "A", "valueFrom": {"secretKeyRef": {"name": "another-secret", "key": "PASSWORD"}}}
    ]
    answer = await api("POST", "v1/submit_job", body)
    assert answer.status == 400 and "'another-secret'" in answer.detail
    assert not (await api.ok("GET", f"v1/projects/{PROJECT}/runs?iter=no"))["runs"]


async def test_inline_values_of_mlruns_tasks_are_stored_nowhere(
    api: Api, submit: Submit, service: Service
) -> None:
    source = "import os\ndef train(context):\n    context.log_result('n', len(os.environ['WORD']))"
    uid = await submit(source, secret_sources=[{"kind": "inline", "source": {"WORD": VALUE}}])
    done = await until(api, uid, *ENDED)
    assert done["status"]["results"] == {"n": len(VALUE)}
    assert done["spec"]["secret_sources"] == [{"kind": "inline", "source": {"WORD": "*****"}}]
    assert done["spec"]["secrets"] == ["WORD"]
    await settled(service, uid)
    assert not holders(service.place.root, VALUE)


async def test_inline_values_of_a_run_that_is_recorded_are_masked(api: Api) -> None:
    document = run()
    document["spec"]["secret_sources"] = [{"kind": "inline", "source": {"WORD": VALUE}}]
    path = f"v1/projects/{PROJECT}/runs/{UID}"
    await api.ok("POST", path, document)
    stored = (await api.ok("GET", path))["data"]["spec"]
    assert stored["secret_sources"] == [{"kind": "inline", "source": {"WORD": "*****"}}]


@pytest.mark.row("2.30")
async def test_documents_and_logs_that_come_by_http_are_masked(api: Api, service: Service) -> None:
    await store(api, PASSWORD=VALUE)
    base = f"v1/projects/{PROJECT}"
    body = run(error=f"at {VALUE}: {json.dumps(VALUE)}", results={"list": [[VALUE]]})
    await api.ok("POST", f"{base}/runs/{UID}", body)
    await api.ok("PATCH", f"{base}/runs/{UID}", {"status.results.word": VALUE})
    shown = (await api.ok("GET", f"{base}/runs/{UID}"))["data"]["status"]
    assert shown["error"] == 'at *****: "*****"'
    assert shown["results"] == {"list": [["*****"]], "word": "*****"}
    code = await api("POST", f"{base}/functions/train", function(f"word = '{VALUE}'"))
    assert code.status == 400 and "os.environ" in code.detail
    for piece in ("begin ", VALUE[:9], VALUE[9:] + " middle " + VALUE[:4]):
        await api.ok("POST", f"{base}/logs/{UID}", piece.encode())
    assert (await api("GET", f"{base}/logs/{UID}")).body == b"begin ***** middle "
    await api.ok("PATCH", f"{base}/runs/{UID}", {"status.state": "completed"})
    for _ in range(100):
        said = (await api("GET", f"{base}/logs/{UID}")).body
        if said == b"begin ***** middle " + VALUE[:4].encode():
            break
        await __import__("asyncio").sleep(0.02)
    assert said.endswith(VALUE[:4].encode())
    assert not holders(service.place.root, VALUE)


@pytest.mark.row("2.29")
async def test_a_functions_access_key_is_kept_nowhere(api: Api, service: Service) -> None:
    base = f"v1/projects/{PROJECT}"
    for given, kept in (
        (VALUE, "*****"), ("$generate", "$generate"), ("$ref:mine", "$ref:mine"), ("", ""),
        (None, None),
    ):  # fmt: skip
        document = function("def handler(context):\n    pass\n")
        document["metadata"]["credentials"] = {"access_key": given, "more": 1}
        await api.ok("POST", f"{base}/functions/train?versioned=true", document)
        found = (await api.ok("GET", f"{base}/functions/train"))["func"]["metadata"]
        assert found["credentials"] == {"access_key": kept, "more": 1}
        task = {"metadata": {"name": "r", "project": PROJECT}, "spec": {"handler": "handler"}}
        sent = {"task": task, "function": document}
        started = (await api.ok("POST", "v1/submit_job", sent))["data"]
        assert started["status"]["state"] == "pending"
    assert not holders(service.place.root, VALUE)


async def test_a_long_log_is_masked_where_its_pieces_meet(api: Api) -> None:
    await store(api, PASSWORD=VALUE)
    base = f"v1/projects/{PROJECT}"
    await api.ok("POST", f"{base}/runs/{UID}", run())
    for before in range(65_520, 65_540, 3):
        text = b"x" * before + VALUE.encode() + b"y" * 200_000
        await api.ok("POST", f"{base}/logs/{UID}?append=no", text)
        said = (await api("GET", f"{base}/logs/{UID}")).body
        assert said == b"x" * before + b"*****" + b"y" * 200_000


async def test_a_new_key_opens_the_old_ones_work(api: Api, service: Service) -> None:
    await store(api, PASSWORD=VALUE)
    keyring, provider = service.keyring, service.secrets.provider
    before = keyring.newest
    keyring.add_key()
    await store(api, OTHER="another-value")
    assert provider.rotate() == 1  # type: ignore[attr-defined]
    keyring.drop_old_keys()
    assert keyring.newest != before and keyring.file.stat().st_mode & 0o777 == 0o600
    assert provider.read(PROJECT) == {"PASSWORD": VALUE, "OTHER": "another-value"}
    # the key is lost: a sentence, and nothing is made anew over it
    os.rename(keyring.file, f"{keyring.file}.away")
    keyring.add_key()
    service.secrets.forget(PROJECT)
    answer = await api("POST", f"v1/projects/{PROJECT}/runs/{UID}", run())
    assert answer.status == 503 and "give the old key back" in answer.detail


class Namespace:
    """A namespace with one Secret at most, which keeps versions as Kubernetes does."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] | None = None
        self.meanwhile: list[Any] = []

    def read(self, *where: Any) -> Any:
        return copy.deepcopy(self.kept)

    def create(self, body: Any) -> Any:
        self.kept = copy.deepcopy(body)
        self.kept["metadata"]["resourceVersion"] = "1"
        return self.read()

    def patch(self, resource: Any, namespace: str, name: str, patch: Any) -> None:
        assert self.kept is not None
        while self.meanwhile:
            self.meanwhile.pop()()
        kept, version = self.kept["metadata"], patch.get("metadata", {}).get("resourceVersion")
        if version not in (None, kept["resourceVersion"]):
            raise MLRunConflictError("the object has been modified")
        kept |= {**patch.get("metadata", {}), "resourceVersion": f"{kept['resourceVersion']}1"}
        data = {**self.kept["data"], **patch["data"]}
        self.kept["data"] = {key: text for key, text in data.items() if text is not None}


def test_services_in_one_namespace_leave_each_others_secrets_alone() -> None:
    space, made = Namespace(), {}
    for name in ("ours", "theirs"):
        view: Any = SimpleNamespace(
            settings=Settings(namespace="lab", service=name),
            read=space.read, create=space.create, patch=space.patch,
        )  # fmt: skip
        made[name] = ClusterSecrets(view)
    ours, theirs = made["ours"], made["theirs"]
    ours.save("sea", {"A": "1"})
    space.meanwhile.append(lambda: ours.save("sea", {"B": "2"}))
    ours.save("sea", {"C": "3"})
    assert ours.read("sea") == {"A": "1", "B": "2", "C": "3"}
    assert ours.names("sea") == ["A", "B", "C"]
    for change in (lambda: theirs.save("sea", {"A": "x"}), lambda: theirs.delete("sea", ["A"])):
        with pytest.raises(MLRunConflictError, match="belongs to the service 'ours'"):
            change()
    theirs.forget("sea", 1)
    assert theirs.names("sea") == [] and ours.read("sea")["A"] == "1"
    # an earlier project of this name leaves nothing behind
    ours.born = lambda project: 7
    space.kept["metadata"]["annotations"]["mlrun/project-created"] = "3"  # type: ignore[index]
    ours.save("sea", {"D": "4"})
    assert ours.read("sea") == {"D": "4"}
