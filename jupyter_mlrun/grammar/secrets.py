"""Secrets: recognised on a magic line and refused there, taken from the environment instead."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from jupyter_mlrun.errors import MLRunInvalidArgumentError

DEEPEST = 20
WORDS = {
    "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "credential",
    "credentials", "accesskey", "secretkey", "privatekey", "authkey",
}  # fmt: skip
PAIRS = {("api", "key"), ("access", "key"), ("secret", "key"), ("private", "key"), ("auth", "key"),
         ("account", "key"), ("connection", "string"), ("sas", "url")}  # fmt: skip
# what keys of well-known services look like: their mark, and as many letters as they have
KEYS = re.compile(
    r"(AKIA|ASIA)[A-Z0-9]{12,}"
    r"|gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|sk-(?=[\w-]*\d)[\w-]{20,}|hf_(?=\w*[A-Z0-9])[A-Za-z0-9]{20,}|xox[abeprs]-[\w-]{10,}"
    r"|eyJhbGciOi|-----BEGIN",
    re.ASCII,
)


def looks_secret(name: str, value: Any, depth: int = 0) -> bool:
    """Whether a value under this name is probably a secret; numbers and switches never are."""
    if depth > DEEPEST:
        return False
    if isinstance(value, dict):
        return any(looks_secret(str(key), item, depth + 1) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return any(looks_secret(name, item, depth + 1) for item in value)
    if not isinstance(value, str) or not value:
        return False
    return _names_secret(name) or bool(KEYS.match(value)) or _holds_password(value)


def _names_secret(name: str) -> bool:
    words = _words(name)
    return bool(WORDS & set(words)) or any(pair in PAIRS for pair in pairwise(words))


def _words(name: str) -> list[str]:
    spaced = ""
    for before, letter in zip(" " + name, name, strict=False):
        spaced += " " + letter if letter.isupper() and before.islower() else letter
    return "".join(c if c.isalnum() else " " for c in spaced).lower().split()


def _holds_password(value: str) -> bool:
    try:
        return bool(urlsplit(value).password) if "://" in value else False
    except ValueError:
        return False


def refuse_secret(option: str, name: str, value: Any, named: bool = True) -> None:
    """Refuses a value that looks like a secret, without saying it.

    Where not ``named``, the value alone decides: the name is a variable's, whatever it says.
    """
    if looks_secret(name if named else "", value):
        variable = "".join(c if c.isalnum() else "_" for c in name).upper()
        raise MLRunInvalidArgumentError(
            f"{option} {name}=…: this looks like a secret, and what stands in a cell is stored "
            f"with the run. Set it in the kernel's environment (os.environ['{variable}'] = "
            f"getpass.getpass()) and hand it over: --secret {variable}. The run finds it in "
            f"os.environ['{variable}']"
        )


def take_secrets(
    names: Iterable[str], environment: Mapping[str, str] | None = None
) -> tuple[dict[str, str], list[str]]:
    """The kernel's environment variables of these names, and the names that it has not."""
    found: dict[str, str] = {}
    missing: list[str] = []
    known = os.environ if environment is None else environment
    for name in names:
        if "=" in name:
            bare = name.partition("=")[0]
            raise MLRunInvalidArgumentError(
                f"--secret {bare}=…: a value does not belong in a cell. Set the variable in the "
                f"kernel (os.environ['{bare}'] = getpass.getpass()), then write --secret {bare}"
            )
        if name in known:
            found[name] = known[name]
        else:
            missing.append(name)
    return found, missing
