"""Arguments that people add to a builder's command line: read, checked and merged. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from jupyter_mlrun.errors import MLRunAccessDeniedError, MLRunInvalidArgumentError

BUILD_ARG = "--build-arg"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# what people may add; everything else reaches beyond their own build
ALLOWED = frozenset({
    BUILD_ARG, "--label", "--target", "--cleanup", "--single-snapshot", "--skip-tls-verify",
    "--skip-tls-verify-pull", "--snapshot-mode", "--use-new-run", "--verbosity", "--cache",
    "--cache-ttl", "--compressed-caching", "--reproducible", "--image-fs-extract-retry",
    "--push-retry", "--squash", "--format", "--pull",
})  # fmt: skip
# of these buildah knows the meaning; the others are Kaniko's own, and layers are never taken from
# a cache: it does not see that the file of requirements is another one
OF_BUILDAH = frozenset({"--label", "--target", "--squash", "--format", "--pull"})


def check_variables(values: Mapping[str, object], where: str) -> dict[str, str]:
    """The variables, when each has a name that a Dockerfile can hold."""
    for name, value in values.items():
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            raise MLRunInvalidArgumentError(
                f"{where} names the variable {name!r:.80}: letters, digits and _ make its name"
            )
        if not isinstance(value, str | int | float) or "\n" in str(value):
            raise MLRunInvalidArgumentError(f"{where}: the value of {name} must be one line")
    return {name: str(value) for name, value in values.items()}


def parse_extra(text: str) -> list[tuple[str, list[str]]]:
    """Flags with their values, in order; what is no flag, or not allowed, is refused."""
    found: list[tuple[str, list[str]]] = []
    for word in (text or "").split():
        if word.startswith("-"):
            flag, has_value, value = word.partition("=")
            found.append((flag, [value] if has_value else []))
        elif found:
            found[-1][1].append(word)
        else:
            raise MLRunInvalidArgumentError(
                f"extra_args begins with {word!r:.60}, which follows no flag: write --FLAG VALUE"
            )
    for flag, values in found:
        _check(flag, values)
    return found


def _check(flag: str, values: Sequence[str]) -> None:
    if flag not in ALLOWED:
        raise MLRunAccessDeniedError(
            f"extra_args has {flag:.60}, which is not allowed: {', '.join(sorted(ALLOWED))} are"
        )
    if dashed := next((each for each in values if each.startswith("-")), ""):
        raise MLRunAccessDeniedError(
            f"extra_args gives {flag} the value {dashed!r:.60}, which begins with a dash as flags "
            "do: leave it out"
        )
    if flag != BUILD_ARG:
        return
    if not values:
        raise MLRunInvalidArgumentError(f"extra_args has {BUILD_ARG} without NAME=VALUE after it")
    for each in values:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*=\S+", each):
            raise MLRunInvalidArgumentError(
                f"extra_args has {BUILD_ARG} {each!r:.60}: write NAME=VALUE"
            )


def build_args_of(extra: str) -> dict[str, str]:
    """The build arguments among the extra ones."""
    pairs = [value for flag, values in parse_extra(extra) if flag == BUILD_ARG for value in values]
    found: dict[str, str] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if found.setdefault(name, value) != value:
            raise MLRunInvalidArgumentError(
                f"extra_args gives {BUILD_ARG} {name} twice, with two values: keep one"
            )
    return found


def words_of(flag: str, values: Sequence[str]) -> list[str]:
    """A flag with its values, each one word, so that no value can be taken for anything else."""
    return [f"{flag}={value}" if value else flag for value in values] or [flag]


def merge_extra(args: Sequence[str], extra: str) -> list[str]:
    """A command line with the extra flags that it does not have yet."""
    merged = list(args)
    for flag, values in parse_extra(extra):
        if flag != BUILD_ARG and flag not in args:
            merged += words_of(flag, values)
    return merged


def for_buildah(extra: str) -> list[str]:
    """The extra flags of which buildah knows the meaning."""
    found = [each for each in parse_extra(extra) if each[0] in OF_BUILDAH]
    return [word for flag, values in found for word in words_of(flag, values)]


def for_buildkit(extra: str) -> list[str]:
    """The options of BuildKit's frontend that mean the same as extra flags."""
    found = []
    for flag, values in parse_extra(extra):
        if flag == "--label":
            found += [f"label:{value}" for value in values]
        elif flag == "--target":
            found += [f"target={value}" for value in values]
        elif flag == "--pull":
            found.append("image-resolve-mode=pull")
    return found
