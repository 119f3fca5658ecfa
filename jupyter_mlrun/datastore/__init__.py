"""Reading and writing data by address: paths, URLs, ``store://``, ``ds://`` and ``data:``."""

from __future__ import annotations

from ..lazy import attributes

_PROFILES = (
    "ConfigProfile", "DatastoreProfile", "DatastoreProfileAzureBlob", "DatastoreProfileBasic",
    "DatastoreProfileDBFS", "DatastoreProfileGCS", "DatastoreProfileHdfs",
    "DatastoreProfileKafkaStream", "DatastoreProfilePostgreSQL", "DatastoreProfileRabbitMQ",
    "DatastoreProfileRedis", "DatastoreProfileS3", "DatastoreProfileV3io", "HuggingFaceProfile",
    "OpenAIProfile",
)  # fmt: skip

__getattr__, __dir__ = attributes(
    __name__,
    {
        "DataItem": "datastore.item",
        "StoreManager": "datastore.manager",
        **dict.fromkeys(_PROFILES, "datastore.profile_kinds"),
        "DatastoreProfile2Json": "datastore.profiles",
        "datastore_profile_read": "datastore.profiles",
        "datastore_profile": "datastore.datastore_profile:",
        "get_dataitem": "datastore.resolve",
        "get_in_memory_items": "datastore.memory",
        # an artifact is told by its address: what finds it lies with the artifacts
        "get_store_resource": "artifacts.stored",
        "get_store_uri": "uris",
        "is_store_uri": "uris:is_store",
        "parse_store_uri": "uris",
        "register_temporary_client_datastore_profile": "datastore.profiles",
        "remove_temporary_client_datastore_profile": "datastore.profiles",
        # by MLRun's name for it: a collection is of artifacts
        "VectorStoreCollection": "artifacts.vector_stores",
        "set_in_memory_item": "datastore.memory",
        "store_manager": "datastore.manager",
    },
)
