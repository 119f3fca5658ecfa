"""What functions may ask of a cluster, and as whom their pods run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
)
from jupyter_mlrun_runtimes.kube.settings import (
    OVERRIDE,
    RETAIN,
    Allowed,
)
from tests.runtimes.kube_task import (
    build,
    settings,
    task,
)


@pytest.mark.row("3.013")
@pytest.mark.parametrize(
    "mode, asked, user, expected",
    [
        ("disabled", {}, 1000, {}),
        ("disabled", {"runAsUser": 0}, 1000, {"runAsUser": 0}),
        (RETAIN, {"runAsUser": 7}, 1000, {"runAsUser": 7}),
        (RETAIN, {}, 1000, {"runAsUser": 1000, "runAsGroup": 65534, "fsGroup": 65534}),
        (OVERRIDE, {}, 1000, {"runAsUser": 1000, "runAsGroup": 65534, "fsGroup": 65534}),
        (
            OVERRIDE,
            {"runAsUser": 55, "runAsGroup": 0, "supplementalGroups": [0], "sysctls": []},
            1000,
            {"runAsUser": 55, "runAsGroup": 65534, "fsGroup": 65534},
        ),
        (
            OVERRIDE,
            {"runAsNonRoot": True, "fsGroup": 0, "seLinuxOptions": {"type": "x"}},
            1000,
            {"runAsNonRoot": True, "runAsUser": 1000, "runAsGroup": 65534, "fsGroup": 65534},
        ),
    ],
)
def test_security_context(mode: str, asked: Any, user: int, expected: Any) -> None:
    where = settings(security_mode=mode, allowed=Allowed(users=(55,)))
    request = build(task({"security_context": asked}, user_id=user), where)
    assert request.root["spec"]["template"]["spec"].get("securityContext", {}) == expected


@pytest.mark.parametrize("mode", [RETAIN, OVERRIDE])
def test_a_sender_who_is_root_takes_an_administrator(mode: str) -> None:
    with pytest.raises(MLRunAccessDeniedError, match=r"allowed_users = \[0\]"):
        build(task(user_id=0), settings(security_mode=mode))
    where = settings(security_mode=mode, allowed=Allowed(users=(0,)))
    spec = build(task(user_id=0), where).root["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsUser"] == 0


@pytest.mark.row("3.014")
@pytest.mark.parametrize(
    "given, setting",
    [
        ({"volumes": [{"name": "h", "hostPath": {"path": "/data/../etc"}}]}, "allowed_host_paths"),
        ({"volumes": [{"name": "s", "secret": {"secretName": "other"}}]}, "allowed_secrets"),
        ({"env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "o", "key": "k"}}}]},
         "allowed_secrets"),
        ({"service_account": "cluster-admin"}, "allowed_service_accounts"),
        ({"security_context": {"runAsUser": 0}}, "allowed_users"),
        ({"volumes": [{"name": "s", "secret": {"secretName": "mlrun-project-secrets-lake"}}]},
         "no setting"),
        ({"volumes": [{"name": "p", "projected": {"sources": [{"serviceAccountToken": {}}]}}]},
         "no setting"),
    ],
)  # fmt: skip
def test_what_takes_an_administrator(given: dict[str, Any], setting: str) -> None:
    where = settings(security_mode=OVERRIDE, allowed=Allowed(host_paths=("/data",)))
    with pytest.raises(MLRunAccessDeniedError, match=setting):
        build(task(given), where)


@pytest.mark.parametrize(
    "field, key",
    [
        ("spark_conf", "spark.kubernetes.driver.volumes.hostPath.etc.mount.path"),
        ("spark_conf", " Spark.Kubernetes.authenticate.driver.serviceAccountName"),
        ("spark_conf", "spark.kubernetes.executor.secretKeyRef.TOKEN"),
        ("spark_conf", "spark.kubernetes.driver.podTemplateFile"),
        ("spark_conf", "spark.hadoop.fs.gs.auth.service.account.json.keyfile"),
        ("hadoop_conf", "hadoop.security.credential.provider.path"),
    ],
)
def test_settings_of_spark_do_not_reach_past_what_functions_may_ask(field: str, key: str) -> None:
    with pytest.raises(MLRunBadRequestError, match=key.strip()):
        build(task({field: {key: "x"}}, "spark"), settings(), "spark")
    safe = {
        "spark_conf": {"spark.kubernetes.local.dirs.tmpfs": True, "spark.eventLog.enabled": "true"},
        "hadoop_conf": {"fs.s3a.aws.credentials.provider": "org.example.Provider"},
    }
    spec = build(task(safe, "spark"), settings(), "spark").root["spec"]
    assert spec["sparkConf"]["spark.kubernetes.local.dirs.tmpfs"] == "True"
    assert spec["hadoopConf"] == safe["hadoop_conf"]


@pytest.mark.parametrize("mode", [RETAIN, OVERRIDE])
def test_a_cluster_of_dask_has_the_rights_of_its_user(mode: str) -> None:
    where = settings(security_mode=mode)
    names = set()
    for user in (1000, 1001):
        request = build(task(kind="dask", user_id=user), where, "dask")
        objects = {name: json.loads(text) for name, text in request.files.items()}
        names.add(objects["cluster"]["metadata"]["name"])
        for part in ("scheduler", "worker-0"):
            assert objects[part]["spec"]["securityContext"]["runAsUser"] == user
    assert len(names) == 2


def test_what_is_allowed_passes() -> None:
    given = {"volumes": [{"name": "h", "hostPath": {"path": "/data/x"}}]}
    request = build(task(given), settings(allowed=Allowed(host_paths=("/data",))))
    assert request.root["spec"]["template"]["spec"]["volumes"] == given["volumes"]
