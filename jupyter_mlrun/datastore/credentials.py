"""Credentials of stores: MLRun's variables, found in secrets given, else in the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..errors import MLRunInvalidArgumentError

PREFIX = "MLRUN_K8S_SECRET__"
Options = dict[str, Any]


class Credentials:
    """Values by MLRun's names: of the secrets given, of variables, of secrets handed to a run."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._secrets = secrets or {}

    def find(self, *names: str) -> str | None:
        """The first of the names that has a value."""
        for name in names:
            for value in (
                self._secrets.get(name), os.environ.get(name), os.environ.get(PREFIX + name),
            ):  # fmt: skip
                if value:
                    return str(value)
        return None

    def options(self, scheme: str, url: str) -> Options:
        """What fsspec's file system of a scheme is made with."""
        make = _OPTIONS.get(scheme)
        found = make(self, url) if make else {}
        return {name: value for name, value in found.items() if value is not None}


def _s3(known: Credentials, url: str) -> Options:
    key = known.find("AWS_ACCESS_KEY_ID")
    secret = known.find("AWS_SECRET_ACCESS_KEY")
    role, profile = known.find("MLRUN_AWS_ROLE_ARN"), known.find("AWS_PROFILE")
    endpoint = known.find("AWS_ENDPOINT_URL_S3", "S3_ENDPOINT_URL", "AWS_ENDPOINT_URL")
    made: Options = {"endpoint_url": endpoint}
    if role:
        return made | _assume(
            role, key, secret, known.find("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL")
        )
    if profile:
        return made | {"profile": profile}
    if key and secret:
        return made | {"key": key, "secret": secret, "token": known.find("AWS_SESSION_TOKEN")}
    if known.find("S3_NON_ANONYMOUS", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"):
        return made
    return made | {"anon": not _has_credentials()}


def _assume(role: str, key: str | None, secret: str | None, endpoint: str | None) -> Options:
    """Credentials for a while, of a role."""
    from botocore.session import Session

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    client = Session().create_client(
        "sts", region, aws_access_key_id=key, aws_secret_access_key=secret, endpoint_url=endpoint
    )
    answer = client.assume_role(RoleArn=role, RoleSessionName="mlrun")["Credentials"]
    return {
        "key": answer["AccessKeyId"], "secret": answer["SecretAccessKey"],
        "token": answer["SessionToken"],
    }  # fmt: skip


def _has_credentials() -> bool:
    """Whether files or the machine itself give credentials; public buckets are read without."""
    try:
        from botocore.session import Session
    except ImportError:
        # the file system says what to install
        return True
    return Session().get_credentials() is not None


def _gcs(known: Credentials, url: str) -> Options:
    text = known.find("GCP_CREDENTIALS")
    emulator = known.find("STORAGE_EMULATOR_HOST")
    made: Options = {"endpoint_url": emulator}
    if text:
        try:
            return made | {"token": json.loads(text)}
        except ValueError:
            raise MLRunInvalidArgumentError(
                "GCP_CREDENTIALS is no JSON: give the content of a key file, or its path in "
                "GOOGLE_APPLICATION_CREDENTIALS"
            ) from None
    path = known.find("GOOGLE_APPLICATION_CREDENTIALS")
    if path and not os.path.isfile(path):
        raise MLRunInvalidArgumentError(
            f"GOOGLE_APPLICATION_CREDENTIALS names {path}, and there is no such file"
        )
    return made | {"token": path or ("anon" if emulator else None)}


def _azure(known: Credentials, url: str) -> Options:
    made: Options = {
        "account_name": known.find(
            "account_name", "AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"
        ) or _account(url),
        "account_key": known.find(
            "account_key", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY"
        ),
        "connection_string": known.find("connection_string", "AZURE_STORAGE_CONNECTION_STRING"),
        "tenant_id": known.find("tenant_id", "AZURE_STORAGE_TENANT_ID", "AZURE_TENANT_ID"),
        "client_id": known.find("client_id", "AZURE_STORAGE_CLIENT_ID", "AZURE_CLIENT_ID"),
        "client_secret": known.find(
            "client_secret", "AZURE_STORAGE_CLIENT_SECRET", "AZURE_CLIENT_SECRET"
        ),
        "sas_token": known.find("sas_token", "AZURE_STORAGE_SAS_TOKEN"),
        "credential": known.find("credential"),
    }  # fmt: skip
    if made["client_id"] and not made["client_secret"]:
        # an identity of the machine: Azure's own chain finds its token
        made |= {"client_id": None, "tenant_id": None, "anon": False}
    return made


def _account(url: str) -> str | None:
    """The account of ``wasbs://container@account.blob…``."""
    _, at, host = urlsplit(url).netloc.partition("@")
    return host.partition(".")[0] if at else None


def _hdfs(known: Credentials, url: str) -> Options:
    parts = urlsplit(url)
    host = parts.hostname or known.find("HDFS_HOST")
    if not host:
        raise MLRunInvalidArgumentError(
            f"'{url}' names no host: write webhdfs://HOST:PORT/path, or set HDFS_HOST"
        )
    port = known.find("HDFS_HTTP_PORT")
    if parts.scheme == "webhdfs" and parts.port:
        port = str(parts.port)
    user = known.find("HDFS_USER", "HADOOP_USER_NAME", "USER")
    # the port of hdfs:// is that of Hadoop's own protocol, WebHDFS has another
    return {"host": host, "port": int(port or 9870), "user": user}


def _dbfs(known: Credentials, url: str) -> Options:
    host, token = known.find("DATABRICKS_HOST"), known.find("DATABRICKS_TOKEN")
    if not (host and token):
        raise MLRunInvalidArgumentError(
            f"'{url}' needs credentials: set DATABRICKS_HOST and DATABRICKS_TOKEN, or use a "
            "DatastoreProfileDBFS"
        )
    return {"instance": urlsplit(host).netloc or host, "token": token}


def _oss(known: Credentials, url: str) -> Options:
    return {
        "key": known.find("ALIBABA_ACCESS_KEY_ID"),
        "secret": known.find("ALIBABA_SECRET_ACCESS_KEY"),
        "endpoint": known.find("ALIBABA_ENDPOINT_URL"),
    }


_OPTIONS: dict[str, Callable[[Credentials, str], Options]] = {
    "s3": _s3, "s3a": _s3, "gcs": _gcs, "gs": _gcs, "az": _azure, "abfs": _azure,
    "abfss": _azure, "wasb": _azure, "wasbs": _azure, "hdfs": _hdfs, "webhdfs": _hdfs,
    "dbfs": _dbfs, "oss": _oss,
}  # fmt: skip
