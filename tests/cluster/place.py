"""Where runs go in tests, benchmarks and browsers: the cluster that KUBECONFIG names.

Where pods reach this machine is found out by the route to the cluster, or said by CLUSTER_HOST;
the image that holds this project is CLUSTER_IMAGE. CLUSTER_IMPORT is the command that brings an
image archive to the nodes, and CLUSTER_RUNTIME_CLASS the class of pods of such images.
``python -m tests.cluster.place up NAME`` makes a namespace and prints this machine's address as
pods reach it, ``down NAME`` removes it.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from jupyter_mlrun_runtimes.kube.connection import Address, Connection
from tests.live import Live

IMAGE = os.environ.get("CLUSTER_IMAGE", "localhost/hostrun:1")
IMPORT = os.environ.get("CLUSTER_IMPORT", "")
RUNTIME_CLASS = os.environ.get("CLUSTER_RUNTIME_CLASS", "")
SECONDS_OF_A_NAMESPACE = 60


class ClusterLive(Live):
    """A Jupyter server that pods can reach, with a namespace of its own on the cluster."""

    def __init__(
        self, folder: Path, namespace: str, host: str, options: tuple[str, ...] = ()
    ) -> None:
        super().__init__(folder, options)
        self.namespace = namespace
        self.host = host

    def command(self) -> list[str]:
        """The command line, with the address that pods are given."""
        settings = {
            "MLRunCluster.kubeconfig": os.environ["KUBECONFIG"],
            "MLRunCluster.namespace": self.namespace,
            "MLRunCluster.default_image": IMAGE,
            "MLRunCluster.url": f"http://{self.host}:{self.port}/mlrun",
        }
        own = ["--ServerApp.ip=0.0.0.0" if "ServerApp.ip" in word else word
               for word in super().command()]  # fmt: skip
        return [*own, *(f"--{name}={value}" for name, value in settings.items())]


def connect() -> Connection:
    """The cluster as an administrator sees it."""
    return Connection(Address(os.environ["KUBECONFIG"]))


def own_address(connection: Connection) -> str:
    """This machine's address as pods reach it."""
    if given := os.environ.get("CLUSTER_HOST"):
        return given
    where = urlsplit(connection.host)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((where.hostname, where.port or 443))
        return str(probe.getsockname()[0])


def make_namespace(connection: Connection, name: str) -> None:
    """A namespace whose pods can start: it has its service account."""
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    connection.request("POST", "/api/v1/namespaces", body=body)
    deadline = time.monotonic() + SECONDS_OF_A_NAMESPACE
    while not connection.request("GET", f"/api/v1/namespaces/{name}/serviceaccounts")["items"]:
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"Namespace {name} has no service account after {SECONDS_OF_A_NAMESPACE} s"
            )
        time.sleep(0.1)


def remove_namespace(connection: Connection, name: str) -> None:
    """Ask for its end, and that of all in it."""
    connection.request("DELETE", f"/api/v1/namespaces/{name}")


@contextmanager
def namespaced(connection: Connection, name: str) -> Iterator[str]:
    """A namespace that goes at the end."""
    make_namespace(connection, name)
    try:
        yield name
    finally:
        remove_namespace(connection, name)


def main() -> None:
    """The command."""
    action, name = sys.argv[1:]
    connection = connect()
    if action == "up":
        make_namespace(connection, name)
        print(own_address(connection))
    else:
        remove_namespace(connection, name)


if __name__ == "__main__":
    main()
