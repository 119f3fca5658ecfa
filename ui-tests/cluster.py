"""A namespace on the cluster that KUBECONFIG names, for the service that a browser looks at.

``up NAME`` makes it and prints this machine's address as pods reach it, ``down NAME`` removes it.
"""

import os
import socket
import sys
import time
from urllib.parse import urlsplit

from jupyter_mlrun_runtimes.kube.connection import Address, Connection


def up(connection: Connection, name: str) -> None:
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    connection.request("POST", "/api/v1/namespaces", body=body)
    deadline = time.monotonic() + 60
    while not connection.request("GET", f"/api/v1/namespaces/{name}/serviceaccounts")["items"]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"Namespace {name} has no service account after a minute")
        time.sleep(0.1)
    print(os.environ.get("CLUSTER_HOST") or _own_address(connection))


def _own_address(connection: Connection) -> str:
    where = urlsplit(connection.host)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((where.hostname, where.port or 443))
        return str(probe.getsockname()[0])


def main() -> None:
    action, name = sys.argv[1:]
    connection = Connection(Address(os.environ["KUBECONFIG"]))
    if action == "up":
        up(connection, name)
    else:
        connection.request("DELETE", f"/api/v1/namespaces/{name}")


main()
