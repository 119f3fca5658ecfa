"""The service under MLRun's method names, with lists that show themselves, and with objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from importlib import import_module
from typing import Any

from .client import db
from .runs import ArtifactList, FunctionList, RunList, RunObject


def _made(method: Any, make: Callable[[Any, Any], Any]) -> Any:
    """A method, whose documents become what ``make`` makes of them."""

    @wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return make(method(self, *args, **kwargs), self)

    return call


class RunDB(db.RunDB):
    """All that the service knows, by MLRun's names: projects as objects, the rest as documents.

    Lists are MLRun's: ``to_df``, ``show``, ``to_objects``, ``compare``.
    """

    def __repr__(self) -> str:
        return f"RunDB({self.client.url!r})"

    def _alert(self, document: Mapping[str, Any]) -> Any:
        made = _alerts().AlertConfig.from_dict(document)
        made._client = self.client
        return made

    @wraps(db.RunDB.list_runs)
    def list_runs(self, *args: Any, **kwargs: Any) -> RunList:  # type: ignore[override]
        return RunList(super().list_runs(*args, **kwargs), self.client)

    @wraps(db.RunDB.list_artifacts)
    def list_artifacts(self, *args: Any, **kwargs: Any) -> ArtifactList:  # type: ignore[override]
        found = ArtifactList(super().list_artifacts(*args, **kwargs), self.client)
        found.tag = str(kwargs.get("tag") or "")
        return found

    @wraps(db.RunDB.list_functions)
    def list_functions(self, *args: Any, **kwargs: Any) -> FunctionList:  # type: ignore[override]
        return FunctionList(super().list_functions(*args, **kwargs), self.client)

    create_project = _made(db.RunDB.create_project, lambda found, _: _project(found))
    get_project = _made(db.RunDB.get_project, lambda found, _: _project(found))
    store_project = _made(db.RunDB.store_project, lambda found, _: _project(found))
    patch_project = _made(db.RunDB.patch_project, lambda found, _: _project(found))
    list_projects = _made(
        db.RunDB.list_projects,
        lambda found, _: [each if isinstance(each, str) else _project(each) for each in found],
    )
    load_project = _made(
        db.RunDB.load_project,
        lambda started, own: RunObject.from_dict(started["data"], own.client).logs()[0],
    )
    store_alert_config = _made(db.RunDB.store_alert_config, lambda found, own: own._alert(found))
    get_alert_config = _made(db.RunDB.get_alert_config, lambda found, own: own._alert(found))
    list_alerts_configs = _made(
        db.RunDB.list_alerts_configs, lambda found, own: [own._alert(each) for each in found]
    )
    get_alert_template = _made(
        db.RunDB.get_alert_template, lambda found, _: _alerts().AlertTemplate.from_dict(found)
    )
    list_alert_templates = _made(
        db.RunDB.list_alert_templates,
        lambda found, _: [_alerts().AlertTemplate.from_dict(each) for each in found],
    )
    list_alert_activations = _made(
        db.RunDB.list_alert_activations, lambda found, _: _alerts().AlertActivations(found)
    )
    get_alert_activation = _made(
        db.RunDB.get_alert_activation, lambda found, _: _alerts().AlertActivation.parse_obj(found)
    )
    get_datastore_profile = _made(db.RunDB.get_datastore_profile, lambda found, _: _profile(found))
    list_datastore_profiles = _made(
        db.RunDB.list_datastore_profiles, lambda found, _: [_profile(each) for each in found]
    )


def _alerts() -> Any:
    from . import alerts

    return alerts


def _project(document: Any) -> Any:
    """A project as an object; it is held storeys above, and asks this for its runs."""
    if not isinstance(document, Mapping):
        return document
    return import_module("jupyter_mlrun.projects.project").MlrunProject.from_dict(document)


def _profile(answer: Mapping[str, Any]) -> Any:
    from .datastore.profiles import DatastoreProfile2Json

    return DatastoreProfile2Json.create_from_json(answer["object"])
