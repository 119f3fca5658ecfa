"""Hubs."""

import os

import mlrun
import mlrun.errors
from harness import flow, raises


@flow
def hub(db, project):
    schemas = mlrun.common.schemas
    is_old = mlrun.__version__.startswith(("1.7", "1.8"))
    extra = {"object_type": "functions"} if is_old else {}
    source = schemas.IndexedHubSource(
        index=1,
        source=schemas.HubSource(
            metadata=schemas.hub.HubObjectMetadata(name=project, description="ours"),
            spec=schemas.hub.HubSourceSpec(path=os.environ["HUB"], channel="main", **extra),
        ),
    )
    assert db.create_hub_source(source).index == 1
    raises(mlrun.errors.MLRunConflictError, db.create_hub_source, source)
    source.source.metadata.description = "changed"
    assert db.store_hub_source(project, source).source.metadata.description == "changed"
    names = [each.source.metadata.name for each in db.list_hub_sources()]
    assert names[0] == project and names[-1] == "default"
    assert db.get_hub_source(project).source.spec.channel == "main"
    catalog = db.get_hub_catalog(project)
    assert [item.metadata.name for item in catalog.catalog] == ["aggregate"]
    if not is_old:
        # 1.7 and 1.8 send a list of characters as the path of an item
        item = db.get_hub_item(project, "aggregate")
        assert item.spec.item_uri.endswith("/functions/main/aggregate/latest/")
        holding = db.list_hub_sources(item_name="aggregate", tag="latest", item_type="functions")
        assert project in [each.source.metadata.name for each in holding]
    asset = db.get_hub_asset(project, "aggregate", "docs")
    assert asset.content == b"<h1>Aggregate</h1>"
    db.delete_hub_source(project)
    raises(mlrun.errors.MLRunNotFoundError, db.get_hub_source, project)


@flow
def functions_of_a_hub(db, project):
    function = mlrun.import_function(
        f"{os.environ['HUB']}/functions/main/aggregate/latest/src/function.yaml"
    )
    assert function.metadata.name == "aggregate"
