"""MLRun's addresses: parse and format are inverse pairs.

- store: ``store://<kind>/[project/]key[#iter][:tag][@tree][^uid]``
- function: ``[project/]name[:tag][@hash]``
- run: ``[project@]uid[#iter]``
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import MLRunInvalidArgumentError

STORE_SCHEME = "store"
STORE_PREFIX = f"{STORE_SCHEME}://"
STORE_KINDS = (
    "artifacts", "models", "datasets", "documents", "llm-prompts", "feature-sets",
    "feature-vectors", "functions",
)  # fmt: skip
KIND_PREFIX = {
    "model": "models", "dataset": "datasets", "document": "documents",
    "llm-prompt": "llm-prompts",
}  # fmt: skip

# as in MLRun: the address of a document itself has no noun of its own
_OWN_NOUN = {kind: noun for kind, noun in KIND_PREFIX.items() if kind != "document"}

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


def noun_of(kind: str) -> str:
    """The noun in the address of an artifact of a kind."""
    return _OWN_NOUN.get(kind, "artifacts")


def is_store(uri: object) -> bool:
    """Whether the text is a ``store://`` address."""
    return isinstance(uri, str) and uri.startswith(STORE_PREFIX)


def parse_store(uri: str) -> StoreUri:
    """The parts of a ``store://`` address; a missing kind is ``artifacts``."""
    if not is_store(uri):
        raise MLRunInvalidArgumentError(f"'{uri}' is not a store address: it begins with store://")
    kind, slash, rest = uri[len(STORE_PREFIX) :].strip("/").partition("/")
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


def same_artifact(one: str, other: str, project: str = "") -> bool:
    """Whether two ``store://`` addresses name one artifact; ``project`` is of one that names none.

    By project, key and uid, without the uid of one by tree and iteration. A tag tells nothing: it
    moves on to other artifacts.
    """
    if one == other:
        return True
    if not (is_store(one) and is_store(other)):
        return False
    a, b = parse_store(one), parse_store(other)
    if (a.project or project, a.key) != (b.project or project, b.key):
        return False
    if a.uid and b.uid:
        return a.uid == b.uid
    return bool(a.tree) and (a.tree, a.iter or 0) == (b.tree, b.iter or 0)


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


def parse_store_uri(url: str) -> tuple[str | None, str]:
    """The noun of a ``store://`` address and the rest; None and nothing for another address."""
    if not is_store(url):
        return None, ""
    whole = url[len(STORE_PREFIX) :].strip("/")
    noun, slash, rest = whole.partition("/")
    return (noun, rest) if noun in STORE_KINDS and slash else ("artifacts", whole)


def get_store_uri(kind: str, uri: str) -> str:
    """The ``store://`` address of a noun and what follows it."""
    return f"{STORE_PREFIX}{kind}/{uri}"


def parse_artifact_uri(
    uri: str, default_project: str = ""
) -> tuple[str, str, int, str | None, str | None, str | None]:
    """Project, key, iteration, tag, tree and uid of ``[PROJECT/]KEY[#ITER][:TAG][@TREE][^UID]``."""
    parts = parse_store(f"{STORE_PREFIX}artifacts/{uri}")
    return (
        parts.project or default_project, parts.key, parts.iter or 0, parts.tag or None,
        parts.tree or None, parts.uid or None,
    )  # fmt: skip


def generate_artifact_uri(
    project: str,
    key: str,
    tag: str | None = None,
    iter: int | None = None,
    tree: str | None = None,
    uid: str | None = None,
) -> str:
    """``PROJECT/KEY[#ITER][:TAG][@TREE][^UID]`` of an artifact."""
    parts = StoreUri("artifacts", key, project, iter, tag or "", tree or "", uid or "")
    return format_store(parts).removeprefix(f"{STORE_PREFIX}artifacts/")


def generate_object_uri(
    project: str, name: str, tag: str | None = None, hash_key: str | None = None
) -> str:
    """``PROJECT/NAME`` with the hash of an object, else with its tag."""
    return format_function(
        FunctionUri(name, project, "" if hash_key else tag or "", hash_key or "")
    )
