"""MLRun's addresses: parse and format are inverse pairs.

- store: ``store://<kind>/[project/]key[#iter][:tag][@tree][^uid]``
- function: ``[project/]name[:tag][@hash]``
- run: ``[project@]uid[#iter]``
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import MLRunInvalidArgumentError

STORE_PREFIX = "store://"
STORE_KINDS = (
    "artifacts", "models", "datasets", "documents", "llm-prompts", "feature-sets",
    "feature-vectors", "functions",
)  # fmt: skip
KIND_PREFIX = {
    "model": "models", "dataset": "datasets", "document": "documents",
    "llm-prompt": "llm-prompts",
}  # fmt: skip

_STORE = re.compile(
    r"^((?P<project>[^/]+)/)?(?P<key>[^#:@^]+)"
    r"(#(?P<iter>\d+))?(:(?P<tag>[^@^]+))?(@(?P<tree>[^^]+))?(\^(?P<uid>.+))?$"
)
_FUNCTION = re.compile(
    r"^((?P<project>[^/]+)/)?(?P<name>[^:@/]+)(:(?P<tag>[^@]+))?(@(?P<hash_key>.+))?$"
)
_RUN = re.compile(r"^((?P<project>[^@]+)@)?(?P<uid>[^@#]+)(#(?P<iter>\d+))?$")


@dataclass(frozen=True)
class StoreUri:
    """The parts of a ``store://`` address."""

    kind: str
    key: str
    project: str = ""
    iter: int | None = None
    tag: str = ""
    tree: str = ""
    uid: str = ""


@dataclass(frozen=True)
class FunctionUri:
    """The parts of a function's address."""

    name: str
    project: str = ""
    tag: str = ""
    hash_key: str = ""


@dataclass(frozen=True)
class RunUri:
    """The parts of a run's address."""

    uid: str
    project: str = ""
    iter: int = 0


def is_store(uri: object) -> bool:
    """Whether the text is a ``store://`` address."""
    return isinstance(uri, str) and uri.startswith(STORE_PREFIX)


def parse_store(uri: str) -> StoreUri:
    """The parts of a ``store://`` address; a missing kind is ``artifacts``."""
    if not is_store(uri):
        raise MLRunInvalidArgumentError(f"'{uri}' is not a store address: it begins with store://")
    kind, slash, rest = uri[len(STORE_PREFIX) :].partition("/")
    if kind not in STORE_KINDS:
        kind, rest = "artifacts", kind + slash + rest
    match = _STORE.match(rest)
    if match is None:
        raise MLRunInvalidArgumentError(
            f"'{uri}' is not a store address: write store://artifacts/PROJECT/KEY[:TAG]"
        )
    found = match.groupdict()
    iteration = found.pop("iter")
    return StoreUri(
        kind=kind,
        iter=None if iteration is None else int(iteration),
        **{key: value or "" for key, value in found.items()},
    )


def format_store(uri: StoreUri) -> str:
    """The address that ``parse_store`` takes apart."""
    text = f"{STORE_PREFIX}{uri.kind}/"
    text += f"{uri.project}/" if uri.project else ""
    text += uri.key
    text += "" if uri.iter is None else f"#{uri.iter}"
    text += f":{uri.tag}" if uri.tag else ""
    text += f"@{uri.tree}" if uri.tree else ""
    return text + (f"^{uri.uid}" if uri.uid else "")


def parse_function(uri: str) -> FunctionUri:
    """The parts of ``[project/]name[:tag][@hash]``."""
    match = _FUNCTION.match(uri)
    if match is None:
        raise MLRunInvalidArgumentError(
            f"'{uri}' is not a function address: write [PROJECT/]NAME[:TAG][@HASH]"
        )
    return FunctionUri(**{key: value or "" for key, value in match.groupdict().items()})


def format_function(uri: FunctionUri) -> str:
    """The address that ``parse_function`` takes apart."""
    text = f"{uri.project}/" if uri.project else ""
    text += uri.name
    text += f":{uri.tag}" if uri.tag else ""
    return text + (f"@{uri.hash_key}" if uri.hash_key else "")


def parse_run(uri: str) -> RunUri:
    """The parts of ``[project@]uid[#iter]``."""
    match = _RUN.match(uri)
    if match is None:
        raise MLRunInvalidArgumentError(f"'{uri}' is not a run address: write PROJECT@UID[#ITER]")
    return RunUri(uid=match["uid"], project=match["project"] or "", iter=int(match["iter"] or 0))


def format_run(uri: RunUri) -> str:
    """The address that ``parse_run`` takes apart."""
    text = f"{uri.project}@" if uri.project else ""
    return f"{text}{uri.uid}" + (f"#{uri.iter}" if uri.iter else "")
