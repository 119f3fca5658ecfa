"""Names of container images completed as MLRun does: its own tag, its registry, the project's."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import MLRunInvalidArgumentError

TAG, REGISTRY, VENDORS, PATTERNS, OWN = (
    "MLRUN_IMAGES_TAG", "MLRUN_IMAGES_REGISTRY", "MLRUN_VENDOR_IMAGES_REGISTRY",
    "MLRUN_IMAGES_TO_ENRICH_REGISTRY", "MLRUN_HTTPDB__BUILDER__DOCKER_REGISTRY",
)  # fmt: skip
DEFAULT_REPOSITORY = "mlrun"
FUNCTIONS = "func-"
HUB = "docker.io"
HUBS = (HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com")
IMAGE_BY_KIND = {
    "job": "mlrun/mlrun",
    "serving": "mlrun/mlrun",
    "nuclio": "mlrun/mlrun",
    "remote": "mlrun/mlrun",
    "dask": "mlrun/ml-base",
    "mpijob": "mlrun/mlrun",
    "application": "python",
}
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


def parse_registry(address: str) -> tuple[str, str]:
    """The registry and the repository that an address names; each may be empty."""
    registry, _, repository = address.strip().rstrip("/").partition("/")
    is_registry = "." in registry or ":" in registry or registry == "localhost"
    if repository and not is_registry:
        return "", f"{registry}/{repository}"
    return registry, repository


def function_image(project: str, name: str, tag: str, address: str = "") -> str:
    """What the image of a function is called where nobody names it."""
    repository = parse_registry(address)[1] or DEFAULT_REPOSITORY
    return f".{repository}/{function_prefix(project, name)}:{tag or 'latest'}"


def function_prefix(project: str, name: str) -> str:
    """How names of a function's images begin in the builder's own registry."""
    return f"{FUNCTIONS}{project}-{name}"


def is_own(name: str, prefix: str) -> bool:
    """Whether an image's name is the prefix itself, with a tag, a digest or parts below it."""
    return name.startswith(prefix) and name[len(prefix) :][:1] in ("", ":", "@", "/")


def split_image(image: str) -> tuple[str, str]:
    """The registry that a whole name leads to, and the rest of it."""
    first, _, rest = image.partition("/")
    if not rest or not ("." in first or ":" in first or first.lower() == "localhost"):
        return HUB, image
    host = first.lower().removesuffix(":443")
    return (HUB if host in HUBS else host), rest


def with_tag(image: str) -> str:
    """The whole name in one spelling, with its tag."""
    host, rest = split_image(image)
    is_tagged = ":" in rest.rpartition("/")[2] or "@" in rest
    return f"{host}/{rest}" if is_tagged else f"{host}/{rest}:latest"


def of_registry(image: str, address: str) -> str:
    """The whole name of ``.image`` in the registry of an address."""
    registry, repository = parse_registry(address)
    name = image.removeprefix(".")
    inside = [] if not repository or name.startswith(f"{repository}/") else [repository]
    return "/".join([*([registry] if registry else []), *inside, name])


def _of_own_registry(image: str, env: Mapping[str, str]) -> str:
    address = (env.get(OWN) or "").rstrip("/")
    if not address:
        raise MLRunInvalidArgumentError(
            f"'{image}' is an image of the builder's own registry, and none is defined: set {OWN}, "
            "or write the image's whole name"
        )
    return of_registry(image, address)
