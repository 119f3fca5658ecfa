"""Artifacts, their tags, and datastore profiles."""

import mlrun
import mlrun.errors
from harness import flow, raises
from mlrun.common.schemas import ArtifactIdentifier, TagObjects

TREE = "0123456789abcdef0123456789abcdef"


def artifact(key, text, kind="artifact"):
    """An artifact document."""
    return {
        "kind": kind,
        "metadata": {"key": key, "tree": TREE, "labels": {"team": "sea"}},
        "spec": {"target_path": f"/x/{text}", "producer": {"kind": "run", "uri": f"p/{TREE}"}},
    }


@flow
def artifacts(db, project):
    for text in ("one", "two"):
        db.store_artifact("note", artifact("note", text), project=project, tree=TREE, tag=text)
    db.store_artifact("clf", artifact("clf", "m", "model"), project=project, tree=TREE)
    assert db.read_artifact("note", "one", project=project)["spec"]["target_path"] == "/x/one"
    assert db.read_artifact("note", project=project)["spec"]["target_path"] == "/x/two"
    assert len(db.list_artifacts("note", project, tag="latest")) == 1
    assert len(db.list_artifacts(project=project, kind="model")) == 1
    assert len(db.list_artifacts(project=project, labels=["team=sea"], tag="latest")) == 2
    assert set(db.list_artifact_tags(project)) == {"latest", "one", "two"}
    raises(mlrun.errors.MLRunNotFoundError, db.read_artifact, "none", project=project)
    raises(mlrun.errors.MLRunHTTPError, db.store_artifact, "a b", artifact("a b", "x"),
           project=project, tree=TREE)  # fmt: skip
    db.del_artifact("note", tag="one", project=project)
    raises(mlrun.errors.MLRunNotFoundError, db.read_artifact, "note", "one", project=project)
    db.del_artifacts(project=project, name="note")
    assert db.list_artifacts("note", project) == []


@flow
def tags(db, project):
    for text in ("one", "two"):
        db.store_artifact(text, artifact(text, text), project=project, tree=TREE)
    named = [ArtifactIdentifier(key="one", kind="artifact")]
    objects = TagObjects(kind="artifact", identifiers=named)
    db.tag_objects(project, "good", objects)
    assert [a["metadata"]["key"] for a in db.list_artifacts(project=project, tag="good")] == ["one"]
    other = [ArtifactIdentifier(key="two", kind="artifact")]
    db.tag_objects(project, "good", TagObjects(kind="artifact", identifiers=other), replace=True)
    left = {a["metadata"]["key"] for a in db.list_artifacts(project=project, tag="good")}
    assert "two" in left
    db.delete_objects_tag(project, "good", TagObjects(kind="artifact", identifiers=other))
    left = {a["metadata"]["key"] for a in db.list_artifacts(project=project, tag="good")}
    assert "two" not in left


@flow
def datastore_profiles(db, project):
    kept = mlrun.get_or_create_project(project, context=f"./{project}", allow_cross_project=True)
    from mlrun.datastore.datastore_profile import DatastoreProfileRedis

    profile = DatastoreProfileRedis(
        name="cache", endpoint_url="redis://localhost", username="ann", password="hidden-word"
    )
    kept.register_datastore_profile(profile)
    assert [each.name for each in kept.list_datastore_profiles()] == ["cache"]
    read = db.get_datastore_profile("cache", project)
    assert read.endpoint_url == "redis://localhost" and read.password is None
    kept.delete_datastore_profile("cache")
    raises(mlrun.errors.MLRunNotFoundError, db.get_datastore_profile, "cache", project)
