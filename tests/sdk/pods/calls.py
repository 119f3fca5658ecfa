"""The same calls for MLRun's own client and for ours: ``calls.py mlrun|ours`` prints what comes.

Each case is a function that is given ``new``, which makes a function, and ``mounts``. Its document
is what it returns, or the class of the error that it raises.
"""

import json
import os
import sys
import warnings


def job(new, mounts):
    return new("job")


def job_full(new, mounts):
    fn = new("job")
    fn.set_env("A", 1)
    fn.set_env("B", "two")
    fn.set_env("A", "three")
    fn.set_env("N", None)
    fn.set_envs({"C": "4", "F": {"valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}}})
    fn.set_env_from_secret("S", "my-secret", "key")
    fn.set_env_from_secret("T", "my-secret")
    fn.set_env_from_secret_ref("whole")
    fn.set_env("V", value_from={"secretKeyRef": {"name": "v", "key": "w"}})
    fn.with_limits(mem="2G", cpu="500m", gpus=2)
    fn.with_requests(mem="1G", cpu=1)
    fn.with_annotations({"a": 1})
    fn.set_image_pull_configuration("Always", "pull-secret")
    fn.set_state_thresholds({"executing": "2h"})
    fn.with_preemption_mode("allow")
    fn.spec.service_account = "runner"
    fn.spec.replicas = 3
    fn.spec.workdir = "/work"
    fn.spec.args = ["--x", "1"]
    return fn


def env_questions(new, mounts):
    fn = new("job")
    fn.set_env("A", 1)
    found = [fn.get_env("A"), fn.get_env("B", "none"), fn.is_env_exists("A"), fn.is_env_exists("B")]
    fn.set_env("FOUND", json.dumps(found))
    return fn


def limits_replaced(new, mounts):
    fn = new("job")
    fn.with_limits(mem="2G", cpu=1)
    fn.with_limits(cpu=2)
    return fn


def limits_patched(new, mounts):
    fn = new("job")
    fn.with_limits(mem="2G", cpu=1)
    fn.with_limits(cpu=2, patch=True)
    fn.with_limits(gpus=1, gpu_type="amd.com/gpu", patch=True)
    fn.with_requests(mem="1G")
    fn.with_requests(cpu="100m", patch=True)
    return fn


def resources_assigned(new, mounts):
    fn = new("job")
    fn.spec.resources = {"limits": {"cpu": 2, "nvidia.com/gpu": 1}}
    return fn


def nodes(new, mounts):
    fn = new("job")
    fn.with_node_selection(
        node_name="one",
        node_selector={"pool": "gpu", "kubernetes.io/os": "linux"},
        affinity={
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}
                    ]
                }
            }
        },
        tolerations=[{"key": "spot", "operator": "Exists", "effect": "NoSchedule"}],
    )
    return fn


def nodes_cleared(new, mounts):
    fn = nodes(new, mounts)
    fn.with_node_selection(node_selector={}, tolerations=[])
    return fn


def security(new, mounts):
    fn = new("job")
    fn.with_security_context({"runAsUser": 1000, "runAsGroup": 3000})
    return fn


def mount_all(new, mounts):
    fn = new("job")
    fn.apply(mounts.mount_pvc("data", "vol", "/data"))
    fn.apply(mounts.mount_secret("sec", "/sec"))
    fn.apply(mounts.mount_secret("sec", "/two", "other", [{"key": "a", "path": "b"}]))
    fn.apply(mounts.mount_configmap("conf", "/conf"))
    fn.apply(mounts.mount_configmap("conf", "/conf2", "c2", [{"key": "a", "path": "b"}]))
    fn.apply(mounts.mount_hostpath("/tmp/x", "/host"))
    return fn


def mount_again(new, mounts):
    fn = new("job")
    fn.apply(mounts.mount_pvc("data", "vol", "/data"))
    fn.apply(mounts.mount_pvc("newer", "vol", "/data"))
    fn.apply(mounts.mount_configmap("conf", "/data"))
    return fn


def mount_configmap_alone(new, mounts):
    fn = new("job")
    fn.apply(mounts.mount_configmap("conf", "/conf"))
    return fn


def mount_pvc_of_environment(new, mounts):
    os.environ["MLRUN_PVC_MOUNT"] = "claim:/there"
    try:
        return new("job").apply(mounts.mount_pvc())
    finally:
        del os.environ["MLRUN_PVC_MOUNT"]


def auto_mount_named(new, mounts):
    return new("job").apply(mounts.auto_mount("data", "/data"))


def auto_mount_of_environment(new, mounts):
    os.environ["MLRUN_PVC_MOUNT"] = "claim:/there"
    try:
        return new("job").apply(mounts.auto_mount())
    finally:
        del os.environ["MLRUN_PVC_MOUNT"]


def s3_keys(new, mounts):
    fn = new("job")
    fn.set_env("AWS_REGION", "mine")
    fn.apply(mounts.mount_s3(None, "id", "key", "http://s3", aws_region="r", non_anonymous=True))
    return fn


def s3_secret(new, mounts):
    return new("job").apply(mounts.mount_s3("s3-secret", endpoint_url="http://s3", prefix="P_"))


def variables(new, mounts):
    return new("job").apply(mounts.set_env_variables({"A": "1"}, B="2"))


def variables_of_secret(new, mounts):
    fn = new("job").apply(mounts.set_env_vars_from_secret("s", "K1; K2", "ACCT:name;R:x"))
    return fn.apply(mounts.set_env_vars_from_secret("all"))


def v3iod(new, mounts):
    return new("job").apply(mounts.mount_v3iod("ns", "conf")).apply(mounts.mount_spark_conf())


def mpi(new, mounts):
    return new("mpijob")


def mpi_full(new, mounts):
    fn = new("mpijob")
    fn.spec.replicas = 4
    fn.spec.clean_pod_policy = "Running"
    fn.set_mpi_args(["-x", "A=1"])
    fn.with_tracing("/t/trace.log", True)
    fn.with_autotune("/t/tune.csv", 1, 2, 3, 0.5)
    fn.with_limits(gpus=1)
    return fn


def dask(new, mounts):
    return new("dask")


def dask_full(new, mounts):
    fn = new("dask")
    fn.spec.replicas = 2
    fn.spec.min_replicas = 1
    fn.spec.max_replicas = 4
    fn.spec.nthreads = 2
    fn.spec.service_type = "NodePort"
    fn.spec.scheduler_timeout = "5 minutes"
    fn.with_scheduler_limits(mem="2G", cpu=1)
    fn.with_scheduler_requests(mem="1G")
    fn.with_worker_limits("4G", "2", 1)
    fn.with_worker_requests("1G", "1")
    return fn


def spark(new, mounts):
    return new("spark")


def spark_full(new, mounts):
    fn = new("spark")
    fn.with_driver_requests("1g", "1")
    fn.with_driver_limits(2)
    fn.with_executor_requests("512m", 1)
    fn.with_executor_limits("2", gpus=1)
    fn.with_cores(2, 1)
    fn.with_dynamic_allocation(1, 5, 2)
    fn.with_restart_policy("Never", 1, 2, 3, 4)
    fn.with_driver_preemption_mode("allow")
    fn.with_executor_preemption_mode("none")
    fn.with_node_selection(node_selector={"a": "b"})
    fn.with_driver_node_selection(tolerations=[{"key": "t", "operator": "Exists"}])
    fn.with_executor_node_selection(node_selector={"c": "d"})
    fn.with_driver_host_path_volume("/h", "/m")
    fn.with_executor_host_path_volume("/h", "/m2", "Directory", "vol2")
    fn.spec.spark_conf = {"spark.x": "y"}
    fn.spec.hadoop_conf = {"fs.z": "1"}
    fn.spec.deps = {"jars": ["a.jar"], "files": ["f"], "py_files": ["p.py"]}
    fn.spec.driver_java_options = "-Da=b"
    fn.spec.replicas = 3
    fn.disable_monitoring()
    return fn


def remote_spark(new, mounts):
    return new("remote-spark")


def remote_spark_iguazio(new, mounts):
    fn = new("remote-spark")
    fn.with_spark_service("service", with_v3io_mount=False)
    return fn


def stripped(new, mounts):
    return job_full(new, mounts).to_dict(strip=True)


def round_trip(new, mounts):
    return new(None, runtime=job_full(new, mounts).to_dict())


def spark_round_trip(new, mounts):
    return new(None, runtime=spark_full(new, mounts).to_dict())


# what is refused


def bad_memory(new, mounts):
    new("job").with_limits(mem="2 giga")


def bad_cpu(new, mounts):
    new("job").with_requests(cpu="many")


def bad_jvm_memory(new, mounts):
    new("spark").with_driver_requests(mem="1Gi")


def bad_policy(new, mounts):
    new("job").set_image_pull_configuration("Sometimes")


def bad_mode(new, mounts):
    new("job").with_preemption_mode("perhaps")


def bad_priority(new, mounts):
    new("job").with_priority_class("high")


def bad_envs(new, mounts):
    new("job").set_envs()


def bad_env_file(new, mounts):
    new("job").set_envs(file_path="/nowhere/at/all")


def bad_mpi_args(new, mounts):
    new("mpijob").set_mpi_args(["-n", 1])


def bad_pvc(new, mounts):
    mounts.mount_pvc()


def bad_s3(new, mounts):
    mounts.mount_s3("secret", "key")


def bad_secret(new, mounts):
    new("job").set_env_from_secret("A", "mlrun-auth-secrets.abc")


def bad_secret_mount(new, mounts):
    mounts.mount_secret("mlrun-auth-secrets.abc", "/x")


def bad_variables(new, mounts):
    mounts.set_env_vars_from_secret(None, keys="a")


def bad_pairs(new, mounts):
    mounts.set_env_vars_from_secret("s", cleartext_env="novalue")


def bad_auto_mount(new, mounts):
    mounts.auto_mount()


def bad_keys(new, mounts):
    new("job").spec.tolerations = [{"toleration_seconds": 1}]


def dask_limits(new, mounts):
    new("dask").with_limits(cpu=1)


def dask_requests(new, mounts):
    new("dask").with_requests(cpu=1)


def dask_thresholds(new, mounts):
    new("dask").set_state_thresholds({"executing": "1h"})


def spark_limits(new, mounts):
    new("spark").with_limits(cpu=1)


def spark_requests(new, mounts):
    new("spark").with_requests(cpu=1)


def spark_gpus(new, mounts):
    new("spark").gpus(1)


def spark_mode(new, mounts):
    new("spark").with_preemption_mode("allow")


def spark_node_name(new, mounts):
    new("spark").with_node_selection(node_name="a")


def spark_affinity(new, mounts):
    new("spark").with_node_selection(affinity={"nodeAffinity": {}})


def spark_tolerations(new, mounts):
    new("spark").with_node_selection(tolerations=[{"key": "a"}])


def spark_security(new, mounts):
    new("spark").with_security_context({"runAsUser": 1})


def spark_source(new, mounts):
    new("spark").with_source_archive("git://github.com/a/b.git")


def spark_cores(new, mounts):
    new("spark").with_cores(executor_cores="two")


def remote_spark_security(new, mounts):
    new("remote-spark").with_security_context({"runAsUser": 1})


CASES = [
    value
    for name, value in list(globals().items())
    if callable(value) and getattr(value, "__module__", "") == __name__
]


def outcome(case, new, mounts):
    """The document that a case gives, or the error that it raises."""
    try:
        found = case(new, mounts)
    except Exception as error:
        return {"error": [base.__name__ for base in type(error).__mro__]}
    return found if isinstance(found, dict) else found.to_dict()


def main(whose):
    warnings.simplefilter("ignore")
    for name in [n for n in os.environ if n.startswith(("MLRUN_", "V3IO_", "AWS_"))]:
        del os.environ[name]
    if whose == "mlrun":
        import mlrun
        from mlrun.runtimes import mounts

        mlrun.mlconf.dbpath = ""
        mlrun.utils.logger.set_logger_level("ERROR")
        make = mlrun.new_function
    else:
        from jupyter_mlrun import mounts
        from jupyter_mlrun.functions import new_function as make

    def new(kind, **more):
        given = {} if kind is None else {"name": "fn", "kind": kind, "image": "img"}
        return make(project="p", **given, **more)

    found = {case.__name__: outcome(case, new, mounts) for case in CASES}
    print(json.dumps(found, indent=1, sort_keys=True))


if __name__ == "__main__":
    main(sys.argv[1])
