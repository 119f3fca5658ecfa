"""Secrets of projects: stored, named, handed to runs, and masked wherever a document passes."""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_mlrun import names
from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
    MLRunServiceUnavailableError,
)
from jupyter_mlrun.masking import MASK, Masker

from .secret_provider import SecretProvider

INTERNAL = "mlrun."
REMEMBERED, LONGEST_AWAY = 10.0, 3600.0
LARGEST = 1_000_000
_NAME = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_NOTHING = Masker(())


class Secrets:
    """A project's secrets. Its methods block: call them in threads."""

    def __init__(self, provider: SecretProvider) -> None:
        self.provider = provider
        self._maskers: dict[str, tuple[float, Masker]] = {}
        self._lock = threading.Lock()

    @property
    def on_cluster(self) -> bool:
        """Whether the cluster itself keeps the secrets, so that pods get them by reference."""
        return bool(getattr(self.provider, "on_cluster", False))

    def names(self, project: str) -> list[str]:
        """The names that people may see."""
        return [name for name in self.provider.names(project) if not is_internal(name)]

    def read(self, project: str, wanted: Iterable[str]) -> dict[str, str]:
        """The values of these names; those that are not there are left out."""
        known = self.provider.read(project)
        return {name: known[name] for name in wanted if name in known}

    def save(self, project: str, values: Mapping[str, Any], internal: bool = False) -> None:
        """Add secrets or replace their values; the service alone writes ``internal`` ones."""
        for name, value in values.items():
            _check(name, value, internal)
        if values:
            self.provider.save(project, values)
            self.forget(project)

    def delete(self, project: str, wanted: Iterable[str] = (), internal: bool = False) -> None:
        """Remove these, or all that people may see."""
        chosen = list(wanted)
        for name in chosen:
            _check_place(name, internal)
        self.provider.delete(project, chosen or self.names(project))
        self.forget(project)

    def require(self, project: str, wanted: Iterable[str]) -> None:
        """Nothing, where the project has all of these; else a sentence with near names."""
        known = self.names(project)
        for name in wanted:
            if name not in known:
                raise MLRunBadRequestError(
                    f"Project {project} has no secret '{name}'.{names.near(name, known)} "
                    "Store it in the project's settings, or by "
                    f"POST projects/{project}/secrets"
                )

    def masker(self, project: str) -> Masker:
        """The mask for what belongs to a project; at most ten seconds old."""
        found = self.known_masker(project)
        if found is not None:
            return found
        at, old = self._maskers.get(project, (0.0, None))
        try:
            values = self.provider.read(project).values()
        except MLRunServiceUnavailableError:
            # runs go on reporting while the place of secrets is away, for as long as is safe
            if old is None or time.monotonic() - at > LONGEST_AWAY:
                raise
            return old
        found = Masker(values) or _NOTHING
        with self._lock:
            if len(self._maskers) > 1000:
                self._maskers.clear()
            self._maskers[project] = (time.monotonic(), found)
        return found

    def conceal(self, project: str, document: Any) -> Any:
        """The document without values of secrets; code that holds one is refused."""
        return conceal(self.masker(project), document)

    def known_masker(self, project: str) -> Masker | None:
        """The same where it needs no look at the store; else None."""
        at, masker = self._maskers.get(project, (0.0, None))
        return masker if masker is not None and time.monotonic() - at < REMEMBERED else None

    def forget(self, project: str) -> None:
        """Look anew when the project's mask is needed next."""
        self._maskers.pop(project, None)

    def drop_project(self, project: str, born: int) -> None:
        """Remove what is kept for a project that was deleted and had been made at ``born``."""
        self.provider.forget(project, born)
        self.forget(project)


def is_internal(name: str) -> bool:
    """Whether a name is the service's own."""
    return name.startswith(INTERNAL)


def wanted_by(
    run: Mapping[str, Any], function: Mapping[str, Any], project: str, others: bool = False
) -> dict[str, str]:
    """Which secret goes into which environment variable of a run, by variable.

    ``others``: secrets that are none of the project's are somebody else's to look up.
    """
    found: dict[str, str] = {}
    for part in (function, run):
        for entry in _entries(part, "env"):
            reference = _reference(entry)
            if reference and not (others and _is_other(reference[0], project)):
                found[str(entry.get("name") or reference[1])] = _of_project(reference, project)
    for source in _entries(run, "secret_sources"):
        if source.get("kind") in ("kubernetes", "project"):
            for name in _listed(source.get("source")):
                found[name] = name
                found[f"MLRUN_K8S_SECRET__{name}"] = name
    return found


def conceal(masker: Masker, document: Any) -> Any:
    """The document without the mask's values; code that holds one is refused."""
    if not masker:
        return document
    if (code := _code(document)) and masker.search(code, 0):
        raise MLRunBadRequestError(
            "The function's code holds the value of one of the project's secrets: let it read "
            "the environment (os.environ['NAME']) and hand the secret over by name"
        )
    return masker.document(document)


def take_inline(spec: Any) -> dict[str, str]:
    """The values that a task brings along; in the task only their names stay."""
    taken: dict[str, str] = {}
    sources = spec.get("secret_sources") if isinstance(spec, dict) else None
    for source in sources if isinstance(sources, list) else ():
        if isinstance(source, dict) and source.get("kind") == "inline":
            given = source.get("source")
            if isinstance(given, Mapping):
                taken |= {str(name): str(value) for name, value in given.items()}
                source["source"] = {str(name): MASK for name in given}
    return taken


def _code(document: Any) -> bytes:
    spec = document.get("spec") if isinstance(document, Mapping) else None
    build = spec.get("build") if isinstance(spec, Mapping) else None
    text = build.get("functionSourceCode") if isinstance(build, Mapping) else None
    try:
        return base64.b64decode(text) if isinstance(text, str) else b""
    except ValueError:
        return b""


def _entries(document: Mapping[str, Any], part: str) -> list[Mapping[str, Any]]:
    spec = document.get("spec")
    found = spec.get(part) if isinstance(spec, Mapping) else None
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _reference(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    source = entry.get("valueFrom") or entry.get("value_from")
    if not isinstance(source, Mapping):
        return None
    reference = source.get("secretKeyRef") or source.get("secret_key_ref")
    if not isinstance(reference, Mapping) or not reference.get("key"):
        return None
    return str(reference.get("name") or ""), str(reference["key"])


def _is_other(holder: str, project: str) -> bool:
    return holder not in ("", project, f"mlrun-project-secrets-{project}")


def _of_project(reference: tuple[str, str], project: str) -> str:
    holder, name = reference
    if _is_other(holder, project):
        raise MLRunBadRequestError(
            f"The function takes {name} from the secret '{holder}', which is none of project "
            f"{project}: store {name} among the project's secrets and leave the holder's name out"
        )
    return name


def _listed(source: Any) -> list[str]:
    if isinstance(source, str):
        source = source.split(",")
    if not isinstance(source, list):
        raise MLRunInvalidArgumentError("A source of the kind 'kubernetes' is a list of names")
    return [str(name).strip() for name in source if str(name).strip()]


def _check(name: Any, value: Any, internal: bool) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise MLRunInvalidArgumentError(
            f"{name!r:.80} cannot name a secret: use letters, digits, '-', '_' and '.'"
        )
    _check_place(name, internal)
    if not isinstance(value, str):
        raise MLRunInvalidArgumentError(f"The value of secret {name} must be a text")
    if not value or "\0" in value or len(value) > LARGEST:
        raise MLRunInvalidArgumentError(
            f"The value of secret {name} must have 1 to {LARGEST} characters, none of them zero"
        )


def _check_place(name: str, internal: bool) -> None:
    if is_internal(name) and not internal:
        raise MLRunAccessDeniedError(
            f"Secret {name} is internal: names that begin with '{INTERNAL}' are the service's own"
        )
