"""Spark on this machine: ``spark-submit`` with a local or a standalone master, or Spark Connect."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from jupyter_mlrun.errors import MLRunBadRequestError

from . import engines
from .command import command
from .contract import Limits, Request, Task
from .local import LocalRuntime

MAIN_FILE, LOG_FILE = "spark_main.py", "log4j2.properties"
LOOPBACK = "127.0.0.1"
# of the JVM's limit, what its heap may take: the rest is for Python's workers and the JVM itself
_HEAP_SHARE = 0.6
_DRIVER_OPTIONS = "spark.driver.extraJavaOptions"
_MAIN = """\
# started by spark-submit: runs the task beside this file
from jupyter_mlrun.__main__ import main

main({arguments!r})
"""
# of what Spark says, warnings go into the run's log: spark.sparkContext.setLogLevel changes it
_LOG = """\
status = error
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n%ex
logger.native.name = org.apache.hadoop.util.NativeCodeLoader
logger.native.level = error
"""


class SparkRuntime(LocalRuntime):
    """Runs a task as a Spark application whose driver is a process of this machine."""

    kind: ClassVar[str] = "spark"

    def require(
        self, function: Mapping[str, Any], interpreter: str, environment: Mapping[str, str]
    ) -> None:
        """Refused without pyspark, its ``spark-submit`` and Java."""
        engines.require_module(self.kind, "pyspark", "spark", interpreter, environment)
        if not _java(environment):
            raise MLRunBadRequestError(
                f"Kind '{self.kind}' needs Java 17, which this machine does not have: type "
                "apt-get install openjdk-17-jre-headless (or set JAVA_HOME) and run it again"
            )

    def build(self, task: Task) -> Request:
        """The application's command: the run's own below ``spark-submit``."""
        request = super().build(task)
        main = os.path.join(task.folder, MAIN_FILE)
        log = os.path.join(task.folder, LOG_FILE)
        submit = _spark_submit(task.interpreter, request.environment)
        # the interpreter and its switches are spark-submit's own affair
        arguments = list(command(task)[4:])
        return replace(
            request,
            argv=(submit, *build_arguments(task.function, request.limits, log), main),
            environment={
                **request.environment,
                "PYSPARK_PYTHON": task.interpreter,
                "PYSPARK_DRIVER_PYTHON": task.interpreter,
                "SPARK_LOCAL_IP": request.environment.get("SPARK_LOCAL_IP", LOOPBACK),
            },
            files={
                **request.files,
                MAIN_FILE: _MAIN.format(arguments=arguments),
                LOG_FILE: _LOG,
            },
        )


class RemoteSparkRuntime(LocalRuntime):
    """Runs a task as the kind ``local`` does, with a session of a Spark service by its address."""

    kind: ClassVar[str] = "remote-spark"

    def require(
        self, function: Mapping[str, Any], interpreter: str, environment: Mapping[str, str]
    ) -> None:
        """Refused without pyspark, or without the service's address."""
        engines.require_module(self.kind, "pyspark", "spark", interpreter, environment)
        if service_address(function) or environment.get("SPARK_REMOTE"):
            return
        raise MLRunBadRequestError(
            "The function names no Spark service: function.with_spark_service('sc://HOST:15002'), "
            "or --spark sc://HOST:15002 in a notebook's line"
        )


def service_address(function: Mapping[str, Any]) -> str:
    """The address of the function's Spark service: ``sc://`` or ``spark://``."""
    entries = (function.get("spec") or {}).get("env") or []
    named = {each.get("name"): each.get("value") for each in entries if isinstance(each, Mapping)}
    return str(named.get("SPARK_REMOTE") or named.get("MASTER") or "")


def build_arguments(function: Mapping[str, Any], limits: Limits, log: str = "") -> list[str]:
    """The options of ``spark-submit``, of the function's spec and the run's limits.

    ``log`` is the file that says what the driver logs.
    """
    spec: Mapping[str, Any] = function.get("spec") or {}
    conf = {**_defaults(spec, limits), **_roles(spec), **_texts(spec.get("spark_conf"))}
    conf |= {f"spark.hadoop.{k}": v for k, v in _texts(spec.get("hadoop_conf")).items()}
    if log:
        given = conf.get(_DRIVER_OPTIONS, "")
        conf[_DRIVER_OPTIONS] = f"-Dlog4j2.configurationFile=file:{log} {given}".strip()
    master = conf.pop("spark.master", "") or f"local[{_cores(limits)}]"
    memory = conf.pop("spark.driver.memory")
    name = str((function.get("metadata") or {}).get("name") or "run")
    found = ["--master", master, "--name", name, "--driver-memory", memory]
    for word, option in (("jars", "--jars"), ("files", "--files"), ("py_files", "--py-files"),
                         ("pyFiles", "--py-files"), ("packages", "--packages")):  # fmt: skip
        if values := (spec.get("deps") or {}).get(word):
            found += [option, ",".join(values)]
    for key in sorted(conf):
        found += ["--conf", f"{key}={conf[key]}"]
    return found


def _defaults(spec: Mapping[str, Any], limits: Limits) -> dict[str, str]:
    return {
        "spark.ui.showConsoleProgress": "false",
        # others on this machine may look at the page, and end no work there
        "spark.ui.killEnabled": "false",
        "spark.driver.host": LOOPBACK,
        "spark.driver.memory": _heap(spec, limits),
    }


def _heap(spec: Mapping[str, Any], limits: Limits) -> str:
    """The driver's heap: what the function asks for, unless the run's limit leaves less."""
    asked = _requested(spec, "driver_resources") or "2g"
    if limits.memory is None:
        return asked
    room = int(limits.memory * _HEAP_SHARE)
    # less than this, and the JVM does not start
    return asked if _bytes(asked) <= room else f"{max(450, room // 2**20)}m"


def _bytes(text: str) -> int:
    units = {"k": 2**10, "m": 2**20, "g": 2**30}
    return int(text[:-1]) * units[text[-1].lower()]


def _roles(spec: Mapping[str, Any]) -> dict[str, str]:
    """What driver and executors get; memory of the driver unless the run's limit says less."""
    found: dict[str, Any] = {
        "spark.executor.instances": int(spec.get("replicas") or 0),
        "spark.driver.cores": int(spec.get("driver_cores") or 0),
        "spark.executor.cores": int(spec.get("executor_cores") or 0),
        "spark.executor.memory": _requested(spec, "executor_resources"),
        _DRIVER_OPTIONS: spec.get("driver_java_options"),
        "spark.executor.extraJavaOptions": spec.get("executor_java_options"),
    }
    allocation = spec.get("dynamic_allocation") or {}
    if allocation.get("enabled"):
        found |= {f"spark.dynamicAllocation.{k}": str(v).lower() for k, v in allocation.items()}
    return {key: str(value) for key, value in found.items() if value}


def _requested(spec: Mapping[str, Any], role: str) -> str:
    return str(((spec.get(role) or {}).get("requests") or {}).get("memory") or "")


def _cores(limits: Limits) -> str:
    """The threads of a local master: the run's limit, else all cores."""
    if limits.cpu is None:
        return "*"
    return str(max(1, int(limits.cpu)))


def _texts(given: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in (given or {}).items()}


def _spark_submit(interpreter: str, environment: Mapping[str, str]) -> str:
    if home := environment.get("SPARK_HOME"):
        return os.path.join(home, "bin", "spark-submit")
    return engines.find_program("spark-submit", interpreter, environment) or "spark-submit"


def _java(environment: Mapping[str, str]) -> str:
    home = environment.get("JAVA_HOME")
    path = os.path.join(home, "bin") if home else environment.get("PATH") or os.defpath
    return shutil.which("java", path=path) or ""
