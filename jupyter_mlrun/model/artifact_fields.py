"""The names that the parts of an artifact document have: of all artifacts, and of single kinds."""

from __future__ import annotations

from typing import Any

from .fields import Several

METADATA: dict[str, Any] = {
    "key": None, "project": None, "iter": None, "tree": None, "description": None, "hash": None,
    "tag": None, "uid": None, "labels": dict, "created": None, "updated": None,
}  # fmt: skip
SPEC: dict[str, Any] = {
    "src_path": None, "target_path": None, "viewer": None, "inline": None, "format": None,
    "size": None, "db_key": None, "extra_data": dict, "unpackaging_instructions": None,
    "producer": None, "parent_uri": None, "has_children": None, "annotations": None,
    "sources": None, "license": None, "encoding": None,
}  # fmt: skip
STATUS: dict[str, Any] = {
    "state": None, "stats": None, "preview": None, "header_original_length": None,
}  # fmt: skip

LINK = {**SPEC, "link_iteration": None, "link_key": None, "link_tree": None}
TABLE = {**SPEC, "schema": None, "header": None}
DATASET = {
    **TABLE, "length": None, "column_metadata": dict, "features": None, "partition_keys": None,
    "timestamp_key": None, "label_column": None,
}  # fmt: skip
FEATURE = {
    "name": None, "value_type": None, "dims": list, "description": None, "aggregate": None,
    "default": None, "labels": dict, "validator": None, "origin": None,
}  # fmt: skip
MODEL = {
    **SPEC, "model_file": None, "metrics": dict, "parameters": dict,
    "inputs": Several(FEATURE), "outputs": Several(FEATURE), "framework": None,
    "algorithm": None, "feature_vector": None,
    "feature_weights": None, "feature_stats": None, "model_target_file": None, "model_url": None,
    "default_config": dict, "label_column": None,
}  # fmt: skip
DOCUMENT = {**SPEC, "document_loader": None, "original_source": None}
DOCUMENT_STATUS = {**STATUS, "collections": dict}
PROMPT = {
    **SPEC, "prompt_template": None, "prompt_legend": dict, "invocation_config": dict,
    "description": None,
}  # fmt: skip
CODE = {**SPEC, "language": None, "code_type": None, "requirements": None}

# of an artifact whose kind is not asked for
ANY = {
    "kind": None,
    "metadata": METADATA,
    "spec": {**STATUS, **CODE, **PROMPT, **DOCUMENT, **LINK, **DATASET, **MODEL},
    "status": DOCUMENT_STATUS,
}
