"""Feature sets and vectors, model endpoints, gateways."""

import json

import mlrun
import mlrun.errors
import mlrun.feature_store as fstore
from harness import flow, raises


def feature_set(name="stocks"):
    """A feature set."""
    kept = fstore.FeatureSet(name, entities=[fstore.Entity("ticker")])
    kept["bid"] = fstore.Feature(value_type="float")
    kept.metadata.labels = {"team": "sea"}
    return kept


@flow
def feature_sets(db, project):
    created = db.create_feature_set(feature_set(), project)
    raises(mlrun.errors.MLRunConflictError, db.create_feature_set, feature_set(), project)
    kept = feature_set()
    kept["ask"] = fstore.Feature(value_type="float")
    stored = db.store_feature_set(kept, project=project, tag="v2")
    assert stored["metadata"]["uid"] != created["metadata"]["uid"]
    assert len(db.get_feature_set("stocks", project, tag="v2").spec.features) == 2
    db.patch_feature_set("stocks", {"spec": {"description": "x"}}, project, tag="v2")
    assert db.get_feature_set("stocks", project, tag="v2").spec.description == "x"
    assert len(db.list_feature_sets(project, name="stocks")) == 2
    assert len(db.list_feature_sets(project, labels=["team=sea"], tag="v2")) == 1
    assert db.list_feature_sets(project, state="none") is None
    if hasattr(db, "list_features_v2"):
        found = db.list_features_v2(project, name="ask")
        assert len(found["features"]) == len(found["feature_set_digests"]) == 1
        assert db.list_entities_v2(project, name="ticker", tag="v2")["entities"]
    if hasattr(db, "list_features"):
        (entry,) = db.list_features(project, name="ask")
        assert entry["feature"]["name"] == "ask"
        assert db.list_entities(project, name="ticker", tag="v2")
    db.delete_feature_set("stocks", project, tag="v2")
    raises(mlrun.errors.MLRunNotFoundError, db.get_feature_set, "stocks", project, tag="v2")
    db.delete_feature_set("stocks", project)
    assert db.list_feature_sets(project) is None


@flow
def feature_vectors(db, project):
    vector = fstore.FeatureVector("view", ["stocks.bid"])
    db.create_feature_vector(vector, project)
    vector.spec.description = "x"
    db.store_feature_vector(vector, project=project, tag="v2")
    db.patch_feature_vector("view", {"metadata": {"labels": {"a": "b"}}}, project, tag="v2")
    read = db.get_feature_vector("view", project, tag="v2")
    assert read.spec.description == "x" and read.metadata.labels == {"a": "b"}
    assert len(db.list_feature_vectors(project, labels=["a=b"])) == 1
    db.delete_feature_vector("view", project, tag="v2")
    db.delete_feature_vector("view", project)
    assert not db.list_feature_vectors(project)


@flow(until=(1, 7))
def model_endpoints_by_uid(db, project):
    schemas, uid = mlrun.common.schemas, "a" * 32
    endpoint = schemas.ModelEndpoint(
        metadata=schemas.ModelEndpointMetadata(project=project, uid=uid),
        spec=schemas.ModelEndpointSpec(function_uri=f"{project}/serve", model="clf:latest"),
        status=schemas.ModelEndpointStatus(),
    )
    db.create_model_endpoint(project, uid, json.loads(endpoint.json()))
    db.patch_model_endpoint(project, uid, {"model_class": "X"})
    read = db.get_model_endpoint(project, uid)
    assert (read.metadata.uid, read.spec.model_class) == (uid, "X")
    assert [each.metadata.uid for each in db.list_model_endpoints(project)] == [uid]
    db.delete_model_endpoint(project, uid)
    assert db.list_model_endpoints(project) == []


@flow(since=(1, 8))
def model_endpoints(db, project):
    schemas = mlrun.common.schemas
    endpoint = schemas.ModelEndpoint(
        metadata=schemas.ModelEndpointMetadata(name="iris", project=project),
        spec=schemas.ModelEndpointSpec(
            function_name="serve", function_tag="latest", model_name="clf"
        ),
        status=schemas.ModelEndpointStatus(monitoring_mode="enabled"),
    )
    created = db.create_model_endpoint(endpoint)
    uid = created.metadata.uid
    assert uid and created.status.monitoring_mode.value == "enabled"
    of = {"function_name": "serve", "function_tag": "latest"}
    db.patch_model_endpoint("iris", project, {"model_class": "X"}, endpoint_id=uid, **of)
    read = db.get_model_endpoint("iris", project, endpoint_id=uid)
    assert read.spec.model_class == "X" and read.metadata.uid == uid
    assert db.get_model_endpoint("iris", project, **of).metadata.uid == uid
    assert [e.metadata.name for e in db.list_model_endpoints(project).endpoints] == ["iris"]
    assert db.list_model_endpoints(project, model_name="none").endpoints == []
    assert db.get_model_endpoint_monitoring_metrics(project, uid) == []
    assert db.get_metrics_by_multiple_endpoints(project, [uid]) == {uid: []}
    db.delete_model_endpoint("iris", project, endpoint_id=uid)
    assert db.list_model_endpoints(project).endpoints == []


@flow(since=(1, 12))
def model_monitoring(db, project):
    import datetime

    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    assert db.get_monitoring_function_summaries(project, start=since) == []
    raises(mlrun.errors.MLRunNotFoundError, db.get_monitoring_function_summary, project, "x")
    assert db.get_drift_over_time(project).values == []
    raises(mlrun.errors.MLRunNotFoundError, db.get_model_monitoring_url, project)
    db.delete_model_monitoring_metrics(project, "x")


@flow
def api_gateways(db, project):
    schemas = mlrun.common.schemas
    gateway = schemas.APIGateway(
        metadata=schemas.APIGatewayMetadata(name="front"),
        spec=schemas.APIGatewaySpec(
            name="front",
            path="/",
            host="front.example.org",
            upstreams=[schemas.APIGatewayUpstream(nucliofunction={"name": f"{project}/serve"})],
        ),
    )
    stored = db.store_api_gateway(gateway, project)
    assert stored.spec.host == "front.example.org" and not stored.status.state
    assert list(db.list_api_gateways(project).api_gateways) == ["front"]
    assert db.get_api_gateway("front", project).spec.path == "/"
    db.delete_api_gateway("front", project)
    raises(mlrun.errors.MLRunNotFoundError, db.get_api_gateway, "front", project)
