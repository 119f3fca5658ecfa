"""The Dockerfile of a function's image, as MLRun writes it. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

FOLDER = "/empty"
REQUIREMENTS = f"{FOLDER}/requirements.txt"


@dataclass(frozen=True)
class Ingredients:
    """What goes into a Dockerfile."""

    base_image: str
    args: Sequence[str] = ()
    """lines of ARG: names, or names with a default"""
    source: str = ""
    target_dir: str = ""
    owner: str = ""
    """``uid:gid`` of the code's folder, where pods run as a user"""
    commands: Sequence[str] = ()
    has_requirements: bool = False
    carried: str = ""
    """the requirements in base64, where the builder cannot show its own folder to commands"""
    extra: str = ""


def build_dockerfile(of: Ingredients) -> str:
    """The text."""
    args = [f"ARG {each}" for each in of.args]
    lines = [f"FROM {of.base_image}", *args]
    if of.source:
        lines = [*_stage(of, args), *lines, *_source(of)]
    lines += [f"RUN {command}" for command in of.commands]
    if of.has_requirements:
        if of.carried:
            lines.append(f"RUN mkdir -p {FOLDER} && echo {of.carried} | base64 -d > {REQUIREMENTS}")
        lines.append(f"RUN echo 'Installing {REQUIREMENTS}...'; cat {REQUIREMENTS}")
        lines.append(f"RUN python -m pip install -r {REQUIREMENTS}")
    if of.extra:
        lines.append(of.extra.rstrip("\n"))
    return "\n".join(lines) + "\n"


def _is_zip(source: str) -> bool:
    return source.partition("?")[0].endswith(".zip")


def _stage(of: Ingredients, args: Sequence[str]) -> list[str]:
    """A stage of its own for a zip file, which ADD does not extract."""
    if not _is_zip(of.source):
        return []
    folder = posixpath.join(of.target_dir, "source")
    file = posixpath.basename(of.source.partition("?")[0])
    return [
        f"FROM {of.base_image} AS extractor",
        *args,
        f"RUN mkdir -p {folder}",
        f"ADD {of.source} {folder}",
        f"RUN cd {folder} && unzip {file} && rm {file}",
    ]


def _source(of: Ingredients) -> list[str]:
    if _is_zip(of.source):
        folder = posixpath.join(of.target_dir, "source")
        lines = [f"COPY --from=extractor {folder}/ {of.target_dir}"]
    else:
        lines = [f"ADD {of.source} {of.target_dir}"]
    if of.owner:
        lines.append(f"RUN chown -R {of.owner} {of.target_dir}")
    return [*lines, f"ENV PYTHONPATH {of.target_dir}"]
