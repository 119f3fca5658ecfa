"""The one module that imports the Kubernetes client: it reads kubeconfigs and opens connections.

Bodies go and come as plain JSON, so that no version of the client decides what they may hold.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunConflictError,
    MLRunHTTPError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunServiceUnavailableError,
)

from .mirror import Gone

Body = dict[str, Any]

INSTALL = (
    "Runs on Kubernetes need the package kubernetes: install it with "
    "pip install 'jupyter-mlrun[kubernetes]'"
)
IN_CLUSTER = "in-cluster"
CONNECT, READ = 5.0, 15.0
CONNECTIONS = 64


class ClusterAway(MLRunServiceUnavailableError):
    """The cluster's API does not answer now; the same request may succeed later."""


@dataclass(frozen=True)
class Address:
    """Where the cluster is: a kubeconfig with a context, or the pod's own service account."""

    kubeconfig: str
    context: str = ""


class Connection:
    """Requests to one cluster. Safe to share between threads."""

    def __init__(self, address: Address) -> None:
        self._client, self.namespace = _client(address)
        self._pool = self._client.rest_client.pool_manager
        self.host = str(self._client.configuration.host).rstrip("/")
        self._offset = 0.0

    def clock(self) -> float:
        """The time on the cluster, in seconds since 1970."""
        return time.time() + self._offset

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Body | None = None,
        content_type: str = "application/json",
    ) -> Body:
        """The answer's JSON; raises our errors, each with what the cluster says."""
        answer = self._send(method, path, query, body, content_type, READ, stream=False)
        try:
            found: Body = json.loads(answer.data or b"{}")
        except ValueError:
            raise ClusterAway(f"The cluster at {self.host} does not answer in JSON") from None
        return found

    def lines(
        self, path: str, query: Mapping[str, Any] | None = None, timeout: float = READ
    ) -> Iterator[bytes]:
        """The lines of a streamed answer as they come, each with its end; the last may lack one."""
        for group in self.groups(path, query, timeout):
            yield from group

    def groups(
        self, path: str, query: Mapping[str, Any] | None = None, timeout: float = READ
    ) -> Iterator[list[bytes]]:
        """The same, those together that came together."""
        rest = b""
        for chunk in self.chunks(path, query, timeout):
            whole, newline, rest = (rest + chunk).rpartition(b"\n")
            if newline:
                yield [line + b"\n" for line in whole.split(b"\n")]
        if rest:
            yield [rest]

    def chunks(
        self, path: str, query: Mapping[str, Any] | None = None, timeout: float = READ
    ) -> Iterator[bytes]:
        """The bytes of a streamed answer as they come."""
        import urllib3

        answer = self._send("GET", path, query, None, "", timeout, stream=True)
        try:
            while chunk := answer.read1(1 << 18):
                yield chunk
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ClusterAway(f"The cluster at {self.host} broke off: {error}") from error
        finally:
            answer.close()
            answer.release_conn()

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Body | None,
        content_type: str,
        timeout: float,
        stream: bool,
    ) -> Any:
        import urllib3

        headers = {"Accept": "application/json" if not stream else "*/*", **self._auth()}
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), content_type
        try:
            answer = self._pool.urlopen(
                method,
                self.host + path + _query(query),
                body=data,
                headers=headers,
                retries=False,
                preload_content=not stream,
                timeout=urllib3.Timeout(connect=CONNECT, read=timeout),
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ClusterAway(f"The cluster at {self.host} does not answer: {error}") from error
        self._note_time(answer.headers.get("Date"))
        if answer.status >= 400:
            text = answer.data if not stream else answer.read()
            answer.release_conn()
            raise _error(answer.status, text, self.host)
        return answer

    def _auth(self) -> dict[str, str]:
        settings = self._client.configuration.auth_settings()
        return {
            each["key"]: each["value"]
            for each in settings.values()
            if each.get("in") == "header" and each.get("value")
        }

    def _note_time(self, date: str | None) -> None:
        try:
            there = parsedate_to_datetime(date).timestamp() if date else None
        except ValueError:
            return
        if there is not None:
            # the header has whole seconds: half of one off is as good as it gets
            offset = there + 0.5 - time.time()
            self._offset = offset if abs(offset) > 1.5 else 0.0


def _client(address: Address) -> tuple[Any, str]:
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    try:
        from kubernetes import client, config
    except ImportError as error:
        raise MLRunBadRequestError(INSTALL) from error
    try:
        if address.kubeconfig == IN_CLUSTER:
            made = client.Configuration()
            config.load_incluster_config(client_configuration=made)
            namespace = _own_namespace()
        else:
            made = client.Configuration()
            path = os.path.expanduser(address.kubeconfig)
            config.load_kube_config(path, address.context or None, made, persist_config=False)
            _, active = config.list_kube_config_contexts(path)
            contexts = config.list_kube_config_contexts(path)[0]
            chosen = [each for each in contexts if each["name"] == address.context] or [active]
            namespace = str((chosen[0].get("context") or {}).get("namespace") or "")
    except (config.ConfigException, OSError, TypeError, KeyError) as error:
        raise MLRunBadRequestError(
            f"MLRunCluster.kubeconfig = {address.kubeconfig!r} cannot be used: {error}"
        ) from error
    made.connection_pool_maxsize = CONNECTIONS
    return client.ApiClient(made), namespace


def contexts(kubeconfig: str) -> list[Body]:
    """The contexts of a kubeconfig: name, cluster, namespace, and whether it is the current one."""
    if kubeconfig == IN_CLUSTER:
        return [{"name": IN_CLUSTER, "namespace": _own_namespace(), "current": True}]
    from kubernetes import config

    try:
        found, active = config.list_kube_config_contexts(os.path.expanduser(kubeconfig))
    except (config.ConfigException, OSError) as error:
        raise MLRunBadRequestError(f"{kubeconfig} cannot be read: {error}") from error
    return [
        {
            "name": each["name"],
            "cluster": each["context"].get("cluster"),
            "namespace": each["context"].get("namespace") or "default",
            "current": each["name"] == active["name"],
        }
        for each in found
    ]


def _own_namespace() -> str:
    try:
        with open("/var/run/secrets/kubernetes.io/serviceaccount/namespace") as file:
            return file.read().strip()
    except OSError:
        return ""


def _query(query: Mapping[str, Any] | None) -> str:
    fields = {key: str(value) for key, value in (query or {}).items() if value not in (None, "")}
    return f"?{urlencode(fields)}" if fields else ""


def _error(status: int, body: bytes, host: str) -> Exception:
    try:
        said = str(json.loads(body).get("message") or "")
    except (ValueError, AttributeError):
        said = body.decode(errors="replace")[:500]
    if status == 410:
        return Gone(said)
    if status in (429, 500, 502, 503, 504):
        return ClusterAway(f"The cluster at {host} is not well: {said}")
    if status == 401:
        return MLRunAccessDeniedError(f"The cluster at {host} does not know this service: {said}")
    if status == 403:
        return MLRunAccessDeniedError(_refusal(said))
    known: dict[int, type[MLRunHTTPError]] = {
        404: MLRunNotFoundError, 409: MLRunConflictError, 422: MLRunInvalidArgumentError,
    }  # fmt: skip
    return known.get(status, MLRunBadRequestError)(f"The cluster refuses it: {said}")


def _refusal(said: str) -> str:
    found = re.search(r'cannot (\w+) resource "([^"]+)"(?: in API group "([^"]*)")?', said)
    if "exceeded quota" in said:
        return f"The cluster refuses it: {said}"
    if found is None:
        return f"The cluster does not allow it: {said}"
    verb, resource, group = found.groups()
    return (
        f"The cluster does not let this service {verb} {resource}: its Role lacks the verb "
        f"'{verb}' for '{resource}' in the API group '{group or ''}'; an administrator adds it as "
        f"docs/howto/kubernetes says ({said})"
    )
