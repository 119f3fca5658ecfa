"""The image that is built once for all Spark functions that name none."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_mlrun import session
from jupyter_mlrun.client import builds, functions
from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunNotFoundError
from jupyter_mlrun.functions.remote_spark import RemoteSparkRuntime
from jupyter_mlrun.functions.spark import Spark3Runtime
from tests.live import Live

NAME = "spark-default-image-deploy-temp"


def test_the_image_of_all_spark_functions_is_built(
    service: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of Spark's image with mlrun; the function by which it is built does not stay."""
    with pytest.raises(MLRunInvalidArgumentError, match="MLRUN_SPARK_APP_IMAGE_TAG"):
        Spark3Runtime.deploy_default_image()
    monkeypatch.setenv("MLRUN_SPARK_APP_IMAGE", "lab/spark")
    monkeypatch.setenv("MLRUN_SPARK_APP_IMAGE_TAG", "3.5.5")
    sent: list[dict[str, Any]] = []
    answers: list[Any] = [{"ready": True, "data": {}}, MLRunNotFoundError("no builder")]

    def start(client: Any, document: dict[str, Any], **wishes: Any) -> dict[str, Any]:
        client.json("POST", f"projects/default/functions/{NAME}", body=document)
        sent.append({**document["spec"]["build"], "with_mlrun": wishes["with_mlrun"]})
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    monkeypatch.setattr(builds, "start", start)
    Spark3Runtime.deploy_default_image()
    with pytest.raises(MLRunNotFoundError, match="no builder"):
        Spark3Runtime.deploy_default_image(with_gpu=True)
    shown = [(each["image"], each["base_image"], each["with_mlrun"]) for each in sent]
    assert shown == [
        (".spark-job-default-image", "lab/spark:3.5.5", True),
        (".spark-job-default-image-cuda", "lab/spark-cuda:3.5.5", True),
    ]
    with pytest.raises(MLRunNotFoundError):
        functions.read(session.client(), "default", NAME)

    def refuse(*_: Any) -> None:
        raise MLRunNotFoundError("gone before")

    # what the build says is what is told, also where nothing can be removed
    answers.append(MLRunNotFoundError("no builder"))
    monkeypatch.setattr(functions, "delete", refuse)
    with pytest.raises(MLRunNotFoundError, match="no builder") as failed:
        Spark3Runtime.deploy_default_image()
    assert failed.value.__notes__ == [f"The function {NAME} is left behind: gone before"]


def test_the_image_of_functions_that_use_a_spark_service(
    service: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an image with pyspark, which is named, or Iguazio's beside that of its operator."""
    with pytest.raises(MLRunInvalidArgumentError, match=r"deploy_default_image\(base_image=…\)"):
        RemoteSparkRuntime.deploy_default_image()
    sent: list[tuple[str, str]] = []

    def start(client: Any, document: dict[str, Any], **wishes: Any) -> dict[str, Any]:
        name = document["metadata"]["name"]
        client.json("POST", f"projects/default/functions/{name}", body=document)
        sent.append((document["spec"]["build"]["image"], document["spec"]["build"]["base_image"]))
        return {"ready": True, "data": {}}

    monkeypatch.setattr(builds, "start", start)
    RemoteSparkRuntime.deploy_default_image("lab/pyspark:4")
    monkeypatch.setenv("MLRUN_SPARK_APP_IMAGE", "lab/spark-app")
    monkeypatch.setenv("MLRUN_SPARK_APP_IMAGE_TAG", "3.5.5")
    RemoteSparkRuntime.deploy_default_image()
    image = RemoteSparkRuntime.default_image
    assert image == ".remote-spark-default-image"
    assert sent == [(image, "lab/pyspark:4"), (image, "lab/shell:3.5.5")]
    with pytest.raises(MLRunNotFoundError):
        functions.read(session.client(), "default", "remote-spark-default-image-deploy-temp")
