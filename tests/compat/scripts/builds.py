"""Images built by the service, as people ask for them: deploy, build_function, auto_build."""

import json
import sys

import mlrun

base = sys.argv[1]
seen = {}
project = mlrun.get_or_create_project("built", context="./built")
CODE = "import demo_sum\n\ndef add(context, a=1, b=2):\n    return demo_sum.add(a, b)\n"


def function(name, **spec):
    made = mlrun.new_function(name, project="built", kind="job", image=base)
    made.with_code(body=CODE)
    for key, value in spec.items():
        setattr(made.spec.build, key, value)
    return made


first = function("first")
first.with_requirements(["demo-sum"]).with_commands(["echo by $WHO"])
seen["moved"] = [first.spec.image, first.spec.build.base_image]
seen["ready"] = first.deploy(watch=True, with_mlrun=False, builder_env={"WHO": "somebody-1"})
seen["image"] = first.spec.image
seen["state"] = first.status.state
seen["pod"] = first.status.build_pod
text, _, kind = mlrun.get_run_db().get_builder_status(first, offset=0)
seen["log"], seen["kind"] = text, kind
seen["deployed"] = first.is_deployed()
seen["skipped"] = first.deploy(skip_deployed=True, with_mlrun=False)

second = function("second")
project.set_function(second)
status = project.build_function(
    "second", with_mlrun=False, base_image=base, requirements=["demo-sum"], force_build=True,
    image=".mlrun/func-built-second:mine",
)  # fmt: skip
seen["status"] = [status.ready, status.outputs]

broken = function("broken")
broken.with_requirements(["no-such-package-here"])
try:
    broken.deploy(with_mlrun=False, show_on_failure=True)
except Exception as error:
    seen["broken"] = [type(error).__name__, broken.status.state]
stored = mlrun.get_run_db().get_function("broken", "built", tag="latest")
seen["reason"] = stored["status"]["build"]["reason"]

run = function("third", with_mlrun=False).with_requirements(["demo-sum"]).run(
    handler="add", params={"a": 20, "b": 22}, auto_build=True, watch=True
)  # fmt: skip
seen["run"] = [run.state(), run.status.results]

project.build_image(base_image=base, requirements=["demo-sum"], with_mlrun=False)
seen["default"] = project.default_image
print()
print(json.dumps(seen))
