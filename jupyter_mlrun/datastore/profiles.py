"""Datastore profiles: names for places and their credentials, which ``ds://NAME/path`` uses.

The public part is stored by the service; the private part is a secret of the project, which runs
get by its name.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import MLRunInvalidArgumentError, MLRunNotFoundError
from ..names import near
from .profile_kinds import KINDS, DatastoreProfile

if TYPE_CHECKING:
    from ..client.transport import Client

_temporary: dict[str, DatastoreProfile] = {}


class DatastoreProfile2Json:
    """Profiles as MLRun writes them: JSON of base64 values, the private ones apart."""

    @staticmethod
    def get_json_public(profile: DatastoreProfile) -> str:
        """What everybody may read."""
        return _encode(profile.public_part())

    @staticmethod
    def get_json_private(profile: DatastoreProfile) -> str:
        """What is a secret."""
        return _encode(profile.private_part())

    @staticmethod
    def create_from_json(public_json: str, private_json: str = "{}") -> DatastoreProfile:
        """The profile of both parts."""
        values = {**_decode(public_json, _literal), **_decode(private_json, _secret_value)}
        kind = values.pop("type", None)
        if kind not in KINDS:
            raise MLRunInvalidArgumentError(
                f"A datastore profile has the type '{kind}': this release knows {', '.join(KINDS)}"
            )
        return KINDS[str(kind)](**values)


def _encode(values: Mapping[str, Any]) -> str:
    encoded = {k: base64.b64encode(str(v).encode()).decode() for k, v in values.items()}
    return json.dumps(encoded, separators=(",", ":"))


def _decode(text: str, read: Callable[[str], Any]) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
        return {k: read(base64.b64decode(str(v)).decode()) for k, v in found.items()}
    except ValueError as error:
        raise MLRunInvalidArgumentError(
            f"A datastore profile cannot be read ({error}): register it again"
        ) from None


def _literal(text: str) -> Any:
    from ast import literal_eval

    try:
        return literal_eval(text)
    except (ValueError, SyntaxError):
        # a plain word stands for itself
        return text


def _secret_value(text: str) -> Any:
    """A secret is the text that it is; those of several values, and none, are what they were."""
    value = _literal(text)
    return value if value is None or isinstance(value, Mapping) else text


def secret_name(project: str, name: str) -> str:
    """Under which name the private part is kept."""
    return f"datastore-profiles.{project}.{name}"


def _path(project: str, name: str = "") -> str:
    from ..client.transport import part

    below = f"/{part(name)}" if name else ""
    return f"projects/{part(project)}/datastore-profiles{below}"


def register_profile(client: Client, project: str, profile: DatastoreProfile) -> None:
    """Store a profile in a project; its credentials become a secret of the project."""
    if not isinstance(profile, DatastoreProfile):
        raise MLRunInvalidArgumentError(
            f"A datastore profile is needed, not {type(profile).__name__}: "
            "make one, such as DatastoreProfileS3(name=…, bucket=…)"
        )
    body = {
        "name": profile.name, "type": profile.type, "project": project,
        "object": DatastoreProfile2Json.get_json_public(profile),
        "private": DatastoreProfile2Json.get_json_private(profile),
    }  # fmt: skip
    client.json("PUT", _path(project), body=body)


def get_profile(client: Client, project: str, name: str) -> DatastoreProfile:
    """A stored profile without its credentials; raises MLRunNotFoundError."""
    found = client.json("GET", _path(project, name))
    return DatastoreProfile2Json.create_from_json(found["object"])


def list_profiles(client: Client, project: str) -> list[DatastoreProfile]:
    """The stored profiles, without their credentials."""
    found = client.json("GET", _path(project))
    return [DatastoreProfile2Json.create_from_json(each["object"]) for each in found]


def delete_profile(client: Client, project: str, name: str) -> None:
    """Remove a stored profile and its secret."""
    client.request("DELETE", _path(project, name))


def register_temporary_client_datastore_profile(profile: DatastoreProfile) -> None:
    """Make a profile known to this process alone, with its credentials."""
    _temporary[profile.name] = profile


def remove_temporary_client_datastore_profile(profile_name: str) -> None:
    """Forget a profile that was made known to this process."""
    _temporary.pop(profile_name, None)


def datastore_profile_read(
    url: str,
    project_name: str = "",
    secrets: Mapping[str, str] | None = None,
    client: Client | None = None,
) -> DatastoreProfile:
    """The profile of a ``ds://`` address with its credentials: this process's, or the project's.

    The credentials of a stored one are read from the secrets given, or from the environment of the
    run; raises MLRunNotFoundError where they are in neither.
    """
    name = urlsplit(url).netloc
    if not url.lower().startswith("ds://") or not name:
        raise MLRunInvalidArgumentError(f"'{url}' names no profile: write ds://PROFILE/path")
    if name in _temporary:
        return _temporary[name]
    project = project_name or os.environ.get("MLRUN_ACTIVE_PROJECT") or "default"
    stored = _stored(client, project, name)
    secret = _secret(secret_name(project, name), secrets)
    if not secret and stored.needs_private():
        raise MLRunNotFoundError(
            f"The credentials of the profile '{name}' are a secret of project {project}, which "
            f"this process was not handed: run with --secret {secret_name(project, name)}, or call "
            "register_temporary_client_datastore_profile(profile) here"
        )
    public = DatastoreProfile2Json.get_json_public(stored)
    return DatastoreProfile2Json.create_from_json(public, secret or "{}")


def _stored(client: Client | None, project: str, name: str) -> DatastoreProfile:
    from ..client.transport import connect

    service = client or connect()
    try:
        return get_profile(service, project, name)
    except MLRunNotFoundError:
        known = [*_temporary, *(each.name for each in list_profiles(service, project))]
        listed = ", ".join(known) or "none"
        raise MLRunNotFoundError(
            f"The project {project} has no datastore profile '{name}'; it has {listed}."
            f"{near(name, known)}"
        ) from None


def _secret(name: str, secrets: Mapping[str, str] | None) -> str:
    from .credentials import Credentials

    return Credentials(secrets).find(name) or ""
