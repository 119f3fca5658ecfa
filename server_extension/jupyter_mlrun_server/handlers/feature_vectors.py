"""Feature vectors."""

from __future__ import annotations

from ..store.documents import Noun
from . import PROJECT as PROJECT_PATH
from . import Route, feature_store

NOUN = Noun("feature-vector", "FeatureVector", "Feature vector")


class FeatureVectors(feature_store.Documents):
    """The feature vectors of a project."""

    noun, key = NOUN, "feature_vectors"


class Versions(feature_store.Versions):
    """Every version of a feature vector."""

    noun = NOUN


class FeatureVector(feature_store.Document):
    """One version of a feature vector, by tag or uid."""

    noun = NOUN


class Tags(feature_store.Tags):
    """The tags of a feature vector; ``*`` is every one."""

    noun = NOUN


PATH = f"{PROJECT_PATH}/feature-vectors"
ROUTES = [
    Route(PATH, FeatureVectors),
    Route(f"{PATH}/{feature_store.REFERENCE}", FeatureVector),
    Route(f"{PATH}/(?P<name>[^/]+)/tags", Tags),
    Route(f"{PATH}/(?P<name>[^/]+)", Versions),
]
