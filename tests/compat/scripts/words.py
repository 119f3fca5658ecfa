"""What small functions of a package say: ``words.py PACKAGE``; printed as JSON."""

import importlib
import json
import sys
import warnings

warnings.simplefilter("ignore")
package = sys.argv[1]
mlrun = importlib.import_module(package)
utils = importlib.import_module(f"{package}.utils")
datastore = importlib.import_module(f"{package}.datastore")
errors = importlib.import_module(f"{package}.errors")
features = importlib.import_module(f"{package}.features")
model = importlib.import_module(f"{package}.model")
schemas = importlib.import_module(f"{package}.common.schemas")
types = importlib.import_module(f"{package}.data_types")

FORMS = [
    "k", "p/k", "p/k#3", "p/k:v1", "p/k@tree", "p/k^uid", "p/k#3:v1@tree^uid", "p/k#0@tree^uid",
    "p/k:latest@tree^uid", "k#2", "k:v1^uid", "p/my_k.csv:v1.2-x@a-b", "p/k#x", "p/k#0:latest",
]  # fmt: skip
STORED = [
    "store://artifacts/p/k:v1", "store://models/p/k#0@t^u", "store://p/k", "store://datasets/p/k/",
    "store://k", "s3://b/k", "store://llm-prompts/p/k", "store://feature-sets/p/k", "",
]  # fmt: skip


def told(call, *arguments, **more):
    """What a call gives, or the names of the builtin classes of what it raises."""
    try:
        return call(*arguments, **more)
    except Exception as error:
        kinds = (ValueError, TypeError, ImportError, AttributeError)
        return [kind.__name__ for kind in kinds if isinstance(error, kind)]


def document(kind, **metadata):
    return {
        "kind": kind,
        "metadata": {"key": "k", "project": "p", "iter": 0, "tree": "t1", **metadata},
        "spec": {"db_key": "train_k", "target_path": "/a/k"},
        "status": {},
    }


DOCUMENTS = [
    document(kind, **more)
    for kind in ("artifact", "dataset", "model", "plot", "table", "llm-prompt", "document", "dir")
    for more in ({}, {"tag": "v1", "uid": "u1"}, {"iter": 3, "uid": "u1"}, {"tag": "latest"})
]


class Shape(model.ModelObj):
    """A class of a user's own."""

    _dict_fields = ["name", "sides", "inner", "empty"]

    def __init__(self, name=None, sides=None, inner=None):
        self.name, self.sides, self.inner, self.empty = name, sides, inner, {}


def nested():
    found = {"a": {"b": [1]}, "c": None}
    utils.update_in(found, "a.x.y", 5)
    utils.update_in(found, "a.b", 2, append=True)
    utils.update_in(found, "a.b", [3, 4], append=True)
    utils.update_in(found, "new", 1, append=True)
    utils.update_in(found, "a.x.y", 6, replace=False)
    utils.update_in(found, ["d", "e.f"], 7)
    utils.update_in(found, "\\a.dotted\\.name", 8)
    got = [utils.get_in(found, key, "no") for key in ("a.x.y", "a.b", "c", "c.d", "z", "a.z.q")]
    return [found, got, utils.get_in(Shape("s"), "name"), utils.get_in(found, ["d", "e.f"])]


def features_told():
    made = [
        features.Feature(name="a", value_type=float, dims=[2, 2], description="d"),
        features.Feature(name="b", value_type="int", labels={"x": "y"}, default="1"),
        features.Feature(types.ValueType.DATETIME, name="c", aggregate=True),
        features.Feature.from_dict({"name": "d", "value_type": "bool", "other": 1}),
        features.Feature(),
    ]
    return [{k: str(v) for k, v in each.to_dict().items()} for each in made]


def artifacts_told():
    made = [mlrun.artifacts.dict_to_artifact(each) for each in DOCUMENTS if each["kind"] != "dir"]
    return [
        [a.uri, a.get_store_url(with_tag=False), a.get_store_url(with_tree=False, project="q"),
         a.get_target_path()]
        for a in made
    ]  # fmt: skip


first = ValueError("a")
first.__cause__ = KeyError()
shape = Shape("box", 4, Shape("lid", 0))
print(json.dumps({
    "parsed": {form: told(utils.parse_artifact_uri, form, "other") for form in FORMS},
    "generated": [
        utils.generate_artifact_uri("p", "k", **more)
        for more in ({}, {"iter": 0}, {"tag": "v1", "tree": "t"}, {"iter": 3, "uid": "u"})
    ],
    "objects": [utils.generate_object_uri("p", "f", tag="v1"),
                utils.generate_object_uri("p", "f", tag="v1", hash_key="abc")],
    "stored": {uri: list(datastore.parse_store_uri(uri)) for uri in STORED},
    "made": datastore.get_store_uri("models", "p/k:v1"),
    "is stored": [bool(utils.is_store_uri(uri)) for uri in STORED],
    "targets": [utils.get_artifact_target(each) for each in DOCUMENTS],
    "targets elsewhere": [utils.get_artifact_target(each, "q") for each in DOCUMENTS],
    "artifacts": artifacts_told(),
    "prefixes": [utils.StorePrefix.kind_to_prefix(each["kind"]) for each in DOCUMENTS],
    "nested": nested(),
    "names": [utils.normalize_name(name) for name in ("My Fn", "a_b", "x", "A  b_C")],
    "moments": [
        str(utils.datetime_from_iso("2026-11-22T05:00:00+02:00")),
        str(utils.datetime_from_iso("2026-11-22 05:00:00")),
        utils.to_date_str(utils.datetime_from_iso("2026-11-22T05:00:00Z")), utils.to_date_str(None),
        utils.now_date().tzinfo is not None,
    ],
    "texts": [utils.dict_to_yaml({"b": 1, "a": ["x", None], "c": {"d": 0.5}}),
              utils.dict_to_json({"a": 1, "b": {1: 2}})],
    "features": features_told(),
    "shapes": [shape.to_dict(), Shape.from_dict({"name": "x", "sides": 3, "z": 1}).to_dict(),
               json.loads(shape.to_json(exclude=["inner"])), shape.copy().sides, str(Shape("a"))],
    "errors": [errors.err_to_str(first), errors.err_to_str("a"), errors.err_to_str(None),
               errors.err_to_str(ValueError("x" * 40_000))],
    "classes": {
        status: [type(errors.err_for_status_code(status, "no")).__name__,
                 errors.err_for_status_code(status, "no").response.status_code]
        for status in (400, 401, 403, 404, 409, 412, 500, 501, 503)
    },
    "values": {name: str(value.value) for name, value in types.ValueType.__members__.items()},
    "kinds": {name: value.value for name, value in schemas.ObjectKind.__members__.items()},
    "keys": {k: v for k, v in vars(utils.RunKeys).items() if not k.startswith("_")},
    "types": [str(types.python_type_to_value_type(kind)) for kind in (int, str, "float32", list)],
    "classes by name": [utils.create_class("collections.OrderedDict").__name__,
                        utils.create_function("json.dumps").__name__,
                        told(utils.create_class, "collections.Nothing"),
                        told(utils.create_class, "no_such_module.Thing")],
}, default=str))  # fmt: skip
