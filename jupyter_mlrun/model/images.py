"""Names of container images completed as MLRun does: its own tag, its registry, the project's."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import MLRunInvalidArgumentError

TAG, REGISTRY, VENDORS, PATTERNS, OWN = (
    "MLRUN_IMAGES_TAG", "MLRUN_IMAGES_REGISTRY", "MLRUN_VENDOR_IMAGES_REGISTRY",
    "MLRUN_IMAGES_TO_ENRICH_REGISTRY", "MLRUN_HTTPDB__BUILDER__DOCKER_REGISTRY",
)  # fmt: skip
ENRICHED = r"^mlrun/*,^python:3.(9|11)$"


def complete(
    image: str, env: Mapping[str, str], version: str = "", python_version: str = ""
) -> str:
    """The whole name of an image.

    ``.name`` is one of the registry that ``MLRUN_HTTPDB__BUILDER__DOCKER_REGISTRY`` names; MLRun's
    own images get its tag, and these and Python's the registry that the environment names.
    """
    image = image.strip()
    if image.startswith("."):
        return _of_own_registry(image, env)
    if image == "python" and python_version:
        image = f"python:{'.'.join(python_version.split('.')[:2])}"
    is_mlruns = image.startswith("mlrun/") or "/mlrun/" in image
    image = image.replace("mlrun/ml-base", "mlrun/mlrun")
    tag = env.get(TAG) or version
    if is_mlruns and tag and ":" not in image.rpartition("/")[2]:
        image = f"{image}:{tag}"
    registry = env.get(REGISTRY if is_mlruns else VENDORS) or ""
    patterns = (env.get(PATTERNS) or ENRICHED).split(",")
    if registry and any(re.match(pattern, image) for pattern in patterns):
        return f"{registry.rstrip('/')}/{image}"
    return image


def _of_own_registry(image: str, env: Mapping[str, str]) -> str:
    registry = (env.get(OWN) or "").rstrip("/")
    if not registry:
        raise MLRunInvalidArgumentError(
            f"'{image}' is an image of the builder's own registry, and none is defined: set {OWN}, "
            "or write the image's whole name"
        )
    return f"{registry}/{image[1:]}"
