"""Variables for a function's pods: as text, from Secrets, and those that S3 reads."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .modifier import Modifier, check_secret, named


def mount_s3(
    secret_name: str | None = None,
    aws_access_key: str = "",
    aws_secret_key: str = "",
    endpoint_url: str | None = None,
    prefix: str = "",
    aws_region: str | None = None,
    non_anonymous: bool = False,
) -> Modifier:
    """Give access to S3, by the keys of a Kubernetes Secret, or by keys as they are.

    Variables that the function has already stay as they are. ``prefix`` comes before the names of
    the variables, for a second store.
    """
    keys = {"AWS_ACCESS_KEY_ID": aws_access_key, "AWS_SECRET_ACCESS_KEY": aws_secret_key}
    _check_keys(secret_name, keys, prefix)
    plain = {
        "AWS_ENDPOINT_URL_S3": endpoint_url or os.environ.get(prefix + "AWS_ENDPOINT_URL_S3"),
        "AWS_REGION": aws_region,
        "S3_NON_ANONYMOUS": "true" if non_anonymous else None,
    }

    def mount(runtime: Any) -> Any:
        for name, value in plain.items():
            if value:
                _fill(runtime, prefix + name, value)
        for name, value in keys.items():
            if secret_name:
                source = {"secretKeyRef": {"name": secret_name, "key": name}}
                _fill(runtime, prefix + name, value_from=source)
            else:
                _fill(runtime, prefix + name, value or os.environ.get(prefix + name))
        return runtime

    return named("mount_s3", mount)


def _check_keys(secret_name: str | None, keys: Mapping[str, str], prefix: str) -> None:
    if secret_name and any(keys.values()):
        raise MLRunInvalidArgumentError(
            "Can use k8s_secret for credentials or specify them (aws_access_key, aws_secret_key) "
            "not both."
        )
    if not secret_name and any(value or os.environ.get(prefix + k) for k, value in keys.items()):
        warnings.warn(
            "Keys that are given as text are readable in the function's document: "
            "put them into a Kubernetes Secret and name it by secret_name=",
            stacklevel=3,
        )


def _fill(runtime: Any, name: str, value: Any = None, value_from: Any = None) -> None:
    """Set a variable where the user has not; text that a mount set may be replaced later."""
    if runtime.has_user_set_plain_env(name):
        return
    runtime.set_env(name, value=value, value_from=value_from)
    if value_from is None:
        runtime.mark_env_auto_mount_injected(name)


def set_env_variables(env_vars_dict: Mapping[str, str] | None = None, **kwargs: Any) -> Modifier:
    """Set variables, given as a dict or by name."""
    found = {**(env_vars_dict or {}), **kwargs}

    def mount(runtime: Any) -> Any:
        return runtime.set_envs(found)

    return named("set_env_variables", mount)


def set_env_vars_from_secret(
    secret_name: str | None = None,
    keys: str | list[str] | None = None,
    cleartext_env: str | Mapping[str, str] | None = None,
) -> Modifier:
    """Set variables from a Kubernetes Secret: every key, or those of ``keys`` (list, or ``a;b``).

    ``cleartext_env`` (a dict, or ``NAME:value;NAME:value``) are variables beside them.
    """
    wanted = _words(keys)
    plain = _pairs(cleartext_env)
    check_secret(secret_name)
    if wanted and not secret_name:
        raise MLRunInvalidArgumentError(
            "set_env_vars_from_secret requires a secret_name when keys are specified"
        )
    if not secret_name and not plain:
        raise MLRunInvalidArgumentError(
            "set_env_vars_from_secret requires either a secret_name or cleartext_env"
        )

    def mount(runtime: Any) -> Any:
        if secret_name and not wanted:
            runtime.set_env_from_secret_ref(secret_name)
        for key in wanted:
            runtime.set_env_from_secret(name=key, secret=secret_name, secret_key=key)
        for name, value in plain.items():
            runtime.set_env(name, value)
        return runtime

    return named("set_env_vars_from_secret", mount)


def _words(given: Any) -> list[str]:
    if isinstance(given, str):
        return [word.strip() for word in given.split(";") if word.strip()]
    return [str(word) for word in given or []]


def _pairs(given: Any) -> dict[str, str]:
    if not isinstance(given, str):
        return dict(given or {})
    found = {}
    for word in _words(given):
        name, colon, value = word.partition(":")
        if not colon:
            raise MLRunInvalidArgumentError(f"cleartext_env token missing ':' separator: {word!r}")
        found[name.strip()] = value.strip()
    return found
