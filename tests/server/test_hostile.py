"""Whatever is sent, no endpoint fails: 4xx with ``detail``, and nothing is half-written."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error

from jupyter_mlrun_server.handlers import openapi
from tests.live import Live, live_server
from tests.server.documents import OTHER_UID, PROJECT, UID, artifact, function, run

pytestmark = pytest.mark.timeout(300)

# beside those that the bounds of each schema give
EXAMPLES = 1
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
# these wait, by design, for something to happen
SLOW = {"/api/v1/lab/events"}


def described() -> dict[str, Any]:
    """The document, each operation once: what version 2 has alike is left out there."""
    document = dict(openapi.document())
    paths = document["paths"]
    document["paths"] = {
        path: verbs
        for path, verbs in paths.items()
        if path not in SLOW
        and not (path.startswith("/api/v2/") and alike(verbs, paths.get("/api/v1/" + path[8:])))
    }
    return document


def alike(one: dict[str, Any], other: dict[str, Any] | None) -> bool:
    """Whether two paths have the same verbs with the same meaning."""

    def told(verbs: dict[str, Any]) -> dict[str, Any]:
        return {
            verb: {key: value for key, value in operation.items() if key != "operationId"}
            for verb, operation in verbs.items()
        }

    return other is not None and told(one) == told(other)


SCHEMA = schemathesis.openapi.from_dict(described())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A live server with one of everything, and no hub that it would call."""
    folder = tmp_path_factory.mktemp("hostile")
    with live_server(folder, options=("--MLRunServerApp.hub_url=",)) as found:
        base = "mlrun/api/v1"
        found.call("POST", f"{base}/projects", {"metadata": {"name": PROJECT}})
        for uid in (UID, OTHER_UID):
            found.call("POST", f"{base}/projects/{PROJECT}/runs/{uid}", run(state="completed"))
        found.call("POST", f"{base}/projects/{PROJECT}/functions/train", function("x = 1"))
        path = f"mlrun/api/v2/projects/{PROJECT}/artifacts/model?tree={UID}"
        found.call("PUT", path, artifact())
        yield found


@SCHEMA.parametrize()
@SETTINGS
def test_no_endpoint_fails(case: schemathesis.Case, server: Live) -> None:
    if case.path_parameters and "project" in case.path_parameters:
        case.path_parameters["project"] = PROJECT
    headers = {"Authorization": f"Bearer {server.mlrun_token()}"}
    deletes_all = case.method == "DELETE" and case.path.endswith("/projects/{project}")
    if deletes_all:
        headers["x-mlrun-deletion-strategy"] = "check"
    response = case.call(base_url=f"{server.url}/mlrun", headers=headers, timeout=30)
    if response.status_code != 501:
        case.validate_response(response, checks=[not_a_server_error])
    if response.status_code >= 400:
        assert "detail" in json.loads(response.content), response.content[:500]


NAN = b'{"metadata": {"name": "x", "labels": {"a": NaN}}, "spec": {"a": Infinity}, "status": {}}'
BODIES: dict[str, bytes] = {
    "empty": b"",
    "null": b"null",
    "a list": b"[1, [2], {}]",
    "a text": b'"text"',
    "no JSON": b"{'a': 1}",
    "no UTF-8": b'{"a": "\xff\xfe"}',
    "halves of characters": b'{"metadata": {"name": "\\ud800"}, "spec": {"a": "\\udfff"}}',
    "zero characters": b'{"metadata": {"name": "a\\u0000b", "labels": {"a\\u0000": "\\u0000"}}}',
    "no numbers": NAN,
    "a huge number": b'{"spec": {"a": 1' + b"0" * 400 + b"}, \"index\": 1" + b"0" * 30 + b"}",
    "deep objects": b'{"spec":' * 5000 + b"1" + b"}" * 5000,
    "deep lists": b'{"metadata": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "10 MB": b'{"metadata": {"name": "' + b"x" * 10_000_000 + b'"}, "spec": {}, "status": {}}',
    "wrong parts": b'{"metadata": [], "spec": "x", "status": 1, "kind": {}, "source": []}',
    "wrong labels": b'{"metadata": {"name": "x", "labels": [1]}, "spec": {}, "status": {}}',
    "a path": b'{"metadata": {"name": "../../etc/passwd", "key": "../x", "project": "../y"}}',
    "SQL": b'{"metadata": {"name": "x", "labels": {"a\'; DROP TABLE runs;--": "%\' OR 1=1"}}}',
}  # fmt: skip
# where a large body is sent to: one for each way to take it
LARGE = (
    "/api/v1/projects/lab/runs", "/api/v1/projects/lab/functions", "/api/v1/submit_job",
    "/api/v1/projects/lab/feature-sets", "/api/v1/projects/lab/datastore-profiles",
    "/api/v2/projects/lab/artifacts", "/api/v1/hub",
)  # fmt: skip
TEXTS = {
    "sql": "%27%20OR%201%3D1%3B--", "path": "..%2F..%2Fetc%2Fpasswd", "zero": "%00",
    "bytes": "%FF%FE", "long": "x" * 5000, "wild": "%25", "minus": "-1",
}  # fmt: skip


def addresses(*verbs: str) -> list[tuple[str, str, list[str]]]:
    """Verb, path and arguments of every operation; the path with what is there filled in."""
    return [
        (
            verb.upper(),
            path.replace("{project}", PROJECT).replace("{uid}", UID),
            [each["name"] for each in operation["parameters"] if each["in"] == "query"],
        )
        for path, operations in described()["paths"].items()
        for verb, operation in operations.items()
        if verb in verbs and path != "/api/v1/projects/{project}"
    ]


class Sender:
    """Sends raw requests to the server, over one connection."""

    def __init__(self, server: Live) -> None:
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.headers = {"Authorization": f"Bearer {server.mlrun_token()}"}

    def __call__(self, verb: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body of the answer."""
        filled = re.sub(r"\{\w+\}", "thing", path)
        self.connection.request(verb, f"/mlrun{filled}", body, self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture(scope="module")
def send(server: Live) -> Sender:
    """Raw requests."""
    return Sender(server)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_hostile_bodies(body: bytes, send: Sender) -> None:
    for verb, path, _ in addresses("post", "put", "patch"):
        if len(body) > 1_000_000 and not path.startswith(LARGE):
            continue
        status, answer = send(verb, path, body)
        told = f"{verb} {path}: {status} {answer[:300]!r}"
        assert status < 500 or status == 501, told
        if status >= 400:
            assert "detail" in json.loads(answer), told


WRONG = (5, "text", [1], {"a": {"b": [5]}}, None, True)
FIELDS = {
    "runs": ("spec.parameters", "spec.inputs", "spec.function", "spec.secrets", "spec.origin",
             "spec.hyperparams", "spec.output_path", "spec.handler", "status.results",
             "status.artifacts", "status.artifact_uris", "status.iterations", "status.error",
             "status.notifications", "status.start_time", "metadata.annotations"),
    "functions": ("spec.build", "spec.env", "spec.default_handler", "spec.entry_points",
                  "spec.command", "spec.image", "status.state", "metadata.annotations", "kind"),
    "artifacts": ("spec.producer", "spec.size", "spec.target_path", "spec.extra_data",
                  "spec.parent_uri", "spec.schema", "spec.db_key", "status.state", "kind"),
}  # fmt: skip
READ = {
    "runs": ("v1/projects/lab/runs/{0}?format=full", "v1/projects/lab/runs?name={0}",
             "v1/lab/runs?project=lab", "v1/lab/runs/lab/{0}/iterations", "v1/lab/projects",
             "v1/projects/lab/runtime-resources", "v1/project-summaries/lab",
             "v1/projects/lab/pipelines"),
    "functions": ("v1/projects/lab/functions/{0}", "v1/lab/functions?project=lab",
                  "v1/projects/lab/functions?name={0}"),
    "artifacts": ("v2/projects/lab/artifacts/{0}", "v2/projects/lab/artifacts?name={0}",
                  "v2/projects/lab/artifacts?category=model", "v1/projects/lab/artifact-tags"),
}  # fmt: skip


@pytest.mark.parametrize("noun", FIELDS)
def test_what_was_recorded_with_wrong_parts_is_read_like_all(noun: str, send: Sender) -> None:
    """A document is its client's own: where it was taken, nothing that reads it fails."""
    version = "v2" if noun == "artifacts" else "v1"
    verb = "PUT" if noun == "artifacts" else "POST"
    for count, (field, wrong) in enumerate(itertools.product(FIELDS[noun], WRONG)):
        name = f"wrong{count}"
        document: dict[str, Any] = {
            "metadata": {"name": name, "key": name, "tree": "t", "uid": name},
            "spec": {}, "status": {"state": "completed"},
        }  # fmt: skip
        part, _, key = field.rpartition(".")
        (document[part] if part else document)[key] = wrong
        sent = json.dumps(document).encode()
        told = f"{noun} {field}={wrong!r}"
        status, answer = send(verb, f"/api/{version}/projects/lab/{noun}/{name}", sent)
        assert status < 500, (told, answer)
        if status >= 400:
            assert "detail" in json.loads(answer), told
            continue
        for path in READ[noun]:
            status, answer = send("GET", f"/api/{path.format(name)}")
            assert status == 200, (told, path, status, answer[:300])
        if noun == "runs":
            for verb_of_run, path in (
                ("POST", f"v1/lab/runs/lab/{name}/rerun"),
                ("GET", f"v1/projects/lab/workflows/w/runs/{name}"),
            ):
                status, answer = send(verb_of_run, f"/api/{path}", b"{}")
                assert status < 500 and "detail" in json.loads(answer), (told, path, answer[:300])
            status, answer = send(
                "PATCH", f"/api/v1/projects/lab/runs/{name}", b'{"status.state": "completed"}'
            )
            assert status == 200, (told, answer)
        status, answer = send("DELETE", f"/api/{version}/projects/lab/{noun}/{name}")
        assert status < 300, (told, answer)


def test_hostile_paths_and_queries(send: Sender) -> None:
    turn = itertools.cycle(TEXTS.values())
    for verb, path, names in addresses("get", "delete"):
        if verb == "DELETE" and not path.endswith("}"):
            continue
        for text in TEXTS.values():
            _send_hostile(send, verb, re.sub(r"\{\w+\}", text, path))
        for name in names:
            _send_hostile(send, verb, f"{path}?{name}={next(turn)}")


def _send_hostile(send: Sender, verb: str, address: str) -> None:
    status, answer = send(verb, address)
    told = f"{verb} {address[:300]}: {status} {answer[:300]!r}"
    assert status < 500 or status == 501, told
    if status >= 400:
        assert "detail" in json.loads(answer), told


def test_nothing_was_half_written(server: Live) -> None:
    """After all that the store answers every list."""
    for _, path, _ in addresses("get"):
        if "{" not in path:
            status, answer = Sender(server)("GET", path)
            assert status < 500 or status == 501, f"{path}: {answer[:300]!r}"
