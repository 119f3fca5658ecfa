"""Values that nobody may read, replaced wherever text leaves a run: in streams and in documents."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

SHORTEST = 6
MASK = "*****"
NAMES = "JUPYTER_MLRUN_SECRETS"
# values that only a supervisor is told, to hide them in what its command prints: a JSON list
HIDDEN = "JUPYTER_MLRUN_HIDDEN"

# what documents are found by, by its place: a mask there would break the address and hide
# nothing; words that a user chooses, such as the names of results, are masked in every place
_KEPT, _WHOLE = "a text stays", "everything below stays"


def _kept(*words: str) -> dict[str, Any]:
    return dict.fromkeys(words, _KEPT)


def _documents() -> dict[str, Any]:
    """The places of runs, artifacts, functions, projects and of what carries them.

    A mapping is for a document or a list of them, a list for lists alone.
    """
    notification: dict[str, Any] = _kept("kind", "name")
    notification["notification"] = notification
    entity = _kept("kind", "project")
    named = [_kept("kind", "name", "handler")]
    reference = {name: _kept("name", "key") for name in ("secretKeyRef", "secret_key_ref")}
    env = [{**_kept("name"), "valueFrom": reference, "value_from": reference}]
    address = _kept("kind", "name", "project", "uid", "tag", "hash", "key", "db_key", "tree")
    found: dict[str, Any] = {
        **address, **_kept("state", "desired_state"),
        "metadata": address,
        "spec": {
            **_kept("name", "project", "function", "handler", "db_key", "desired_state"),
            "secrets": [_KEPT], "secret_sources": _WHOLE, "notifications": [notification],
            "env": env, "producer": _kept("kind", "name", "tag"),
            "functions": named, "workflows": named, "entities": named, "features": named,
            "targets": named,
        },
        "status": {**_kept("state"), "artifact_uris": _WHOLE, "targets": named},
        "producer": _kept("kind", "name", "tag"),
        "secrets": _WHOLE, "notifications": [notification],
        "entity": entity, "entities": entity, "identifiers": [address],
    }  # fmt: skip
    found["spec"]["artifacts"] = found["status"]["artifacts"] = [found]
    for carrier in ("task", "function", "scheduled_object", "source"):
        found[carrier] = found
    return found


_DOCUMENTS = _documents()


class Masker:
    """Replaces values of at least six characters by ``*****``, also as JSON, URL and base64."""

    def __init__(self, values: Iterable[str]) -> None:
        self.texts = sorted(_forms(values), key=lambda text: (-len(text), text))
        self.values = [text.encode("utf-8", "surrogateescape") for text in self.texts]
        self._text = _pattern(self.texts)
        self._bytes = re.compile(b"|".join(map(re.escape, self.values)) or rb"(?!)")

    def __bool__(self) -> bool:
        return bool(self.texts)

    def text(self, text: str) -> str:
        """The text without the values."""
        return self._text.sub(MASK, text) if self.texts else text

    def document(self, value: Any) -> Any:
        """The document without the values in its texts; what it is found by stays."""
        return self._masked(value, _DOCUMENTS) if self.texts else value

    def stream(self) -> Stream:
        """A mask for bytes that come in pieces."""
        return Stream(self)

    def _masked(self, value: Any, place: Any = None) -> Any:
        if place is _WHOLE:
            return value
        if isinstance(value, str):
            return value if place is _KEPT else self._text.sub(MASK, value)
        if isinstance(value, Mapping):
            return {
                self._masked(key): self._masked(item, _below(place, key))
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            each = place[0] if isinstance(place, list) else place
            return [self._masked(item, each) for item in value]
        return value

    def search(self, data: bytes, start: int) -> re.Match[bytes] | None:
        """The first value in the bytes; the longest, where several begin there."""
        return self._bytes.search(data, start)

    def holds(self, data: bytes, start: int) -> int:
        """Where the earliest value begins that more bytes could complete; else the length."""
        found = len(data)
        for value in self.values:
            first = value[:1]
            at = data.find(first, max(start, len(data) - len(value) + 1), found)
            while at >= 0:
                if value.startswith(data[at:]):
                    found = at
                    break
                at = data.find(first, at + 1, found)
        return found


class Stream:
    """Bytes in, masked bytes out: the same bytes however they are cut into pieces.

    What may be the beginning of a value is held until it is known to be none.
    """

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self.held = b""

    def feed(self, data: bytes) -> bytes:
        """What of the bytes so far may be seen."""
        if not self._masker:
            return data
        return self._release(self.held + data, last=False)

    def close(self) -> bytes:
        """The rest: no more is coming."""
        return self._release(self.held, last=True)

    def _release(self, data: bytes, last: bool) -> bytes:
        out, start, masker = [], 0, self._masker
        while True:
            match = masker.search(data, start)
            hold = len(data) if last else masker.holds(data, start)
            if match is None or hold <= match.start():
                out.append(data[start:hold])
                self.held = data[hold:]
                return b"".join(out)
            out += (data[start : match.start()], MASK.encode())
            start = match.end()


def of_environment(environment: Mapping[str, str] | None = None) -> Masker:
    """The mask for the secrets that were handed to this process, by the names it was given."""
    known = os.environ if environment is None else environment
    names = [name for name in known.get(NAMES, "").split(",") if name]
    hidden = json.loads(known.get(HIDDEN) or "[]")
    return Masker([*(known.get(name, "") for name in names), *hidden])


def _below(place: Any, key: object) -> Any:
    """The place of a key; updates of a run name what they change by dotted paths."""
    for word in str(key).split("."):
        if place is not _WHOLE:
            place = place.get(word) if isinstance(place, dict) else None
    return place


def _forms(values: Iterable[str]) -> set[str]:
    """Each value as it is printed, line by line and in the usual encodings."""
    found: set[str] = set()
    for value in values:
        if len(value) < SHORTEST:
            continue
        raw = value.encode("utf-8", "surrogateescape")
        found |= {
            value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1],
            repr(value)[1:-1], quote(raw, safe=""), quote(raw),
            base64.b64encode(raw).decode().rstrip("="),
            base64.urlsafe_b64encode(raw).decode().rstrip("="),
        }  # fmt: skip
        found.update(line.strip() for line in value.splitlines())
    return {form for form in found if len(form) >= SHORTEST}


def _pattern(texts: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, texts)) or r"(?!)")
