"""MLRun's module of datastore profiles, by its names."""

from __future__ import annotations

from ..lazy import attributes
from . import _PROFILES

__getattr__, __dir__ = attributes(
    __name__,
    {
        **dict.fromkeys(_PROFILES, "datastore.profile_kinds"),
        "DatastoreProfile2Json": "datastore.profiles",
        "datastore_profile_read": "datastore.profiles",
        "register_temporary_client_datastore_profile": "datastore.profiles",
        "remove_temporary_client_datastore_profile": "datastore.profiles",
    },
)
