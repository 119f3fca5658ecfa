"""Models that were stored: their files fetched, what is said of them changed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import uris
from ..datastore.registry import get_store, scheme_of
from ..datastore.resolve import get_dataitem
from ..errors import MLRunInvalidArgumentError, MLRunNotFoundError
from .extras import upload_extra_data
from .kinds import dict_to_artifact
from .model import SPEC_FILE, ModelArtifact, _features, write_spec
from .stored import find, folder_of, read_spec, store_again

if TYPE_CHECKING:
    from ..client.transport import Client
    from ..datastore.item import DataItem

SUFFIXES = (".h5", ".pkl", ".joblib", ".onnx", ".pt", ".pth", ".keras", ".zip", ".bin", ".cbm")

Found = tuple[str, "ModelArtifact | None", "dict[str, DataItem]"]


def get_model(
    model_dir: Any = None, suffix: str = "", client: Client | None = None, project: str = ""
) -> Found:
    """The path of a model's file on this machine, its artifact, and its extra data as DataItems.

    ``model_dir`` is a model artifact, its DataItem or ``store://`` address, a folder, or a file.
    """
    if isinstance(model_dir, ModelArtifact) or uris.is_store(_address(model_dir)):
        model = find(model_dir, client, "model", project)
        assert isinstance(model, ModelArtifact)
        return _of_artifact(model)
    address = _address(model_dir)
    if not address:
        raise MLRunInvalidArgumentError(
            "get_model needs a model: an artifact, a store:// address, a folder or a file"
        )
    if address.lower().endswith((".yaml", ".yml")):
        return _of_spec(address, os.path.dirname(address))
    if address.endswith(suffix or SUFFIXES):
        return get_dataitem(address).local(), None, {}
    return _of_folder(address.rstrip("/"), suffix or ".pkl")


def _address(value: Any) -> str:
    return str(getattr(value, "artifact_url", None) or value or "")


def _of_artifact(model: ModelArtifact) -> Found:
    name = model.spec.model_target_file or model.spec.model_file or ""
    target = model.get_target_path()
    if not target:
        raise MLRunNotFoundError(f"The model '{model.uri}' has no data: its target_path is empty")
    path = join(target, str(name)) if name else target
    return get_dataitem(path).local(), model, _extras(model, folder_of(model))


def _of_spec(address: str, folder: str) -> Found:
    model = dict_to_artifact(read_spec(address))
    if not isinstance(model, ModelArtifact):
        raise MLRunInvalidArgumentError(f"'{address}' is the spec of a {model.kind}, not a model's")
    path = join(folder, str(model.spec.model_target_file or model.spec.model_file or ""))
    return get_dataitem(path).local(), model, _extras(model, folder)


def _of_folder(folder: str, suffix: str) -> Found:
    names = get_dataitem(folder).listdir()
    if SPEC_FILE in names:
        return _of_spec(f"{folder}/{SPEC_FILE}", folder)
    file = next((name for name in names if name.endswith(suffix)), "")
    if not file:
        raise MLRunNotFoundError(
            f"The folder {folder} has no {SPEC_FILE} and no file that ends in {suffix}; it has "
            f"{', '.join(names[:20]) or 'nothing'}: name the ending by suffix="
        )
    extras = {name: get_dataitem(f"{folder}/{name}", key=name) for name in names}
    return get_dataitem(f"{folder}/{file}").local(), None, extras


def _extras(model: ModelArtifact, folder: str) -> dict[str, DataItem]:
    found = {}
    for key, item in (model.spec.get("extra_data") or {}).items():
        if isinstance(item, str):
            found[key] = get_dataitem(join(folder, item), key=key, db=model._client)
    return found


def join(folder: str, name: str) -> str:
    """An address; a relative one is below the folder."""
    return name if scheme_of(name) or os.path.isabs(name) else f"{folder.rstrip('/')}/{name}"


def get_extra_data(artifact: Any, client: Client | None = None) -> dict[str, DataItem]:
    """The extra data of an artifact as DataItems."""
    found = find(artifact, client)
    extras = found.spec.get("extra_data") or {}
    folder = folder_of(found)
    return {
        key: get_dataitem(join(folder, item), key=key, db=found._client)
        for key, item in extras.items()
        if isinstance(item, str)
    }


def get_artifact_meta(
    artifact: Any, client: Client | None = None
) -> tuple[Any, dict[str, DataItem]]:
    """The artifact of an address, DataItem or spec file, and its extra data as DataItems."""
    found = find(artifact, client)
    return found, get_extra_data(found)


def update_model(
    model_artifact: Any,
    parameters: Mapping[str, Any] | None = None,
    metrics: Mapping[str, Any] | None = None,
    extra_data: Mapping[str, Any] | None = None,
    inputs: list[Any] | None = None,
    outputs: list[Any] | None = None,
    feature_vector: str | None = None,
    feature_weights: list[Any] | None = None,
    key_prefix: str = "",
    labels: Mapping[str, Any] | None = None,
    write_spec_copy: bool = True,
    store_object: bool = True,
    client: Client | None = None,
) -> ModelArtifact:
    """The model with what is said of it changed, stored: an artifact, DataItem or address."""
    from .results import to_result

    model = find(model_artifact, client, "model")
    assert isinstance(model, ModelArtifact)
    spec = model.spec
    spec.parameters.update(to_result(dict(parameters or {})))
    spec.metrics.update({f"{key_prefix}{k}": to_result(v) for k, v in (metrics or {}).items()})
    model.metadata.labels.update({str(k): str(v) for k, v in (labels or {}).items()})
    changed = {
        "inputs": _features(inputs), "outputs": _features(outputs),
        "feature_vector": feature_vector, "feature_weights": feature_weights,
    }  # fmt: skip
    spec.update({name: value for name, value in changed.items() if value})
    upload_extra_data(spec, extra_data, folder_of(model), get_store, key_prefix)
    if write_spec_copy and not spec.get("model_url"):
        write_spec(model.to_dict())
    return store_again(model) if store_object else model  # type: ignore[return-value]
