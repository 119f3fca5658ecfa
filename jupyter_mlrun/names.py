"""Which names are allowed, with MLRun's own texts where a name is refused."""

from __future__ import annotations

import difflib
import re
import unicodedata
import uuid
from collections.abc import Iterable

from .errors import MLRunInvalidArgumentError

DNS_LABEL = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
KEY = r"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$"
DOCUMENT = r"^[A-Za-z0-9_]([-A-Za-z0-9_.]*[A-Za-z0-9_])?$"
LABEL_VALUE = r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"
MAX_LABEL = 63
MAX_NAME = 255


def _validate(field: str, value: object, pattern: str, longest: int | None = MAX_LABEL) -> str:
    if not isinstance(value, str):
        raise MLRunInvalidArgumentError(f"Field '{field}' must be text, not {value!r}")
    if not re.match(pattern.replace("$", r"\Z"), value):
        raise MLRunInvalidArgumentError(
            f"Field '{field}' is malformed. '{value}' does not match required pattern: {pattern}"
        )
    if longest is not None and len(value) > longest:
        raise MLRunInvalidArgumentError(
            f"Field '{field}' is malformed. '{value}' is longer than {longest} characters"
        )
    return value


def validate_project(name: object) -> str:
    """The name, when it can name a project: a DNS label of at most 63 characters."""
    return _validate("project.metadata.name", name, DNS_LABEL)


def validate_function(name: object) -> str:
    """The name, when it can name a function: a DNS label of at most 63 characters."""
    return _validate("function.metadata.name", name, DNS_LABEL)


def validate_run(name: object) -> str:
    """The name, when it can name a run."""
    return _validate("run.metadata.name", name, KEY)


def validate_artifact_key(key: object) -> str:
    """The key, when it can name an artifact; no bound on its length."""
    return _validate("artifact.key", key, KEY, longest=None)


def validate_tag(tag: object) -> str:
    """The tag, when it is one."""
    return _validate("artifact.metadata.tag", tag, KEY)


def validate_document(noun: str, name: object) -> str:
    """The name, when it can name a document of the smaller nouns: at most 255 characters."""
    return _validate(f"{noun}.metadata.name", name, DOCUMENT, MAX_NAME)


def validate_label(key: object, value: object) -> None:
    """Nothing, when key and value can be a label."""
    name = str(key).rpartition("/")[2]
    _validate(f"label key {key}", name, KEY)
    _validate(f"label {key}", str(value), LABEL_VALUE)


def normalize_name(name: str) -> str:
    """The name as functions and runs are stored: lower case, ``-`` for ``_`` and blanks."""
    return re.sub(r"\s+", "-", name).replace("_", "-").lower()


def slug(text: str) -> str:
    """A DNS label that reads like the text; empty where none of it can be in one."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:MAX_LABEL].strip("-")


def new_uid() -> str:
    """A new run uid: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def is_uid(text: str) -> bool:
    """Whether the text can be a run uid as folders and addresses take it."""
    return re.fullmatch(r"[A-Za-z0-9][-A-Za-z0-9_]{0,99}", text) is not None


def near(name: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` for the nearest known name, else nothing."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{found[0]}'?" if found else ""
