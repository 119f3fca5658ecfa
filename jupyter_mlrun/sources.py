"""Code that lies elsewhere: git repositories and archives brought into a folder of this machine."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .errors import MLRunInvalidArgumentError, MLRunRuntimeError

GIT = "git://"
ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")
SECONDS = 600


class GitSource(NamedTuple):
    """The parts of ``git://HOST/PATH.git#REFERENCE``."""

    remote: str
    reference: str
    is_commit: bool


def is_source(url: str) -> bool:
    """Whether code can be fetched from this address."""
    return url.startswith(GIT) or url.partition("?")[0].endswith(ARCHIVES)


def parse_git(url: str) -> GitSource:
    """Where a git address leads; without a host, ``git:///PATH``, to a folder of this machine."""
    address, _, fragment = url.partition("#")
    parts = urlsplit(address)
    if not parts.path.strip("/"):
        raise MLRunInvalidArgumentError(
            f"'{url}' is no address of a repository: write git://HOST/ORG/REPO.git#BRANCH"
        )
    host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    remote = f"https://{host}{parts.path}" if host else f"file://{parts.path}"
    is_commit = fragment.startswith("refs/commits/")
    for prefix in ("refs/heads/", "refs/tags/", "refs/commits/"):
        fragment = fragment.removeprefix(prefix)
    return GitSource(remote, fragment, is_commit)


def clone_git(
    url: str, target: str | os.PathLike[str], secrets: Any = None, clone: bool = True
) -> str:
    """Clone into the folder; the address with its branch. ``clone`` empties the folder first."""
    source = parse_git(url)
    folder = Path(target)
    prepare(folder, clone, "git")
    options = ["--branch", source.reference] if source.reference and not source.is_commit else []
    depth = [] if source.is_commit else ["--single-branch"]
    run_git(None, "clone", "--quiet", *depth, *options, "--", source.remote, str(folder),
            secrets=secrets)  # fmt: skip
    if source.is_commit:
        run_git(folder, "checkout", "--quiet", source.reference)
    address = url.partition("#")[0]
    fragment = url.partition("#")[2]
    if not fragment:
        fragment = run_git(folder, "rev-parse", "--abbrev-ref", "HEAD")
    return f"{address}#{fragment if fragment.startswith('refs/') else f'refs/heads/{fragment}'}"


def run_git(folder: Path | None, *arguments: str, secrets: Any = None) -> str:
    """What git answers; raises MLRunRuntimeError with git's own words. It never asks anybody."""
    command = ["git", *(["-C", str(folder)] if folder else []), *arguments]
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", **_credentials(secrets)}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
    except FileNotFoundError:
        raise MLRunRuntimeError("git is not installed here, and the source needs it") from None
    except subprocess.TimeoutExpired:
        raise MLRunRuntimeError(f"git {arguments[0]} took longer than {SECONDS} s") from None
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise MLRunRuntimeError(f"git {arguments[0]} failed: {said[-2000:]}")
    return done.stdout.strip()


def _credentials(secrets: Any) -> dict[str, str]:
    """Variables that give git a token, so that it stands in no command line and no file."""
    look: Any = getattr(secrets, "get", None) or {}.get

    def find(name: str) -> str:
        return str(look(name) or os.environ.get(name) or "")

    user, password = find("git_user") or find("GIT_USERNAME"), ""
    if token := find("GIT_TOKEN"):
        user, password = user or "git", token
        if token.startswith("github_pat_"):
            user = "oauth2"
    else:
        password = find("git_password") or find("GIT_PASSWORD")
    if not password:
        return {}
    value = base64.b64encode(f"{user}:{password}".encode()).decode()
    count = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    return {
        "GIT_CONFIG_COUNT": str(count + 1),
        f"GIT_CONFIG_KEY_{count}": "http.extraHeader",
        f"GIT_CONFIG_VALUE_{count}": f"Authorization: Basic {value}",
    }


def extract_archive(
    path: str | os.PathLike[str], target: str | os.PathLike[str], clone: bool = False
) -> None:
    """Extract a zip or tar file of this machine; nothing of it leaves the folder."""
    folder = Path(target)
    prepare(folder, clone, "an archive", may_be_full=True)
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                _extract_zip(archive, folder)
        elif tarfile.is_tarfile(path):
            with tarfile.open(path, "r:*") as archive:
                archive.extractall(folder, filter="data")
        else:
            raise MLRunInvalidArgumentError(f"{path} is neither a zip nor a tar file")
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise MLRunInvalidArgumentError(f"{path} cannot be extracted: {error}") from None


def _extract_zip(archive: zipfile.ZipFile, folder: Path) -> None:
    root = folder.resolve()
    for name in archive.namelist():
        if not (root / name).resolve().is_relative_to(root):
            raise MLRunInvalidArgumentError(
                f"The archive holds {name!r}, which lies outside of it: it is not extracted"
            )
    archive.extractall(folder)


def prepare(folder: Path, clear: bool, what: str, may_be_full: bool = False) -> None:
    """Make the folder, emptied where that is asked for."""
    if folder.exists() and not folder.is_dir():
        raise MLRunInvalidArgumentError(f"Context {folder} is not a dir path")
    if clear and folder.exists():
        here = Path.cwd().resolve()
        if here == folder.resolve() or here.is_relative_to(folder.resolve()):
            raise MLRunInvalidArgumentError(
                f"clone=True would remove all that is in {folder.absolute()}, where this program "
                "works: name another context"
            )
        shutil.rmtree(folder)
    if folder.exists() and any(folder.iterdir()) and not may_be_full:
        raise MLRunInvalidArgumentError(
            f"Failed to load project from {what}, context directory is not empty. Set clone param "
            "to True to remove the contents of the context directory."
        )
    folder.mkdir(parents=True, exist_ok=True)


def fetch(
    url: str,
    target: str | os.PathLike[str],
    secrets: Any = None,
    clone: bool = False,
    db: Any = None,
    project: str = "",
) -> str:
    """Bring a repository or an archive into the folder; the address, with its branch.

    ``db`` is the service, which addresses of stored artifacts need.
    """
    if url.startswith(GIT):
        return clone_git(url, target, secrets, clone)
    from .datastore.resolve import get_dataitem

    given = secrets.to_dict() if hasattr(secrets, "to_dict") else secrets
    extract_archive(get_dataitem(url, given, db, project=project).local(), target, clone)
    return url
