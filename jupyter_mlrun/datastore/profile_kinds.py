"""The kinds of datastore profiles, by MLRun's names and fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit, urlunsplit

from ..errors import MLRunInvalidArgumentError
from ..names import near


class DatastoreProfile:
    """A name for a place, with what is needed to reach it.

    ``FIELDS`` are its values with their defaults (``...``: it must be given), ``PRIVATE`` those of
    them that are secrets, ``SECRETS`` the variables that stores look for.
    """

    type: ClassVar[str] = ""
    FIELDS: ClassVar[Mapping[str, Any]] = {}
    PRIVATE: ClassVar[tuple[str, ...]] = ()
    SECRETS: ClassVar[Mapping[str, str]] = {}

    def __init__(self, name: str, **values: Any) -> None:
        if not isinstance(name, str) or not name:
            raise MLRunInvalidArgumentError(f"A datastore profile needs a name, not {name!r}")
        values.pop("type", None)
        kind = type(self).__name__
        for given in values:
            if given not in self.FIELDS:
                raise MLRunInvalidArgumentError(
                    f"{kind} '{name}' has no field '{given}': it has {', '.join(self.FIELDS)}."
                    f"{near(given, self.FIELDS)}"
                )
        for field, default in self.FIELDS.items():
            if default is ... and values.get(field) is None and field not in self.PRIVATE:
                raise MLRunInvalidArgumentError(f"{kind} '{name}' needs {field}=")
        self.name = name.lower()
        self.values = {
            field: values.get(field, None if default is ... else default)
            for field, default in self.FIELDS.items()
        }

    def __getattr__(self, name: str) -> Any:
        values = self.__dict__.get("values", {})
        if name in values:
            return values[name]
        raise AttributeError(f"{type(self).__name__} has no field '{name}'")

    def dict(self) -> dict[str, Any]:
        """All fields."""
        return {"type": self.type, "name": self.name, **self.values}

    def public_part(self) -> Mapping[str, Any]:
        """The fields that are no secrets."""
        return {k: v for k, v in self.dict().items() if k not in self.PRIVATE}

    def private_part(self) -> Mapping[str, Any]:
        """The fields that are secrets."""
        return {k: v for k, v in self.dict().items() if k in self.PRIVATE}

    def needs_private(self) -> bool:
        """Whether it has fields that are secrets."""
        return bool(self.PRIVATE)

    def secrets(self) -> Mapping[str, str]:
        """Its credentials by the variables that stores look for."""
        found = {variable: self.values.get(field) for field, variable in self.SECRETS.items()}
        return {name: str(value) for name, value in found.items() if value not in (None, "")}

    def url(self, subpath: str) -> str:
        """The address that ``ds://NAME`` and a path below it stand for."""
        raise MLRunInvalidArgumentError(
            f"The profile '{self.name}' is of the type {self.type}, below which no files lie"
        )

    @staticmethod
    def generate_secret_key(profile_name: str, project: str) -> str:
        """Under which name the private part is kept."""
        return f"datastore-profiles.{project}.{profile_name}"

    def __repr__(self) -> str:
        shown = ", ".join(f"{k}={v!r}" for k, v in self.public_part().items() if v is not None)
        return f"{type(self).__name__}({shown})"


def _below(place: str, subpath: str) -> str:
    path = subpath.lstrip("/")
    return f"{place}/{path}" if path else place


class DatastoreProfileBasic(DatastoreProfile):
    """Any public and private text."""

    type = "basic"
    FIELDS = {"public": ..., "private": None}
    PRIVATE = ("private",)

    def url(self, subpath: str) -> str:
        """A path below the public text, where that is an address."""
        return _below(str(self.public), subpath)


class ConfigProfile(DatastoreProfile):
    """Public and private settings, merged by ``attributes``."""

    type = "config"
    FIELDS = {"public": None, "private": None}
    PRIVATE = ("private",)

    def attributes(self) -> dict[str, Any]:
        """Both parts as one."""
        return _merged(self.public or {}, self.private or {})


def _merged(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(left)
    for key, value in right.items():
        both = isinstance(value, Mapping) and isinstance(found.get(key), Mapping)
        found[key] = _merged(found[key], value) if both else value
    return found


class DatastoreProfileV3io(DatastoreProfile):
    """Iguazio's data layer."""

    type = "v3io"
    FIELDS = {"v3io_access_key": None}
    PRIVATE = ("v3io_access_key",)
    SECRETS = {"v3io_access_key": "V3IO_ACCESS_KEY"}

    def url(self, subpath: str) -> str:
        """A path of it."""
        return "v3io:///" + subpath.lstrip("/")


class DatastoreProfileS3(DatastoreProfile):
    """A bucket of S3, or of a store that speaks it."""

    type = "s3"
    FIELDS = {
        "endpoint_url": None, "force_non_anonymous": None, "profile_name": None,
        "assume_role_arn": None, "access_key_id": None, "secret_key": None, "bucket": "",
    }  # fmt: skip
    PRIVATE = ("access_key_id", "secret_key")
    SECRETS = {
        "access_key_id": "AWS_ACCESS_KEY_ID", "secret_key": "AWS_SECRET_ACCESS_KEY",
        "endpoint_url": "AWS_ENDPOINT_URL_S3", "force_non_anonymous": "S3_NON_ANONYMOUS",
        "profile_name": "AWS_PROFILE", "assume_role_arn": "MLRUN_AWS_ROLE_ARN",
    }  # fmt: skip

    def url(self, subpath: str) -> str:
        """An object of the bucket."""
        return _below(f"s3://{self.bucket}", subpath) if self.bucket else f"s3:/{subpath}"


class DatastoreProfileRedis(DatastoreProfile):
    """A Redis server."""

    type = "redis"
    FIELDS = {"endpoint_url": ..., "username": None, "password": None}
    PRIVATE = ("username", "password")
    SECRETS = {"username": "REDIS_USER", "password": "REDIS_PASSWORD"}

    def url_with_credentials(self) -> str:
        """The server's address with its credentials."""
        parts = urlsplit(str(self.endpoint_url))
        user, password = (
            quote(str(v), safe="") if v else "" for v in (self.username, self.password)
        )
        login = f"{user}:{password}@" if password else f"{user}@" if user else ""
        port = f":{parts.port}" if parts.port else ""
        return urlunsplit(parts._replace(netloc=f"{login}{parts.hostname}{port}"))

    def url(self, subpath: str) -> str:
        """A key of the server."""
        return _below(str(self.endpoint_url).rstrip("/"), subpath)


class DatastoreProfileDBFS(DatastoreProfile):
    """The file system of Databricks."""

    type = "dbfs"
    FIELDS = {"endpoint_url": None, "token": None}
    PRIVATE = ("token",)
    SECRETS = {"token": "DATABRICKS_TOKEN", "endpoint_url": "DATABRICKS_HOST"}

    def url(self, subpath: str) -> str:
        """A path of it."""
        return f"dbfs://{subpath}"


class DatastoreProfileGCS(DatastoreProfile):
    """A bucket of Google's storage."""

    type = "gcs"
    FIELDS = {"credentials_path": None, "gcp_credentials": None, "bucket": ""}
    PRIVATE = ("gcp_credentials",)
    SECRETS = {
        "credentials_path": "GOOGLE_APPLICATION_CREDENTIALS", "gcp_credentials": "GCP_CREDENTIALS",
    }  # fmt: skip

    def __init__(self, name: str, **values: Any) -> None:
        super().__init__(name, **values)
        if isinstance(self.values["gcp_credentials"], dict):
            self.values["gcp_credentials"] = json.dumps(self.values["gcp_credentials"])

    def url(self, subpath: str) -> str:
        """An object of the bucket."""
        return _below(f"gcs://{self.bucket}" if self.bucket else "gcs:/", subpath)


class DatastoreProfileAzureBlob(DatastoreProfile):
    """A container of Azure's storage."""

    type = "az"
    FIELDS = {
        "connection_string": None, "account_name": None, "account_key": None, "tenant_id": None,
        "client_id": None, "client_secret": None, "sas_token": None, "credential": None,
        "container": "",
    }  # fmt: skip
    PRIVATE = ("connection_string", "account_key", "client_secret", "sas_token", "credential")
    SECRETS = {field: field for field in FIELDS if field != "container"}

    def url(self, subpath: str) -> str:
        """A blob of the container."""
        return (
            _below(f"az://{self.container}", subpath) if self.container else _below("az:/", subpath)
        )


class DatastoreProfileHdfs(DatastoreProfile):
    """Hadoop's file system, by WebHDFS."""

    type = "hdfs"
    FIELDS = {"host": None, "port": None, "http_port": None, "user": None}
    SECRETS = {
        "host": "HDFS_HOST", "port": "HDFS_PORT", "http_port": "HDFS_HTTP_PORT",
        "user": "HDFS_USER",
    }  # fmt: skip

    def url(self, subpath: str) -> str:
        """A path of it."""
        return _below(f"webhdfs://{self.host}:{self.http_port}", subpath)


class DatastoreProfilePostgreSQL(DatastoreProfile):
    """A database of PostgreSQL."""

    type = "postgresql"
    FIELDS = {"user": ..., "password": None, "host": ..., "port": ..., "database": "postgres"}
    PRIVATE = ("password",)

    def dsn(self, database: str | None = None) -> str:
        """The address of a database, with its credentials."""
        user, password = quote(str(self.user), safe=""), quote(str(self.password or ""), safe="")
        name = quote(str(database or self.database), safe="")
        return f"postgresql://{user}:{password}@{self.host}:{self.port}/{name}"

    def admin_dsn(self) -> str:
        """The address of the database ``postgres``."""
        return self.dsn("postgres")

    @classmethod
    def from_dsn(cls, dsn: str, profile_name: str) -> DatastoreProfilePostgreSQL:
        """The profile of an address."""
        from urllib.parse import unquote

        parts = urlsplit(dsn)
        return cls(
            profile_name, user=unquote(parts.username or ""), host=parts.hostname,
            password=unquote(parts.password or ""), port=parts.port or 5432,
            database=unquote(parts.path.lstrip("/")) or "postgres",
        )  # fmt: skip


class DatastoreProfileKafkaStream(DatastoreProfile):
    """Topics of Kafka."""

    type = "kafka_stream"
    FIELDS = {
        "brokers": ..., "topics": ..., "group": "serving", "initial_offset": "earliest",
        "partitions": None, "sasl_user": None, "sasl_pass": None, "kwargs_public": None,
        "kwargs_private": None,
    }  # fmt: skip
    PRIVATE = ("kwargs_private", "sasl_user", "sasl_pass")

    def get_topic(self) -> str | None:
        """The first topic."""
        topics = _list(self.topics)
        return topics[0] if topics else None

    def attributes(self) -> dict[str, Any]:
        """The attributes of a trigger or source of these topics."""
        found = _merged(self.kwargs_public or {}, self.kwargs_private or {})
        found |= {
            "brokers": _list(self.brokers), "topics": _list(self.topics), "group": self.group,
            "initial_offset": self.initial_offset,
        }  # fmt: skip
        if self.partitions is not None:
            found["partitions"] = self.partitions
        if self.sasl_user and self.sasl_pass:
            found["sasl"] = {
                "enable": True, "user": self.sasl_user, "password": self.sasl_pass,
                "mechanism": "PLAIN", "handshake": True, **(found.get("sasl") or {}),
            }  # fmt: skip
        return found


def _list(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else list(value or [])


class DatastoreProfileRabbitMQ(DatastoreProfile):
    """An exchange of RabbitMQ."""

    type = "rabbitmq"
    FIELDS = {
        "broker_url": ..., "exchange_name": ..., "queue_name": None, "topics": None,
        "username": None, "password": None, "prefetch_count": 0, "durable_exchange": False,
        "durable_queue": False, "on_error": "nack", "requeue_on_error": False,
        "reconnect_duration": "5m", "reconnect_interval": "15s", "num_workers": 1,
        "worker_termination_timeout": "10s",
    }  # fmt: skip
    PRIVATE = ("password", "username")

    def attributes(self) -> dict[str, Any]:
        """The attributes of a trigger of this exchange."""
        found = {"url" if k == "broker_url" else k: v for k, v in self.values.items()}
        return {**found, "topics": None if self.topics is None else _list(self.topics)}


class OpenAIProfile(DatastoreProfile):
    """A service of language models that speaks OpenAI's API."""

    type = "openai"
    FIELDS = {
        "api_key": None, "organization": None, "project": None, "base_url": None,
        "timeout": None, "max_retries": None, "batch_max_concurrent": None,
    }  # fmt: skip
    PRIVATE = ("api_key",)
    SECRETS = {
        "api_key": "OPENAI_API_KEY", "organization": "OPENAI_ORG_ID",
        "project": "OPENAI_PROJECT_ID", "base_url": "OPENAI_BASE_URL",
        "timeout": "OPENAI_TIMEOUT", "max_retries": "OPENAI_MAX_RETRIES",
        "batch_max_concurrent": "OPENAI_BATCH_MAX_CONCURRENT",
    }  # fmt: skip

    def url(self, subpath: str) -> str:
        """A model of it."""
        return "openai://" + subpath.lstrip("/")


class HuggingFaceProfile(DatastoreProfile):
    """Models of Hugging Face."""

    type = "huggingface"
    FIELDS = {
        "task": None, "token": None, "endpoint": None, "device": None, "device_map": None,
        "trust_remote_code": None, "max_workers": None, "model_kwargs": None,
    }  # fmt: skip
    PRIVATE = ("token", "model_kwargs")
    SECRETS = {
        "task": "HF_TASK", "token": "HF_TOKEN", "endpoint": "HF_ENDPOINT", "device": "HF_DEVICE",
        "device_map": "HF_DEVICE_MAP", "trust_remote_code": "HF_TRUST_REMOTE_CODE",
        "max_workers": "HF_MAX_WORKERS", "model_kwargs": "HF_MODEL_KWARGS",
    }  # fmt: skip

    def url(self, subpath: str) -> str:
        """A model of it."""
        return "huggingface://" + subpath.lstrip("/")


KINDS: dict[str, type[DatastoreProfile]] = {
    kind.type: kind
    for kind in (
        DatastoreProfileV3io, DatastoreProfileS3, DatastoreProfileRedis, DatastoreProfileBasic,
        DatastoreProfileKafkaStream, DatastoreProfileDBFS, DatastoreProfileGCS,
        DatastoreProfileAzureBlob, DatastoreProfileHdfs, DatastoreProfilePostgreSQL,
        ConfigProfile, OpenAIProfile, HuggingFaceProfile, DatastoreProfileRabbitMQ,
    )
}  # fmt: skip
